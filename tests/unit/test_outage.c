/* SPDX-License-Identifier: ISC */
/* All links are down: what is told of that and of its end, in which order, once, and which
 * events are to be read again. */
#include "unit.h"

#include "decided.h"

#include "common/clock.h"
#include "engine/decide.h"

/* Of any kind but those of targets. */
static const struct board_event *
newest_of_links(void)
{
	const struct board_event *ev;
	uint64_t n = e->global.events_last;

	do
		ev = &e->board->events[n-- % BOARD_EVENTS];
	while (ev->type == EVENT_TARGET_DOWN || ev->type == EVENT_TARGET_UP);
	return ev;
}

/* All are down. */
static void
begin_outage(const char *conf)
{
	begin_two(conf);
	live(5000, DEAD(1));
	live(5000, DEAD(1) | DEAD(2));
	assert_true(e->global.all_down);
	assert_int_equal(e->global.usable_links, 0);
	assert_int_equal(e->global.outage_first != 0, 1);
}

/* From when it is well in one IP version until the end of the outage is told. */
static uint64_t
clear_takes_ms(unsigned dead)
{
	uint64_t ms = 0, all_down = newest_event(EVENT_ALL_DOWN)->number;

	for (; e->global.usable_links == 0; ms += 10) {
		live(10, dead);
		assert_true(ms < 5000);
	}
	for (ms = 0; e->global.all_down; ms += 10) {
		assert_int_equal(newest_event(EVENT_ALL_DOWN)->number, all_down);
		assert_ptr_equal(newest_of_links(), newest_event(EVENT_LINK_UP));
		live(10, dead);
		assert_true(ms < 5000);
	}
	return ms;
}

/* Its end is told once there is a way by each IP version, or after 2 s: in order and once. */
static void
the_end_of_an_outage(void **state)
{
	static const struct {
		unsigned dead; /* still */
		uint64_t least_ms, most_ms;
	} cases[] = {
	    {DEAD(1), 0, 600}, /* the targets of both are half a second apart */
	    {DEAD(1) | DEAD4(2), 1990, 2010},
	    {DEAD(1) | DEAD6(2), 1990, 2010},
	    {DEAD6(1) | DEAD4(2), 0, 1000},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		uint64_t took, first, last, numbers[2];
		const struct board_event *replay;

		begin_outage(TWO);
		took = clear_takes_ms(cases[i].dead);
		if (took < cases[i].least_ms || took > cases[i].most_ms)
			fail_msg("case %zu: %u ms", i, (unsigned)took);
		live(5000, cases[i].dead);
		numbers[0] = newest_event(EVENT_ALL_DOWN_CLEAR)->number;
		replay = newest_event(EVENT_EVENTS_REPLAY);
		numbers[1] = replay->number;
		assert_int_equal(numbers[1], numbers[0] + 1);
		/* what to read again: from the last usable link's death to before the end */
		last = numbers[0] - 1;
		assert_int_equal(replay->replay_last, last);
		for (first = mark + 1;
		     strcmp(e->board->events[first % BOARD_EVENTS].link_name, "b") != 0;)
			first++;
		assert_int_equal(replay->replay_first, first);
		assert_int_equal(e->global.outage_first, 0);
		assert_int_equal(e->clear_after_ns, 0);
		end();
	}
}

/* What is not configured is not waited for, and what one of them alone has is. */
static void
the_end_of_an_outage_by_what_is_configured(void **state)
{
	(void)state;
	begin_outage(IPV4);
	assert_int_equal(clear_takes_ms(DEAD(1)), 0);
	assert_int_equal(looks_again_ms, 0);
	end();
	begin_outage(TIMES LINK("a", "1", BOTH("1")) LINK("b", "2", "target 203.0.113.2"));
	while (e->global.usable_links == 0)
		live(10, DEAD(1));
	assert_in_range(looks_again_ms, 1980, 2000);
	assert_in_range(clear_takes_ms(DEAD(1)), 1980, 2000);
	end();
}

/* The order of it all, and nothing twice. */
static void
what_is_told_of_an_outage(void **state)
{
	(void)state;
	begin_outage(TWO);
	expect_events("degraded:a linkDown:a failover:a degraded:b linkDown:b allDown");
	live(6000, DEAD(1) | DEAD4(2));
	expect_events("linkUp:b allDownClear eventsReplay");
	live(3000, DEAD(1));
	expect_events("recovered:b");
	live(3000, 0);
	expect_events("linkUp:a failback:a recovered:a");
	end();
}

static void
an_outage_that_is_over_before_all_was_known_is_none(void **state)
{
	(void)state;
	begin_two(IPV4);
	live(5000, DEAD(1));
	e->global.outage_first = 5; /* begun, and not told */
	live(1000, DEAD(1));
	assert_int_equal(e->global.outage_first, 0);
	end();
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(the_end_of_an_outage),
	    cmocka_unit_test(the_end_of_an_outage_by_what_is_configured),
	    cmocka_unit_test(what_is_told_of_an_outage),
	    cmocka_unit_test(an_outage_that_is_over_before_all_was_known_is_none),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
