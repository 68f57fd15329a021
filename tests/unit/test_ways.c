/* SPDX-License-Identifier: ISC */
/* Since when a link may have been dead that an event says to be, and whether anything had
 * better wait. */
#include "unit.h"

#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "common/board.h"
#include "common/clock.h"
#include "subagent/view.h"
#include "subagent/ways.h"

enum { LINK = 3 };

#define NOW (5000 * NSEC_PER_SEC)
#define AGO(ms) (NOW - (uint64_t)(ms)*NSEC_PER_MSEC)

static struct board *board;
static struct view *view;

static int
set_up(void **state)
{
	char path[] = "/tmp/uplinkd-ways.XXXXXX";
	struct board_link *l;
	bool fresh;
	int fd = mkstemp(path);

	(void)state;
	assert_true(fd >= 0);
	close(fd);
	fd = board_create(path, &fresh);
	assert_true(fd >= 0);
	unlink(path);
	board = board_map_writable(fd);
	assert_non_null(board);
	board->global.link_slots = LINK + 1;
	board->global.target_slots = 2;
	l = &board->links[LINK];
	l->index = LINK;
	l->health = HEALTH_DOWN;
	l->health_reason = REASON_TARGETS_LOST;
	l->health_since_ns = AGO(10);
	for (int f = 0; f < FAMILIES; f++) {
		l->route[f].health = HEALTH_DOWN;
		l->route[f].installed = 1;
		board->targets[f] = (struct board_target){.link = LINK,
							  .index = (uint16_t)(f + 1),
							  .family = (uint8_t)f,
							  .interval_ms = 500,
							  .last_good_ns = AGO(2000)};
	}
	view = view_open(fd);
	assert_non_null(view);
	close(fd);
	return 0;
}

static int
tear_down(void **state)
{
	(void)state;
	view_close(view);
	munmap(board, sizeof(*board));
	return 0;
}

static uint64_t
dead_since(enum event_type type, enum reason reason, uint32_t detection_us)
{
	struct board_event ev = {.type = (uint8_t)type,
				 .reason = (uint8_t)reason,
				 .link = LINK,
				 .at_ns = AGO(10),
				 .detection_us = detection_us};

	view_begin(view, NOW);
	return ways_dead_since(view, &ev);
}

static void
since_the_last_answer_of_any_target(void **state)
{
	(void)state;
	board->targets[V6].last_good_ns = AGO(1700);
	assert_int_equal(dead_since(EVENT_LINK_DOWN, REASON_TARGETS_LOST, 1500000), AGO(1700));
}

static void
an_answer_since_then_hides_the_one_before(void **state)
{
	(void)state;
	board->targets[V4].last_good_ns = AGO(1);
	assert_int_equal(dead_since(EVENT_LINK_DOWN, REASON_TARGETS_LOST, 1500000), AGO(2010));
}

static void
without_carrier_since_the_last_answer_too(void **state)
{
	(void)state;
	assert_int_equal(dead_since(EVENT_LINK_DOWN, REASON_NO_CARRIER, RTT_UNKNOWN), AGO(2000));
}

static void
one_ip_version_by_its_own_targets(void **state)
{
	(void)state;
	board->links[LINK].health = HEALTH_DEGRADED;
	board->links[LINK].route[V6].health = HEALTH_UP;
	board->targets[V6].last_good_ns = AGO(1);
	assert_int_equal(dead_since(EVENT_LINK_DEGRADED, REASON_TARGETS_LOST, RTT_UNKNOWN),
			 AGO(2000));
}

static void
other_events_say_nothing_of_the_kind(void **state)
{
	(void)state;
	assert_int_equal(dead_since(EVENT_LINK_DEGRADED, REASON_LOSS, RTT_UNKNOWN), 0);
	assert_int_equal(dead_since(EVENT_LINK_UP, REASON_TARGETS_ANSWER, RTT_UNKNOWN), 0);
	assert_int_equal(dead_since(EVENT_ALL_DOWN, REASON_KEPT_LAST_ROUTES, RTT_UNKNOWN), 0);
}

static void
a_link_that_carried_nothing_loses_nothing(void **state)
{
	struct board_link *l = &board->links[LINK];

	(void)state;
	l->route[V4].installed = l->route[V6].installed = 0;
	assert_int_equal(dead_since(EVENT_LINK_DOWN, REASON_TARGETS_LOST, 1500000), 0);
	l->route[V6].last_change_ns = AGO(5); /* it has just left */
	assert_int_equal(dead_since(EVENT_LINK_DOWN, REASON_TARGETS_LOST, 1500000), AGO(2000));
}

static void
what_leaves_waits_for_a_dying_link_but_not_for_ever(void **state)
{
	(void)state;
	view_begin(view, NOW);
	assert_true(ways_exist(view));
	assert_true(ways_in_doubt(view));
	view_begin(view, NOW + NSEC_PER_SEC);
	assert_false(ways_in_doubt(view));
	board->links[LINK].route[V4].installed = board->links[LINK].route[V6].installed = 0;
	view_begin(view, NOW);
	assert_false(ways_in_doubt(view));
	assert_false(ways_exist(view));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
	    TEST(since_the_last_answer_of_any_target),
	    TEST(an_answer_since_then_hides_the_one_before),
	    TEST(without_carrier_since_the_last_answer_too),
	    TEST(one_ip_version_by_its_own_targets),
	    TEST(other_events_say_nothing_of_the_kind),
	    TEST(a_link_that_carried_nothing_loses_nothing),
	    TEST(what_leaves_waits_for_a_dying_link_but_not_for_ever),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
