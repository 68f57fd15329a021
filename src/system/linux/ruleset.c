/* SPDX-License-Identifier: ISC */
/* The ruleset as text: table inet uplinkd, which marks flows so that they keep to
 * their link, translates addresses, and counts. Pure: configuration and facts in,
 * text out. Nothing of the configuration but checked interface names, numbers and
 * addresses ever stands in it.
 *
 * The table never drops a packet and never changes a mark that the administrator's
 * own rules have set: its chains run after those at the usual priorities, and leave
 * alone what already carries bits of the mask. What it does per packet is one
 * look-up in a map, however many links there are.
 *
 * A link that has its interface to itself is known by the interface alone. Links
 * that share one are told apart by the next hop on the way out, and by the
 * gateway's link-layer address on the way in. */
#include "config.h"

#include <arpa/inet.h>
#include <ctype.h>
#include <errno.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "system/linux/flows.h"
#include "system/system.h"

#define TABLE "inet " FLOWS_TABLE

enum { BOTH = 1 << V4 | 1 << V6 }; /* IP versions, as bits */

/* One IP version of one link, and how its packets are known. */
struct place {
	const struct conf_link *link;
	uint8_t family;
	uint8_t nat;       /* enum conf_nat: SNAT also where masquerade must use a certain source */
	bool shared;       /* other links are behind the same interface */
	bool known;        /* its packets can be told: not shared, or the next hop is known */
	bool lladdr_known; /* and what comes in, by the gateway's link-layer address */
	uint8_t lladdr[6];
	struct addr gateway, nat_addr;
};

struct ruleset {
	const struct conf *conf;
	FILE *out;
	struct place *places;
	size_t nplaces;
	unsigned elements; /* written so far in the map at hand */
};

static const char *const object_prefix[FLOWS_OBJECTS] = {"use4_", "use6_", "new4_",
							 "new6_", "flow_", "keep_"};

const char *
flows_object_name(enum flows_object kind, unsigned link, char name[static FLOWS_NAME_LEN])
{
	snprintf(name, FLOWS_NAME_LEN, "%s%u", object_prefix[kind], link % 10000);
	return name;
}

bool
flows_object_is_chain(enum flows_object kind)
{
	return kind == FLOWS_BEGIN || kind == FLOWS_KEEP;
}

bool
flows_object_parse(const char *name, size_t len, enum flows_object *kind, unsigned *link)
{
	unsigned n = 0;

	for (int k = 0; k < FLOWS_OBJECTS; k++) {
		size_t prefix = strlen(object_prefix[k]);

		if (len <= prefix || len > prefix + 4 ||
		    memcmp(name, object_prefix[k], prefix) != 0)
			continue;
		for (size_t i = prefix; i < len; i++) {
			if (name[i] < '0' || name[i] > '9')
				return false;
			n = n * 10 + (unsigned)(name[i] - '0');
		}
		*kind = (enum flows_object)k;
		*link = n;
		return n >= 1 && n <= LINKS_MAX && name[prefix] != '0';
	}
	return false;
}

void
flows_text_objects(const char *text, size_t len, struct flows_seen *declared)
{
	const char *end = text + len;

	memset(declared, 0, sizeof(*declared));
	while (text < end) {
		const char *newline = memchr(text, '\n', (size_t)(end - text));
		const char *stop = newline ? newline : end;
		enum flows_object kind;
		unsigned link;
		size_t skip = 0;

		if (stop - text > 9 && memcmp(text, "\tcounter ", 9) == 0)
			skip = 9;
		else if (stop - text > 7 && memcmp(text, "\tchain ", 7) == 0)
			skip = 7;
		if (skip > 0) {
			const char *name = text + skip;
			const char *space = memchr(name, ' ', (size_t)(stop - name));

			if (space && flows_object_parse(name, (size_t)(space - name), &kind, &link))
				declared->seen[kind][link] = true;
		}
		text = newline ? newline + 1 : end;
	}
}

/* Names that nft takes between quotes as they are: it knows no escape there, and
 * a star at the end would mean any name that begins so. */
static bool
interface_ok(const char *name)
{
	if (name[0] == '\0')
		return false;
	for (; *name; name++)
		if (!isalnum((unsigned char)*name) && !strchr("-_.:@+=~", *name))
			return false;
	return true;
}

static const char *
proto_name(unsigned family)
{
	return family == V4 ? "ipv4" : "ipv6";
}

static const char *
ip_name(unsigned family)
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

static bool
same_octets(const struct addr *a, const struct addr *b)
{
	return a->version == b->version && memcmp(a->octets, b->octets, sizeof(a->octets)) == 0;
}

/* ---- places ---- */

static void
place_set_nat(struct place *p, const struct conf_route *route, const struct route_facts *facts)
{
	const struct addr *source = addr_is_set(&route->source) ? &route->source
				    : p->shared && facts        ? &facts->source
								: NULL;

	p->nat = route->nat;
	if (p->nat == CONF_NAT_SNAT)
		p->nat_addr = route->nat_addr;
	/* Masquerade takes the interface's first address, which may be another
	 * link's where they share it. */
	if (p->nat == CONF_NAT_MASQUERADE && source && addr_is_set(source)) {
		p->nat = CONF_NAT_SNAT;
		p->nat_addr = *source;
	}
}

bool
flows_shares_interface(const struct conf *conf, const struct conf_link *link, unsigned family)
{
	for (size_t i = 0; i < conf->nlinks; i++) {
		const struct conf_link *other = &conf->links[i];

		if (other != link && other->route[family].gateway_kind != CONF_GATEWAY_NONE &&
		    strcmp(other->interface, link->interface) == 0)
			return true;
	}
	return false;
}

static void
place_fill(struct place *p, const struct conf *conf, const struct conf_link *link, unsigned family,
	   const struct link_facts *facts)
{
	const struct conf_route *route = &link->route[family];
	const struct route_facts *known = facts ? &facts->route[family] : NULL;

	memset(p, 0, sizeof(*p));
	p->link = link;
	p->family = (uint8_t)family;
	p->shared = flows_shares_interface(conf, link, family);
	if (route->gateway_kind == CONF_GATEWAY_STATIC)
		p->gateway = route->gateway;
	else if (known)
		p->gateway = known->gateway;
	p->known = !p->shared || addr_is_set(&p->gateway);
	p->lladdr_known = p->shared && known && known->has_lladdr;
	if (p->lladdr_known)
		memcpy(p->lladdr, known->lladdr, sizeof(p->lladdr));
	place_set_nat(p, route, known);
}

static bool
same_segment(const struct place *p, const struct place *q)
{
	return p->shared && q->shared && p->family == q->family &&
	       strcmp(p->link->interface, q->link->interface) == 0;
}

/* No map may hold a key twice. Of two links behind the same next hop only the
 * first can be told; of two gateways that are one box, neither can by what comes
 * in. */
static void
places_drop_doubles(struct ruleset *r)
{
	for (size_t i = 0; i < r->nplaces; i++)
		for (size_t j = 0; j < i; j++) {
			struct place *p = &r->places[i], *q = &r->places[j];

			if (!same_segment(p, q))
				continue;
			if (q->known && same_octets(&q->gateway, &p->gateway))
				p->known = false;
			if (p->lladdr_known && q->lladdr_known &&
			    memcmp(p->lladdr, q->lladdr, sizeof(p->lladdr)) == 0)
				p->lladdr_known = q->lladdr_known = false;
		}
}

static int
places_make(struct ruleset *r, const struct link_facts *facts, size_t nfacts)
{
	const struct link_facts *by_link[LINKS_MAX + 1] = {NULL};
	const struct conf *conf = r->conf;

	for (size_t i = 0; i < nfacts; i++)
		if (facts[i].link <= LINKS_MAX)
			by_link[facts[i].link] = &facts[i];
	r->places = calloc(conf->nlinks * FAMILIES + 1, sizeof(*r->places));
	if (!r->places)
		return -1;
	for (size_t i = 0; i < conf->nlinks; i++) {
		const struct conf_link *link = &conf->links[i];

		if (link->index < 1 || link->index > LINKS_MAX || !interface_ok(link->interface)) {
			errno = EINVAL;
			return -1;
		}
		for (unsigned family = V4; family < FAMILIES; family++)
			if (link->route[family].gateway_kind != CONF_GATEWAY_NONE)
				place_fill(&r->places[r->nplaces++], conf, link, family,
					   by_link[link->index]);
	}
	places_drop_doubles(r);
	return 0;
}

/* ---- maps ---- */

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

/* Which probes are under way, so that their answers are not tracked either: a
 * firewall that drops what is invalid would drop them. Never flushed. */
static const char probe_sets[] =
    "\tset probes4 { typeof ip saddr . ip daddr . icmp id; size 65535; flags dynamic,timeout; "
    "timeout 2m; }\n"
    "\tset probes6 { typeof ip6 saddr . ip6 daddr . icmpv6 id; size 65535; flags dynamic,timeout; "
    "timeout 2m; }\n";

/* The same for targets that are asked by TCP or UDP: the target's port, then ours. A
 * file without such targets does not need them, nor the look-up for each packet. */
static const struct port_set {
	const char *name, *ip, *proto;
	uint8_t method, family;
} port_sets[] = {
    {"probes_tcp4", "ip", "tcp", METHOD_TCP, V4},
    {"probes_tcp6", "ip6", "tcp", METHOD_TCP, V6},
    {"probes_udp4", "ip", "udp", METHOD_DNS, V4},
    {"probes_udp6", "ip6", "udp", METHOD_DNS, V6},
};

enum { PORT_SETS = sizeof(port_sets) / sizeof(port_sets[0]) };

static bool
asks_by(const struct conf *conf, const struct port_set *set)
{
	for (size_t i = 0; i < conf->nlinks; i++)
		for (size_t k = 0; k < conf->links[i].ntargets; k++) {
			const struct conf_target *t = &conf->links[i].targets[k];

			if (t->method == set->method && t->family == set->family)
				return true;
		}
	return false;
}

static void
print_port_set(const struct ruleset *r, const struct port_set *s)
{
	if (asks_by(r->conf, s))
		fprintf(r->out,
			"\tset %s { typeof %s saddr . %s daddr . %s sport . %s dport; size 65535; "
			"flags dynamic,timeout; timeout 1m; }\n",
			s->name, s->ip, s->ip, s->proto, s->proto);
}

static void
print_port_set_update(const struct ruleset *r, const struct port_set *s)
{
	if (asks_by(r->conf, s))
		fprintf(r->out, "\t\tupdate @%s { %s daddr . %s saddr . %s dport . %s sport }\n",
			s->name, s->ip, s->ip, s->proto, s->proto);
}

static void
print_port_set_match(const struct ruleset *r, const struct port_set *s)
{
	if (asks_by(r->conf, s))
		fprintf(r->out, "\t\t%s saddr . %s daddr . %s sport . %s dport @%s notrack\n",
			s->ip, s->ip, s->proto, s->proto, s->name);
}

/* Rules and maps go and come again in one transaction; the counters stay. */
static void
print_reset(const struct ruleset *r)
{
	fputs("table " TABLE " {\n", r->out);
	for (size_t i = 0; i < sizeof(maps) / sizeof(maps[0]); i++)
		fprintf(r->out, "\t%s %s { %s }\n", maps[i].kind, maps[i].name, maps[i].type);
	fputs(probe_sets, r->out);
	for (size_t i = 0; i < PORT_SETS; i++)
		print_port_set(r, &port_sets[i]);
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
typedef bool place_filter(const struct place *p);

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

static bool
filter_all(const struct place *p)
{
	(void)p;
	return true;
}

static bool
filter_lladdr(const struct place *p)
{
	return p->known && p->lladdr_known;
}

static bool
filter_snat(const struct place *p)
{
	return p->nat == CONF_NAT_SNAT;
}

static bool
filter_masquerade(const struct place *p)
{
	return p->nat == CONF_NAT_MASQUERADE;
}

static unsigned
count_places(const struct ruleset *r, bool shared, unsigned families, place_filter *filter)
{
	unsigned n = 0;

	for (size_t i = 0; i < r->nplaces; i++) {
		const struct place *p = &r->places[i];

		n += p->known && p->shared == shared && (families & 1u << p->family) && filter(p);
	}
	return n;
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
		element(r, map, "%s%s\"%s\"%s", with_proto ? proto_name(p->family) : "",
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

		if (!filter_lladdr(p))
			continue;
		value_flow(p, text, sizeof(text));
		element(r, "by_lladdr", "%s . \"%s\" . %02x:%02x:%02x:%02x:%02x:%02x%s",
			proto_name(p->family), p->link->interface, l[0], l[1], l[2], l[3], l[4],
			l[5], text);
	}
	elements_end(r);
}

static void
print_elements(struct ruleset *r)
{
	char name[FLOWS_NAME_LEN];

	for (size_t i = 0; i < r->conf->nlinks; i++)
		element(r, "by_mark", "%#" PRIx32 " : goto %s",
			conf_link_mark(r->conf, r->conf->links[i].index),
			flows_object_name(FLOWS_KEEP, r->conf->links[i].index, name));
	elements_end(r);
	print_by_if(r, "by_if", BOTH, true, filter_all, value_flow);
	print_by_gw(r, "by_gw", filter_all, value_flow);
	print_by_lladdr(r);
	print_by_if(r, "use_if", BOTH, true, filter_all, value_use);
	print_by_gw(r, "use_gw", filter_all, value_use);
	print_by_if(r, "snat_if4", 1u << V4, false, filter_snat, value_nat);
	print_by_if(r, "snat_if6", 1u << V6, false, filter_snat, value_nat);
	print_by_gw(r, "snat_gw", filter_snat, value_nat);
	print_by_if(r, "masq_if", BOTH, true, filter_masquerade, value_none);
	print_by_gw(r, "masq_gw", filter_masquerade, value_none);
}

/* ---- rules ---- */

/* The counters of a link, the chain that makes a flow its own, and the chain that
 * gives a packet its flow's mark. Both keep the bits outside the mask. */
static void
print_link(const struct ruleset *r, const struct conf_link *link)
{
	uint32_t mark = conf_link_mark(r->conf, link->index), keep = ~r->conf->mark_mask;
	char name[FLOWS_NAME_LEN];

	for (unsigned family = V4; family < FAMILIES; family++) {
		if (link->route[family].gateway_kind == CONF_GATEWAY_NONE)
			continue;
		fprintf(r->out, "\tcounter %s {}\n",
			flows_object_name(FLOWS_USE4 + family, link->index, name));
		fprintf(r->out, "\tcounter %s {}\n",
			flows_object_name(FLOWS_NEW4 + family, link->index, name));
	}
	fprintf(r->out, "\tchain %s {\n", flows_object_name(FLOWS_BEGIN, link->index, name));
	fprintf(r->out, "\t\tct mark set ct mark & %#" PRIx32 " | %#" PRIx32 "\n", keep, mark);
	for (unsigned family = V4; family < FAMILIES; family++)
		if (link->route[family].gateway_kind != CONF_GATEWAY_NONE)
			fprintf(r->out, "\t\tmeta nfproto %s counter name \"%s\"\n",
				proto_name(family),
				flows_object_name(FLOWS_NEW4 + family, link->index, name));
	fprintf(r->out, "\t}\n\tchain %s {\n", flows_object_name(FLOWS_KEEP, link->index, name));
	fprintf(r->out, "\t\tmeta mark set meta mark & %#" PRIx32 " | %#" PRIx32 "\n\t}\n", keep,
		mark);
}

/* Probes have no flow: what they find must not depend on the state of a table
 * that others can fill, and no rule of NAT may touch them. */
static void
print_probe_chains(const struct ruleset *r)
{
	uint32_t probe = conf_probe_mark(r->conf);

	fprintf(
	    r->out,
	    "\tchain probe_out {\n"
	    "\t\ttype filter hook output priority raw; policy accept;\n"
	    "\t\tmeta mark & %#" PRIx32 " == 0 accept\n"
	    "\t\ticmp type echo-request update @probes4 { ip daddr . ip saddr . icmp id }\n"
	    "\t\ticmpv6 type echo-request update @probes6 { ip6 daddr . ip6 saddr . icmpv6 id }\n",
	    probe);
	for (size_t i = 0; i < PORT_SETS; i++)
		print_port_set_update(r, &port_sets[i]);
	fputs("\t\tnotrack\n"
	      "\t}\n"
	      "\tchain probe_in {\n"
	      "\t\ttype filter hook prerouting priority raw; policy accept;\n"
	      "\t\tmeta l4proto icmp icmp type echo-reply ip saddr . ip daddr . icmp id @probes4 "
	      "notrack\n"
	      "\t\tmeta l4proto ipv6-icmp icmpv6 type echo-reply "
	      "ip6 saddr . ip6 daddr . icmpv6 id @probes6 notrack\n",
	      r->out);
	for (size_t i = 0; i < PORT_SETS; i++)
		print_port_set_match(r, &port_sets[i]);
	fputs("\t}\n", r->out);
}

static void
print_mark_chains(const struct ruleset *r)
{
	uint32_t all = r->conf->mark_mask, links = conf_link_mark_mask(r->conf);
	FILE *out = r->out;

	/* a flow that comes in by a link is the link's */
	fputs("\tchain arrive {\n", out);
	if (count_places(r, false, BOTH, filter_all) > 0)
		fputs("\t\tct state new meta nfproto . iifname vmap @by_if\n", out);
	if (count_places(r, true, BOTH, filter_lladdr) > 0)
		fputs("\t\tct state new meta nfproto . iifname . ether saddr vmap @by_lladdr\n",
		      out);
	fputs("\t}\n", out);
	/* and one that goes out by a link too */
	fputs("\tchain leave {\n", out);
	if (count_places(r, false, BOTH, filter_all) > 0)
		fputs("\t\tmeta nfproto . oifname vmap @by_if\n", out);
	if (count_places(r, true, 1u << V4, filter_all) > 0)
		fputs("\t\toifname . rt ip nexthop vmap @by_gw4\n", out);
	if (count_places(r, true, 1u << V6, filter_all) > 0)
		fputs("\t\toifname . rt ip6 nexthop vmap @by_gw6\n", out);
	fputs("\t}\n", out);
	fprintf(out,
		"\tchain prerouting {\n"
		"\t\ttype filter hook prerouting priority mangle + 5; policy accept;\n"
		"\t\tmeta mark 0 meta mark set ct mark & %#" PRIx32 "\n"
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

	fprintf(out,
		"\tchain postrouting {\n"
		"\t\ttype filter hook postrouting priority srcnat + 150; policy accept;\n"
		"\t\tct mark & %#" PRIx32 " == 0 jump leave\n",
		r->conf->mark_mask);
	if (count_places(r, false, BOTH, filter_all) > 0)
		fputs("\t\tcounter name meta nfproto . oifname map @use_if\n", out);
	if (count_places(r, true, 1u << V4, filter_all) > 0)
		fputs("\t\tcounter name oifname . rt ip nexthop map @use_gw4\n", out);
	if (count_places(r, true, 1u << V6, filter_all) > 0)
		fputs("\t\tcounter name oifname . rt ip6 nexthop map @use_gw6\n", out);
	fputs("\t}\n", out);
}

/* After the administrator's own source NAT: what that has decided stays. Link-local
 * and multicast packets (DHCPv6) keep their source. */
static void
print_nat_chain(const struct ruleset *r)
{
	FILE *out = r->out;

	fputs("\tchain nat {\n"
	      "\t\ttype nat hook postrouting priority srcnat + 10; policy accept;\n"
	      "\t\tip6 saddr fe80::/10 accept\n"
	      "\t\tip6 daddr ff00::/8 accept\n",
	      out);
	for (unsigned family = V4; family < FAMILIES; family++) {
		const char *ip = ip_name(family);
		int digit = family == V4 ? 4 : 6;

		if (count_places(r, false, 1u << family, filter_snat) > 0)
			fprintf(out, "\t\tsnat %s to oifname map @snat_if%d\n", ip, digit);
		if (count_places(r, true, 1u << family, filter_snat) > 0)
			fprintf(out, "\t\tsnat %s to oifname . rt %s nexthop map @snat_gw%d\n", ip,
				ip, digit);
		if (count_places(r, true, 1u << family, filter_masquerade) > 0)
			fprintf(out, "\t\toifname . rt %s nexthop @masq_gw%d masquerade\n", ip,
				digit);
	}
	if (count_places(r, false, BOTH, filter_masquerade) > 0)
		fputs("\t\tmeta nfproto . oifname @masq_if masquerade\n", out);
	fputs("\t}\n", out);
}

int
sys_ruleset_print(const struct conf *conf, const struct link_facts *facts, size_t nfacts, FILE *out)
{
	struct ruleset r = {.conf = conf, .out = out};
	int result = -1;

	if (places_make(&r, facts, nfacts) == -1)
		goto done;
	print_reset(&r);
	fputs("table " TABLE " {\n", out);
	for (size_t i = 0; i < conf->nlinks; i++)
		print_link(&r, &conf->links[i]);
	print_probe_chains(&r);
	print_mark_chains(&r);
	print_own_chain(&r);
	print_count_chain(&r);
	print_nat_chain(&r);
	fputs("}\n", out);
	print_elements(&r);
	if (fflush(out) == 0 && !ferror(out))
		result = 0;
done:
	free(r.places);
	return result;
}
