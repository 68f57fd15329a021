/* SPDX-License-Identifier: ISC */
/* Probing: timers, what came back and what did not. Turns probes into samples. */
#ifndef UPLINK_PROBING_H
#define UPLINK_PROBING_H

#include "engine/model.h"

/* Starts, or after a change of its settings restarts, the target's timers. first is its
 * place among the first probes of all, share that in the interval, in parts per
 * million, so that not all leave at once. */
void probing_start(struct target *t, uint32_t first_ppm, uint32_t share_ppm);
/* Its interval has become shorter: the next probe leaves at its place in that. */
void probing_hasten(struct target *t, uint32_t share_ppm);
/* Ends the timers; probes on their way are forgotten. */
void probing_stop(struct target *t);

/* Asks all targets of that IP version of the link at once, a few times close
 * together, with a limit that follows their own history of answers. It decides
 * nothing by itself: what comes of it are samples like any others. Returns false
 * when there was one just now, or nobody to ask. */
bool probing_burst(struct link *link, int family);

#endif
