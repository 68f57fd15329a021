/* SPDX-License-Identifier: ISC */
/* What a routing message says, as a struct: shared by all that read routes. */
#ifndef UPLINK_LINUX_MESSAGE_H
#define UPLINK_LINUX_MESSAGE_H

#include <stdbool.h>
#include <stdint.h>

#include "common/addr.h"
#include "system/linux/netlink.h"

struct message_hop {
	uint32_t ifindex;
	uint16_t weight;     /* 1..256 */
	uint8_t flags;       /* RTNH_F_* */
	struct addr gateway; /* not set: the device itself. IPv4 may go by an IPv6 one */
};

struct message_route {
	uint8_t family; /* V4, V6 */
	uint8_t type, protocol, tos;
	uint8_t preference; /* RFC 4191: 0 high, 1 medium, 2 low */
	uint32_t table, metric;
	struct addr dst; /* set for the default route too, with plen 0 */
	struct addr source;
	struct message_hop hop;         /* where it has one */
	const struct nlattr *multipath; /* where it has several, else NULL */
};

/* The address in an attribute; a is not set when it has another length. */
void message_addr(const struct nlattr *attr, int af, struct addr *a);

/* Writes the next hop of a route of that family; nothing where it is not set. */
void message_put_gateway(struct nlmsghdr *nlh, int family, const struct addr *gateway);

/* False: not a message about an IPv4 or IPv6 route. multipath points into nlh. */
bool message_route(const struct nlmsghdr *nlh, struct message_route *route);

/* Calls each for every next hop of the message that gave route. */
typedef void message_each_hop(void *arg, const struct message_route *route,
			      const struct message_hop *hop);
void message_hops(const struct nlmsghdr *nlh, const struct message_route *route,
		  message_each_hop *each, void *arg);

/* Dumps the routes of a family; table and protocol are 0 for all. The kernel may
 * give more than was asked for. A table that does not exist is empty. */
int message_dump_routes(struct netlink *nl, int family, uint32_t table, uint8_t protocol,
			const struct netlink_reader *reader);

#endif
