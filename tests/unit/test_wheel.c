/* SPDX-License-Identifier: ISC */
/* Each timer comes once, when it is due and not before, whatever was set beside it. */
#include "unit.h"

#include <stdlib.h>

#include "common/clock.h"
#include "engine/wheel.h"

enum { TIMERS = 3000 };

struct test_timer {
	struct wheel_timer t;
	uint64_t at_ns;
	bool wanted;
};

static struct wheel wheel;
static struct test_timer timers[TIMERS];

static void
start(uint64_t now_ns)
{
	memset(timers, 0, sizeof(timers));
	wheel_start(&wheel, now_ns);
	for (unsigned i = 0; i < TIMERS; i++)
		timers[i].t.arg = &timers[i];
}

static void
set(struct test_timer *t, uint64_t at_ns)
{
	t->at_ns = at_ns;
	t->wanted = true;
	wheel_set(&wheel, &t->t, at_ns);
}

/* Everything that is due is taken, nothing else. Returns how many. */
static unsigned
take_all(uint64_t now_ns)
{
	struct wheel_timer *taken;
	unsigned n = 0;

	while ((taken = wheel_take(&wheel, now_ns)) != NULL) {
		struct test_timer *t = taken->arg;

		assert_true(t->wanted);
		assert_true(t->at_ns <= now_ns);
		assert_false(wheel_is_set(taken));
		t->wanted = false;
		n++;
	}
	for (unsigned i = 0; i < TIMERS; i++)
		if (timers[i].wanted && timers[i].at_ns + WHEEL_TICK_NS <= now_ns)
			fail_msg("due at %lu, not taken at %lu", (unsigned long)timers[i].at_ns,
				 (unsigned long)now_ns);
	return n;
}

static void
nothing_set_is_never_due(void **state)
{
	(void)state;
	start(5 * NSEC_PER_SEC);
	assert_int_equal(wheel_next(&wheel), UINT64_MAX);
	assert_null(wheel_take(&wheel, 100 * NSEC_PER_SEC));
}

static void
a_timer_is_never_early_and_a_tick_late_at_most(void **state)
{
	static const uint64_t after_ns[] = {0,
					    1,
					    999999,
					    1000000,
					    1000001,
					    1023 * NSEC_PER_MSEC,
					    1024 * NSEC_PER_MSEC,
					    1025 * NSEC_PER_MSEC,
					    3600 * NSEC_PER_SEC};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(after_ns); i++) {
		uint64_t now_ns = 7 * NSEC_PER_SEC + 123456, at_ns = now_ns + after_ns[i];
		unsigned n = 0, turns = 0;

		start(now_ns);
		set(&timers[0], at_ns);
		for (; n == 0; turns++) { /* as the loop does */
			uint64_t next = wheel_next(&wheel);

			assert_int_not_equal(next, UINT64_MAX);
			if (next > now_ns)
				now_ns = next;
			n = take_all(now_ns);
		}
		assert_in_range(now_ns, at_ns, at_ns + WHEEL_TICK_NS);
		/* it is not woken for nothing more than twice a second */
		assert_true(turns <= 2 + after_ns[i] / (500 * NSEC_PER_MSEC));
		assert_int_equal(wheel_next(&wheel), UINT64_MAX);
	}
}

static void
one_that_is_unset_does_not_come(void **state)
{
	(void)state;
	start(0);
	set(&timers[0], 5 * NSEC_PER_MSEC);
	set(&timers[1], 5 * NSEC_PER_MSEC);
	set(&timers[2], 5000 * NSEC_PER_MSEC);
	for (unsigned i = 0; i < 3; i += 2) {
		wheel_unset(&wheel, &timers[i].t);
		wheel_unset(&wheel, &timers[i].t);
		timers[i].wanted = false;
	}
	assert_int_equal(take_all(10 * NSEC_PER_SEC), 1);
}

static void
setting_again_moves_it(void **state)
{
	(void)state;
	start(0);
	set(&timers[0], 5 * NSEC_PER_MSEC);
	set(&timers[0], 5000 * NSEC_PER_MSEC);
	assert_int_equal(take_all(4999 * NSEC_PER_MSEC), 0);
	set(&timers[0], 5000 * NSEC_PER_MSEC + 1);
	assert_int_equal(take_all(5000 * NSEC_PER_MSEC), 0);
	assert_int_equal(take_all(5001 * NSEC_PER_MSEC), 1);
}

static void
after_a_long_stop_everything_comes(void **state)
{
	(void)state;
	start(NSEC_PER_SEC);
	for (unsigned i = 0; i < TIMERS; i++)
		set(&timers[i], NSEC_PER_SEC + i * 7 * NSEC_PER_MSEC);
	assert_int_equal(take_all(1000 * NSEC_PER_SEC), TIMERS);
}

/* Any timers at any times, set again when they come, some moved or taken away. */
static void
none_is_lost_among_many(void **state)
{
	uint64_t now_ns = 12345678901;

	(void)state;
	srand(1);
	start(now_ns);
	for (unsigned round = 0; round < 20000; round++) {
		struct test_timer *t = &timers[rand() % TIMERS];

		if (rand() % 8 == 0) {
			wheel_unset(&wheel, &t->t);
			t->wanted = false;
		} else {
			uint64_t scale = rand() % 3 == 0 ? 10 * NSEC_PER_SEC : NSEC_PER_SEC / 4;

			set(t, now_ns + (uint64_t)rand() % scale);
		}
		if (rand() % 4 == 0) {
			now_ns += (uint64_t)rand() % (3 * NSEC_PER_MSEC);
			take_all(now_ns);
		}
		if (rand() % 5000 == 0)
			now_ns += (uint64_t)rand() % (5 * NSEC_PER_SEC);
	}
	take_all(now_ns + 20 * NSEC_PER_SEC);
	assert_int_equal(wheel_next(&wheel), UINT64_MAX);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(nothing_set_is_never_due),
	    cmocka_unit_test(a_timer_is_never_early_and_a_tick_late_at_most),
	    cmocka_unit_test(one_that_is_unset_does_not_come),
	    cmocka_unit_test(setting_again_moves_it),
	    cmocka_unit_test(after_a_long_stop_everything_comes),
	    cmocka_unit_test(none_is_lost_among_many),
	};

	return cmocka_run_group_tests_name("wheel", tests, NULL, NULL);
}
