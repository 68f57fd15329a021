/* SPDX-License-Identifier: ISC */
/* A link that keeps falling is kept out until it has been quiet for a while. */
#include "unit.h"

#include "common/clock.h"
#include "engine/damping.h"

static const struct conf_flap limits = {
    .suppress = 3000, .reuse = 1000, .ceiling = 8000, .half_life_ms = 60000};

#define AT(s) ((uint64_t)(s)*NSEC_PER_SEC)

static void
the_penalty_halves_in_each_half_life(void **state)
{
	struct damping d = {0};

	(void)state;
	assert_false(damping_flap(&d, &limits, AT(100)));
	assert_int_equal(damping_penalty(&d, &limits, AT(100)), 1000);
	assert_int_equal(damping_penalty(&d, &limits, AT(160)), 500);
	assert_int_equal(damping_penalty(&d, &limits, AT(220)), 250);
}

static void
three_falls_close_together_suppress_it(void **state)
{
	struct damping d = {0};

	(void)state;
	assert_false(damping_flap(&d, &limits, AT(100)));
	assert_false(damping_flap(&d, &limits, AT(100)));
	assert_true(damping_flap(&d, &limits, AT(100)));
	assert_false(damping_flap(&d, &limits, AT(101))); /* it is already */
	assert_true(d.suppressed);
}

static void
falls_far_apart_do_not(void **state)
{
	struct damping d = {0};

	(void)state;
	for (int i = 0; i < 100; i++)
		assert_false(damping_flap(&d, &limits, AT(100 + i * 60)));
}

static void
it_is_free_when_it_said_so_and_not_before(void **state)
{
	struct damping d = {0};
	uint64_t at;

	(void)state;
	assert_int_equal(damping_free_at(&d, &limits), 0);
	for (int i = 0; i < 4; i++)
		damping_flap(&d, &limits, AT(100));
	at = damping_free_at(&d, &limits); /* 4000 -> 1000: two half-lives */
	assert_true(at >= AT(220) && at < AT(221));
	assert_false(damping_settle(&d, &limits, AT(219)));
	assert_true(damping_settle(&d, &limits, at));
	assert_false(damping_settle(&d, &limits, at));
	assert_false(d.suppressed);
}

/* A reload has raised the edge above what is left of the penalty: free at once. */
static void
a_higher_edge_sets_it_free(void **state)
{
	static const struct conf_flap higher = {
	    .suppress = 9000, .reuse = 8500, .ceiling = 20000, .half_life_ms = 60000};
	struct damping d = {0};

	(void)state;
	for (int i = 0; i < 4; i++)
		damping_flap(&d, &limits, AT(100));
	assert_true(damping_free_at(&d, &higher) >= AT(100));
	assert_true(damping_free_at(&d, &higher) < AT(101));
	assert_true(damping_settle(&d, &higher, AT(101)));
}

static void
the_ceiling_bounds_the_wait(void **state)
{
	struct damping d = {0};

	(void)state;
	for (int i = 0; i < 1000; i++)
		damping_flap(&d, &limits, AT(100));
	assert_true(damping_free_at(&d, &limits) < AT(100 + 3 * 60 + 1)); /* 8000 -> 1000 */
}

static void
without_a_limit_nothing_is_suppressed(void **state)
{
	struct conf_flap none = {0};
	struct damping d = {.suppressed = true, .penalty = 5000, .updated_ns = AT(1)};

	(void)state;
	assert_false(damping_flap(&d, &none, AT(2)));
	assert_true(damping_settle(&d, &none, AT(2))); /* a reload took the limit away */
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(the_penalty_halves_in_each_half_life),
	    cmocka_unit_test(three_falls_close_together_suppress_it),
	    cmocka_unit_test(falls_far_apart_do_not),
	    cmocka_unit_test(it_is_free_when_it_said_so_and_not_before),
	    cmocka_unit_test(a_higher_edge_sets_it_free),
	    cmocka_unit_test(the_ceiling_bounds_the_wait),
	    cmocka_unit_test(without_a_limit_nothing_is_suppressed),
	};

	return cmocka_run_group_tests_name("damping", tests, NULL, NULL);
}
