/* SPDX-License-Identifier: ISC */
/* One child of the parent. */
#ifndef UPLINK_CHILD_H
#define UPLINK_CHILD_H

#include "parent/state.h"

/* Descriptors of a child, by number. */
enum { CHILD_CHANNEL_FD = 3, CHILD_BOARD_FD = 4 }; /* then those of common/agentfds.h */

void child_init(struct child *c, struct parent *p, enum ipc_peer role);
/* Whether all is installed that it needs; what is not is logged, once until it is. */
bool child_possible(struct child *c);
/* Kills it; the reason goes to the log, with the child's name before it. */
void child_kill(struct child *c, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
/* No more comes from it, and it is told no more. */
void child_close_channel(struct child *c);
/* It has answered IPC_PING. */
void child_answered(struct child *c);
/* Whatever was to be told to it is forgotten. */
void child_owed_nothing(struct child *c);

#endif
