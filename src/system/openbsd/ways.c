/* SPDX-License-Identifier: ISC */
/* The default routes that others made, and the interfaces that have none: for a person who begins.
 * Reads only. */
#include "config.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "system/openbsd/limits.h"
#include "system/openbsd/rtio.h"
#include "system/openbsd/world.h"
#include "system/system.h"

static void
note(struct world *w, const uint8_t *buf, size_t size)
{
	struct world_route route;
	struct rtmsg m;
	uint16_t ifindex;

	for (size_t at = 0; at < size;) {
		ssize_t len = rtmsg_read(buf + at, size - at, rtio_rounding(), &m);

		if (len <= 0)
			return;
		world_note(w, &m, &ifindex, &route);
		at += (size_t)len;
	}
}

static int
read_world(struct world *w)
{
	size_t len;
	uint8_t *buf = rtio_dump_interfaces(0, &len);

	if (buf == NULL)
		return -1;
	note(w, buf, len);
	free(buf);
	for (int family = 0; family < FAMILIES; family++) {
		buf = rtio_dump_routes(MAIN_TABLE, family, &len);
		if (buf != NULL)
			note(w, buf, len);
		free(buf);
	}
	return 0;
}

static bool
has_way(const struct sys_way *ways, int n, const char *ifname)
{
	for (int i = 0; i < n; i++)
		if (ways[i].way && strcmp(ways[i].ifname, ifname) == 0)
			return true;
	return false;
}

static const struct world_address *
some_address(const struct world *w, uint16_t ifindex)
{
	for (size_t i = 0; i < w->naddresses; i++)
		if (w->addresses[i].ifindex == ifindex &&
		    !addr_is_linklocal(&w->addresses[i].local))
			return &w->addresses[i];
	return NULL;
}

static void
begin(struct sys_way *way, const struct world_interface *interface)
{
	memset(way, 0, sizeof(*way));
	strlcpy(way->ifname, interface->name, sizeof(way->ifname));
	way->carrier = world_interface_carries(interface);
}

static int
list_ways(const struct world *w, struct sys_way *ways, size_t max)
{
	int n = 0;

	for (size_t i = 0; i < w->nroutes && (size_t)n < max; i++) {
		const struct world_route *r = &w->routes[i];
		const struct world_interface *interface = world_interface_by_index(w, r->ifindex);

		if (r->own || interface == NULL)
			continue;
		begin(&ways[n], interface);
		ways[n].way = true;
		ways[n].family = r->family;
		ways[n].learned = r->learned;
		ways[n].metric = r->priority;
		ways[n].gateway = r->gateway;
		ways[n++].gateway.scope = 0; /* it stands with its interface */
	}
	for (size_t i = 0; i < w->ninterfaces && (size_t)n < max; i++) {
		const struct world_interface *interface = &w->interfaces[i];
		const struct world_address *a = some_address(w, interface->index);

		if ((interface->flags & RTMSG_IFF_LOOPBACK) != 0 || a == NULL ||
		    has_way(ways, n, interface->name))
			continue;
		begin(&ways[n], interface);
		ways[n].address = a->local;
		ways[n].address.plen = (uint8_t)(addr_size(&a->local) * 8);
		n++;
	}
	return n;
}

int
sys_ways(struct sys_way *ways, size_t max)
{
	struct world w;
	int n = -1;

	memset(&w, 0, sizeof(w));
	if (read_world(&w) == 0)
		n = list_ways(&w, ways, max);
	world_free(&w);
	return n;
}
