/* SPDX-License-Identifier: ISC */
/* The routes in the daemon's tables: one default per link and IP version, and
 * the default of all others' traffic, over the members of the plan. */
#ifndef UPLINK_LINUX_ROUTES_H
#define UPLINK_LINUX_ROUTES_H

#include "system/linux/message.h"
#include "system/linux/routing.h"

/* ---- the links' own tables ---- */

/* Completes the tables of all links; with clean, then removes every other route
 * of the daemon, of whatever configuration. The plan's default stays. 0, or -1
 * with errno; failures are noted, the rest is still tried. */
int routes_sync(struct sys_routing *r, int family, bool clean);

/* Makes the table of one link right. */
int routes_sync_link(struct sys_routing *r, const struct link *link, int family);

/* Only tells what is missing. 0, or -1 with errno. */
int routes_check(struct sys_routing *r, int family, routing_missing *missing, void *arg);

/* Removes all routes of the daemon. */
int routes_release(struct sys_routing *r, int family);

/* Is it a route of the daemon's, or in a table of its? */
bool routes_own(const struct sys_routing *r, const struct message_route *route);
/* The link whose table it is, or NULL. */
const struct link *routes_link_of_table(const struct sys_routing *r, uint32_t table);

/* ---- the plan's default ---- */

struct nexthop {
	uint32_t ifindex;
	uint16_t weight; /* 1..256 */
	bool dead;       /* the kernel does not use it now */
	bool onlink;
	struct addr gateway;
};

struct nexthops { /* in the order of the links; none: no route */
	unsigned count;
	struct nexthop hop[LINKS_MAX];
};

/* What the last plan of that family means in next hops now. */
void default_want(const struct sys_routing *r, int family, struct nexthops *want);
/* What stands in the kernel. 0, or -1 with errno. */
int default_read(struct sys_routing *r, int family, struct nexthops *have);
/* Replaces it where it is not what the plan means now, or, with only_missing,
 * where a next hop of the plan is not there. A plan without any next hop leaves
 * it alone. counts (may be NULL) is added how many next hops came and went. 0, or
 * -1 with errno, noted. */
int default_ensure(struct sys_routing *r, int family, bool only_missing,
		   struct sys_apply_counts *counts);
/* Is it what the plan means, as far as the kernel says? True where there is no plan. */
bool default_stands(struct sys_routing *r, int family);

/* The one that is the link's, or NULL. */
const struct nexthop *nexthop_of(const struct nexthops *set, const struct hop *hop);

#endif
