/* SPDX-License-Identifier: ISC */
/* When probes leave: each target at its place in its interval. */
#ifndef UPLINK_SENDING_H
#define UPLINK_SENDING_H

#include "engine/model.h"

/* Begins, or after a change of the target's settings goes on. first_ns is how long its first
 * probe waits, share its place in the interval, in parts per million, so that not all
 * leave at once. */
void sending_start(struct target *t, uint64_t first_ns, uint32_t share_ppm, uint64_t now_ns);
/* Its interval has become shorter: the next probe leaves at its place in that. */
void sending_hasten(struct target *t, uint32_t share_ppm);
/* The probes of a burst leave from now on, then it goes on as before. */
void sending_at_once(struct target *t, uint64_t now_ns);

#endif
