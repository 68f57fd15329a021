/* SPDX-License-Identifier: ISC */
/* Watching the links' traffic: when flows send and nothing comes back, the probes
 * are to ask at once. */
#ifndef UPLINK_TRAFFIC_H
#define UPLINK_TRAFFIC_H

#include "engine/model.h"

/* Several links have the interface: its counters say nothing of one of them. */
bool traffic_is_shared(const struct link *link);

/* Starts to watch. traffic may be NULL: then the probes alone must do, and a log
 * line says so. */
void traffic_start(struct engine *e, struct sys_traffic *traffic);

#endif
