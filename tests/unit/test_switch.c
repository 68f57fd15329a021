/* SPDX-License-Identifier: ISC */
/* What is told of links that leave the kernel's routes and come back, and when their flows are
 * cut: the parent's answers come later than the plans, and the worker may not be there. */
#include "unit.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#include "common/clock.h"
#include "engine/assess.h"
#include "engine/counts.h"
#include "engine/decide.h"
#include "engine/heard.h"
#include "engine/model.h"
#include "engine/peers.h"
#include "engine/publish.h"
#include "read_conf.h"

static const char three_links[] = "hold 0; up after 1; snmp no\n"
				  "link a { index 1; interface wan1; gateway 192.0.2.1 }\n"
				  "link b { index 2; interface wan2; gateway 192.0.2.2 }\n"
				  "link c { index 3; interface wan3; gateway 192.0.2.3 }\n";

static struct engine *e;
static int parent, worker; /* their ends of the channels, worker -1: there is none */

static int
channel(int *theirs)
{
	int ends[2];

	assert_int_equal(ipc_pair(ends), 0);
	*theirs = ends[1];
	return ends[0];
}

static void
facts(unsigned index, enum carrier carrier)
{
	struct link_facts f = {
	    .link = (uint16_t)index, .carrier = (uint8_t)carrier, .admin_up = 1, .ifindex = index};

	assert_int_equal(addr_parse("192.0.2.1", &f.route[V4].gateway), 0);
	assert_int_equal(addr_parse("192.0.2.9", &f.route[V4].source), 0);
	heard_facts(e, &f);
}

static void
result_of(const struct plan *plan)
{
	struct ipc_plan_result result = {.serial = plan->serial, .installed = *plan};

	decide_plan_result(e, &result);
}

static void
worker_comes(void)
{
	struct ipc_channel body = {IPC_PEER_WORKER, 0};
	struct ipc_message m = {.type = IPC_CHANNEL, .body = &body};

	m.fd = channel(&worker);
	peers_channel(e, &m);
}

static void
worker_dies(void)
{
	close(worker);
	worker = -1;
	event_base_loop(e->base, EVLOOP_NONBLOCK);
	assert_int_equal(e->worker, -1);
}

/* The link whose flows the worker is told to cut next, 0: of none. */
static unsigned
told_to_cut(void)
{
	struct ipc_message m;

	while (ipc_receive(worker, IPC_PEER_ENGINE, &m) == IPC_OK) {
		if (m.fd >= 0)
			close(m.fd);
		if (m.type == IPC_KILL_FLOWS)
			return ((const struct ipc_flows *)m.body)->link;
	}
	return 0;
}

static void
start(struct board *board)
{
	struct sample s = {.sent_ns = clock_mono_ns(), .rtt_us = 1000};

	e = calloc(1, sizeof(*e));
	e->base = event_base_new();
	e->timers = timers_new(e->base);
	e->deadline = event_new(e->base, -1, 0, NULL, NULL);
	e->board = board;
	assert_true(publish_adopt_global(board, &e->global));
	e->global.events_started = 1;
	e->parent = channel(&parent);
	e->worker = e->snmp = e->hooks = -1;
	assert_int_equal(model_load(e, must_read(three_links)), 0);
	e->plan_known = true;
	worker_comes();
	for (unsigned i = 1; i <= 3; i++) {
		assess_sample(model_link(e, i)->targets[0], &s, s.sent_ns);
		facts(i, CARRIER_UP);
	}
	result_of(&e->sent);
}

static int
set_up(void **state)
{
	struct board *board = mmap(NULL, sizeof(*board), PROT_READ | PROT_WRITE,
				   MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);

	(void)state;
	assert_ptr_not_equal(board, MAP_FAILED);
	start(board);
	assert_int_equal(e->sent.family[V4].count, 3);
	return 0;
}

static int
tear_down(void **state)
{
	(void)state;
	assert_int_equal(model_load(e, calloc(1, sizeof(struct conf))), 0);
	conf_free(e->conf);
	if (e->worker_readable != NULL)
		event_free(e->worker_readable);
	close(e->parent), close(parent);
	close(e->worker), close(worker);
	event_free(e->deadline);
	timers_free(e->timers);
	event_base_free(e->base);
	free(e->links);
	munmap(e->board, sizeof(*e->board));
	free(e->keep);
	free(e);
	return 0;
}

/* The newest event of that type about the link, 0: none. */
static uint64_t
event_of(enum event_type type, unsigned link)
{
	for (uint64_t n = e->global.events_last; n > 0; n--) {
		const struct board_event *ev = &e->board->events[n % BOARD_EVENTS];

		if (ev->type == type && ev->link == link)
			return n;
	}
	return 0;
}

/* ---- telling ---- */

/* The second plan is on its way before the answer to the first has come. */
static void
each_of_two_that_die_is_told(void **state)
{
	struct plan first, second;

	(void)state;
	facts(1, CARRIER_DOWN);
	first = e->sent;
	facts(2, CARRIER_DOWN);
	second = e->sent;
	assert_int_equal(second.serial, first.serial + 1);
	result_of(&first);
	assert_int_not_equal(event_of(EVENT_FAILOVER, 1), 0);
	assert_int_equal(event_of(EVENT_FAILOVER, 2), 0);
	result_of(&second);
	assert_true(event_of(EVENT_FAILOVER, 2) > event_of(EVENT_FAILOVER, 1));
	assert_true(model_link(e, 1)->row.switch_us < 1000000);
	facts(1, CARRIER_UP);
	result_of(&e->sent);
	assert_int_equal(event_of(EVENT_FAILBACK, 1), 0); /* not measured yet */
}

/* Two lose their carrier at once: the kernel has taken the second one out of the routes, too, when
 * the plan without the first is read back. */
static void
one_that_the_kernel_took_first_is_told(void **state)
{
	struct plan first;

	(void)state;
	facts(1, CARRIER_DOWN);
	first = e->sent;
	assert_int_equal(first.family[V4].count, 2);
	first.family[V4].members[0] = first.family[V4].members[1]; /* link 3 alone */
	first.family[V4].count = 1;
	result_of(&first);
	assert_int_not_equal(event_of(EVENT_FAILOVER, 1), 0);
	assert_int_equal(event_of(EVENT_FAILOVER, 2), 0);
	facts(2, CARRIER_DOWN);
	result_of(&e->sent);
	assert_int_not_equal(event_of(EVENT_FAILOVER, 2), 0);
}

/* The parent says so by itself, of the plan that was answered already: before the link's duty
 * changes, or after. */
static void
one_that_left_without_a_plan_is_told_with_the_next(void **state)
{
	struct plan less;

	(void)state;
	less = e->sent;
	less.family[V4].count = 2; /* link 3 is not in it */
	result_of(&less);
	assert_int_equal(event_of(EVENT_FAILOVER, 3), 0);
	facts(3, CARRIER_DOWN);
	result_of(&e->sent);
	assert_int_not_equal(event_of(EVENT_FAILOVER, 3), 0);

	less = e->sent;
	less.family[V4].count = 1; /* and now not link 2 either */
	facts(2, CARRIER_DOWN);
	result_of(&less);
	assert_int_equal(event_of(EVENT_FAILOVER, 2), 0);
	result_of(&e->sent);
	assert_int_not_equal(event_of(EVENT_FAILOVER, 2), 0);
}

/* It was gone for so short a time that nobody was told. */
static void
one_that_the_kernel_took_and_gave_back_is_not_told(void **state)
{
	struct plan wanted = e->sent, less = e->sent;

	(void)state;
	less.family[V4].count = 2;
	result_of(&less);
	result_of(&wanted);
	assert_int_equal(event_of(EVENT_FAILOVER, 3), 0);
	assert_int_equal(event_of(EVENT_FAILBACK, 3), 0);
	model_link(e, 3)->row.admin = ADMIN_DRAIN;
	decide(e);
	result_of(&e->sent);
	facts(3, CARRIER_DOWN);
	result_of(&e->sent);
	assert_int_equal(event_of(EVENT_FAILOVER, 3), 0); /* nothing new went by it any more */
}

/* One that is wanted again before its absence is known has not failed over. */
static void
one_that_is_back_at_once_is_not_told(void **state)
{
	struct plan first;

	(void)state;
	model_link(e, 1)->row.admin = ADMIN_FORCE_DOWN;
	decide(e);
	first = e->sent;
	model_link(e, 1)->row.admin = ADMIN_AUTO;
	decide(e);
	assert_int_equal(e->sent.serial, first.serial + 1);
	result_of(&first);
	result_of(&e->sent);
	assert_int_equal(event_of(EVENT_FAILOVER, 1), 0);
	assert_int_equal(event_of(EVENT_FAILBACK, 1), 0);
}

static void
result_with(int error)
{
	struct ipc_plan_result result = {
	    .serial = e->global.plan_serial, .installed = e->sent, .error = error};

	decide_plan_result(e, &result);
}

/* The plan is refused while a second link is about to be known as lost, and the next one is taken.
 */
static void
a_refusal_that_passes_is_not_told(void **state)
{
	(void)state;
	facts(1, CARRIER_DOWN);
	result_with(EHOSTUNREACH);
	assert_int_equal(e->route_error, EHOSTUNREACH);
	facts(2, CARRIER_DOWN);
	result_with(0);
	assert_int_equal(event_of(EVENT_ROUTE_FAILED, 0), 0);
	assert_int_equal(event_of(EVENT_ROUTE_REPAIRED, 0), 0);
}

static void
a_refusal_that_lasts_is_told_once(void **state)
{
	uint64_t told;

	(void)state;
	result_with(EHOSTUNREACH);
	e->route_error_ns -= 2 * NSEC_PER_SEC; /* which have passed */
	decide(e);
	told = event_of(EVENT_ROUTE_FAILED, 0);
	assert_int_not_equal(told, 0);
	result_with(ENETUNREACH);
	decide(e);
	assert_int_equal(event_of(EVENT_ROUTE_FAILED, 0), told);
	result_with(0);
	assert_int_not_equal(event_of(EVENT_ROUTE_REPAIRED, 0), 0);
	result_with(0);
	assert_int_equal(e->global.events_last, event_of(EVENT_ROUTE_REPAIRED, 0));
}

/* ---- cutting ---- */

static void
link_dies(unsigned index)
{
	facts(index, CARRIER_DOWN);
	result_of(&e->sent);
}

static void
worker_answers(unsigned index)
{
	struct ipc_flows killed = {.link = (uint16_t)index, .count = 7};

	assert_int_equal(ipc_send(worker, IPC_FLOWS_KILLED, &killed, sizeof(killed), -1), 0);
	event_base_loop(e->base, EVLOOP_NONBLOCK);
}

static void
an_order_is_given_once(void **state)
{
	(void)state;
	link_dies(1);
	assert_int_equal(told_to_cut(), 1);
	worker_answers(1);
	worker_dies();
	worker_comes();
	assert_int_equal(told_to_cut(), 0);
}

static void
who_dies_with_an_order_leaves_it_to_the_next(void **state)
{
	(void)state;
	link_dies(1);
	assert_int_equal(told_to_cut(), 1);
	worker_dies();
	worker_comes();
	assert_int_equal(told_to_cut(), 1);
	worker_answers(1);
	assert_int_equal(e->board->events[event_of(EVENT_FAILOVER, 1) % BOARD_EVENTS].flows_killed,
			 7);
}

static void
where_there_is_no_worker_the_order_waits(void **state)
{
	(void)state;
	worker_dies();
	link_dies(1);
	link_dies(2);
	facts(2, CARRIER_UP); /* nothing of its own is left to cut, once it is of use again */
	model_link(e, 2)->row.admin = ADMIN_FORCE_UP;
	decide(e);
	worker_comes();
	assert_int_equal(told_to_cut(), 1);
	assert_int_equal(told_to_cut(), 0);
}

/* What another configuration does not want any more is not done. */
static void
a_configuration_takes_the_order_back(void **state)
{
	char text[sizeof(three_links) + 32];

	(void)state;
	worker_dies();
	link_dies(1);
	snprintf(text, sizeof(text), "kill flows no; %s", three_links);
	assert_int_equal(model_load(e, must_read(text)), 0);
	worker_comes();
	assert_int_equal(told_to_cut(), 0);
}

/* Its channel holds some hundreds of orders: the rest follows as it answers. */
static void
a_full_channel_loses_no_order(void **state)
{
	struct ipc_flows flows = {.link = 3};

	(void)state;
	while (ipc_send(e->worker, IPC_KILL_FLOWS, &flows, sizeof(flows), -1) == 0)
		;
	link_dies(1);
	while (told_to_cut() == 3)
		;
	worker_answers(3);
	assert_int_equal(told_to_cut(), 1);
}

static void
the_next_engine_knows_of_it(void **state)
{
	struct board *board = e->board, *elsewhere;

	(void)state;
	link_dies(1);
	/* it dies: nothing more is written */
	elsewhere = mmap(NULL, sizeof(*board), PROT_READ | PROT_WRITE,
			 MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	assert_ptr_not_equal(elsewhere, MAP_FAILED);
	e->board = elsewhere;
	tear_down(NULL);
	start(board);
	assert_int_equal(told_to_cut(), 1);
	assert_int_equal(told_to_cut(), 0);
}

#define SWITCH_TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    SWITCH_TEST(each_of_two_that_die_is_told),
	    SWITCH_TEST(one_that_the_kernel_took_first_is_told),
	    SWITCH_TEST(one_that_left_without_a_plan_is_told_with_the_next),
	    SWITCH_TEST(one_that_the_kernel_took_and_gave_back_is_not_told),
	    SWITCH_TEST(one_that_is_back_at_once_is_not_told),
	    SWITCH_TEST(a_refusal_that_passes_is_not_told),
	    SWITCH_TEST(a_refusal_that_lasts_is_told_once),
	    SWITCH_TEST(an_order_is_given_once),
	    SWITCH_TEST(who_dies_with_an_order_leaves_it_to_the_next),
	    SWITCH_TEST(where_there_is_no_worker_the_order_waits),
	    SWITCH_TEST(a_configuration_takes_the_order_back),
	    SWITCH_TEST(a_full_channel_loses_no_order),
	    SWITCH_TEST(the_next_engine_knows_of_it),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
