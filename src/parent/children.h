/* SPDX-License-Identifier: ISC */
/* The parent's children: started, listened to, buried, started again. What they ask and
 * that they are gone is told to the parent's take_request and child_gone. */
#ifndef UPLINK_CHILDREN_H
#define UPLINK_CHILDREN_H

#include "parent/state.h"

/* Makes the events of all; starts none. 0 or -1. */
int children_init(struct parent *p);
/* Starts it now, with everything that it must be told. A failure counts as its
 * death. */
void children_start(struct child *c);
/* Takes what comes from its channel. */
void children_listen(struct child *c);
/* After SIGCHLD: buries the dead and sees to their successors. */
void children_reap(struct parent *p);
/* None is running. */
bool children_gone(const struct parent *p);
void children_free(struct parent *p);

#endif
