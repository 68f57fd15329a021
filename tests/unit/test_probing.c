/* SPDX-License-Identifier: ISC */
/* What an answer or its absence means. */
#include "unit.h"

#include "probed.h"

#include <errno.h>

#include "common/clock.h"
#include "engine/probing.h"
#include "engine/recent.h"
#include "engine/window.h"

#define TIMES(confirm) \
	"interval 1s; timeout 1s; down after 5; up after 2; hold 0; confirm " confirm "\n"
#define LINK_OF(text) "link a { index 1; interface wan1; gateway 192.0.2.1; " text " }\n"
#define ONE TIMES("no") LINK_OF("target 203.0.113.1")

static struct target *
target(size_t i)
{
	return e->links[0]->targets[i];
}

static void
arrive(struct target *t, const struct arrival *a)
{
	probing_answered(t, probing_probe(t, last_of(t)->sequence), a);
}

/* ---- how long it took ---- */

static void
the_best_stamp_is_taken(void **state)
{
	static const struct {
		const char *what;
		uint64_t rtt_us; /* the kernel's own */
		int64_t wall_us; /* its stamp, after the probe left; 0: none */
		int64_t set_us;  /* the wall clock was set meanwhile */
		uint32_t us;     /* answered 50 ms after it left */
	} cases[] = {
	    {"nothing but the clock", 0, 0, 0, 50000},
	    {"the kernel's measurement", 12000, 20000, 0, 12000},
	    {"all of it", 50000, 20000, 0, 50000},
	    {"longer than it can be", 50001, 20000, 0, 20000},
	    {"a stamp", 0, 20000, 0, 20000},
	    {"a stamp within a millisecond of now", 0, 50900, 0, 50900},
	    {"a stamp of the future", 0, 51100, 0, 50000},
	    {"a stamp from before it left", 0, -1, 0, 50000},
	    {"the clock was set forward", 0, 3600 * 1000000ll, 0, 50000},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct arrival a = {.rtt_ns = cases[i].rtt_us * 1000};
		struct target *t;
		struct probe *probe;

		begin_well(ONE);
		t = target(0);
		probe = next_probe(t);
		pass_ms(50);
		if (cases[i].wall_us != 0)
			a.wall_ns = probe->sent_wall_ns + (uint64_t)(cases[i].wall_us * 1000);
		arrive(t, &a);
		if (t->row.rtt_last_us != cases[i].us)
			fail_msg("%s: %u us", cases[i].what, t->row.rtt_last_us);
		assert_int_equal(t->row.last_good_ns, mono);
		end();
	}
}

/* ---- in time, late, twice, from elsewhere ---- */

static void
in_time_it_is_one_sample(void **state)
{
	uint64_t received, lost;
	struct target *t;
	struct probe *probe;

	(void)state;
	begin_well(ONE);
	t = target(0);
	probe = next_probe(t);
	received = t->row.received, lost = t->row.lost;
	ended = 0;
	pass_ms(999);
	probing_answered(t, probe, &(struct arrival){0});
	assert_int_equal(t->row.received, received + 1);
	assert_int_equal(ended, 1);
	/* and nothing more comes of it */
	pass_ms(5);
	assert_int_equal(t->row.lost, lost);
	probing_answered(t, probe, &(struct arrival){0});
	assert_int_equal(t->row.duplicates, 1);
	assert_int_equal(t->row.received, received + 1);
	end();
}

static uint32_t
lost_of(const struct target *t)
{
	uint32_t samples, ppm = window_loss(t->window, &samples);

	return (uint32_t)(((uint64_t)ppm * samples + 500000) / 1000000);
}

static void
a_late_one_takes_its_loss_back(void **state)
{
	struct target *t;
	struct probe *probe;

	(void)state;
	begin_well(ONE);
	t = target(0);
	live_ms(5000, 0);
	probe = next_probe(t);
	pass_ms(999);
	assert_int_equal(probe->state, PROBE_WAITING);
	pass_ms(1);
	assert_int_equal(probe->state, PROBE_LOST);
	assert_int_equal(t->row.lost, 1);
	assert_int_equal(t->row.run_failures, 1);
	assert_int_equal(t->judge.run_lost_ns, probe->sent_ns);
	assert_int_equal(lost_of(t), 1);
	pass_ms(500);
	probing_answered(t, probe, &(struct arrival){0});
	assert_int_equal(t->row.late, 1);
	assert_int_equal(t->row.lost, 1); /* a counter never goes back */
	assert_int_equal(t->judge.run_failures, 0);
	assert_int_equal(lost_of(t), 0);
	assert_int_equal(recent_us(t->recent, 1), 1500000);
	probing_answered(t, probe, &(struct arrival){0});
	assert_int_equal(t->row.duplicates, 1);
	assert_int_equal(t->row.late, 1);
	end();
}

/* By its stamp it took longer than it may, though nobody has looked at the clock since. */
static void
late_is_what_came_late_by_its_stamp(void **state)
{
	struct target *t;
	struct probe *probe;
	uint64_t received;

	(void)state;
	begin_well(ONE);
	t = target(0);
	probe = next_probe(t);
	received = t->row.received;
	mono += 1200 * NSEC_PER_MSEC; /* nothing ran */
	wall += 1200 * NSEC_PER_MSEC;
	probing_answered(t, probe, &(struct arrival){.rtt_ns = 1000 * NSEC_PER_MSEC});
	assert_int_equal(t->row.received, received + 1); /* not later than it may */
	assert_int_equal(t->row.late, 0);
	live_ms(1, 0);
	probe = next_probe(t);
	received = t->row.received;
	mono += 1200 * NSEC_PER_MSEC;
	wall += 1200 * NSEC_PER_MSEC;
	probing_answered(t, probe, &(struct arrival){.rtt_ns = 1000 * NSEC_PER_MSEC + 1});
	assert_int_equal(t->row.received, received);
	assert_int_equal(t->row.late, 1);
	assert_int_equal(t->row.lost, 1);
	assert_int_equal(t->judge.run_failures, 0);
	end();
}

static void
from_another_interface_it_counts_for_nothing(void **state)
{
	struct target *t;
	struct probe *probe;

	(void)state;
	begin_well(ONE);
	t = target(0);
	probe = next_probe(t);
	probing_answered(t, probe, &(struct arrival){.ifindex = 2});
	assert_int_equal(t->row.wrong_interface, 1);
	assert_int_equal(probe->state, PROBE_WAITING);
	/* nor does a refusal */
	probing_answered(t, probe, &(struct arrival){.ifindex = 2, .error = ECONNREFUSED});
	assert_int_equal(t->row.wrong_interface, 2);
	assert_int_equal(probe->state, PROBE_WAITING);
	probing_answered(t, probe, &(struct arrival){.ifindex = 1});
	assert_int_equal(probe->state, PROBE_FREE);
	probing_answered(t, probe, &(struct arrival){.ifindex = 2}); /* though it is the second */
	assert_int_equal(t->row.wrong_interface, 3);
	assert_int_equal(t->row.duplicates, 0);
	/* where it is not known, it may be any */
	e->links[0]->facts.ifindex = 0;
	probe = next_probe(t);
	probing_answered(t, probe, &(struct arrival){.ifindex = 2});
	assert_int_equal(probe->state, PROBE_FREE);
	end();
}

static void
no_is_a_loss_at_once(void **state)
{
	struct target *t;
	struct probe *probe;

	(void)state;
	begin_well(ONE);
	t = target(0);
	probe = next_probe(t);
	pass_ms(3);
	ended = 0;
	probing_answered(t, probe, &(struct arrival){.error = ECONNREFUSED});
	assert_int_equal(probe->state, PROBE_LOST);
	assert_int_equal(ended, 1); /* what it held is given back */
	assert_int_equal(t->row.lost, 1);
	assert_int_equal(t->row.last_error, ECONNREFUSED);
	/* once */
	probing_failed(t, probe, ECONNRESET);
	assert_int_equal(t->row.lost, 1);
	assert_int_equal(t->row.last_error, ECONNREFUSED);
	pass_ms(990);
	assert_int_equal(t->row.lost, 1);
	end();
}

static void
what_routers_say_decides_nothing(void **state)
{
	struct target *t;
	struct probe *probe;

	(void)state;
	begin_well(ONE);
	t = target(0);
	probe = next_probe(t);
	probing_unreachable(t, probe, EHOSTUNREACH);
	assert_int_equal(t->row.icmp_errors, 1);
	assert_int_equal(probe->state, PROBE_WAITING);
	assert_int_equal(t->row.lost, 0);
	pass_ms(1000);
	assert_int_equal(t->row.lost, 1);
	assert_int_equal(t->row.last_error, EHOSTUNREACH); /* it names the loss */
	probing_unreachable(t, probe, EHOSTUNREACH);       /* of one that is over */
	assert_int_equal(t->row.icmp_errors, 1);
	end();
}

static void
what_nobody_knows_is_no_sample(void **state)
{
	uint64_t samples;
	struct target *t;
	struct probe *probe;

	(void)state;
	begin_well(ONE);
	t = target(0);
	probe = next_probe(t);
	samples = t->row.received + t->row.lost;
	ended = 0;
	probing_given_up(t, probe, ENOBUFS);
	assert_int_equal(t->row.send_errors, 1);
	assert_int_equal(t->row.last_error, ENOBUFS);
	assert_int_equal(probe->state, PROBE_FREE);
	assert_int_equal(ended, 1);
	probing_given_up(t, probe, ENOBUFS);
	assert_int_equal(t->row.send_errors, 1);
	pass_ms(900);
	assert_int_equal(t->row.received + t->row.lost, samples);
	end();
}

/* Where another process asks and says nothing. */
static void
silence_of_who_asks_in_our_place(void **state)
{
	struct target *t;
	struct probe *probe;

	(void)state;
	begin_well("interval 10s; timeout 1s; confirm no\n" LINK_OF("target 203.0.113.1"));
	t = target(0);
	wire.silent = count_silent;
	probe = next_probe(t);
	pass_ms(1999);
	assert_int_equal(silent, 0);
	pass_ms(1);
	assert_int_equal(silent, 1);
	assert_int_equal(probe->state, PROBE_FREE);
	assert_int_equal(t->row.send_errors, 1);
	assert_int_equal(t->row.last_error, ERROR_SILENT);
	assert_int_equal(t->row.lost, 0);
	wire.silent = NULL;
	end();
}

/* It may be waited for beyond its time, by what it holds. */
static void
what_outlasts_its_time(void **state)
{
	struct target *t;

	(void)state;
	begin_well("interval 10s; timeout 1s; confirm no\n" LINK_OF("target 203.0.113.1"));
	t = target(0);
	next_probe(t);
	ended = 0;
	pass_ms(1500);
	assert_int_equal(ended, 1);
	wire.outlasts = true;
	next_probe(t);
	ended = 0, looked = 0;
	pass_ms(1500);
	assert_int_equal(ended, 0);
	assert_true(looked > 0); /* what came in and was not read yet counts */
	assert_int_equal(t->row.lost, 2);
	end();
}

/* ---- since when ---- */

/* A loss that is known sooner than that of a probe that left before it dates from that. */
static void
a_fault_begins_with_the_first_that_is_unanswered(void **state)
{
	struct target *t;
	uint64_t first_ns;

	(void)state;
	begin_well("interval 200ms; timeout 2s; down after 20; confirm no\n" LINK_OF(
	    "target 203.0.113.1"));
	t = target(0);
	live_ms(2000, 0);
	first_ns = next_probe(t)->sent_ns;
	next_probe(t);
	next_probe(t);
	probing_failed(t, probing_probe(t, last_of(t)->sequence), ECONNREFUSED);
	assert_int_equal(t->judge.run_lost_ns, first_ns);
	/* but not from one that was answered */
	live_ms(2600, 0);
	assert_int_equal(t->judge.run_failures, 0);
	next_probe(t);
	arrive(t, &(struct arrival){0});
	first_ns = next_probe(t)->sent_ns;
	probing_failed(t, probing_probe(t, last_of(t)->sequence), ECONNREFUSED);
	assert_int_equal(t->judge.run_lost_ns, first_ns);
	end();
}

/* ---- what is known of an earlier engine, and small questions ---- */

static void
an_engine_learns_from_the_one_before(void **state)
{
	struct target *t;

	(void)state;
	begin(ONE);
	t = target(0);
	t->rto.known = false;
	for (int i = 0; i < 20; i++)
		recent_add(t->recent, i % 2 ? 200000 : RTT_UNKNOWN);
	probing_start(t, 0, 0);
	assert_true(t->rto.known);
	assert_int_equal(t->rto.srtt_us, 200000);
	assert_in_range(probing_overdue_ns(t) / NSEC_PER_USEC, 210000, 260000);
	/* what is known by now counts for more */
	recent_add(t->recent, 900000);
	probing_start(t, 0, 0);
	assert_int_equal(t->rto.srtt_us, 200000);
	end();
}

static void
whose_an_answer_is(void **state)
{
	struct addr a;
	const struct addr *source;

	(void)state;
	begin_well(TIMES("no") LINK_OF("gateway fe80::1; target 203.0.113.1; "
				       "target 2001:db8:1::1"));
	assert_int_equal(addr_parse("203.0.113.1", &a), 0);
	assert_true(probing_is_target(target(0), &a));
	assert_false(probing_is_target(target(1), &a));
	assert_int_equal(addr_parse("2001:db8:1::1", &a), 0);
	a.scope = 7; /* the interface is checked by itself */
	assert_true(probing_is_target(target(1), &a));
	/* the source: of the same IP version, and none for neighbours */
	assert_int_equal(addr_parse("203.0.113.1", &a), 0);
	source = probing_source(target(0), &a);
	assert_true(source == &e->links[0]->facts.route[V4].source);
	assert_int_equal(addr_parse("fe80::5", &a), 0);
	assert_null(probing_source(target(1), &a));
	assert_int_equal(addr_parse("2001:db8:1::1", &a), 0);
	assert_null(probing_source(target(0), &a));
	assert_true(probing_source(target(1), &a) == &e->links[0]->facts.route[V6].source);
	end();
}

static void
nothing_is_left_of_a_target_that_goes(void **state)
{
	(void)state;
	begin_well(ONE);
	next_probe(target(0));
	ended = 0;
	assert_int_equal(model_load(e, must_read(TIMES("no") LINK_OF("target 203.0.113.9"))), 0);
	assert_int_equal(ended, INFLIGHT_MAX);
	live_ms(300, 0);
	assert_int_equal(last_of(target(0))->target, target(0));
	end();
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(the_best_stamp_is_taken),
	    cmocka_unit_test(in_time_it_is_one_sample),
	    cmocka_unit_test(a_late_one_takes_its_loss_back),
	    cmocka_unit_test(late_is_what_came_late_by_its_stamp),
	    cmocka_unit_test(from_another_interface_it_counts_for_nothing),
	    cmocka_unit_test(no_is_a_loss_at_once),
	    cmocka_unit_test(what_routers_say_decides_nothing),
	    cmocka_unit_test(what_nobody_knows_is_no_sample),
	    cmocka_unit_test(silence_of_who_asks_in_our_place),
	    cmocka_unit_test(what_outlasts_its_time),
	    cmocka_unit_test(a_fault_begins_with_the_first_that_is_unanswered),
	    cmocka_unit_test(an_engine_learns_from_the_one_before),
	    cmocka_unit_test(whose_an_answer_is),
	    cmocka_unit_test(nothing_is_left_of_a_target_that_goes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
