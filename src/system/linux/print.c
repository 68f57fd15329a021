/* SPDX-License-Identifier: ISC */
/* What would be installed, in the words of ip(8), for a person to look at before
 * anything is. Asks nobody: facts are guessed from the configuration alone. */
#include "config.h"

#include <inttypes.h>
#include <linux/fib_rules.h>
#include <linux/rtnetlink.h>
#include <stdlib.h>
#include <string.h>

#include "system/linux/limits.h"
#include "system/linux/rule_list.h"

static void
print_rule(const struct rule *rule, int family, FILE *out)
{
	char text[ADDR_STRLEN];

	fprintf(out, "ip -%c rule add pref %" PRIu32, family == V4 ? '4' : '6', rule->pref);
	if (addr_is_set(&rule->source))
		fprintf(out, " from %s", addr_text(&rule->source, text));
	if (rule->mask != 0)
		fprintf(out, " fwmark 0x%" PRIx32 "/0x%" PRIx32, rule->mark, rule->mask);
	if (rule->action == FR_ACT_GOTO)
		fprintf(out, " goto %" PRIu32, rule->target);
	else if (rule->action == FR_ACT_UNREACHABLE)
		fputs(" unreachable", out);
	else if (rule->action == FR_ACT_NOP)
		fputs(" nop", out);
	else if (rule->table == RT_TABLE_MAIN)
		fputs(" lookup main", out);
	else
		fprintf(out, " lookup %" PRIu32, rule->table);
	fprintf(out, "%s proto %d\n", rule->suppress_main ? " suppress_prefixlength 0" : "",
		OWN_PROTOCOL);
}

static void
print_hop(const struct conf_link *link, int family, FILE *out)
{
	const struct conf_route *r = &link->route[family];
	char text[ADDR_STRLEN];

	if (r->gateway_kind == CONF_GATEWAY_AUTO)
		fputs(" via LEARNED", out);
	else
		fprintf(out, " via %s%s", addr_family(&r->gateway) == family ? "" : "inet6 ",
			addr_text(&r->gateway, text));
	fprintf(out, " dev %s", link->interface);
}

static void
print_routes(const struct sys_routing *r, int family, FILE *out)
{
	const struct conf *conf = r->conf;

	for (size_t i = 0; i < conf->nlinks; i++) {
		const struct conf_link *link = &conf->links[i];
		char text[ADDR_STRLEN];

		if (!rules_carries(r, link->index, family))
			continue;
		fprintf(out, "ip -%c route add default", family == V4 ? '4' : '6');
		print_hop(link, family, out);
		if (addr_is_set(&link->route[family].source))
			fprintf(out, " src %s", addr_text(&link->route[family].source, text));
		fprintf(out, " table %u proto %d metric %d\n", conf->table_base + link->index,
			OWN_PROTOCOL, OWN_METRIC);
	}
}

static void
print_default(const struct sys_routing *r, int family, FILE *out)
{
	const struct conf *conf = r->conf;

	fprintf(out, "ip -%c route add default table %u proto %d metric %d",
		family == V4 ? '4' : '6', conf->table_base, OWN_PROTOCOL, OWN_METRIC);
	for (size_t i = 0; i < conf->nlinks; i++) {
		const struct conf_link *link = &conf->links[i];

		if (!conf_carries_first(conf, link, family))
			continue;
		fputs(" nexthop", out);
		print_hop(link, family, out);
		fprintf(out, " weight %u", link->weight);
		/* without translation each source leaves by its own link, others by the first */
		if (family == V6 && link->route[V6].nat == CONF_NAT_NONE)
			break;
	}
	fputc('\n', out);
}

/* A state as after the first plan, with every link in it. */
static struct sys_routing *
imagine(const struct conf *conf)
{
	struct sys_routing *r = calloc(1, sizeof(*r));
	struct link *links = calloc(conf->nlinks + 1, sizeof(*links));

	if (r == NULL || links == NULL) {
		free(r);
		free(links);
		return NULL;
	}
	r->conf = conf;
	r->links = links;
	for (size_t i = 0; i < conf->nlinks; i++) {
		const struct conf_link *link = &conf->links[i];
		struct plan_family *plan = &r->plan[V6];

		links[i].conf = link;
		links[i].facts.route[V6].prefix = link->route[V6].prefix;
		r->by_index[link->index] = &links[i];
		for (int family = 0; family < FAMILIES; family++)
			r->carried[family] |= link->route[family].gateway_kind != CONF_GATEWAY_NONE;
		plan->members[plan->count++] = (struct plan_member){.link = link->index};
	}
	r->planned[V6] = true;
	return r;
}

void
sys_routing_print(const struct conf *conf, FILE *out)
{
	struct rule_list *list = calloc(1, sizeof(*list));
	struct sys_routing *r = imagine(conf);

	for (int family = 0; r != NULL && list != NULL && family < FAMILIES; family++) {
		rules_want(r, family, list);
		for (size_t i = 0; i < list->count; i++)
			print_rule(&list->rule[i], family, out);
		if (!r->carried[family])
			continue;
		print_routes(r, family, out);
		print_default(r, family, out);
	}
	if (r != NULL)
		free(r->links);
	free(r);
	free(list);
}
