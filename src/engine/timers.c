/* SPDX-License-Identifier: ISC */
/* The wheel in the loop. */
#include "config.h"

#include "engine/timers.h"

#include <stdlib.h>

#include "common/clock.h"

struct timers {
	struct wheel wheel;
	struct event_base *base;
	struct event *turn;
	uint64_t armed_ns; /* the turn's time, UINT64_MAX: not armed */
	bool turning;      /* armed at its end, once for all */
};

static void
arm(struct timers *timers)
{
	uint64_t at_ns = wheel_next(&timers->wheel), now_ns, us;
	struct timeval wait;

	if (at_ns == timers->armed_ns)
		return;
	timers->armed_ns = at_ns;
	if (at_ns == UINT64_MAX) {
		event_del(timers->turn);
		return;
	}
	/* The loop counts from when it last looked at the clock. */
	event_base_update_cache_time(timers->base);
	now_ns = clock_mono_ns();
	us = at_ns > now_ns ? (at_ns - now_ns + NSEC_PER_USEC - 1) / NSEC_PER_USEC : 0;
	wait = (struct timeval){.tv_sec = (time_t)(us / 1000000),
				.tv_usec = (suseconds_t)(us % 1000000)};
	event_add(timers->turn, &wait);
}

/* Only what is due now, and of that so much: after a time in which the process did not run
 * all timers are due, and between one part and the next answers are read, and everything
 * else has its turn. */
static void
on_turn(evutil_socket_t fd, short what, void *arg)
{
	struct timers *timers = arg;
	uint64_t now_ns = clock_mono_ns();
	struct wheel_timer *t;

	(void)fd, (void)what;
	timers->turning = true;
	timers->armed_ns = UINT64_MAX;
	for (int i = 0; i < TIMERS_A_TURN && (t = wheel_take(&timers->wheel, now_ns)) != NULL; i++)
		t->due(t->arg);
	timers->turning = false;
	arm(timers);
}

struct timers *
timers_new(struct event_base *base)
{
	struct timers *timers = calloc(1, sizeof(*timers));

	if (timers == NULL)
		return NULL;
	timers->base = base;
	timers->armed_ns = UINT64_MAX;
	timers->turn = evtimer_new(base, on_turn, timers);
	if (timers->turn == NULL) {
		free(timers);
		return NULL;
	}
	wheel_start(&timers->wheel, clock_mono_ns());
	return timers;
}

void
timers_free(struct timers *timers)
{
	event_free(timers->turn);
	free(timers);
}

void
timers_set(struct timers *timers, struct wheel_timer *t, uint64_t at_ns)
{
	wheel_set(&timers->wheel, t, at_ns);
	if (!timers->turning && at_ns < timers->armed_ns)
		arm(timers);
}

void
timers_unset(struct timers *timers, struct wheel_timer *t)
{
	wheel_unset(&timers->wheel, t);
}
