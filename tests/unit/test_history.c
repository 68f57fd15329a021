/* SPDX-License-Identifier: ISC */
/* A minute says what happened in it, and its number never goes back. */
#include "unit.h"

#include "common/clock.h"
#include "engine/history.h"

static void
numbers_follow_the_monotonic_clock(void **state)
{
	uint64_t start = 5 * NSEC_PER_SEC, minute = 60 * NSEC_PER_SEC;

	(void)state;
	assert_int_equal(history_minute(start, 1000, start), 1000);
	assert_int_equal(history_minute(start, 1000, start + minute - 1), 1000);
	assert_int_equal(history_minute(start, 1000, start + minute), 1001);
	assert_int_equal(history_minute(start, 1000, start + 1440 * minute), 2440);
}

static void
a_minute_adds_up_its_samples(void **state)
{
	struct board_minute m = {0};

	(void)state;
	assert_true(history_turn(&m, 7));
	assert_int_equal(m.rtt_min_us, RTT_UNKNOWN);
	history_sample(&m, RTT_UNKNOWN);
	assert_int_equal(m.rtt_max_us, RTT_UNKNOWN);
	history_sample(&m, 300);
	history_sample(&m, 100);
	history_sample(&m, 500);
	assert_int_equal(m.answered, 3);
	assert_int_equal(m.lost, 1);
	assert_int_equal(m.rtt_sum_us, 900);
	assert_int_equal(m.rtt_min_us, 100);
	assert_int_equal(m.rtt_max_us, 500);
}

static void
the_worst_health_stays(void **state)
{
	struct board_minute m = {0};

	(void)state;
	history_turn(&m, 7);
	assert_int_equal(m.worst_health, HEALTH_UNKNOWN);
	history_health(&m, HEALTH_UP);
	assert_int_equal(m.worst_health, HEALTH_UP);
	history_health(&m, HEALTH_DOWN);
	history_health(&m, HEALTH_DEGRADED);
	assert_int_equal(m.worst_health, HEALTH_DOWN);
	history_health(&m, 77);
	assert_int_equal(m.worst_health, HEALTH_DOWN);
}

static void
a_turn_empties_what_stood_in_its_place(void **state)
{
	struct board_minute m = {0};

	(void)state;
	history_turn(&m, 7);
	history_sample(&m, 5);
	assert_false(history_turn(&m, 7)); /* a restarted engine goes on with it */
	assert_int_equal(m.answered, 1);
	assert_true(history_turn(&m, 7 + BOARD_MINUTES));
	assert_int_equal(m.answered, 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(numbers_follow_the_monotonic_clock),
	    cmocka_unit_test(a_minute_adds_up_its_samples),
	    cmocka_unit_test(the_worst_health_stays),
	    cmocka_unit_test(a_turn_empties_what_stood_in_its_place),
	};

	return cmocka_run_group_tests_name("history", tests, NULL, NULL);
}
