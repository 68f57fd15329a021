/* SPDX-License-Identifier: ISC */
/* The decision: from verdicts, orders and time to the plan, the events and the
 * rows. Every change of state goes through here. */
#ifndef UPLINK_DECIDE_H
#define UPLINK_DECIDE_H

#include "engine/model.h"

/* Judges all links again, makes a plan, sends it when it differs from the last.
 * Cheap enough to be called after every change. */
void decide(struct engine *e);

/* A sample was taken that changed no status: it may still cross a threshold. */
void decide_sample(struct target *t);

/* A target's status has changed; first_lost_ns: when the first probe was sent of
 * the run of lost ones that is over or has decided. */
void decide_target_changed(struct target *t, unsigned old_status, uint64_t first_lost_ns);

/* The parent has read back what stands in the kernel. */
void decide_plan_result(struct engine *e, const struct ipc_plan_result *result);

#endif
