/* SPDX-License-Identifier: ISC */
/* The engine's many timers, of probes and their answers: a wheel that is driven by one
 * timer of the loop. What is due within the same millisecond is done in one turn of
 * the loop, whose cost is that of some probes. */
#ifndef UPLINK_TIMERS_H
#define UPLINK_TIMERS_H

#include <event2/event.h>

#include "engine/wheel.h"

enum { TIMERS_A_TURN = 128 };

struct timers;

struct timers *timers_new(struct event_base *base); /* NULL: no memory */
void timers_free(struct timers *timers);
void timers_set(struct timers *timers, struct wheel_timer *t, uint64_t at_ns);
void timers_unset(struct timers *timers, struct wheel_timer *t);

#endif
