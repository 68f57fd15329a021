/* SPDX-License-Identifier: ISC */
/* A mirror of what the kernel has: interfaces, addresses and default routes, kept by what it tells.
 * Pure: messages in, tables out. What the kernel changes without a word when an interface's link
 * goes down is changed here likewise. */
#ifndef UPLINK_OPENBSD_WORLD_H
#define UPLINK_OPENBSD_WORLD_H

#include "common/limits.h"
#include "system/openbsd/rtmsg.h"

struct world_interface {
	uint16_t index;
	uint8_t link_state, type;
	uint32_t flags, mtu;
	char name[IFNAME_LEN + 1];
};

struct world_address {
	uint16_t ifindex;
	struct addr local; /* plen: of its prefix */
	struct addr peer;  /* the other end of a point-to-point interface, else not set */
};

/* A default route. */
struct world_route {
	uint16_t table, ifindex;
	uint8_t family;   /* V4 or V6 */
	uint8_t priority; /* without RTMSG_DOWN */
	bool down;        /* the kernel doesn't use it: no link */
	bool own;         /* it carries the daemon's label */
	bool learned;     /* it carries that of dhcpleased(8) or slaacd(8) */
	struct addr gateway;
	uint64_t use; /* look-ups, when it was last told */
	bool seen;    /* in the dump that is being read */
};

struct world {
	struct world_interface *interfaces;
	struct world_address *addresses;
	struct world_route *routes;
	size_t ninterfaces, naddresses, nroutes;
	size_t interfaces_room, addresses_room, routes_room;
	int error; /* ENOMEM once something could not be noted: read everything again */
};

/* What a message has changed. */
enum world_change {
	WORLD_NOTHING,
	WORLD_INTERFACE,    /* the interface *ifindex, or its addresses */
	WORLD_ADDRESS_GONE, /* the same, and routes may have gone without a word */
	WORLD_ROUTE_NEW,
	WORLD_ROUTE_GONE, /* *route is a copy of it */
	WORLD_LOST,       /* the kernel had more to tell than there was room for */
};

enum world_change world_note(struct world *w, const struct rtmsg *m, uint16_t *ifindex,
			     struct world_route *route);

/* Reading all again: begin, note each message of the dumps, end. What was not seen is gone. */
void world_begin_interfaces(struct world *w);
void world_begin_routes(struct world *w);
void world_end_routes(struct world *w);

const struct world_interface *world_interface_by_index(const struct world *w, uint16_t index);
const struct world_interface *world_interface_by_name(const struct world *w, const char *name);
/* That default route in that table, of that priority; NULL: there is none. */
const struct world_route *world_route_find(const struct world *w, uint16_t table,
					   const struct addr *gateway, uint8_t priority);
/* Takes a route out of the mirror, which the kernel says that it doesn't have. */
void world_route_forget(struct world *w, uint16_t table, const struct addr *gateway,
			uint8_t priority);

/* Whether packets can leave by it: up, with a link or unable to tell. */
bool world_interface_carries(const struct world_interface *interface);

void world_free(struct world *w);

#endif
