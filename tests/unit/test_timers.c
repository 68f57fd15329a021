/* SPDX-License-Identifier: ISC */
/* Many timers that are due at once leave room for what else the loop has to do. */
#include "unit.h"

#include <event2/event.h>
#include <unistd.h>

#include "common/clock.h"
#include "engine/timers.h"

enum { TIMERS = 10 * TIMERS_A_TURN };

static struct wheel_timer all[TIMERS];
static unsigned due, due_when_read;

static void
on_due(void *arg)
{
	(void)arg;
	due++;
}

static void
on_readable(evutil_socket_t fd, short what, void *arg)
{
	char c;

	(void)what, (void)arg;
	assert_int_equal(read(fd, &c, 1), 1);
	due_when_read = due;
}

static void
what_is_due_at_once_leaves_in_parts(void **state)
{
	struct event_base *base = event_base_new();
	struct timers *timers = timers_new(base);
	uint64_t now_ns = clock_mono_ns();
	struct event *readable;
	int ends[2];

	(void)state;
	for (unsigned i = 0; i < TIMERS; i++) {
		all[i].due = on_due;
		timers_set(timers, &all[i], now_ns);
	}
	assert_int_equal(pipe(ends), 0);
	readable = event_new(base, ends[0], EV_READ, on_readable, NULL);
	assert_int_equal(event_add(readable, NULL), 0);
	assert_int_equal(write(ends[1], "x", 1), 1);
	for (unsigned turns = 0; due < TIMERS && turns < 100; turns++) {
		unsigned before = due;

		assert_int_equal(event_base_loop(base, EVLOOP_ONCE), 0);
		assert_true(due - before <= TIMERS_A_TURN);
	}
	assert_int_equal(due, TIMERS);
	assert_true(due_when_read <= TIMERS_A_TURN);
	event_free(readable);
	timers_free(timers);
	event_base_free(base);
	close(ends[0]);
	close(ends[1]);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(what_is_due_at_once_leaves_in_parts)};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
