/* SPDX-License-Identifier: ISC */
/* A child that dies is there again at once; one that keeps dying does not keep
 * the machine busy. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "common/clock.h"
#include "parent/respawn.h"

static struct respawn r;
static uint64_t now_ns;

static int
clear(void **state)
{
	(void)state;
	memset(&r, 0, sizeof(r));
	now_ns = 1000 * NSEC_PER_SEC;
	return 0;
}

/* It lives so long, and dies. The delay in seconds; a third death adds 1000. */
static unsigned
live_ms(uint64_t ms)
{
	uint64_t started_ns = now_ns;
	struct respawn_verdict v;

	now_ns += ms * NSEC_PER_MSEC;
	v = respawn_died(&r, started_ns, now_ns);
	now_ns += v.delay_ns;
	return (unsigned)(v.delay_ns / NSEC_PER_SEC) + (v.keeps_dying ? 1000 : 0);
}

static void
test_one_death_costs_nothing(void **state)
{
	(void)state;
	assert_int_equal(live_ms(0), 0);
	assert_int_equal(live_ms(3600 * 1000), 0);
	assert_int_equal(live_ms(1), 0);
}

static void
test_third_death_within_ten_seconds(void **state)
{
	(void)state;
	assert_int_equal(live_ms(1), 0);
	assert_int_equal(live_ms(5000), 0);
	assert_int_equal(live_ms(5000), 1001);
}

static void
test_three_deaths_in_more_than_ten_seconds(void **state)
{
	(void)state;
	for (int i = 0; i < 20; i++)
		assert_int_equal(live_ms(5001), 0);
}

static void
test_delay_doubles_to_a_minute(void **state)
{
	static const unsigned delays[] = {0, 0, 1001, 2, 4, 8, 16, 32, 60, 60, 60};

	(void)state;
	for (size_t i = 0; i < sizeof(delays) / sizeof(delays[0]); i++)
		assert_int_equal(live_ms(1), delays[i]);
}

static void
test_ten_seconds_of_life_end_the_delay(void **state)
{
	(void)state;
	for (int i = 0; i < 6; i++)
		live_ms(1);
	assert_int_equal(live_ms(9999), 16);
	assert_int_equal(live_ms(10000), 0);
	assert_int_equal(live_ms(1), 0);
	assert_int_equal(live_ms(1), 1001);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test_setup(test_one_death_costs_nothing, clear),
	    cmocka_unit_test_setup(test_third_death_within_ten_seconds, clear),
	    cmocka_unit_test_setup(test_three_deaths_in_more_than_ten_seconds, clear),
	    cmocka_unit_test_setup(test_delay_doubles_to_a_minute, clear),
	    cmocka_unit_test_setup(test_ten_seconds_of_life_end_the_delay, clear),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
