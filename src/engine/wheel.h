/* SPDX-License-Identifier: ISC */
/* Many timers that are set anew all the time, at a cost that does not grow with their
 * number: a list for each of the next thousand milliseconds, and one for all that is
 * later, which is looked through now and then. A timer is never early and, as far as
 * the wheel goes, less than a millisecond late. Pure: time is an argument. */
#ifndef UPLINK_WHEEL_H
#define UPLINK_WHEEL_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/queue.h>

enum { WHEEL_SLOTS = 1024, WHEEL_TICK_NS = 1000000 };

struct wheel_timer {
	LIST_ENTRY(wheel_timer) entry;
	uint64_t tick;
	uint8_t where; /* all zero: not set */
	void (*due)(void *arg);
	void *arg;
};

LIST_HEAD(wheel_list, wheel_timer);

struct wheel {
	uint64_t now;                    /* the tick that it stands at: all before are over */
	uint64_t later_at;               /* the tick at which to look through what is later */
	uint64_t used[WHEEL_SLOTS / 64]; /* a bit for each list that is not empty */
	struct wheel_list slot[WHEEL_SLOTS], later;
};

void wheel_start(struct wheel *w, uint64_t now_ns);

/* Sets the timer (again), due from then on. */
void wheel_set(struct wheel *w, struct wheel_timer *t, uint64_t at_ns);
void wheel_unset(struct wheel *w, struct wheel_timer *t);
static inline bool
wheel_is_set(const struct wheel_timer *t)
{
	return t->where != 0;
}

/* Takes one out that is due at that time: NULL when there is none (any more). */
struct wheel_timer *wheel_take(struct wheel *w, uint64_t now_ns);

/* There is nothing to take before then; UINT64_MAX: never. */
uint64_t wheel_next(const struct wheel *w);

#endif
