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

/* Asks all targets of that IP version of the link at once, a few times close
 * together, with a limit that follows their own history of answers. It decides
 * nothing by itself: what comes of it are samples like any others. Returns false
 * when there was one just now, or nobody to ask. */
bool probing_burst(struct link *link, int family);

#endif
