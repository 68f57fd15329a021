/* SPDX-License-Identifier: ISC */
/* What the engine publishes of the other processes. */
#ifndef UPLINK_STATS_H
#define UPLINK_STATS_H

#include "parent/state.h"

/* Tells the engine, where it has changed. */
void stats_tell(struct parent *p);

#endif
