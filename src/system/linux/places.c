/* SPDX-License-Identifier: ISC */
/* How the packets of each link and IP version are known, and what their source
 * becomes. Pure: configuration and facts in.
 *
 * A link that has its interface to itself is known by the interface alone. Links
 * that share one are told apart by the next hop on the way out, and by the
 * gateway's link-layer address on the way in. */
#include "config.h"

#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "system/linux/ruleset.h"

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

static bool
same_octets(const struct addr *a, const struct addr *b)
{
	return a->version == b->version && memcmp(a->octets, b->octets, sizeof(a->octets)) == 0;
}

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
	/* an IPv4 packet does not say that its next hop is an IPv6 one */
	p->known =
	    !p->shared || (addr_is_set(&p->gateway) && addr_family(&p->gateway) == (int)family);
	p->lladdr_known = p->shared && known && known->has_lladdr;
	if (p->lladdr_known)
		memcpy(p->lladdr, known->lladdr, sizeof(p->lladdr));
	p->ifindex = facts ? facts->ifindex : 0;
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

int
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

bool
place_any(const struct place *p)
{
	(void)p;
	return true;
}

bool
place_lladdr(const struct place *p)
{
	return p->known && p->lladdr_known;
}

bool
place_snat(const struct place *p)
{
	return p->nat == CONF_NAT_SNAT;
}

bool
place_masquerade(const struct place *p)
{
	return p->nat == CONF_NAT_MASQUERADE;
}

bool
place_prefix(const struct place *p)
{
	return p->nat == CONF_NAT_PREFIX;
}

bool
place_there(const struct place *p)
{
	return p->ifindex != 0;
}

bool
ruleset_carries(const struct ruleset *r, unsigned family)
{
	for (size_t i = 0; i < r->nplaces; i++)
		if (r->places[i].family == family)
			return true;
	return false;
}

unsigned
places_count(const struct ruleset *r, bool shared, unsigned families, place_filter *filter)
{
	unsigned n = 0;

	for (size_t i = 0; i < r->nplaces; i++) {
		const struct place *p = &r->places[i];

		n += p->known && p->shared == shared && (families & 1u << p->family) && filter(p);
	}
	return n;
}
