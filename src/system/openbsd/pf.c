/* SPDX-License-Identifier: ISC */
/* The generator. Nothing of the configuration but checked interface names, numbers and addresses
 * ever stands in the text.
 *
 * A link that has its interface to itself is known by it. Links that share one are told apart by a
 * tag, which the rule that chose the gateway has set, or by the source address where each has its
 * own. */
#include "config.h"

#include "system/openbsd/pf.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "system/openbsd/limits.h"

/* One IP version of one link. */
struct place {
	const struct conf_link *link;
	const struct conf_route *route;
	const struct route_facts *facts;
	uint32_t mtu; /* 0: not known */
	int family;
	bool shared;      /* others are behind the same interface */
	bool own_address; /* and its address is its alone */
	bool planned;     /* it is in the plan */
	unsigned weight;  /* there, of new flows */
};

struct rules {
	const struct conf *conf;
	struct place *places;
	size_t nplaces;
	FILE *out;
};

static const char *const part_names[PF_PARTS] = {"nat", "inside", "self", "inbound"};

const char *
pf_part_name(enum pf_part part)
{
	return part_names[part];
}

static const char *
family_word(int family)
{
	return family == V4 ? "inet" : "inet6";
}

/* ---- places ---- */

static const struct link_facts *
facts_of(const struct link_facts *facts, size_t nfacts, unsigned link)
{
	for (size_t i = 0; i < nfacts; i++)
		if (facts[i].link == link)
			return &facts[i];
	return NULL;
}

static const struct plan_member *
member_of(const struct plan *plan, int family, unsigned link)
{
	const struct plan_family *f = plan != NULL ? &plan->family[family] : NULL;

	for (unsigned i = 0; f != NULL && i < f->count; i++)
		if (f->members[i].link == link)
			return &f->members[i];
	return NULL;
}

static void
relate(struct rules *r, struct place *p)
{
	p->own_address = addr_is_set(&p->facts->source);
	for (size_t i = 0; i < r->nplaces; i++) {
		const struct place *other = &r->places[i];

		if (other->link == p->link || other->family != p->family)
			continue;
		if (strcmp(other->link->interface, p->link->interface) == 0)
			p->shared = true;
		if (addr_equal(&other->facts->source, &p->facts->source))
			p->own_address = false;
	}
}

static int
find_places(struct rules *r, const struct conf *conf, const struct link_facts *facts, size_t nfacts,
	    const struct plan *plan)
{
	static const struct link_facts none;

	r->places = calloc(conf->nlinks * FAMILIES + 1, sizeof(*r->places));
	if (r->places == NULL)
		return -1;
	for (size_t i = 0; i < conf->nlinks * FAMILIES; i++) {
		const struct conf_link *link = &conf->links[i / FAMILIES];
		int family = (int)(i % FAMILIES);
		const struct link_facts *known = facts_of(facts, nfacts, link->index);
		const struct plan_member *member = member_of(plan, family, link->index);

		if (link->route[family].gateway_kind == CONF_GATEWAY_NONE)
			continue;
		r->places[r->nplaces++] = (struct place){
		    .link = link,
		    .route = &link->route[family],
		    .facts = &(known != NULL ? known : &none)->route[family],
		    .mtu = (known != NULL ? known : &none)->mtu,
		    .family = family,
		    .planned = member != NULL,
		    .weight = member != NULL ? member->weight : 0,
		};
	}
	for (size_t i = 0; i < r->nplaces; i++)
		relate(r, &r->places[i]);
	return 0;
}

/* ---- words ---- */

/* The gateway, which is known; an IPv6 link-local one with its interface. */
static void
put_gateway(const struct rules *r, const struct place *p)
{
	struct addr a = p->facts->gateway;
	char buf[ADDR_STRLEN];

	a.scope = 0;
	fputs(addr_text(&a, buf), r->out);
	if (addr_is_linklocal(&a))
		fprintf(r->out, "%%%s", p->link->interface);
}

static bool
has_gateway(const struct place *p)
{
	return addr_is_set(&p->facts->gateway) && addr_family(&p->facts->gateway) == p->family;
}

static void
put_address(const struct rules *r, const struct addr *a)
{
	char buf[ADDR_STRLEN];

	fputs(addr_text(a, buf), r->out);
}

/* What its packets carry after translation: the address in the file, else the interface's first,
 * whatever that is at the time. */
static void
put_nat_address(const struct rules *r, const struct place *p)
{
	if (p->route->nat == CONF_NAT_SNAT)
		put_address(r, &p->route->nat_addr);
	else if (addr_is_set(&p->route->source))
		put_address(r, &p->route->source);
	else
		fprintf(r->out, "(%s:0)", p->link->interface);
}

/* ---- nat ---- */

static void
label(const struct rules *r, const struct place *p)
{
	fprintf(r->out, " label \"%s-%s-%u\"\n", OWN_LABEL, family_word(p->family), p->link->index);
}

/* What leaves by the interface. Where the machine's own packets are led elsewhere by their address
 * (see print_self), that is not seen as leaving there: they are counted by it. */
static void
count(const struct rules *r, const struct place *p)
{
	const char *family = family_word(p->family);

	if (!p->shared) {
		fprintf(r->out, "match out on %s %s ! tagged %s", p->link->interface, family,
			OWN_SELF);
		label(r, p);
		fprintf(r->out, "match out %s from (%s) tagged %s", family, p->link->interface,
			OWN_SELF);
		label(r, p);
		return;
	}
	fprintf(r->out, "match out on %s %s tagged %s_%u", p->link->interface, family, OWN_LABEL,
		p->link->index);
	label(r, p);
	if (!p->own_address)
		return;
	fprintf(r->out, "match out on %s %s from ", p->link->interface, family);
	put_address(r, &p->facts->source);
	fputs(" ! tagged " OWN_SELF, r->out);
	label(r, p);
	fprintf(r->out, "match out %s from ", family);
	put_address(r, &p->facts->source);
	fputs(" tagged " OWN_SELF, r->out);
	label(r, p);
}

/* The largest segment that fits; 0: not cut. pf knows a number only, not the size that the way to
 * the other end takes: the interface's is the best that there is. */
static unsigned
segment_size(const struct place *p)
{
	const unsigned headers = p->family == V4 ? 20 + 20 : 40 + 20, least = 64;

	if (p->link->mss != CONF_MSS_PMTU)
		return p->link->mss == CONF_MSS_NO ? 0 : p->link->mss;
	return p->mtu >= headers + least && p->mtu - headers <= UINT16_MAX ? p->mtu - headers : 0;
}

/* Both ways: the state that the first segment makes does it to the answer too. */
static void
cut_segments(const struct rules *r, const struct place *p)
{
	unsigned most = segment_size(p);

	if (most == 0)
		return;
	fprintf(r->out, "match %s %s %s proto tcp", p->shared ? "out on" : "on", p->link->interface,
		family_word(p->family));
	if (p->shared)
		fprintf(r->out, " tagged %s_%u", OWN_LABEL, p->link->index);
	fprintf(r->out, " scrub (max-mss %u)\n", most);
}

/* From the prefix inside to that of the provider, and back. */
static void
translate_prefix(const struct rules *r, const struct place *p)
{
	fprintf(r->out, "match on %s %s from ", p->link->interface, family_word(p->family));
	put_address(r, &p->route->nat_inside);
	fputs(" to any binat-to ", r->out);
	put_address(r, &p->route->nat_addr);
	fputc('\n', r->out);
}

static void
translate(const struct rules *r, const struct place *p)
{
	if (p->route->nat == CONF_NAT_NONE)
		return;
	if (p->route->nat == CONF_NAT_PREFIX) {
		translate_prefix(r, p);
		return;
	}
	fprintf(r->out, "match out on %s %s from ! (%s)", p->link->interface,
		family_word(p->family), p->link->interface);
	if (p->shared)
		fprintf(r->out, " tagged %s_%u", OWN_LABEL, p->link->index);
	else
		fputs(" ! tagged " OWN_SELF, r->out);
	fputs(" nat-to ", r->out);
	put_nat_address(r, p);
	fputc('\n', r->out);
}

/* On an interface of several links, what no rule has led to one of them. After the tagged ones,
 * whose packets carry one of the interface's addresses by then. */
static void
translate_rest(const struct rules *r, const struct place *p)
{
	for (size_t i = 0; i < r->nplaces; i++) {
		const struct place *other = &r->places[i];

		if (other->family != p->family ||
		    strcmp(other->link->interface, p->link->interface) != 0)
			continue;
		/* once, by its first link; never where an address from elsewhere is used */
		if ((i < (size_t)(p - r->places)) || other->route->nat != CONF_NAT_MASQUERADE)
			return;
	}
	fprintf(r->out, "match out on %s %s from ! (%s) ! tagged %s nat-to (%s:0)\n",
		p->link->interface, family_word(p->family), p->link->interface, OWN_SELF,
		p->link->interface);
}

static void
print_nat(const struct rules *r)
{
	/* before translation: the source is the sender's own */
	for (size_t i = 0; i < r->nplaces; i++)
		count(r, &r->places[i]);
	for (size_t i = 0; i < r->nplaces; i++)
		cut_segments(r, &r->places[i]);
	for (size_t i = 0; i < r->nplaces; i++)
		translate(r, &r->places[i]);
	for (size_t i = 0; i < r->nplaces; i++)
		if (r->places[i].shared)
			translate_rest(r, &r->places[i]);
}

/* ---- inside ---- */

static bool
takes_new_flows(const struct place *p, int family)
{
	return p->family == family && p->planned && p->weight > 0 && has_gateway(p);
}

static void
begin_inside(const struct rules *r, int family)
{
	fprintf(r->out, "pass in %s to route \"%s\"", family_word(family), OWN_LABEL);
}

/* What goes on without a state has been cut: its client is told, instead of waiting. Segments that
 * begin a flow, or end one, are left to the rules that follow. */
static void
print_resets(const struct rules *r, int family)
{
	if (r->conf->reset_clients)
		fprintf(r->out, "block return-rst in %s proto tcp to route \"%s\" flags /SR\n",
			family_word(family), OWN_LABEL);
}

/* The weight of each against all before it: the last rule that matches decides. */
static void
print_by_chance(const struct rules *r, int family)
{
	unsigned sum = 0;

	for (size_t i = 0; i < r->nplaces; i++) {
		const struct place *p = &r->places[i];

		if (!takes_new_flows(p, family))
			continue;
		sum += p->weight;
		begin_inside(r, family);
		if (sum != p->weight)
			fprintf(r->out, " probability %.4f%%", 100.0 * p->weight / sum);
		fprintf(r->out, " tag %s_%u route-to ", OWN_LABEL, p->link->index);
		put_gateway(r, p);
		fputc('\n', r->out);
	}
}

static void
print_pool(const struct rules *r, int family, unsigned members)
{
	const char *separator = members > 1 ? "{ " : "";

	begin_inside(r, family);
	fputs(" route-to ", r->out);
	for (size_t i = 0; i < r->nplaces; i++) {
		const struct place *p = &r->places[i];

		if (!takes_new_flows(p, family))
			continue;
		fputs(separator, r->out);
		put_gateway(r, p);
		if (members > 1)
			fprintf(r->out, " weight %u", p->weight);
		separator = ", ";
	}
	fputs(members > 1 ? " } round-robin\n" : "\n", r->out);
}

/* IPv6 without translation: a provider takes only its own prefix. */
static void
print_by_prefix(const struct rules *r)
{
	begin_inside(r, V6);
	fputc('\n', r->out);
	for (size_t i = 0; i < r->nplaces; i++) {
		const struct place *p = &r->places[i];

		if (p->family != V6 || !p->planned || !has_gateway(p) ||
		    !addr_is_set(&p->facts->prefix))
			continue;
		fputs("pass in inet6 from ", r->out);
		put_address(r, &p->facts->prefix);
		fprintf(r->out, " to route \"%s\" tag %s_%u route-to ", OWN_LABEL, OWN_LABEL,
			p->link->index);
		put_gateway(r, p);
		fputc('\n', r->out);
	}
}

static void
print_inside(const struct rules *r)
{
	for (int family = 0; family < FAMILIES; family++) {
		unsigned members = 0;
		bool shared = false, by_prefix = false;

		for (size_t i = 0; i < r->nplaces; i++) {
			const struct place *p = &r->places[i];

			if (!takes_new_flows(p, family))
				continue;
			members++;
			shared |= p->shared;
			by_prefix |= family == V6 && p->route->nat == CONF_NAT_NONE;
		}
		if (members == 0)
			continue;
		print_resets(r, family);
		if (by_prefix)
			print_by_prefix(r);
		else if (shared)
			print_by_chance(r, family);
		else
			print_pool(r, family, members);
	}
}

/* ---- self, inbound ---- */

/* Packets with that link's address that the routing table would send by another one. Those are not
 * seen again where they really leave, so the rules for the interface that they seem to leave by
 * must know them: by a tag, which they have where this part is evaluated before "nat". */
static void
print_self(const struct rules *r)
{
	for (size_t i = 0; i < r->nplaces; i++) {
		const struct place *p = &r->places[i];

		if (!has_gateway(p) || !p->own_address)
			continue;
		fprintf(r->out, "pass out %s from ", family_word(p->family));
		put_address(r, &p->facts->source);
		fprintf(r->out, " to route \"%s\" tag %s route-to ", OWN_LABEL, OWN_SELF);
		put_gateway(r, p);
		fputc('\n', r->out);
	}
}

static void
print_inbound(const struct rules *r)
{
	for (size_t i = 0; i < r->nplaces; i++) {
		const struct place *p = &r->places[i];

		if (!has_gateway(p) || (p->shared && !p->own_address))
			continue;
		fprintf(r->out, "pass in on %s %s", p->link->interface, family_word(p->family));
		if (p->shared) {
			fputs(" to ", r->out);
			put_address(r, &p->facts->source);
		}
		fprintf(r->out, " tag %s_%u reply-to ", OWN_LABEL, p->link->index);
		put_gateway(r, p);
		fputc('\n', r->out);
	}
}

/* ---- all of it ---- */

int
pf_print(const struct conf *conf, const struct link_facts *facts, size_t nfacts,
	 const struct plan *plan, FILE *out)
{
	static void (*const print[PF_PARTS])(const struct rules *) = {print_nat, print_inside,
								      print_self, print_inbound};
	struct rules r = {.conf = conf, .out = out};

	if (find_places(&r, conf, facts, nfacts, plan) != 0)
		return -1;
	for (int part = 0; part < PF_PARTS; part++) {
		if (part == PF_INSIDE && plan == NULL)
			continue;
		fprintf(out, "# anchor %s/%s\n", OWN_ANCHOR, part_names[part]);
		if (conf->flows != CONF_FLOWS_KERNEL)
			print[part](&r);
	}
	free(r.places);
	if (!ferror(out))
		return 0;
	errno = EIO;
	return -1;
}

const char *
pf_part_of(const char *text, size_t text_len, enum pf_part part, size_t *len)
{
	char line[64];
	int line_len =
	    snprintf(line, sizeof(line), "# anchor %s/%s\n", OWN_ANCHOR, part_names[part]);
	const char *begin = memmem(text, text_len, line, (size_t)line_len), *end;

	if (begin == NULL)
		return NULL;
	begin += line_len;
	end = memmem(begin, text_len - (size_t)(begin - text), "# anchor ", 9);
	*len = (size_t)((end != NULL ? end : text + text_len) - begin);
	return begin;
}
