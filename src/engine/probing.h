/* SPDX-License-Identifier: ISC */
/* Probes on their way: what came back and what did not. Turns them into samples. What
 * methods call of it is in method.h. */
#ifndef UPLINK_PROBING_H
#define UPLINK_PROBING_H

#include "engine/model.h"

/* Starts to ask, or goes on after a change of the target's settings; see sending_start. */
void probing_start(struct target *t, uint64_t first_ns, uint32_t share_ppm);
/* Ends the timers; probes on their way are forgotten. */
void probing_stop(struct target *t);

/* So long an answer is waited for, and so long one takes at most by what is known of
 * the target's answers. */
uint64_t probing_timeout_ns(const struct target *t);
uint64_t probing_overdue_ns(const struct target *t);

/* ---- what becomes of a probe that is waiting ---- */

/* One was sent, or is dealt with: arms the timer for the first that something is to be
 * done about. */
void probing_watch(struct target *t);
/* It is lost. error: why, 0: no answer came. */
void probing_lose(struct target *t, struct probe *probe, int error);
/* Nothing is known of it: it was never asked, or nobody says what came of it. */
void probing_give_up(struct target *t, struct probe *probe, int error);
/* What it still holds is given back. */
void probing_end(struct target *t, struct probe *probe);
/* Its time is over: one or the other, as the method has it. */
void probing_end_unanswered(struct target *t, struct probe *probe, int error);

#endif
