/* SPDX-License-Identifier: ISC */
/* The default routes of the main table, and the interfaces that have none: for a person
 * who begins. Reads only. */
#include "config.h"

#include <linux/rtnetlink.h>
#include <string.h>

#include "system/linux/view.h"
#include "system/system.h"

static bool
has_carrier(const struct view_interface *i)
{
	return (i->flags & IFF_UP) && (i->flags & IFF_RUNNING);
}

static void
add_way(struct sys_way *way, const struct view_interface *interface, const struct view_default *d)
{
	memset(way, 0, sizeof(*way));
	memcpy(way->ifname, interface->name, sizeof(way->ifname));
	way->way = true;
	way->family = d->family;
	way->learned = d->protocol != RTPROT_STATIC && d->protocol != RTPROT_BOOT;
	way->carrier = has_carrier(interface);
	way->metric = d->metric;
	way->gateway = d->gateway;
	way->gateway.scope = 0; /* it stands with its interface */
}

static bool
has_way(const struct sys_way *ways, int n, const char *ifname)
{
	for (int i = 0; i < n; i++)
		if (ways[i].way && strcmp(ways[i].ifname, ifname) == 0)
			return true;
	return false;
}

/* An address that a neighbour could be reached by. */
static const struct view_address *
some_address(const struct view *v, uint32_t ifindex)
{
	for (size_t i = 0; i < v->naddresses; i++)
		if (v->addresses[i].ifindex == ifindex &&
		    v->addresses[i].scope == RT_SCOPE_UNIVERSE)
			return &v->addresses[i];
	return NULL;
}

static int
list_ways(const struct view *v, struct sys_way *ways, size_t max)
{
	int n = 0;

	for (size_t i = 0; i < v->ndefaults && (size_t)n < max; i++) {
		const struct view_default *d = &v->defaults[i];
		const struct view_interface *interface = view_interface_by_index(v, d->ifindex);

		if (d->table == RT_TABLE_MAIN && interface != NULL)
			add_way(&ways[n++], interface, d);
	}
	for (size_t i = 0; i < v->ninterfaces && (size_t)n < max; i++) {
		const struct view_interface *interface = &v->interfaces[i];
		const struct view_address *a = some_address(v, interface->ifindex);

		if ((interface->flags & IFF_LOOPBACK) || a == NULL ||
		    has_way(ways, n, interface->name))
			continue;
		memset(&ways[n], 0, sizeof(ways[n]));
		memcpy(ways[n].ifname, interface->name, sizeof(ways[n].ifname));
		ways[n].carrier = has_carrier(interface);
		ways[n++].address = a->local;
	}
	return n;
}

int
sys_ways(struct sys_way *ways, size_t max)
{
	struct netlink nl;
	struct view v;
	int n = -1;

	memset(&v, 0, sizeof(v));
	if (netlink_open(&nl) != 0)
		return -1;
	if (view_load_interfaces(&v, &nl) == 0 && view_load_addresses(&v, &nl) == 0 &&
	    view_load_defaults(&v, &nl) == 0)
		n = list_ways(&v, ways, max);
	view_free(&v);
	netlink_close(&nl);
	return n;
}
