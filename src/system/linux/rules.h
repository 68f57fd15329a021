/* SPDX-License-Identifier: ISC */
/* The policy rules that lead marked packets, provider prefixes and everything
 * else to the daemon's tables. */
#ifndef UPLINK_LINUX_RULES_H
#define UPLINK_LINUX_RULES_H

#include "system/linux/routing.h"

/* Compares the rules of one IP version with those that should be. What is right
 * is not touched. missing (may be NULL) is told of each that is not there. */
struct rules_result {
	uint32_t adds, deletes;
	bool source[LINKS_MAX + 1]; /* IPv6: the link's prefix leads to its table */
};

/* Adds what is missing, then removes what is the daemon's and not wanted (also of
 * another configuration). 0, or -1 with errno; failures are noted, the rest is
 * still tried. */
int rules_sync(struct sys_routing *r, int family, struct rules_result *result);

/* Only reads the IPv6 source rules, [LINKS_MAX + 1] of them: the plan's, or before
 * the first plan those of an earlier run. 0, or -1 with errno. */
int rules_read_sources(struct sys_routing *r, bool *source);

/* Only tells. 0, or -1 with errno. */
int rules_check(struct sys_routing *r, int family, routing_missing *missing, void *arg);

/* Removes all of the daemon's, of whatever configuration. */
int rules_release(struct sys_routing *r, int family);

/* Does an event about a rule concern the daemon's? The IP version, or -1. */
int rules_event_family(const struct sys_routing *r, const struct nlmsghdr *nlh);

#endif
