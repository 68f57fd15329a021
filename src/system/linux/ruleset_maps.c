/* SPDX-License-Identifier: ISC */
/* The maps of the ruleset: one look-up says what to do with a packet, however many
 * links there are. */
#include "config.h"

#include <inttypes.h>
#include <stdarg.h>
#include <string.h>

#include "system/linux/ruleset.h"

const char *
ruleset_proto(unsigned family)
{
	return family == V4 ? "ipv4" : "ipv6";
}

const char *
ruleset_ip(unsigned family)
{
	return family == V4 ? "ip" : "ip6";
}

const char *
ruleset_prefix(const struct addr *prefix, char buf[static PREFIX_LEN])
{
	char text[INET6_ADDRSTRLEN];

	inet_ntop(AF_INET6, prefix->octets, text, sizeof(text));
	snprintf(buf, PREFIX_LEN, "%s/%u", text, prefix->plen);
	return buf;
}

/* The address without a scope: the interface stands beside it in every map. */
static const char *
plain_text(const struct addr *a, char buf[static INET6_ADDRSTRLEN])
{
	inet_ntop(a->version == 4 ? AF_INET : AF_INET6, a->octets, buf, INET6_ADDRSTRLEN);
	return buf;
}

/* Every map and set of the table: its name, and what it maps. Those that each packet is
 * looked up in have a size, the same in every version, since the kernel has a quicker
 * kind for those: all links in both IP versions. */
static const struct {
	const char *kind, *name, *type;
} maps[] = {
    {"map", "by_mark", "type mark : verdict; size 2048;"},
    {"map", "by_if", "type nf_proto . ifname : verdict;"},
    {"map", "by_gw4", "type ifname . ipv4_addr : verdict;"},
    {"map", "by_gw6", "type ifname . ipv6_addr : verdict;"},
    {"map", "by_lladdr", "type nf_proto . ifname . ether_addr : verdict;"},
    {"map", "use_if", "type nf_proto . ifname : counter; size 2048;"},
    {"map", "use_oif4", "type iface_index : counter; size 2048;"},
    {"map", "use_oif6", "type iface_index : counter; size 2048;"},
    {"map", "use_gw4", "type ifname . ipv4_addr : counter; size 2048;"},
    {"map", "use_gw6", "type ifname . ipv6_addr : counter; size 2048;"},
    {"map", "snat_if4", "type ifname : ipv4_addr;"},
    {"map", "snat_if6", "type ifname : ipv6_addr;"},
    {"map", "snat_gw4", "type ifname . ipv4_addr : ipv4_addr;"},
    {"map", "snat_gw6", "type ifname . ipv6_addr : ipv6_addr;"},
    {"set", "masq_if", "type nf_proto . ifname;"},
    {"set", "masq_gw4", "type ifname . ipv4_addr;"},
    {"set", "masq_gw6", "type ifname . ipv6_addr;"},
    {"map", "npt_if", "type ifname : verdict;"},
    {"map", "npt_gw6", "type ifname . ipv6_addr : verdict;"},
    {"map", "npt_in", "type ipv6_addr : interval ipv6_addr; flags interval;"},
    {"map", "mss_mark", "type mark : verdict;"},
    {"map", "mss_if", "type ifname : verdict;"},
    {"set", "link_if", "type ifname;"},
};

/* Rules and maps go and come again in one transaction; the counters stay. */
void
ruleset_print_reset(const struct ruleset *r)
{
	fputs("table " TABLE " {\n", r->out);
	for (size_t i = 0; i < sizeof(maps) / sizeof(maps[0]); i++)
		fprintf(r->out, "\t%s %s { %s }\n", maps[i].kind, maps[i].name, maps[i].type);
	ruleset_print_probe_sets(r);
	fputs("}\nflush table " TABLE "\n", r->out);
	for (size_t i = 0; i < sizeof(maps) / sizeof(maps[0]); i++)
		fprintf(r->out, "flush %s " TABLE " %s\n", maps[i].kind, maps[i].name);
}

static void __attribute__((format(printf, 3, 4)))
element(struct ruleset *r, const char *map, const char *fmt, ...)
{
	va_list ap;

	if (r->elements++ == 0)
		fprintf(r->out, "add element " TABLE " %s {", map);
	else
		fputs(",", r->out);
	fputs("\n\t", r->out);
	va_start(ap, fmt);
	vfprintf(r->out, fmt, ap);
	va_end(ap);
}

static void
elements_end(struct ruleset *r)
{
	if (r->elements > 0)
		fputs("\n}\n", r->out);
	r->elements = 0;
}

typedef void place_value(const struct place *p, char *value, size_t size);

static void
value_flow(const struct place *p, char *value, size_t size)
{
	char name[FLOWS_NAME_LEN];

	snprintf(value, size, " : jump %s", flows_object_name(FLOWS_BEGIN, p->link->index, name));
}

static void
value_use(const struct place *p, char *value, size_t size)
{
	char name[FLOWS_NAME_LEN];

	snprintf(
	    value, size, " : \"%s\"",
	    flows_object_name(p->family == V4 ? FLOWS_USE4 : FLOWS_USE6, p->link->index, name));
}

static void
value_nat(const struct place *p, char *value, size_t size)
{
	char text[INET6_ADDRSTRLEN];

	snprintf(value, size, " : %s", plain_text(&p->nat_addr, text));
}

static void
value_prefix(const struct place *p, char *value, size_t size)
{
	char name[FLOWS_NAME_LEN];

	snprintf(value, size, " : jump %s", flows_object_name(FLOWS_PREFIX, p->link->index, name));
}

static void
value_none(const struct place *p, char *value, size_t size)
{
	(void)p;
	(void)size;
	value[0] = '\0';
}

/* Places with an interface of their own, keyed by it; with_proto where one map
 * serves both IP versions. */
static void
print_by_if(struct ruleset *r, const char *map, unsigned families, bool with_proto,
	    place_filter *filter, place_value *value)
{
	char text[INET6_ADDRSTRLEN + 16];

	for (size_t i = 0; i < r->nplaces; i++) {
		const struct place *p = &r->places[i];

		if (!p->known || p->shared || !(families & 1u << p->family) || !filter(p))
			continue;
		value(p, text, sizeof(text));
		element(r, map, "%s%s\"%s\"%s", with_proto ? ruleset_proto(p->family) : "",
			with_proto ? " . " : "", p->link->interface, text);
	}
	elements_end(r);
}

/* Places with an interface of their own, keyed by its number: what is looked up for
 * every packet, and found sooner than by a name. */
static void
print_by_oif(struct ruleset *r, const char *map, unsigned family, place_value *value)
{
	char text[INET6_ADDRSTRLEN + 16];

	for (size_t i = 0; i < r->nplaces; i++) {
		const struct place *p = &r->places[i];

		if (!p->known || p->shared || p->family != family || !place_there(p))
			continue;
		value(p, text, sizeof(text));
		element(r, map, "%" PRIu32 "%s", p->ifindex, text);
	}
	elements_end(r);
}

/* Places that share an interface, keyed by it and the next hop. */
static void
print_by_gw(struct ruleset *r, const char *stem, place_filter *filter, place_value *value)
{
	char text[INET6_ADDRSTRLEN + 16], gateway[INET6_ADDRSTRLEN], map[16];

	for (unsigned family = V4; family < FAMILIES; family++) {
		snprintf(map, sizeof(map), "%s%d", stem, family == V4 ? 4 : 6);
		for (size_t i = 0; i < r->nplaces; i++) {
			const struct place *p = &r->places[i];

			if (!p->known || !p->shared || p->family != family || !filter(p))
				continue;
			value(p, text, sizeof(text));
			element(r, map, "\"%s\" . %s%s", p->link->interface,
				plain_text(&p->gateway, gateway), text);
		}
		elements_end(r);
	}
}

/* Places that share an interface, keyed by it and where packets come from. */
static void
print_by_lladdr(struct ruleset *r)
{
	char text[INET6_ADDRSTRLEN + 16];

	for (size_t i = 0; i < r->nplaces; i++) {
		const struct place *p = &r->places[i];
		const uint8_t *l = p->lladdr;

		if (!place_lladdr(p))
			continue;
		value_flow(p, text, sizeof(text));
		element(r, "by_lladdr", "%s . \"%s\" . %02x:%02x:%02x:%02x:%02x:%02x%s",
			ruleset_proto(p->family), p->link->interface, l[0], l[1], l[2], l[3], l[4],
			l[5], text);
	}
	elements_end(r);
}

/* What comes in for a prefix outside, by the prefix alone: links that share one, as
 * the configuration allows for two lines of a provider, mean the same. */
static void
print_prefixes_in(struct ruleset *r)
{
	char inside[PREFIX_LEN], outside[PREFIX_LEN];

	for (size_t i = 0; i < r->conf->nlinks; i++) {
		const struct conf_route *route = &r->conf->links[i].route[V6];
		bool again = false;

		if (route->nat != CONF_NAT_PREFIX)
			continue;
		for (size_t k = 0; k < i; k++)
			again |=
			    r->conf->links[k].route[V6].nat == CONF_NAT_PREFIX &&
			    addr_equal(&r->conf->links[k].route[V6].nat_addr, &route->nat_addr);
		if (!again)
			element(r, "npt_in", "%s : %s", ruleset_prefix(&route->nat_addr, outside),
				ruleset_prefix(&route->nat_inside, inside));
	}
	elements_end(r);
}

/* The links' interfaces, each once. */
static void
print_interfaces(struct ruleset *r)
{
	for (size_t i = 0; i < r->conf->nlinks; i++) {
		const char *name = r->conf->links[i].interface;
		bool again = false;

		for (size_t k = 0; k < i; k++)
			again |= strcmp(r->conf->links[k].interface, name) == 0;
		if (!again)
			element(r, "link_if", "\"%s\"", name);
	}
	elements_end(r);
}

static void
print_mss(struct ruleset *r)
{
	char name[FLOWS_NAME_LEN];

	for (size_t i = 0; i < r->conf->nlinks; i++) {
		const struct conf_link *link = &r->conf->links[i];

		if (link->mss == CONF_MSS_NO)
			continue;
		flows_object_name(FLOWS_MSS, link->index, name);
		if (ruleset_marks(r))
			element(r, "mss_mark", "%#" PRIx32 " : jump %s",
				conf_link_mark(r->conf, link->index), name);
		else
			element(r, "mss_if", "\"%s\" : jump %s", link->interface, name);
	}
	elements_end(r);
}

static void
print_flow_elements(struct ruleset *r)
{
	char name[FLOWS_NAME_LEN];

	for (size_t i = 0; i < r->conf->nlinks; i++)
		element(r, "by_mark", "%#" PRIx32 " : goto %s",
			conf_link_mark(r->conf, r->conf->links[i].index),
			flows_object_name(FLOWS_KEEP, r->conf->links[i].index, name));
	elements_end(r);
	print_by_if(r, "by_if", BOTH, true, place_any, value_flow);
	print_by_gw(r, "by_gw", place_any, value_flow);
	print_by_lladdr(r);
}

static void
print_nat_elements(struct ruleset *r)
{
	print_by_if(r, "snat_if4", 1u << V4, false, place_snat, value_nat);
	print_by_if(r, "snat_if6", 1u << V6, false, place_snat, value_nat);
	print_by_gw(r, "snat_gw", place_snat, value_nat);
	print_by_if(r, "masq_if", BOTH, true, place_masquerade, value_none);
	print_by_gw(r, "masq_gw", place_masquerade, value_none);
	print_by_if(r, "npt_if", 1u << V6, false, place_prefix, value_prefix);
	print_by_gw(r, "npt_gw", place_prefix, value_prefix);
	print_prefixes_in(r);
}

void
ruleset_print_elements(struct ruleset *r)
{
	print_by_if(r, "use_if", BOTH, true, place_any, value_use);
	print_by_oif(r, "use_oif4", V4, value_use);
	print_by_oif(r, "use_oif6", V6, value_use);
	print_by_gw(r, "use_gw", place_any, value_use);
	print_mss(r);
	if (!ruleset_marks(r))
		return;
	print_flow_elements(r);
	print_nat_elements(r);
	if (r->conf->reset_clients)
		print_interfaces(r);
}
