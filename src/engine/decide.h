/* SPDX-License-Identifier: ISC */
/* The decision: from verdicts, orders and time to the plan, the events and the
 * rows. Every change of state goes through here. */
#ifndef UPLINK_DECIDE_H
#define UPLINK_DECIDE_H

#include "engine/assess.h"
#include "engine/model.h"

/* Judges all links again, makes a plan, sends it when it differs from the last.
 * Cheap enough to be called after every change. */
void decide(struct engine *e);

/* Comes back when the next thing is due by itself. */
void decide_later(struct engine *e, uint64_t now_ns);

/* A sample was taken, with this outcome. */
void decide_outcome(struct target *t, const struct outcome *o);

/* Cuts the flows that are waiting for it, where nothing stands against it any more. */
void decide_kills(struct engine *e);
/* The same where the worker is another one: what its predecessor had not answered is asked of it.
 */
void decide_kills_again(struct engine *e);
/* The link has left the configuration: its flows can't find their way. They are cut, and begin
 * anew over the others. */
void decide_kill_gone(struct engine *e, unsigned index);

/* When a plan that can't be installed is to be told of, 0: not; and tells, if it is time. */
uint64_t decide_route_error_due(const struct engine *e);
void decide_tell_route_error(struct engine *e, uint64_t now_ns);

/* The parent has read back what stands in the kernel. */
void decide_plan_result(struct engine *e, const struct ipc_plan_result *result);

#endif
