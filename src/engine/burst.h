/* SPDX-License-Identifier: ISC */
/* Bursts: all targets of a link that is under suspicion are asked at once. */
#ifndef UPLINK_BURST_H
#define UPLINK_BURST_H

#include "engine/model.h"

/* Asks all targets of that IP version of the link at once, a few times close
 * together, with a limit that follows their own history of answers. It decides
 * nothing by itself: what comes of it are samples like any others. Returns false
 * when there was one just now, or nobody to ask. */
bool burst_begin(struct link *link, int family);

/* How long its probes are waited for, ... */
uint64_t burst_limit_ns(const struct target *t);
/* ... and how long at most while the link is alive: other packets came in since. */
uint64_t burst_patience_ns(const struct target *t);
bool burst_link_is_alive(const struct target *t);

#endif
