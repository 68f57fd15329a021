/* SPDX-License-Identifier: ISC */
/* Each link's source address, gateway and carrier, from the configuration and
 * the mirror of the kernel. Pure: asks nobody and changes nothing else. */
#include "config.h"

#include "system/linux/links.h"

#include <linux/if.h>
#include <linux/if_addr.h>
#include <linux/rtnetlink.h>
#include <string.h>

/* May packets carry it as their source? */
static bool
address_usable(const struct view_address *a)
{
	if (a->flags & (IFA_F_DADFAILED | IFA_F_DEPRECATED))
		return false;
	return (a->flags & IFA_F_TENTATIVE) == 0 || (a->flags & IFA_F_OPTIMISTIC) != 0;
}

static const struct view_address *
find_configured_source(const struct view *view, const struct addr *source)
{
	for (size_t i = 0; i < view->naddresses; i++) {
		const struct view_address *a = &view->addresses[i];

		if (addr_equal(&a->local, source) && address_usable(a))
			return a;
	}
	return NULL;
}

/* How well an address suits as the source towards that gateway: the smaller the
 * better, 0 not at all. */
static int
rate_source(const struct view_address *a, const struct addr *gateway)
{
	const uint32_t second_choice = IFA_F_SECONDARY | IFA_F_TEMPORARY; /* the same bit */

	if (!address_usable(a) || a->scope != RT_SCOPE_UNIVERSE)
		return 0;
	if (addr_is_set(gateway) && addr_in_prefix(gateway, &a->prefix))
		return a->flags & second_choice ? 2 : 1;
	return a->flags & second_choice ? 4 : 3;
}

static const struct view_address *
find_source(const struct view *view, uint32_t ifindex, int family, const struct addr *gateway)
{
	const struct view_address *best = NULL;
	int best_rate = 0;

	for (size_t i = 0; i < view->naddresses; i++) {
		const struct view_address *a = &view->addresses[i];
		int rate;

		if (a->ifindex != ifindex || addr_family(&a->local) != family)
			continue;
		rate = rate_source(a, gateway);
		if (rate != 0 && (best == NULL || rate < best_rate)) {
			best = a;
			best_rate = rate;
		}
	}
	return best;
}

static bool
gateway_connected(const struct view *view, uint32_t ifindex, const struct addr *gateway)
{
	if (addr_is_linklocal(gateway))
		return true;
	for (size_t i = 0; i < view->naddresses; i++) {
		const struct view_address *a = &view->addresses[i];

		if (a->ifindex == ifindex && addr_in_prefix(gateway, &a->prefix))
			return true;
	}
	return false;
}

static bool
default_better(const struct view_default *a, const struct view_default *b)
{
	if ((a->table == RT_TABLE_MAIN) != (b->table == RT_TABLE_MAIN))
		return a->table == RT_TABLE_MAIN;
	if (a->metric != b->metric)
		return a->metric < b->metric;
	return a->preference < b->preference;
}

static const struct view_default *
find_default(const struct view *view, uint32_t ifindex, int family)
{
	const struct view_default *best = NULL;

	for (size_t i = 0; i < view->ndefaults; i++) {
		const struct view_default *d = &view->defaults[i];

		if (d->ifindex == ifindex && d->family == family &&
		    (best == NULL || default_better(d, best)))
			best = d;
	}
	return best;
}

static void
derive_gateway(struct route_facts *facts, const struct conf_route *conf, int family,
	       const struct view *view, const struct view_interface *interface)
{
	const struct view_default *learned;

	facts->origin = GATEWAY_NONE;
	if (conf->gateway_kind == CONF_GATEWAY_STATIC) {
		facts->origin = GATEWAY_CONFIGURED;
		facts->gateway = conf->gateway;
		if (interface != NULL && addr_is_linklocal(&facts->gateway))
			facts->gateway.scope = interface->ifindex;
	}
	if (conf->gateway_kind != CONF_GATEWAY_AUTO || interface == NULL)
		return;
	learned = find_default(view, interface->ifindex, family);
	if (learned != NULL)
		facts->gateway = learned->gateway;
	/* the other end of a point-to-point device needs no address */
	facts->direct = !addr_is_set(&facts->gateway) &&
			(learned != NULL || (interface->flags & IFF_POINTOPOINT) != 0);
	if (addr_is_set(&facts->gateway) || facts->direct)
		facts->origin = GATEWAY_LEARNED;
}

static void
clear_host_bits(struct addr *prefix)
{
	for (unsigned bit = prefix->plen; bit < addr_size(prefix) * 8; bit++)
		prefix->octets[bit / 8] &= (uint8_t) ~(0x80 >> bit % 8);
}

static void
derive_source(struct route_facts *facts, const struct conf_route *conf, int family,
	      const struct view *view, const struct view_interface *interface)
{
	const struct view_address *a = NULL;

	if (interface != NULL && addr_is_set(&conf->source))
		a = find_configured_source(view, &conf->source);
	else if (interface != NULL)
		a = find_source(view, interface->ifindex, family, &facts->gateway);
	if (a != NULL)
		facts->source = a->local;
	if (family != V6)
		return;
	facts->prefix = conf->prefix;
	if (a != NULL && !addr_is_set(&facts->prefix)) {
		facts->prefix = a->local;
		facts->prefix.plen = a->prefix.plen;
		clear_host_bits(&facts->prefix);
	}
}

static void
derive_route(struct link *link, int family, const struct view *view,
	     const struct view_interface *interface)
{
	const struct conf_route *conf = &link->conf->route[family];
	struct route_facts *facts = &link->facts.route[family];
	struct hop *hop = &link->hop[family];

	derive_gateway(facts, conf, family, view, interface);
	if (conf->gateway_kind != CONF_GATEWAY_NONE)
		derive_source(facts, conf, family, view, interface);
	if (interface == NULL || (interface->flags & IFF_UP) == 0 || !addr_is_set(&facts->source) ||
	    (!addr_is_set(&facts->gateway) && !facts->direct))
		return;
	hop->usable = true;
	hop->ifindex = interface->ifindex;
	hop->gateway = facts->gateway;
	hop->source = conf->source;
	hop->onlink = addr_is_set(&hop->gateway) &&
		      !gateway_connected(view, interface->ifindex, &hop->gateway);
}

static uint8_t
carrier_of(const struct view_interface *interface)
{
	if (interface == NULL)
		return CARRIER_UNKNOWN;
	if ((interface->flags & IFF_RUNNING) == 0)
		return CARRIER_DOWN;
	return interface->operstate == IF_OPER_UNKNOWN ? CARRIER_UNKNOWN : CARRIER_UP;
}

void
link_derive(struct link *link, const struct view *view)
{
	const struct view_interface *interface =
	    view_interface_by_name(view, link->conf->interface);

	memset(&link->facts, 0, sizeof(link->facts));
	memset(&link->hop, 0, sizeof(link->hop));
	link->facts.link = link->conf->index;
	strcpy(link->facts.ifname, link->conf->interface);
	link->facts.carrier = carrier_of(interface);
	if (interface != NULL) {
		link->facts.ifindex = interface->ifindex;
		link->facts.admin_up = (interface->flags & IFF_UP) != 0;
	}
	for (int family = 0; family < FAMILIES; family++)
		derive_route(link, family, view, interface);
}

bool
hop_equal(const struct hop *a, const struct hop *b)
{
	if (!a->usable || !b->usable)
		return a->usable == b->usable;
	return a->ifindex == b->ifindex && addr_equal(&a->gateway, &b->gateway) &&
	       addr_equal(&a->source, &b->source);
}

/* Both were made by link_derive, which leaves no octet to chance. */
bool
facts_equal(const struct link_facts *a, const struct link_facts *b)
{
	return memcmp(a, b, sizeof(*a)) == 0;
}
