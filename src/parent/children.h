/* SPDX-License-Identifier: ISC */
/* The parent's children: started, watched, reaped, started again. */
#ifndef UPLINK_CHILDREN_H
#define UPLINK_CHILDREN_H

#include "parent/state.h"

/* Descriptors of a child, by number. */
enum { CHILD_CHANNEL_FD = 3, CHILD_BOARD_FD = 4 }; /* then those of common/agentfds.h */

/* Makes the events of all; starts none. 0 or -1. */
int children_init(struct parent *p);
/* Starts it now, with everything that it must be told. A failure counts as its
 * death. */
void children_start(struct child *c);
/* Whether the SNMP process, that of the hooks, prober and runner run follows the
 * configuration and what is installed. */
void children_see_to_optional(struct parent *p);
/* The SNMP process has to be another than the one that runs. */
void children_replace_snmp(struct parent *p);
/* Prober and runner read their configuration once: for another one they leave, and
 * new ones come. */
void children_renew(struct parent *p);
/* Takes what comes from its channel. */
void children_listen(struct child *c);
/* Kills it; the reason goes to the log, with the child's name before it. */
void children_kill(struct child *c, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
/* After SIGCHLD: buries the dead and sees to their successors. */
void children_reap(struct parent *p);
/* It has answered IPC_PING. */
void children_answered(struct child *c);
/* Four times a second: who hangs? */
void children_watch(struct parent *p);
/* None is running. */
bool children_gone(const struct parent *p);
void children_free(struct parent *p);

#endif
