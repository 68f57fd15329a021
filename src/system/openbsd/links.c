/* SPDX-License-Identifier: ISC */
/* Each link's source address, gateway and carrier, from the configuration and the mirror of the
 * kernel. */
#include "config.h"

#include "system/openbsd/links.h"

#include <string.h>

#include "system/openbsd/limits.h"

uint16_t
link_table(const struct conf *conf, unsigned index)
{
	uint32_t base = conf->table_base < TABLE_MAX ? conf->table_base : TABLE_BASE;

	return index >= 1 && base + index <= TABLE_MAX ? (uint16_t)(base + index) : 0;
}

/* ---- gateway ---- */

static bool
better(const struct world_route *a, const struct world_route *b)
{
	return b == NULL || (a->table == MAIN_TABLE) > (b->table == MAIN_TABLE) ||
	       (a->table == b->table && a->priority < b->priority);
}

/* Somebody else's default route over the interface: what DHCP or a router's advertisement gave. */
static const struct world_route *
find_learned(const struct world *w, uint16_t ifindex, int family)
{
	const struct world_route *best = NULL;

	for (size_t i = 0; i < w->nroutes; i++) {
		const struct world_route *r = &w->routes[i];

		if (r->ifindex == ifindex && r->family == family && !r->own && better(r, best))
			best = r;
	}
	return best;
}

static const struct world_address *
find_peer(const struct world *w, uint16_t ifindex, int family)
{
	for (size_t i = 0; i < w->naddresses; i++) {
		const struct world_address *a = &w->addresses[i];

		if (a->ifindex == ifindex && addr_is_set(&a->peer) &&
		    addr_family(&a->peer) == family)
			return a;
	}
	return NULL;
}

static void
learn_gateway(struct route_facts *facts, int family, const struct world *w,
	      const struct world_interface *interface)
{
	const struct world_route *learned = find_learned(w, interface->index, family);
	const struct world_address *peer = find_peer(w, interface->index, family);

	if (learned != NULL)
		facts->gateway = learned->gateway;
	else if (peer != NULL) /* pppoe(4): the other end is the next hop */
		facts->gateway = peer->peer;
	if (addr_is_set(&facts->gateway))
		facts->origin = GATEWAY_LEARNED;
}

static void
derive_gateway(struct route_facts *facts, const struct conf_route *conf, int family,
	       const struct world *w, const struct world_interface *interface)
{
	facts->origin = GATEWAY_NONE;
	if (conf->gateway_kind == CONF_GATEWAY_STATIC) {
		facts->origin = GATEWAY_CONFIGURED;
		facts->gateway = conf->gateway;
		if (interface != NULL && addr_is_linklocal(&facts->gateway))
			facts->gateway.scope = interface->index;
	} else if (conf->gateway_kind == CONF_GATEWAY_AUTO && interface != NULL) {
		learn_gateway(facts, family, w, interface);
	}
}

/* ---- source ---- */

static const struct world_address *
find_configured(const struct world *w, const struct addr *source)
{
	for (size_t i = 0; i < w->naddresses; i++)
		if (addr_equal(&w->addresses[i].local, source))
			return &w->addresses[i];
	return NULL;
}

/* The first of the interface's addresses that has the gateway in its prefix, else the first. */
static const struct world_address *
find_source(const struct world *w, uint16_t ifindex, int family, const struct addr *gateway)
{
	const struct world_address *first = NULL;

	for (size_t i = 0; i < w->naddresses; i++) {
		const struct world_address *a = &w->addresses[i];

		if (a->ifindex != ifindex || addr_family(&a->local) != family ||
		    addr_is_linklocal(&a->local))
			continue;
		if (addr_is_set(gateway) && addr_in_prefix(gateway, &a->local))
			return a;
		if (first == NULL)
			first = a;
	}
	return first;
}

static void
clear_host_bits(struct addr *prefix)
{
	for (unsigned bit = prefix->plen; bit < addr_size(prefix) * 8; bit++)
		prefix->octets[bit / 8] &= (uint8_t) ~(0x80 >> bit % 8);
}

static void
derive_source(struct route_facts *facts, const struct conf_route *conf, int family,
	      const struct world *w, const struct world_interface *interface)
{
	const struct world_address *a = NULL;

	if (interface != NULL && addr_is_set(&conf->source))
		a = find_configured(w, &conf->source);
	else if (interface != NULL)
		a = find_source(w, interface->index, family, &facts->gateway);
	if (a != NULL) {
		facts->source = a->local;
		facts->source.plen = (uint8_t)(addr_size(&a->local) * 8);
	}
	if (family != V6)
		return;
	facts->prefix = conf->prefix;
	if (a != NULL && !addr_is_set(&facts->prefix)) {
		facts->prefix = a->local;
		clear_host_bits(&facts->prefix);
	}
}

/* ---- all of it ---- */

static void
derive_route(struct link *link, int family, const struct world *w,
	     const struct world_interface *interface)
{
	const struct conf_route *conf = &link->conf->route[family];
	struct route_facts *facts = &link->facts.route[family];
	struct hop *hop = &link->hop[family];

	derive_gateway(facts, conf, family, w, interface);
	if (conf->gateway_kind != CONF_GATEWAY_NONE)
		derive_source(facts, conf, family, w, interface);
	if (interface == NULL || (interface->flags & RTMSG_IFF_UP) == 0 ||
	    !addr_is_set(&facts->source) || !addr_is_set(&facts->gateway))
		return;
	/* the kernel knows no IPv4 route by an IPv6 next hop */
	if (addr_family(&facts->gateway) != family)
		return;
	hop->usable = true;
	hop->ifindex = interface->index;
	hop->gateway = facts->gateway;
}

static uint8_t
carrier_of(const struct world_interface *interface)
{
	if (interface == NULL || interface->link_state == RTMSG_LINK_UNKNOWN)
		return CARRIER_UNKNOWN;
	return rtmsg_link_is_up(interface->link_state) ? CARRIER_UP : CARRIER_DOWN;
}

void
link_derive(struct link *link, const struct world *w)
{
	const struct world_interface *interface = world_interface_by_name(w, link->conf->interface);

	memset(&link->facts, 0, sizeof(link->facts));
	memset(&link->hop, 0, sizeof(link->hop));
	link->facts.link = link->conf->index;
	strlcpy(link->facts.ifname, link->conf->interface, sizeof(link->facts.ifname));
	link->facts.carrier = carrier_of(interface);
	if (interface != NULL) {
		link->facts.ifindex = interface->index;
		link->facts.mtu = interface->mtu;
		link->facts.admin_up = (interface->flags & RTMSG_IFF_UP) != 0;
	}
	for (int family = 0; family < FAMILIES; family++)
		derive_route(link, family, w, interface);
}

/* Both were made by link_derive, which leaves no octet to chance. */
bool
facts_equal(const struct link_facts *a, const struct link_facts *b)
{
	return memcmp(a, b, sizeof(*a)) == 0;
}
