/* SPDX-License-Identifier: ISC */
/* The configuration, as the parent hands it on, and what is published of it. */
#ifndef UPLINK_LOAD_H
#define UPLINK_LOAD_H

#include "engine/model.h"

/* The first, or another one after a reload. m is IPC_CONFIG; closes its descriptor.
 * Ends the process where it can't be taken: the parent starts the next. */
void load_config(struct engine *e, const struct ipc_message *m);
/* How the parent's reading of the file went. */
void load_told(struct engine *e, const struct ipc_reloaded *r);

#endif
