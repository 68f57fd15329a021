/* SPDX-License-Identifier: ISC */
/* Watching the links' traffic: when flows send and nothing comes back, the probes
 * are to ask at once. */
#ifndef UPLINK_TRAFFIC_H
#define UPLINK_TRAFFIC_H

#include "engine/model.h"

/* Starts to watch. traffic may be NULL: then the probes alone must do, and a log
 * line says so. */
void traffic_start(struct engine *e, struct sys_traffic *traffic);

#endif
