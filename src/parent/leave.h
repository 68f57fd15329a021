/* SPDX-License-Identifier: ISC */
/* The end of the daemon: children first, within a bounded time. */
#ifndef UPLINK_LEAVE_H
#define UPLINK_LEAVE_H

#include "parent/state.h"

int leave_init(struct parent *p);
/* Children are asked to leave, and killed after 1 s. What was installed in the
 * kernel stays. */
void leave(struct parent *p, int status);
/* First everything that the daemon made is removed from the kernel. */
void leave_release(struct parent *p);
/* That child was just buried. */
void leave_child_gone(struct child *c, int status);

#endif
