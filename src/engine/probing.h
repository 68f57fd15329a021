/* SPDX-License-Identifier: ISC */
/* Probing: timers, what came back and what did not. Turns probes into samples. */
#ifndef UPLINK_PROBING_H
#define UPLINK_PROBING_H

#include "engine/model.h"

/* Starts, or after a change of its settings restarts, the target's timers. The
 * first probe leaves within spread_ns, so that not all leave at once. */
int probing_start(struct target *t, uint64_t spread_ns);
/* Ends the timers; probes on their way are forgotten. */
void probing_stop(struct target *t);

#endif
