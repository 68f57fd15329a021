/* SPDX-License-Identifier: ISC */
/* What the kernel has that is not the daemon's: interfaces, their addresses, and
 * the default routes of others, from which gateways are learned. A mirror, kept
 * by dumps and events; it never changes anything in the kernel. */
#ifndef UPLINK_LINUX_VIEW_H
#define UPLINK_LINUX_VIEW_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <net/if.h>

#include "common/addr.h"
#include "system/linux/netlink.h"

struct view_interface {
	uint32_t ifindex;
	uint32_t flags;    /* IFF_* */
	uint8_t operstate; /* IF_OPER_* */
	char name[IF_NAMESIZE];
};

struct view_address {
	uint32_t ifindex;
	uint32_t flags; /* IFA_F_* */
	uint8_t scope;  /* RT_SCOPE_* */
	struct addr local;
	struct addr prefix; /* the peer's or the net's; host bits as they come */
};

struct view_default {
	uint32_t ifindex;
	uint32_t table, metric;
	uint8_t family;      /* V4, V6 */
	uint8_t protocol;    /* RTPROT_*: who set it */
	uint8_t preference;  /* RFC 4191: 0 high, 1 medium, 2 low */
	struct addr gateway; /* not set: the device itself */
};

struct view {
	struct view_interface *interfaces;
	struct view_address *addresses; /* of one interface in the kernel's order */
	struct view_default *defaults;
	size_t ninterfaces, naddresses, ndefaults;
	size_t interfaces_room, addresses_room, defaults_room;
	int error; /* errno of a change that could not be noted: load again */
};

void view_free(struct view *v);

/* Each reads its part anew. 0, or -1 with errno: then those of others are as they were, but of
 * interfaces and addresses not all may be there. */
int view_load_interfaces(struct view *v, struct netlink *nl);
int view_load_addresses(struct view *v, struct netlink *nl);
int view_load_defaults(struct view *v, struct netlink *nl);

/* Notes one message, of a dump or an event, of the types RTM_NEWLINK, RTM_DELLINK
 * or RTM_NEWADDR, RTM_DELADDR. The event's interface index, or 0 when it says
 * nothing of interest. */
uint32_t view_note_interface(struct view *v, const struct nlmsghdr *nlh);
uint32_t view_note_address(struct view *v, const struct nlmsghdr *nlh);

const struct view_interface *view_interface_by_name(const struct view *v, const char *name);
const struct view_interface *view_interface_by_index(const struct view *v, uint32_t ifindex);

#endif
