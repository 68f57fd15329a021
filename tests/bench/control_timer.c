/* SPDX-License-Identifier: ISC */
/* The control process of the lateness benchmark: the engine's kind of timers, in
 * its scheduling class, and nothing else. How late its timers are is what the
 * machine does to anybody; only what the engine's are later than that is the
 * engine's own.
 *
 *   control_timer TIMERS PERIOD_MS
 *       Runs until SIGTERM or SIGINT, then prints the histogram as one JSON array
 *       of [largest lateness in microseconds, count]. */
#include "config.h"

#include <event2/event.h>
#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>

#include "common/board.h"
#include "common/clock.h"
#include "system/system.h"

struct timer {
	struct event *event;
	uint64_t due_ns, period_ns;
};

static uint64_t buckets[BOARD_LATENESS_BUCKETS];

static void
arm(struct timer *t, uint64_t now)
{
	uint64_t left_us = t->due_ns > now ? (t->due_ns - now) / NSEC_PER_USEC : 0;
	struct timeval wait = {.tv_sec = (time_t)(left_us / 1000000),
			       .tv_usec = (suseconds_t)(left_us % 1000000)};

	event_add(t->event, &wait);
}

static void
on_timer(evutil_socket_t fd, short what, void *arg)
{
	struct timer *t = arg;
	uint64_t now = clock_mono_ns();

	(void)fd;
	(void)what;
	buckets[lateness_bucket(now > t->due_ns ? (now - t->due_ns) / NSEC_PER_USEC : 0)]++;
	while (t->due_ns <= now)
		t->due_ns += t->period_ns;
	arm(t, now);
}

static void
on_signal(evutil_socket_t sig, short what, void *arg)
{
	(void)sig;
	(void)what;
	event_base_loopbreak(arg);
}

static void
report(void *arg, bool problem, const char *text)
{
	(void)arg;
	if (problem)
		fprintf(stderr, "control_timer: %s\n", text);
}

static void
print_histogram(void)
{
	const char *separator = "";

	printf("[");
	for (unsigned b = 0; b < BOARD_LATENESS_BUCKETS; b++)
		if (buckets[b] > 0) {
			printf("%s[%" PRIu64 ", %" PRIu64 "]", separator, lateness_bucket_top(b),
			       buckets[b]);
			separator = ", ";
		}
	printf("]\n");
}

static int
run(struct timer *timers, unsigned n, uint64_t period_ns)
{
	struct event_config *config = event_config_new();
	struct event_base *base;
	uint64_t now;

	if (config == NULL || event_config_set_flag(config, EVENT_BASE_FLAG_PRECISE_TIMER) != 0)
		return 1;
	base = event_base_new_with_config(config);
	event_config_free(config);
	if (base == NULL)
		return 1;
	event_add(evsignal_new(base, SIGTERM, on_signal, base), NULL);
	event_add(evsignal_new(base, SIGINT, on_signal, base), NULL);
	sys_realtime(report, NULL);
	now = clock_mono_ns();
	for (unsigned i = 0; i < n; i++) {
		timers[i].period_ns = period_ns;
		timers[i].due_ns = now + period_ns * (i + 1) / n; /* spread, as the engine's are */
		timers[i].event = evtimer_new(base, on_timer, &timers[i]);
		arm(&timers[i], now);
	}
	printf("ready\n");
	fflush(stdout);
	event_base_dispatch(base);
	print_histogram();
	return 0;
}

int
main(int argc, char **argv)
{
	enum { TIMERS_MAX = 16384 };
	static struct timer timers[TIMERS_MAX];
	int n = argc == 3 ? atoi(argv[1]) : 0, period_ms = argc == 3 ? atoi(argv[2]) : 0;

	if (n < 1 || n > TIMERS_MAX || period_ms < 1) {
		fprintf(stderr, "usage: control_timer TIMERS PERIOD_MS\n");
		return 2;
	}
	return run(timers, (unsigned)n, (uint64_t)period_ms * NSEC_PER_MSEC);
}
