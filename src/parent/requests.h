/* SPDX-License-Identifier: ISC */
/* What the children ask of the parent. */
#ifndef UPLINK_REQUESTS_H
#define UPLINK_REQUESTS_H

#include "parent/state.h"

/* One message of that child, of the right length and from the right sender, but
 * not yet believed. */
void requests_take(struct child *c, const struct ipc_message *m);

#endif
