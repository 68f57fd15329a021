/* SPDX-License-Identifier: ISC */
/* A new process for a role: fork and exec, so that no child has the memory,
 * descriptors or signal state of the parent. */
#ifndef UPLINK_SPAWN_H
#define UPLINK_SPAWN_H

#include "parent/state.h"

/* Notes where this program stands. Call once, at start. */
void spawn_init(const char *argv0);
/* The file that it runs children from. */
const char *spawn_own_path(void);
/* channel: the child's end. The pid, or -1 with errno. */
pid_t spawn(const struct parent *p, enum ipc_peer role, int channel);

#endif
