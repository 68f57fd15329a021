/* SPDX-License-Identifier: ISC */
/* The engine's side of prober and runner: its channels to them, and what becomes of
 * their answers. See method_asked.c. */
#ifndef UPLINK_ASKED_H
#define UPLINK_ASKED_H

#include "engine/model.h"

/* A channel to one of them; fd is the callee's. */
void asked_channel(struct engine *e, enum ipc_peer peer, int fd);
/* How often they were started again; tells of a restart. */
void asked_stats(struct engine *e, const struct ipc_stats *s);

#endif
