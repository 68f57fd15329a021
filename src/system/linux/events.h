/* SPDX-License-Identifier: ISC */
/* What the kernel's events mean for the links and for what the daemon made. */
#ifndef UPLINK_LINUX_EVENTS_H
#define UPLINK_LINUX_EVENTS_H

#include "system/linux/routing.h"

/* What a run of events calls for. */
struct batch {
	bool touched[LINKS_MAX + 1]; /* the link's facts or table may have changed */
	bool any_touched;
	bool reload_defaults;
	bool check_rules[FAMILIES], check_routes[FAMILIES];
};

/* Notes one event in the view and in the batch. */
void events_note(struct sys_routing *r, struct batch *batch, const struct nlmsghdr *nlh);

/* Does what the batch calls for: derives, puts back what the kernel took away
 * with an interface, looks for what others changed, and calls the hooks; losses
 * first. 0, or -1 with errno. */
int events_settle(struct sys_routing *r, struct batch *batch);

/* Everything may have changed. */
void events_everything(struct batch *batch);

#endif
