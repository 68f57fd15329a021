/* SPDX-License-Identifier: ISC */
/* What another program changes is put right at once, but never in a race. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "common/clock.h"
#include "common/ration.h"

static struct ration r;
static uint64_t now_ns;

static int
clear(void **state)
{
	(void)state;
	memset(&r, 0, sizeof(r));
	now_ns = NSEC_PER_SEC; /* a machine that has just started, too */
	return 0;
}

/* Asks after so long. Seconds to wait, 0: taken. */
static unsigned
ask_after_ms(uint64_t ms)
{
	uint64_t again;

	now_ns += ms * NSEC_PER_MSEC;
	again = ration_take(&r, now_ns);
	return again == 0 ? 0 : (unsigned)((again - now_ns) / NSEC_PER_SEC);
}

static void
test_five_in_ten_seconds(void **state)
{
	(void)state;
	for (int i = 0; i < RATION_TAKES; i++)
		assert_int_equal(ask_after_ms(10), 0);
	assert_int_equal(ask_after_ms(10), 5);
}

static void
test_slow_changes_are_all_put_right(void **state)
{
	(void)state;
	for (int i = 0; i < 100; i++)
		assert_int_equal(ask_after_ms(2000), 0);
}

static void
test_the_pause_holds_and_doubles(void **state)
{
	static const unsigned pauses[] = {5, 10, 20, 40, 60, 60};

	(void)state;
	for (size_t i = 0; i < sizeof(pauses) / sizeof(pauses[0]); i++) {
		for (int k = 0; k < RATION_TAKES; k++)
			assert_int_equal(ask_after_ms(1), 0);
		assert_int_equal(ask_after_ms(1), pauses[i]);
		assert_int_equal(ask_after_ms(1000), pauses[i] - 1);
		now_ns += (pauses[i] - 1) * NSEC_PER_SEC;
	}
}

static void
test_quiet_forgets(void **state)
{
	(void)state;
	for (int i = 0; i < 2 * RATION_TAKES + 1; i++)
		now_ns += ask_after_ms(1) * NSEC_PER_SEC;
	assert_int_equal(ask_after_ms(121 * 1000), 0);
	for (int i = 1; i < RATION_TAKES; i++)
		assert_int_equal(ask_after_ms(1), 0);
	assert_int_equal(ask_after_ms(1), 5);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test_setup(test_five_in_ten_seconds, clear),
	    cmocka_unit_test_setup(test_slow_changes_are_all_put_right, clear),
	    cmocka_unit_test_setup(test_the_pause_holds_and_doubles, clear),
	    cmocka_unit_test_setup(test_quiet_forgets, clear),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
