/* SPDX-License-Identifier: ISC */
/* Which child hangs. */
#ifndef UPLINK_WATCH_H
#define UPLINK_WATCH_H

#include "parent/state.h"

/* To be called four times a second. */
void watch_children(struct parent *p);

#endif
