/* SPDX-License-Identifier: ISC */
/* Address translation: what leaves by a link gets an address that its provider
 * takes. */
#include "config.h"

#include "system/linux/ruleset.h"

/* Prefixes are translated bit by bit: a host inside keeps the rest of its address,
 * and can be reached from outside (RFC 6296, but with the state of connection
 * tracking, so that a flow keeps its address). Other sources are left alone. */
void
ruleset_print_link_prefix(const struct ruleset *r, const struct conf_link *link)
{
	const struct conf_route *route = &link->route[V6];
	char name[FLOWS_NAME_LEN], inside[PREFIX_LEN], outside[PREFIX_LEN];

	if (route->nat != CONF_NAT_PREFIX)
		return;
	fprintf(r->out,
		"\tchain %s {\n"
		"\t\tip6 saddr %s snat ip6 prefix to %s\n"
		"\t}\n",
		flows_object_name(FLOWS_PREFIX, link->index, name),
		ruleset_prefix(&route->nat_inside, inside),
		ruleset_prefix(&route->nat_addr, outside));
}

static void
print_prefix_rules(const struct ruleset *r)
{
	if (places_count(r, false, 1u << V6, place_prefix) > 0)
		fputs("\t\tmeta nfproto ipv6 oifname vmap @npt_if\n", r->out);
	if (places_count(r, true, 1u << V6, place_prefix) > 0)
		fputs("\t\toifname . rt ip6 nexthop vmap @npt_gw6\n", r->out);
}

/* What the router itself has of an outer prefix is the router's. */
static void
print_prefix_in_chain(const struct ruleset *r)
{
	if (places_count(r, false, 1u << V6, place_prefix) +
		places_count(r, true, 1u << V6, place_prefix) >
	    0)
		fputs("\tchain nat_in {\n"
		      "\t\ttype nat hook prerouting priority dstnat + 10; policy accept;\n"
		      "\t\tmeta nfproto ipv4 accept\n"
		      "\t\tfib daddr type local accept\n"
		      "\t\tdnat ip6 prefix to ip6 daddr map @npt_in\n"
		      "\t}\n",
		      r->out);
}

/* After the administrator's own source NAT: what that has decided stays. Link-local
 * and multicast packets (DHCPv6) keep their source. */
void
ruleset_print_nat(const struct ruleset *r)
{
	FILE *out = r->out;

	fputs("\tchain nat {\n"
	      "\t\ttype nat hook postrouting priority srcnat + 10; policy accept;\n"
	      "\t\tip6 saddr fe80::/10 accept\n"
	      "\t\tip6 daddr ff00::/8 accept\n",
	      out);
	print_prefix_rules(r);
	for (unsigned family = V4; family < FAMILIES; family++) {
		const char *ip = ruleset_ip(family);
		int digit = family == V4 ? 4 : 6;

		if (places_count(r, false, 1u << family, place_snat) > 0)
			fprintf(out, "\t\tsnat %s to oifname map @snat_if%d\n", ip, digit);
		if (places_count(r, true, 1u << family, place_snat) > 0)
			fprintf(out, "\t\tsnat %s to oifname . rt %s nexthop map @snat_gw%d\n", ip,
				ip, digit);
		if (places_count(r, true, 1u << family, place_masquerade) > 0)
			fprintf(out, "\t\toifname . rt %s nexthop @masq_gw%d masquerade\n", ip,
				digit);
	}
	if (places_count(r, false, BOTH, place_masquerade) > 0)
		fputs("\t\tmeta nfproto . oifname @masq_if masquerade\n", out);
	fputs("\t}\n", out);
	print_prefix_in_chain(r);
}
