/* SPDX-License-Identifier: ISC */
/* The mirror of the kernel. */
#include "config.h"

#include "system/openbsd/world.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "system/openbsd/limits.h"

void
world_free(struct world *w)
{
	free(w->interfaces);
	free(w->addresses);
	free(w->routes);
	memset(w, 0, sizeof(*w));
}

/* The array, with room for one more element; NULL: no memory, which is noted. */
static void *
grow(struct world *w, void *array, size_t count, size_t *room, size_t size)
{
	size_t more = *room == 0 ? 16 : *room * 2;
	void *grown;

	if (count < *room)
		return array;
	grown = reallocarray(array, more, size);
	if (grown == NULL)
		w->error = ENOMEM;
	else
		*room = more;
	return grown;
}

static struct world_interface *
new_interface(struct world *w)
{
	struct world_interface *grown =
	    grow(w, w->interfaces, w->ninterfaces, &w->interfaces_room, sizeof(*w->interfaces));

	if (grown == NULL)
		return NULL;
	w->interfaces = grown;
	return memset(&grown[w->ninterfaces++], 0, sizeof(*grown));
}

static struct world_address *
new_address(struct world *w)
{
	struct world_address *grown =
	    grow(w, w->addresses, w->naddresses, &w->addresses_room, sizeof(*w->addresses));

	if (grown == NULL)
		return NULL;
	w->addresses = grown;
	return memset(&grown[w->naddresses++], 0, sizeof(*grown));
}

static struct world_route *
new_route(struct world *w)
{
	struct world_route *grown =
	    grow(w, w->routes, w->nroutes, &w->routes_room, sizeof(*w->routes));

	if (grown == NULL)
		return NULL;
	w->routes = grown;
	return memset(&grown[w->nroutes++], 0, sizeof(*grown));
}

/* ---- interfaces ---- */

static struct world_interface *
find_interface(const struct world *w, uint16_t index)
{
	for (size_t i = 0; i < w->ninterfaces; i++)
		if (w->interfaces[i].index == index)
			return &w->interfaces[i];
	return NULL;
}

const struct world_interface *
world_interface_by_index(const struct world *w, uint16_t index)
{
	return find_interface(w, index);
}

const struct world_interface *
world_interface_by_name(const struct world *w, const char *name)
{
	for (size_t i = 0; i < w->ninterfaces; i++)
		if (strcmp(w->interfaces[i].name, name) == 0)
			return &w->interfaces[i];
	return NULL;
}

bool
world_interface_carries(const struct world_interface *interface)
{
	return (interface->flags & RTMSG_IFF_UP) != 0 && rtmsg_link_is_up(interface->link_state);
}

/* The kernel takes its routes out of use with the link, and says nothing of them. */
static void
mark_routes(struct world *w, uint16_t ifindex, bool down)
{
	for (size_t i = 0; i < w->nroutes; i++)
		if (w->routes[i].ifindex == ifindex)
			w->routes[i].down = down;
}

static enum world_change
note_interface(struct world *w, const struct rtmsg *m, uint16_t *ifindex)
{
	struct world_interface *interface = find_interface(w, m->ifindex);

	*ifindex = m->ifindex;
	if (interface == NULL)
		interface = new_interface(w);
	if (interface == NULL)
		return WORLD_NOTHING;
	interface->index = m->ifindex;
	interface->flags = m->flags;
	interface->link_state = m->link_state;
	interface->type = m->iftype;
	interface->mtu = m->mtu;
	if (m->ifp.name[0] != '\0' && strlen(m->ifp.name) <= IFNAME_LEN)
		strlcpy(interface->name, m->ifp.name, sizeof(interface->name));
	mark_routes(w, m->ifindex, !world_interface_carries(interface));
	return WORLD_INTERFACE;
}

static void
forget_interface(struct world *w, uint16_t index)
{
	size_t kept = 0;

	for (size_t i = 0; i < w->ninterfaces; i++)
		if (w->interfaces[i].index != index)
			w->interfaces[kept++] = w->interfaces[i];
	w->ninterfaces = kept;
	kept = 0;
	for (size_t i = 0; i < w->naddresses; i++)
		if (w->addresses[i].ifindex != index)
			w->addresses[kept++] = w->addresses[i];
	w->naddresses = kept;
	kept = 0;
	for (size_t i = 0; i < w->nroutes; i++)
		if (w->routes[i].ifindex != index)
			w->routes[kept++] = w->routes[i];
	w->nroutes = kept;
}

static enum world_change
note_announcement(struct world *w, const struct rtmsg *m, uint16_t *ifindex)
{
	struct world_interface *interface;

	*ifindex = m->ifindex;
	if (m->what == RTMSG_DEPARTURE) {
		forget_interface(w, m->ifindex);
		return WORLD_ADDRESS_GONE;
	}
	if (find_interface(w, m->ifindex) != NULL || strlen(m->name) > IFNAME_LEN)
		return WORLD_NOTHING;
	interface = new_interface(w);
	if (interface == NULL)
		return WORLD_NOTHING;
	interface->index = m->ifindex;
	strlcpy(interface->name, m->name, sizeof(interface->name));
	return WORLD_INTERFACE;
}

/* ---- addresses ---- */

static enum world_change
note_address(struct world *w, const struct rtmsg *m, uint16_t *ifindex)
{
	struct world_address *known = NULL;
	const struct world_interface *interface = find_interface(w, m->ifindex);

	*ifindex = m->ifindex;
	if (!addr_is_set(&m->ifa))
		return WORLD_NOTHING;
	for (size_t i = 0; i < w->naddresses && known == NULL; i++)
		if (w->addresses[i].ifindex == m->ifindex &&
		    addr_equal(&w->addresses[i].local, &m->ifa))
			known = &w->addresses[i];
	if (m->type == RTMSG_DELADDR) {
		if (known != NULL)
			*known = w->addresses[--w->naddresses];
		return WORLD_ADDRESS_GONE;
	}
	if (known == NULL)
		known = new_address(w);
	if (known == NULL)
		return WORLD_NOTHING;
	known->ifindex = m->ifindex;
	known->local = m->ifa;
	if (interface != NULL && (interface->flags & RTMSG_IFF_POINTOPOINT) != 0)
		known->peer = m->brd;
	return WORLD_INTERFACE;
}

/* ---- routes ---- */

static struct world_route *
find_route(const struct world *w, uint16_t table, const struct addr *gateway, uint8_t priority)
{
	for (size_t i = 0; i < w->nroutes; i++) {
		struct world_route *r = &w->routes[i];

		if (r->table == table && r->priority == priority &&
		    addr_equal(&r->gateway, gateway))
			return r;
	}
	return NULL;
}

const struct world_route *
world_route_find(const struct world *w, uint16_t table, const struct addr *gateway,
		 uint8_t priority)
{
	return find_route(w, table, gateway, priority);
}

void
world_route_forget(struct world *w, uint16_t table, const struct addr *gateway, uint8_t priority)
{
	struct world_route *r = find_route(w, table, gateway, priority);

	if (r != NULL)
		*r = w->routes[--w->nroutes];
}

/* A default route by a gateway: no other is looked at. */
static bool
of_interest(const struct rtmsg *m)
{
	return m->error == 0 && addr_is_set(&m->dst) && m->dst.plen == 0 &&
	       addr_is_set(&m->gateway) && (m->flags & RTMSG_F_GATEWAY) != 0;
}

static enum world_change
note_route(struct world *w, const struct rtmsg *m, uint16_t *ifindex, struct world_route *copy)
{
	uint8_t priority = m->priority & (uint8_t)~RTMSG_DOWN;
	struct world_route *r = find_route(w, m->table, &m->gateway, priority);

	if (!of_interest(m))
		return WORLD_NOTHING;
	*ifindex = m->ifindex;
	if (m->type == RTMSG_DELETE) {
		if (r == NULL)
			return WORLD_NOTHING;
		*copy = *r;
		*r = w->routes[--w->nroutes];
		return WORLD_ROUTE_GONE;
	}
	if (r == NULL)
		r = new_route(w);
	if (r == NULL)
		return WORLD_NOTHING;
	*r = (struct world_route){
	    .table = m->table,
	    .ifindex = m->ifindex,
	    .family = (uint8_t)addr_family(&m->gateway),
	    .priority = priority,
	    .down = (m->flags & RTMSG_F_UP) == 0 || (m->priority & RTMSG_DOWN) != 0,
	    .own = strcmp(m->label, OWN_LABEL) == 0,
	    .learned = strcmp(m->label, "dhcpleased") == 0 || strcmp(m->label, "slaacd") == 0,
	    .gateway = m->gateway,
	    .use = m->use,
	    .seen = true,
	};
	return WORLD_ROUTE_NEW;
}

enum world_change
world_note(struct world *w, const struct rtmsg *m, uint16_t *ifindex, struct world_route *route)
{
	*ifindex = 0;
	switch (m->type) {
	case RTMSG_ADD:
	case RTMSG_CHANGE:
	case RTMSG_GET:
	case RTMSG_DELETE:
		return note_route(w, m, ifindex, route);
	case RTMSG_NEWADDR:
	case RTMSG_DELADDR:
		return note_address(w, m, ifindex);
	case RTMSG_IFINFO:
		return note_interface(w, m, ifindex);
	case RTMSG_IFANNOUNCE:
		return note_announcement(w, m, ifindex);
	case RTMSG_DESYNC:
		return WORLD_LOST;
	}
	return WORLD_NOTHING;
}

/* ---- all again ---- */

void
world_begin_interfaces(struct world *w)
{
	w->ninterfaces = w->naddresses = 0;
	w->error = 0;
}

void
world_begin_routes(struct world *w)
{
	for (size_t i = 0; i < w->nroutes; i++)
		w->routes[i].seen = false;
}

void
world_end_routes(struct world *w)
{
	size_t kept = 0;

	for (size_t i = 0; i < w->nroutes; i++)
		if (w->routes[i].seen)
			w->routes[kept++] = w->routes[i];
	w->nroutes = kept;
}
