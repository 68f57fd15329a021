/* SPDX-License-Identifier: ISC */
/* Counts of a link that left and came back: they begin anew, and managers can see that. */
#include "unit.h"

#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#include <event2/event.h>

#include "common/clock.h"
#include "engine/counts.h"
#include "engine/engine.h"
#include "engine/model.h"
#include "engine/publish.h"
#include "engine/timers.h"
#include "read_conf.h"

static const char both[] =
    "link a { index 1; interface wan1; gateway 192.0.2.1; target 203.0.113.1 }\n"
    "link b { index 2; interface wan2; gateway 192.0.2.9; target 203.0.113.1 }\n";
static const char first[] =
    "link a { index 1; interface wan1; gateway 192.0.2.1; target 203.0.113.1 }\n";

static struct engine *e;

static void
load(const char *text)
{
	assert_int_equal(model_load(e, must_read(text)), 0);
	publish_rows(e);
}

/* What the worker has read of link 2, and its row then. */
static struct board_route
count(uint64_t packets)
{
	struct ipc_counters c = {.epoch = 7, .count = 1};

	c.counters[0] = (struct ipc_counter){
	    .link = 2, .family = V4, .has_traffic = 1, .packets = packets, .octets = packets * 100};
	counts_traffic(e, &c);
	return e->board->links[2].route[V4];
}

static uint64_t
tenth(const struct board_route *r)
{
	return r->discontinuity_wall_ns / (100 * NSEC_PER_MSEC);
}

static void
test_counts_that_begin_anew_have_another_time(void **state)
{
	struct board_route was, is;

	(void)state;
	load(both);
	was = count(10);
	assert_int_equal(was.packets, 10);
	is = count(20);
	assert_int_equal(is.packets, 20);
	assert_int_equal(tenth(&is), tenth(&was));
	for (int again = 0; again < 5; again++) {
		was = is;
		load(first);
		load(both);
		assert_false(e->board->links[2].route[V4].has_counters);
		is = count(30);
		assert_true(is.has_counters);
		assert_int_equal(is.packets, 30);
		assert_true(tenth(&is) != tenth(&was));
	}
}

static int
set_up(void **state)
{
	struct board *board = mmap(NULL, sizeof(*board), PROT_READ | PROT_WRITE,
				   MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);

	(void)state;
	assert_ptr_not_equal(board, MAP_FAILED);
	e = calloc(1, sizeof(*e));
	e->base = event_base_new();
	e->timers = timers_new(e->base);
	e->board = board;
	e->parent = e->worker = e->snmp = e->hooks = -1;
	e->global.events_started = 1;
	return 0;
}

static int
tear_down(void **state)
{
	struct board *board = e->board;

	(void)state;
	assert_int_equal(model_load(e, calloc(1, sizeof(struct conf))), 0);
	conf_free(e->conf);
	timers_free(e->timers);
	event_base_free(e->base);
	free(e->links);
	free(e);
	munmap(board, sizeof(*board));
	return 0;
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_counts_that_begin_anew_have_another_time),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
