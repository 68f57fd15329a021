/* SPDX-License-Identifier: ISC */
/* What left since a moment is found again, and never less than that. */
#include "unit.h"

#include <string.h>

#include "common/clock.h"
#include "subagent/departures.h"

#define AT(s) ((uint64_t)((s) * (double)NSEC_PER_SEC))

static struct departures d;
static uint64_t first, last;

static int
set_up(void **state)
{
	(void)state;
	memset(&d, 0, sizeof(d));
	return 0;
}

static bool
since(double since_s, double now_s)
{
	first = last = 0;
	return departures_since(&d, AT(since_s), AT(now_s), &first, &last);
}

static void
nothing_left(void **state)
{
	(void)state;
	assert_false(since(1000, 1001));
	departures_note(&d, 7, AT(1000));
	assert_false(since(1000.2, 1001));
}

static void
only_what_left_since_then(void **state)
{
	(void)state;
	departures_note(&d, 7, AT(1000));
	departures_note(&d, 8, AT(1000.5));
	departures_note(&d, 5, AT(1000.6)); /* kept back by the limit */
	departures_note(&d, 9, AT(1000.7));
	assert_true(since(1000.4, 1001));
	assert_int_equal(first, 5);
	assert_int_equal(last, 9);
	assert_true(since(1000.7, 1001));
	assert_int_equal(first, 9);
	assert_true(since(990, 1001));
	assert_int_equal(first, 5);
}

static void
thousands_in_a_moment(void **state)
{
	(void)state;
	for (unsigned i = 0; i < 5000; i++)
		departures_note(&d, 100 + i, AT(1000 + i * 0.0001));
	assert_true(since(1000, 1001));
	assert_int_equal(first, 100);
	assert_int_equal(last, 5099);
}

static void
long_ago_is_known_by_the_minute(void **state)
{
	(void)state;
	departures_note(&d, 3, AT(1000));
	departures_note(&d, 4, AT(4000));
	assert_true(since(3990, 4100));
	assert_int_equal(first, 4);
	assert_true(since(990, 4100));
	assert_int_equal(first, 3);
	assert_true(since(1, 4100 + 120 * 60)); /* longer than anything is remembered */
	assert_int_equal(last, 4);
	assert_false(since(3000, 4100) && first < 4);
}

static void
the_rings_come_round(void **state)
{
	(void)state;
	for (unsigned i = 0; i < 10 * DEPARTURES_SLOTS; i++)
		departures_note(&d, 1 + i, AT(1000 + i * 0.1));
	assert_true(since(1000 + 1270 * 0.1, 1000 + 1280 * 0.1));
	assert_true(first >= 1270 && first <= 1272);
	assert_int_equal(last, 1280);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test_setup(nothing_left, set_up),
	    cmocka_unit_test_setup(only_what_left_since_then, set_up),
	    cmocka_unit_test_setup(thousands_in_a_moment, set_up),
	    cmocka_unit_test_setup(long_ago_is_known_by_the_minute, set_up),
	    cmocka_unit_test_setup(the_rings_come_round, set_up),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
