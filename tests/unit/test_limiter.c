/* SPDX-License-Identifier: ISC */
/* A storm of notifications is cut short, and the receiver still learns how it ended. */
#include "unit.h"

#include "common/clock.h"
#include "subagent/limiter.h"

#define AT(s) ((uint64_t)((s) * (double)NSEC_PER_SEC))

static struct limiter *l;
static uint64_t number;

static int
set_up(void **state)
{
	(void)state;
	l = limiter_new();
	number = 0;
	limiter_set(l, 4);
	return l == NULL ? -1 : 0;
}

static int
tear_down(void **state)
{
	(void)state;
	limiter_free(l);
	return 0;
}

/* The count that goes with it, -1: it may not leave. */
static int
admit(enum event_type type, unsigned link, double at_s)
{
	struct board_event ev = {
	    .number = ++number, .type = (uint8_t)type, .link = (uint16_t)link, .at_ns = AT(at_s)};
	uint32_t suppressed = 99;

	return limiter_admit(l, &ev, &suppressed) ? (int)suppressed : -1;
}

static uint64_t
release(double at_s, uint32_t *suppressed)
{
	*suppressed = 99;
	return limiter_release(l, AT(at_s), suppressed);
}

static void
a_minutes_share_leaves_at_once(void **state)
{
	(void)state;
	for (int i = 0; i < 4; i++)
		assert_int_equal(admit(i % 2 ? EVENT_LINK_UP : EVENT_LINK_DOWN, 1, 1000), 0);
	assert_int_equal(admit(EVENT_LINK_DOWN, 1, 1000), -1);
}

static void
the_last_of_a_storm_leaves_later_and_says_how_many_did_not(void **state)
{
	uint32_t suppressed;

	(void)state;
	for (int i = 0; i < 10; i++)
		admit(i % 2 ? EVENT_LINK_UP : EVENT_LINK_DOWN, 1, 1000);
	/* one in 15 s is allowed from here on */
	assert_int_equal(release(1014, &suppressed), 0);
	assert_int_equal(release(1015, &suppressed), 10);
	assert_int_equal(suppressed, 5); /* 5 to 9 */
	assert_int_equal(limiter_suppressed(l), 5);
	assert_int_equal(release(1100, &suppressed), 0);
}

static void
a_newer_one_takes_the_place_of_the_kept_one(void **state)
{
	uint32_t suppressed;

	(void)state;
	for (int i = 0; i < 6; i++)
		admit(EVENT_LINK_DOWN, 1, 1000);
	assert_int_equal(admit(EVENT_LINK_UP, 1, 1020), 2);
	assert_int_equal(limiter_suppressed(l), 2);
	assert_int_equal(release(2000, &suppressed), 0);
	assert_int_equal(admit(EVENT_LINK_DOWN, 1, 2000), 0);
}

static void
each_link_and_each_kind_has_its_own(void **state)
{
	(void)state;
	for (int i = 0; i < 5; i++)
		admit(EVENT_LINK_DOWN, 1, 1000);
	assert_int_equal(admit(EVENT_LINK_DOWN, 2, 1000), 0);
	assert_int_equal(admit(EVENT_FAILOVER, 1, 1000), 0);
	assert_int_equal(admit(EVENT_LINK_UP, 1, 1000), -1);
	assert_int_equal(admit(EVENT_LINK_RECOVERED, 1, 1000), -1);
}

static void
what_comes_evenly_is_not_limited(void **state)
{
	(void)state;
	for (int i = 0; i < 1000; i++)
		assert_int_equal(admit(EVENT_LINK_DOWN, 1, 1000 + 15 * i), 0);
	assert_int_equal(limiter_suppressed(l), 0);
}

static void
orders_are_not_limited(void **state)
{
	static const enum event_type types[] = {EVENT_CONTROL_SET, EVENT_CONTROL_EXPIRED,
						EVENT_DRAIN_STARTED, EVENT_DRAINED, EVENT_STARTED};

	(void)state;
	for (int i = 0; i < 5000; i++)
		assert_int_equal(admit(types[i % 5], 1, 1000), 0);
}

static void
no_limit_is_none(void **state)
{
	(void)state;
	limiter_set(l, 0);
	for (int i = 0; i < 5000; i++)
		assert_int_equal(admit(EVENT_LINK_DOWN, 1, 1000), 0);
}

static void
kept_ones_leave_in_their_order(void **state)
{
	uint32_t suppressed;

	(void)state;
	for (int i = 0; i < 10; i++)
		admit(EVENT_LINK_DOWN, 2 - i % 2U, 1000); /* link 2 first */
	assert_int_equal(release(1020, &suppressed), 9);
	assert_int_equal(release(1020, &suppressed), 10);
	assert_int_equal(release(1020, &suppressed), 0);
}

static void
what_was_cleared_is_not_waited_for(void **state)
{
	uint32_t suppressed;

	(void)state;
	for (int i = 0; i < 10; i++)
		admit(EVENT_LINK_DOWN, 1, 1000);
	limiter_clear(l);
	assert_int_equal(release(2000, &suppressed), 0);
	assert_int_equal(admit(EVENT_LINK_DOWN, 1, 1000), 0);
}

static void
a_hostile_board_does_not_make_it_grow(void **state)
{
	struct board_event ev = {.type = EVENT_TARGET_DOWN, .at_ns = 1};
	uint32_t suppressed;

	(void)state;
	limiter_set(l, 1);
	for (unsigned i = 0; i < 30000; i++) {
		ev.number = i + 1;
		ev.target = (uint16_t)i;
		limiter_admit(l, &ev, &suppressed);
	}
	/* beyond what a site can have they simply leave */
	assert_true(limiter_admit(l, &ev, &suppressed));
}

#define CASE(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)

static void
what_is_not_told_yet_can_be_named(void **state)
{
	uint64_t first;
	uint32_t suppressed;

	(void)state;
	assert_int_equal(limiter_held(l, &first), 0);
	assert_int_equal(first, 0);
	for (int i = 0; i < 4; i++)
		admit(EVENT_LINK_DOWN, 1, 1000);
	assert_int_equal(limiter_held(l, &first), 0);
	for (int i = 0; i < 3; i++)
		admit(EVENT_LINK_UP, 1, 1001);
	for (int i = 0; i < 5; i++)
		admit(EVENT_FAILOVER, 2, 1002);
	assert_int_equal(limiter_held(l, &first), 2);
	assert_int_equal(first, 5);
	assert_int_equal(release(1061, &suppressed), 7);
	assert_int_equal(limiter_held(l, &first), 1);
	assert_int_equal(first, 12);
}

/* What undoes something shares with it, or a link that flaps has twice its share. */
static void
each_kind_has_its_share(void **state)
{
	static const enum event_type kinds[][2] = {{EVENT_LINK_DEGRADED, EVENT_LINK_RECOVERED},
						   {EVENT_LINK_FLAPPING, EVENT_LINK_SETTLED},
						   {EVENT_FAILOVER, EVENT_FAILBACK},
						   {EVENT_ALL_DOWN, EVENT_ALL_DOWN_CLEAR},
						   {EVENT_DRAIN_YIELDED, EVENT_DRAIN_RESUMED},
						   {EVENT_ROUTE_FAILED, EVENT_ROUTE_REPAIRED},
						   {EVENT_TARGET_DOWN, EVENT_TARGET_UP},
						   {EVENT_EVENTS_REPLAY, EVENT_EVENTS_REPLAY}};

	(void)state;
	for (size_t k = 0; k < ARRAY_LEN(kinds); k++) {
		for (int i = 0; i < 4; i++)
			assert_int_equal(admit(kinds[k][i % 2], 1, 1000), 0);
		assert_int_equal(admit(kinds[k][0], 1, 1000), -1);
		assert_int_equal(admit(kinds[k][1], 1, 1000), -1);
		assert_int_equal(admit(kinds[k][0], 2, 1000), 0);
	}
	for (int i = 0; i < 100; i++) /* what a person does is told */
		assert_int_equal(admit(EVENT_CONFIG_LOADED, 0, 1000), 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    CASE(a_minutes_share_leaves_at_once),
	    CASE(the_last_of_a_storm_leaves_later_and_says_how_many_did_not),
	    CASE(a_newer_one_takes_the_place_of_the_kept_one),
	    CASE(each_link_and_each_kind_has_its_own),
	    CASE(what_comes_evenly_is_not_limited),
	    CASE(what_is_not_told_yet_can_be_named),
	    CASE(each_kind_has_its_share),
	    CASE(orders_are_not_limited),
	    CASE(no_limit_is_none),
	    CASE(kept_ones_leave_in_their_order),
	    CASE(what_was_cleared_is_not_waited_for),
	    CASE(a_hostile_board_does_not_make_it_grow),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
