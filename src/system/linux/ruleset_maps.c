/* SPDX-License-Identifier: ISC */
/* The maps of the ruleset: one look-up says what to do with a packet, however many
 * links there are. */
#include "config.h"

#include <inttypes.h>
#include <stdarg.h>

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
    {"map", "use_gw4", "type ifname . ipv4_addr : counter; size 2048;"},
    {"map", "use_gw6", "type ifname . ipv6_addr : counter; size 2048;"},
    {"map", "snat_if4", "type ifname : ipv4_addr;"},
    {"map", "snat_if6", "type ifname : ipv6_addr;"},
    {"map", "snat_gw4", "type ifname . ipv4_addr : ipv4_addr;"},
    {"map", "snat_gw6", "type ifname . ipv6_addr : ipv6_addr;"},
    {"set", "masq_if", "type nf_proto . ifname;"},
    {"set", "masq_gw4", "type ifname . ipv4_addr;"},
    {"set", "masq_gw6", "type ifname . ipv6_addr;"},
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

void
ruleset_print_elements(struct ruleset *r)
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
	print_by_if(r, "use_if", BOTH, true, place_any, value_use);
	print_by_gw(r, "use_gw", place_any, value_use);
	print_by_if(r, "snat_if4", 1u << V4, false, place_snat, value_nat);
	print_by_if(r, "snat_if6", 1u << V6, false, place_snat, value_nat);
	print_by_gw(r, "snat_gw", place_snat, value_nat);
	print_by_if(r, "masq_if", BOTH, true, place_masquerade, value_none);
	print_by_gw(r, "masq_gw", place_masquerade, value_none);
}
