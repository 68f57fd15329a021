/* SPDX-License-Identifier: ISC */
/* The ruleset as text: table inet uplinkd, which marks flows so that they keep to
 * their link, translates addresses, and counts. Pure: configuration and facts in,
 * text out. Nothing of the configuration but checked interface names, numbers and
 * addresses ever stands in it.
 *
 * The table drops no packet (but see ruleset_tcp.c) and never changes a mark that the
 * administrator's own rules have set: its chains run after those at the usual priorities, and leave
 * alone what already carries bits of the mask. What it does per packet is one
 * look-up in a map, however many links there are.
 */
#include "config.h"

#include <inttypes.h>
#include <stdlib.h>

#include "system/linux/ruleset.h"
#include "system/system.h"

static bool
carries(const struct conf_link *link, unsigned family)
{
	return link->route[family].gateway_kind != CONF_GATEWAY_NONE;
}

static void
print_link_counters(const struct ruleset *r, const struct conf_link *link)
{
	char name[FLOWS_NAME_LEN];

	for (unsigned family = V4; family < FAMILIES; family++) {
		if (!carries(link, family))
			continue;
		fprintf(r->out, "\tcounter %s {}\n",
			flows_object_name(FLOWS_USE4 + family, link->index, name));
		if (ruleset_marks(r))
			fprintf(r->out, "\tcounter %s {}\n",
				flows_object_name(FLOWS_NEW4 + family, link->index, name));
	}
}

/* The chain that makes a flow the link's own, and the chain that gives a packet its
 * flow's mark. Both keep the bits outside the mask. */
static void
print_link_marks(const struct ruleset *r, const struct conf_link *link)
{
	uint32_t mark = conf_link_mark(r->conf, link->index), keep = ~r->conf->mark_mask;
	char name[FLOWS_NAME_LEN];

	fprintf(r->out, "\tchain %s {\n", flows_object_name(FLOWS_BEGIN, link->index, name));
	fprintf(r->out, "\t\tct mark set ct mark & %#" PRIx32 " | %#" PRIx32 "\n", keep, mark);
	for (unsigned family = V4; family < FAMILIES; family++)
		if (carries(link, family))
			fprintf(r->out, "\t\tmeta nfproto %s counter name \"%s\"\n",
				ruleset_proto(family),
				flows_object_name(FLOWS_NEW4 + family, link->index, name));
	fprintf(r->out, "\t}\n\tchain %s {\n", flows_object_name(FLOWS_KEEP, link->index, name));
	fprintf(r->out, "\t\tmeta mark set meta mark & %#" PRIx32 " | %#" PRIx32 "\n\t}\n", keep,
		mark);
}

static void
print_link(const struct ruleset *r, const struct conf_link *link)
{
	print_link_counters(r, link);
	ruleset_print_link_mss(r, link);
	if (!ruleset_marks(r))
		return;
	print_link_marks(r, link);
	ruleset_print_link_prefix(r, link);
}

static void
print_mark_chains(const struct ruleset *r)
{
	uint32_t all = r->conf->mark_mask, links = conf_link_mark_mask(r->conf);
	FILE *out = r->out;

	/* a flow that comes in by a link is the link's */
	fputs("\tchain arrive {\n", out);
	if (places_count(r, false, BOTH, place_any) > 0)
		fputs("\t\tct state new meta nfproto . iifname vmap @by_if\n", out);
	if (places_count(r, true, BOTH, place_lladdr) > 0)
		fputs("\t\tct state new meta nfproto . iifname . ether saddr vmap @by_lladdr\n",
		      out);
	fputs("\t}\n", out);
	/* and one that goes out by a link too */
	fputs("\tchain leave {\n", out);
	if (places_count(r, false, BOTH, place_any) > 0)
		fputs("\t\tmeta nfproto . oifname vmap @by_if\n", out);
	if (places_count(r, true, 1u << V4, place_any) > 0)
		fputs("\t\toifname . rt ip nexthop vmap @by_gw4\n", out);
	if (places_count(r, true, 1u << V6, place_any) > 0)
		fputs("\t\toifname . rt ip6 nexthop vmap @by_gw6\n", out);
	fputs("\t}\n", out);
	/* the first rule is all that the packets of known flows meet */
	fprintf(out,
		"\tchain prerouting {\n"
		"\t\ttype filter hook prerouting priority mangle + 5; policy accept;\n"
		"\t\tmeta mark 0 meta mark set ct mark & %#" PRIx32 " meta mark != 0 accept\n"
		"\t\tmeta mark & %#" PRIx32 " != 0 accept\n"
		"\t\tct mark & %#" PRIx32 " == 0 jump arrive\n"
		"\t\tct mark & %#" PRIx32 " vmap @by_mark\n"
		"\t}\n",
		links, all, all, links);
	fprintf(out,
		"\tchain output {\n"
		"\t\ttype route hook output priority mangle + 5; policy accept;\n"
		"\t\tmeta mark & %#" PRIx32 " != 0 accept\n"
		"\t\tct mark & %#" PRIx32 " vmap @by_mark\n"
		"\t}\n",
		all, links);
}

/* Flows that end at the router itself carry the probe's bit too, in the flow's mark
 * only: when their link dies, their sockets have to be ended, and those of others
 * need not be looked for. */
static void
print_own_chain(const struct ruleset *r)
{
	uint32_t links = conf_link_mark_mask(r->conf), own = conf_probe_mark(r->conf);

	fprintf(r->out,
		"\tchain input {\n"
		"\t\ttype filter hook input priority filter - 5; policy accept;\n"
		"\t\tct mark & %#" PRIx32 " != 0 ct mark & %#" PRIx32
		" == 0 ct mark set ct mark | %#" PRIx32 "\n"
		"\t}\n",
		links, own, own);
}

/* Last of all, where a packet has passed every other rule. */
static void
print_count_chain(const struct ruleset *r)
{
	FILE *out = r->out;

	fputs("\tchain postrouting {\n"
	      "\t\ttype filter hook postrouting priority srcnat + 150; policy accept;\n",
	      out);
	if (ruleset_marks(r))
		fprintf(out, "\t\tct mark & %#" PRIx32 " == 0 jump leave\n", r->conf->mark_mask);
	ruleset_print_mss(r);
	for (unsigned family = V4; family < FAMILIES; family++)
		if (places_count(r, false, 1u << family, place_there) > 0)
			fprintf(out, "\t\tmeta nfproto %s counter name oif map @use_oif%d accept\n",
				ruleset_proto(family), family == V4 ? 4 : 6);
	if (places_count(r, false, BOTH, place_any) > 0)
		fputs("\t\tcounter name meta nfproto . oifname map @use_if\n", out);
	if (places_count(r, true, 1u << V4, place_any) > 0)
		fputs("\t\tcounter name oifname . rt ip nexthop map @use_gw4\n", out);
	if (places_count(r, true, 1u << V6, place_any) > 0)
		fputs("\t\tcounter name oifname . rt ip6 nexthop map @use_gw6\n", out);
	fputs("\t}\n", out);
}

int
sys_ruleset_print(const struct conf *conf, const struct link_facts *facts, size_t nfacts,
		  const struct plan *plan, FILE *out)
{
	struct ruleset r = {.conf = conf, .out = out};
	int result = -1;

	(void)plan; /* marks keep flows to their link, whatever it is */
	if (places_make(&r, facts, nfacts) == -1)
		goto done;
	ruleset_print_reset(&r);
	fputs("table " TABLE " {\n", out);
	for (size_t i = 0; i < conf->nlinks; i++)
		print_link(&r, &conf->links[i]);
	ruleset_print_probe_chains(&r);
	if (ruleset_marks(&r)) {
		print_mark_chains(&r);
		print_own_chain(&r);
	}
	print_count_chain(&r);
	if (ruleset_marks(&r)) {
		ruleset_print_nat(&r);
		ruleset_print_resets(&r);
	}
	fputs("}\n", out);
	ruleset_print_elements(&r);
	if (fflush(out) == 0 && !ferror(out))
		result = 0;
done:
	free(r.places);
	return result;
}

const char sys_ruleset_name[] = "table " TABLE;
const char sys_flows_hint[] =
    ". If its module nf_conntrack_netlink is missing, install or load it: without it the flows of "
    "a dead link can't be cut either";

bool
sys_ruleset_follows_plan(void)
{
	return false;
}
