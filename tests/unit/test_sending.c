/* SPDX-License-Identifier: ISC */
/* When probes leave, and what it says of a target that one could not. */
#include "unit.h"

#include "probed.h"

#include <errno.h>

#include "common/clock.h"
#include "engine/decide.h"
#include "engine/pace.h"
#include "engine/probing.h"
#include "engine/sending.h"

#define ONE                                                                       \
	"interval 1s; timeout 1s; down after 3; up after 2; hold 0; confirm no\n" \
	"link a { index 1; interface wan1; gateway 192.0.2.1; target 203.0.113.1 }\n"

static struct target *
target(size_t link, size_t i)
{
	return e->links[link]->targets[i];
}

static uint64_t
ms_of(const struct left *l)
{
	return (l->at_ns - AT_MS(0)) / NSEC_PER_MSEC;
}

/* ---- its place in the interval ---- */

static void
each_keeps_its_place(void **state)
{
	uint64_t first, at;

	(void)state;
	begin_well(ONE);
	live_ms(9600, 0);
	assert_int_equal(nleft, 10 + 1);
	first = ms_of(&left[0]);
	assert_true(first <= 200);
	/* the second not before half an interval, and none twice as late */
	at = ms_of(&left[1]);
	assert_in_range(at - first, 500, 1499);
	assert_int_equal(at % 10, 0);
	for (size_t i = 2; i < nleft; i++)
		assert_int_equal(ms_of(&left[i]), at + 1000 * (i - 1));
	assert_int_equal(target(0, 0)->row.sent, nleft);
	assert_true(addr_equal(&left[1].to, &target(0, 0)->conf.addr));
	end();
}

static void
what_was_missed_while_the_process_stood_is_left_out(void **state)
{
	uint64_t due;
	size_t before;

	(void)state;
	begin_well(ONE);
	live_ms(2000, 0);
	due = target(0, 0)->due_ns;
	before = nleft;
	mono += 3400 * NSEC_PER_MSEC; /* nothing ran */
	wall += 3400 * NSEC_PER_MSEC;
	live_ms(1, 0);
	assert_int_equal(nleft, before + 1);
	assert_int_equal((target(0, 0)->due_ns - due) % NSEC_PER_SEC, 0);
	assert_in_range(target(0, 0)->due_ns - mono, 1, NSEC_PER_SEC);
	live_ms(5000, 0);
	assert_int_equal(nleft, before + 6);
	end();
}

static unsigned
late_ones(void)
{
	unsigned n = 0;

	for (size_t i = lateness_bucket(1000); i < ARRAY_LEN(e->global.lateness_us); i++)
		n += e->global.lateness_us[i];
	return n;
}

static void
lateness_is_counted_from_when_it_was_due(void **state)
{
	unsigned bucket = lateness_bucket(30000), before;
	uint64_t due;

	(void)state;
	begin_well(ONE);
	live_ms(2000, 0);
	before = late_ones(); /* the first was due on the grid before its time */
	due = target(0, 0)->due_ns;
	wall += due + 30 * NSEC_PER_MSEC - mono;
	mono = due + 30 * NSEC_PER_MSEC;
	live_ms(1, 0);
	assert_int_equal(late_ones(), before + 1);
	assert_int_equal(e->global.lateness_us[bucket], 1);
	end();
}

/* A reload begins nothing anew, and one whose interval is shorter now does not wait for
 * the end of the old one. */
static void
a_reload_goes_on(void **state)
{
	uint64_t due;

	(void)state;
	begin_well(ONE);
	live_ms(1500, 0);
	due = target(0, 0)->due_ns;
	assert_int_equal(model_load(e, must_read(ONE "site x\n")), 0);
	assert_int_equal(target(0, 0)->due_ns, due);

	assert_int_equal(model_load(e, must_read("interval 1h; timeout 1s; confirm no\n"
						 "link a { index 1; interface wan1; "
						 "gateway 192.0.2.1; target 203.0.113.1 }\n")),
			 0);
	live_ms(2000, 0);
	assert_true(target(0, 0)->due_ns > mono + 3000 * NSEC_PER_SEC);
	assert_int_equal(model_load(e, must_read(ONE)), 0);
	assert_true(target(0, 0)->due_ns <= mono + NSEC_PER_SEC);
	end();
}

static void
a_burst_leaves_at_once_and_the_place_is_kept(void **state)
{
	uint64_t due, now;
	size_t before;
	struct target *t;

	(void)state;
	begin_well(ONE);
	live_ms(2000, 0);
	t = target(0, 0);
	live_ms((t->due_ns - mono) / NSEC_PER_MSEC - 700, 0);
	due = t->due_ns, now = mono, before = nleft;
	sending_at_once(t, mono);
	live_ms(500, 0);
	assert_int_equal(nleft, before + 3);
	for (size_t i = 0; i < 3; i++) {
		assert_int_equal(left[before + i].at_ns, now + i * 20 * NSEC_PER_MSEC);
		assert_true(left[before + i].urgent);
	}
	assert_int_equal(t->due_ns, due);
	live_ms(1300, 0);
	assert_int_equal(nleft, before + 5);
	assert_int_equal(left[before + 3].at_ns, due);
	assert_int_equal(left[before + 4].at_ns, due + NSEC_PER_SEC);
	assert_false(left[before + 3].urgent);
	end();
}

/* ---- what can't leave ---- */

static void
a_send_that_failed(void **state)
{
	static const struct {
		int error;
		bool sample;
	} cases[] = {
	    {ENOBUFS, false},      {EAGAIN, false},     {ENOMEM, false},      {EINTR, false},
	    {ERROR_SILENT, false}, {ENETUNREACH, true}, {EHOSTUNREACH, true}, {ENETDOWN, true},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct target *t;
		uint64_t sent;

		begin_well(ONE);
		live_ms(3000, 0);
		t = target(0, 0);
		sent = t->row.sent;
		ended = 0;
		send_error = cases[i].error;
		live_ms(1000, 0);
		assert_int_equal(t->row.sent, sent);
		assert_int_equal(t->row.send_errors, 1);
		assert_int_equal(t->row.last_error, cases[i].error);
		assert_int_equal(t->row.lost, cases[i].sample);
		assert_int_equal(t->judge.run_failures, cases[i].sample);
		assert_true(ended > 0);
		/* the next one is a probe like any other */
		send_error = 0;
		live_ms(1000, 0);
		assert_int_equal(t->row.sent, sent + 1);
		assert_int_equal(t->row.last_error, 0);
		end();
	}
}

#define GATEWAY_ONLY                             \
	"interval 10s; timeout 1s; confirm no\n" \
	"link a { index 1; interface wan1; gateway auto }\n"

/* Of one that is there from the start, before an interval is over. */
static void
the_first_one_waits_for_what_it_needs(void **state)
{
	struct target *t;

	(void)state;
	begin(GATEWAY_ONLY);
	t = target(0, 0);
	assert_true(t->conf.gateway);
	live_ms(1000, 0);
	assert_int_equal(nleft, 0);
	no_sockets = true;
	give_way(e->links[0]);
	live_ms(1000, 0);
	assert_int_equal(nleft, 0);
	no_sockets = false;
	live_ms(51, 0);
	assert_int_equal(left_of(t), 1);
	assert_true(addr_equal(&last_of(t)->to, &e->links[0]->facts.route[t->conf.family].gateway));
	assert_true(addr_equal(&t->row.addr, &e->links[0]->facts.route[t->conf.family].gateway));
	live_ms(9000, 0);
	assert_int_equal(left_of(t), 2);
	end();
}

/* IPv4 by an IPv6 next hop, and a gateway that moves. */
static void
the_gateway_that_is_there_now_is_asked(void **state)
{
	struct route_facts *v4;
	struct target *t;
	size_t before;

	(void)state;
	begin_well("interval 1s; timeout 1s; confirm no\n"
		   "link a { index 1; interface wan1; gateway 192.0.2.1 }\n");
	t = target(0, 0);
	v4 = &e->links[0]->facts.route[V4];
	live_ms(2000, 0);
	before = nleft;
	assert_int_equal(addr_parse("192.0.2.77", &v4->gateway), 0);
	live_ms(1000, 0);
	assert_int_equal(nleft, before + 1);
	assert_true(addr_equal(&last_of(t)->to, &v4->gateway));
	assert_int_equal(addr_parse("fe80::1", &v4->gateway), 0);
	live_ms(3000, 0);
	assert_int_equal(nleft, before + 1);
	assert_int_equal(t->row.send_errors + t->row.lost, 0);
	end();
}

/* As many wait as can: the oldest of them has had its time. */
static void
one_too_many_ends_the_oldest(void **state)
{
	struct target *t;
	size_t before;

	(void)state;
	begin_well("interval 10ms; timeout 300ms; down after 200; confirm no\n"
		   "link a { index 1; interface wan1; gateway 192.0.2.1; target 203.0.113.1 }\n");
	t = target(0, 0);
	t->conf.probe.timeout_ms = 10000;
	wire.outlasts = true;
	ended = 0, before = nleft;
	live_ms(10 * INFLIGHT_MAX, DEAD(1));
	assert_int_equal(t->row.lost, 0);
	live_ms(50, DEAD(1));
	assert_int_equal(t->row.lost, 5);
	/* what was in its place gives back what it held */
	assert_int_equal(ended, nleft - before);
	end();
}

static void
who_asks_in_our_place_has_a_second_more(void **state)
{
	struct target *t;

	(void)state;
	begin_well(ONE);
	live_ms(3000, DEAD(1));
	t = target(0, 0);
	assert_int_equal(probing_probe(t, last_of(t)->sequence)->limit_ns, NSEC_PER_SEC);
	wire.silent = count_silent;
	live_ms(900, DEAD(1));
	assert_int_equal(probing_probe(t, last_of(t)->sequence)->limit_ns, 2 * NSEC_PER_SEC);
	wire.silent = NULL;
	end();
}

/* ---- how often, and at what cost ---- */

#define BUDGET                                                                              \
	"interval 1s; timeout 1s; confirm no\n"                                             \
	"link a { index 1; interface wan1; gateway 192.0.2.1; budget 100M per day; target " \
	"203.0.113.1 "                                                                      \
	"}\n"

static void
a_budget_is_spent_by_what_leaves(void **state)
{
	struct target *t;
	struct board_link *row;
	int64_t had;
	uint32_t octets;

	(void)state;
	begin_well(BUDGET);
	t = target(0, 0);
	row = &e->links[0]->row;
	octets = conf_probe_octets(&t->conf);
	assert_int_equal(row->probe_octets, nleft * octets);
	assert_true(pace_allows(e->links[0], octets)); /* what has come by now is in it */
	had = row->budget.left;
	pace_spend(e->links[0], had); /* all that was saved up */
	assert_false(pace_allows(e->links[0], octets));
	assert_int_equal(row->budget_refusals, 1);
	nleft = 0;
	sending_at_once(t, mono);
	pass_ms(10);
	assert_int_equal(nleft, 0);
	assert_int_equal(row->budget_refusals, 2);
	assert_int_equal(t->row.lost + t->row.send_errors, 0);
	pace_spend(e->links[0], -had);
	assert_true(pace_allows(e->links[0], octets));
	end();
}

static void
what_did_not_leave_costs_nothing(void **state)
{
	uint64_t spent;

	(void)state;
	begin_well(BUDGET);
	spent = e->links[0]->row.probe_octets;
	send_error = ENETUNREACH;
	sending_at_once(target(0, 0), mono);
	pass_ms(10);
	assert_int_equal(target(0, 0)->row.send_errors, 1);
	assert_int_equal(e->links[0]->row.probe_octets, spent);
	/* without a budget nothing is refused, and all is counted */
	end();
	begin_well(ONE);
	assert_true(pace_allows(e->links[0], UINT32_MAX));
	assert_int_equal(e->links[0]->row.budget_refusals, 0);
	assert_int_equal(e->links[0]->row.probe_octets,
			 nleft * conf_probe_octets(&target(0, 0)->conf));
	end();
}

#define TIERS                                                                               \
	"interval 1s; timeout 1s; standby interval 60s; down after 3; up after 1; hold 0; " \
	"confirm no\n"                                                                      \
	"link a { index 1; interface wan1; gateway 192.0.2.1; target 203.0.113.1 }\n"       \
	"link b { index 2; interface wan2; gateway 192.0.2.2; tier 2; target 203.0.113.1; " \
	"target 203.0.113.2 }\n"

static void
a_link_that_waits_is_asked_at_its_own_pace(void **state)
{
	struct link *a, *b;
	struct board_target row;
	uint64_t due[2];

	(void)state;
	begin_well(TIERS);
	a = e->links[0], b = e->links[1];
	assert_int_equal(b->row.oper, OPER_STANDBY);
	pace_links(e);
	assert_true(b->waits);
	assert_false(a->waits);
	assert_true(board_read(&e->board->targets[b->targets[1]->slot], &row, sizeof(row)));
	assert_int_equal(row.interval_ms, 60000);
	assert_int_equal(b->targets[0]->row.interval_ms, 60000);
	assert_int_equal(a->targets[0]->row.interval_ms, 1000);
	live_ms(61000, 0);
	nleft = 0;
	live_ms(10000, 0);
	assert_in_range(left_of(a->targets[0]), 10, 10);
	assert_in_range(left_of(b->targets[0]), 0, 1);
	/* its turn: each is asked within a second, at a place of its own, on the grid */
	e->global.active_tier = 2;
	b->row.oper = OPER_ACTIVE;
	pace_links(e);
	assert_false(b->waits);
	for (int i = 0; i < 2; i++) {
		due[i] = b->targets[i]->due_ns;
		assert_in_range(due[i], mono + 1, mono + NSEC_PER_SEC);
		assert_int_equal(due[i] % (10 * NSEC_PER_MSEC), 0);
	}
	assert_int_equal(due[1] - due[0], NSEC_PER_SEC / 2);
	nleft = 0;
	live_ms(10000, 0);
	assert_int_equal(left_of(b->targets[0]), 10);
	assert_int_equal(left_of(b->targets[1]), 10);
	end();
}

/* Its place is kept where it would be asked soon anyway, and a burst goes on. */
static void
to_hasten_moves_only_what_is_far_away(void **state)
{
	struct target *t;
	uint64_t due;

	(void)state;
	begin_well(ONE);
	live_ms(2000, 0);
	t = target(0, 0);
	due = t->due_ns;
	sending_hasten(t, 900000);
	assert_int_equal(t->due_ns, due);

	t->due_ns = mono + 3600 * NSEC_PER_SEC;
	timers_set(e->timers, &t->send_timer, t->due_ns);
	sending_at_once(t, mono);
	live_ms(10, 0);
	sending_hasten(t, 500000);
	assert_in_range(t->regular_due_ns, mono + 500 * NSEC_PER_MSEC, mono + 510 * NSEC_PER_MSEC);
	nleft = 0;
	live_ms(511, 0);
	assert_int_equal(left_of(t), 3);
	assert_false(last_of(t)->urgent);
	end();
}

static void
who_waits_for_its_turn(void **state)
{
	static const struct {
		uint8_t oper, tier, active;
		bool waits;
	} cases[] = {
	    {OPER_STANDBY, 2, 1, true}, {OPER_STANDBY, 1, 0, true},   {OPER_ACTIVE, 2, 1, false},
	    {OPER_OUT, 2, 1, true},     {OPER_OUT, 1, 1, false},      {OPER_OUT, 1, 2, false},
	    {OPER_OUT, 2, 0, false},    {OPER_DRAINING, 2, 1, false}, {OPER_DRAINED, 2, 1, false},
	};

	(void)state;
	begin_well(TIERS);
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		e->global.active_tier = cases[i].active;
		e->links[1]->row.oper = cases[i].oper;
		e->links[1]->row.tier = cases[i].tier;
		e->links[0]->row.tier = 1;
		e->links[0]->row.oper = OPER_ACTIVE;
		pace_links(e);
		if (e->links[1]->waits != cases[i].waits)
			fail_msg("case %zu", i);
		assert_int_equal(e->links[1]->targets[1]->conf.probe.interval_ms,
				 cases[i].waits ? 60000 : 1000);
	}
	end();
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(each_keeps_its_place),
	    cmocka_unit_test(what_was_missed_while_the_process_stood_is_left_out),
	    cmocka_unit_test(lateness_is_counted_from_when_it_was_due),
	    cmocka_unit_test(a_reload_goes_on),
	    cmocka_unit_test(a_burst_leaves_at_once_and_the_place_is_kept),
	    cmocka_unit_test(a_send_that_failed),
	    cmocka_unit_test(the_first_one_waits_for_what_it_needs),
	    cmocka_unit_test(the_gateway_that_is_there_now_is_asked),
	    cmocka_unit_test(one_too_many_ends_the_oldest),
	    cmocka_unit_test(who_asks_in_our_place_has_a_second_more),
	    cmocka_unit_test(a_budget_is_spent_by_what_leaves),
	    cmocka_unit_test(what_did_not_leave_costs_nothing),
	    cmocka_unit_test(a_link_that_waits_is_asked_at_its_own_pace),
	    cmocka_unit_test(to_hasten_moves_only_what_is_far_away),
	    cmocka_unit_test(who_waits_for_its_turn),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
