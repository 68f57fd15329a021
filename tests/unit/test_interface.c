/* SPDX-License-Identifier: ISC */
/* An interface's octets as they are published: they never go back, and none is invented. */
#include "unit.h"

#include "engine/interface.h"

static void
counting_begins_with_the_first_look(void **state)
{
	struct board_link row = {0};

	(void)state;
	interface_octets(&row, 3, 1000, 500);
	assert_true(row.has_if_octets);
	assert_int_equal(row.if_in_octets, 0);
	assert_int_equal(row.if_out_octets, 0);
	interface_octets(&row, 3, 1070, 530);
	assert_int_equal(row.if_in_octets, 70);
	assert_int_equal(row.if_out_octets, 30);
}

static void
counters_that_began_again_are_added(void **state)
{
	struct board_link row = {0};

	(void)state;
	interface_octets(&row, 3, 1000, 500);
	interface_octets(&row, 3, 1100, 600);
	interface_octets(&row, 3, 40, 20);
	assert_int_equal(row.if_in_octets, 140);
	assert_int_equal(row.if_out_octets, 120);
	interface_octets(&row, 3, 41, 20);
	assert_int_equal(row.if_in_octets, 141);
}

static void
another_interface_brings_no_octets_along(void **state)
{
	struct board_link row = {0};

	(void)state;
	interface_octets(&row, 3, 1000, 500);
	interface_octets(&row, 3, 1100, 600);
	interface_octets(&row, 4, 900000, 800000);
	assert_int_equal(row.if_in_octets, 100);
	assert_int_equal(row.if_out_octets, 100);
	interface_octets(&row, 4, 900001, 800002);
	assert_int_equal(row.if_in_octets, 101);
	assert_int_equal(row.if_out_octets, 102);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(counting_begins_with_the_first_look),
	    cmocka_unit_test(counters_that_began_again_are_added),
	    cmocka_unit_test(another_interface_brings_no_octets_along),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
