/* SPDX-License-Identifier: ISC */
/* All targets of a link that is under suspicion are asked at once: when, how often, how long
 * their answers are waited for, and at what cost. */
#include "unit.h"

#include "probed.h"

#include "common/clock.h"
#include "engine/burst.h"
#include "engine/pace.h"
#include "engine/probing.h"
#include "engine/sending.h"

#define TIMES(confirm) \
	"interval 1s; timeout 1s; down after 5; up after 2; hold 0; confirm " confirm "\n"
#define LINK_OF(text) "link a { index 1; interface wan1; gateway 192.0.2.1; " text " }\n"
#define ONE TIMES("no") LINK_OF("target 203.0.113.1")

static struct target *
target(size_t i)
{
	return e->links[0]->targets[i];
}

#define FOUR                                                                                    \
	TIMES("yes")                                                                            \
	LINK_OF("gateway fe80::1; target 203.0.113.1; target 203.0.113.2; target 203.0.113.3; " \
		"target 2001:db8:1::1")

/* All of that IP version that are up, three times within 40 ms, and the places are kept. */
static void
the_first_that_is_overdue_asks_all(void **state)
{
	struct target *t;
	uint64_t began;
	size_t before;

	(void)state;
	begin_well(FOUR);
	live_ms(5000, 0);
	t = target(0);
	target(2)->judge.status = TARGET_DOWN;
	next_probe(t);
	began = mono;
	assert_int_equal(probing_overdue_ns(t), 60 * NSEC_PER_MSEC);
	before = nleft;
	pass_ms(59);
	assert_int_equal(nleft, before);
	pass_ms(42);
	assert_int_equal(nleft, before + 6);
	for (size_t i = before; i < nleft; i++) {
		assert_true(left[i].urgent);
		assert_true(left[i].target == target(0) || left[i].target == target(1));
		assert_int_equal(left[i].at_ns,
				 began + (60 + (i - before) / 2 * 20) * NSEC_PER_MSEC);
	}
	end();
}

static void
who_is_not_up_raises_nothing(void **state)
{
	size_t before;

	(void)state;
	begin_well(FOUR);
	live_ms(5000, 0);
	next_probe(target(0));
	target(0)->judge.status = TARGET_DOWN;
	before = nleft;
	pass_ms(80);
	assert_int_equal(nleft, before);
	end();
}

static bool
begins(void)
{
	return burst_begin(e->links[0], V4);
}

static void
when_a_burst_begins(void **state)
{
	struct link *a;
	size_t before;

	(void)state;
	begin_well(FOUR);
	live_ms(5000, 0);
	a = e->links[0];
	e->conf->confirm = false;
	assert_false(begins());
	e->conf->confirm = true;
	assert_true(begins());
	/* not again before all its answers had their time, and half a second more */
	assert_int_equal(burst_limit_ns(target(0)), 90 * NSEC_PER_MSEC);
	assert_int_equal(a->burst[V4].until_ns, mono + (2 * 90 + 500) * NSEC_PER_MSEC);
	assert_int_equal(a->burst[V6].until_ns, 0);
	live_ms(679, 0);
	assert_false(begins());
	assert_true(burst_begin(a, V6));
	live_ms(1, 0);
	assert_true(begins());
	live_ms(2000, 0);
	/* the longest limit of any */
	target(1)->rto = (struct rto){.known = true, .srtt_us = 190000};
	assert_true(begins());
	assert_int_equal(a->burst[V4].until_ns, mono + (2 * 300 + 500) * NSEC_PER_MSEC);
	live_ms(2000, 0);
	/* where asking costs much, nobody is; nor twice at a time */
	wire.costly = true;
	before = nleft;
	assert_false(begins());
	wire.costly = false;
	live_ms(1000, 0);
	before = nleft;
	for (size_t i = 0; i < 3; i++)
		sending_at_once(target(i), mono);
	assert_false(begins());
	pass_ms(41);
	assert_int_equal(nleft, before + 9);
	end();
}

static void
a_burst_costs_what_its_probes_cost(void **state)
{
	struct link *a;
	int64_t octets;

	(void)state;
	begin_well(TIMES("yes") LINK_OF("budget 100M per day; target 203.0.113.1; "
					"target 203.0.113.2; target 203.0.113.3"));
	live_ms(2000, 0);
	a = e->links[0];
	assert_true(pace_allows(a, 0)); /* what has come to it by now is in it */
	octets = 3 * 5 * (int64_t)conf_probe_octets(&target(0)->conf); /* down after 5 */
	a->row.budget.left = octets - 1;
	assert_false(begins());
	a->row.budget.left = octets;
	assert_true(begins());
	/* one that is down is not asked, and costs nothing */
	live_ms(3000, 0);
	assert_true(pace_allows(a, 0));
	target(2)->judge.status = TARGET_DOWN;
	a->row.budget.left = octets / 3 * 2;
	assert_true(begins());
	end();
}

/* Half as long again as what is overdue, and never longer than any probe. */
static void
how_long_a_burst_waits(void **state)
{
	struct target *t;

	(void)state;
	begin_well(FOUR);
	live_ms(3000, 0);
	t = target(0);
	t->rto = (struct rto){.known = true, .srtt_us = 390000, .rttvar_us = 0};
	assert_int_equal(burst_limit_ns(t), 600 * NSEC_PER_MSEC);
	t->rto.srtt_us = 800000;
	assert_int_equal(burst_limit_ns(t), NSEC_PER_SEC);
	t->rto.known = false;
	assert_int_equal(burst_limit_ns(t), NSEC_PER_SEC);
	end();
}

/* A burst of which nothing comes back. Returns when the first urgent probe left. */
static uint64_t
a_burst_without_answer(void)
{
	size_t before;

	begin_well(TIMES("yes") LINK_OF("target 203.0.113.1"));
	live_ms(5000, 0);
	counters = true;
	packets_in[1] = 1000;
	before = nleft;
	assert_true(begins());
	pass_ms(1);
	assert_int_equal(nleft, before + 1);
	return left[before].at_ns;
}

static void
on_a_dead_link_its_probes_are_lost_soon(void **state)
{
	uint64_t began;

	(void)state;
	began = a_burst_without_answer();
	packets_in[1] += 9;
	pass_ms(88);
	assert_int_equal(target(0)->row.lost, 0);
	pass_ms(1);
	assert_int_equal(target(0)->row.lost, 1);
	assert_int_equal(target(0)->judge.run_lost_ns, began);
	end();
}

/* Of all that left: three timeouts for those of a burst, one for the others. */
static unsigned
had_their_time(void)
{
	unsigned n = 0;

	for (size_t i = 0; i < nleft; i++)
		n += probing_probe(left[i].target, left[i].sequence)->state != PROBE_FREE &&
		     left[i].at_ns + (left[i].urgent ? 3 : 1) * NSEC_PER_SEC <= mono;
	return n;
}

static void
on_one_that_is_alive_they_have_three_timeouts(void **state)
{
	(void)state;
	a_burst_without_answer();
	packets_in[1] += 10;
	pass_ms(89);
	assert_int_equal(target(0)->row.lost, 0);
	for (int i = 0; i < 310; i++) {
		packets_in[1] += 10;
		pass_ms(10);
		assert_int_equal(target(0)->row.lost, had_their_time());
	}
	assert_true(target(0)->row.lost >= 5 + 2);
	end();
}

/* At the end of each timeout it is asked again whether anything comes in. */
static void
and_lose_them_when_it_dies_meanwhile(void **state)
{
	struct probe *probe;

	(void)state;
	for (unsigned timeouts = 1; timeouts <= 2; timeouts++) {
		a_burst_without_answer();
		probe = probing_probe(target(0), left[nleft - 1].sequence);
		for (unsigned ms = 1; ms < timeouts * 1000 - 400; ms += 10) {
			packets_in[1] += 10;
			pass_ms(10);
		}
		e->links[0]->burst[V4].received = packets_in[1]; /* another one began */
		pass_ms(399 - 10);
		assert_int_equal(probe->state, PROBE_WAITING);
		pass_ms(20);
		assert_int_equal(probe->state, PROBE_LOST);
		end();
	}
}

static void
what_can_not_be_counted_is_not_alive(void **state)
{
	(void)state;
	a_burst_without_answer();
	packets_in[1] += 100;
	counters = false;
	pass_ms(90);
	assert_int_equal(target(0)->row.lost, 1);
	end();
	/* nor of an interface that is not there */
	begin_well(TIMES("yes") LINK_OF("target 203.0.113.1"));
	live_ms(5000, 0);
	counters = true;
	e->links[0]->facts.ifindex = 0;
	assert_true(begins());
	assert_false(e->links[0]->burst[V4].counted);
	end();
	/* counted only later is not counted */
	begin_well(TIMES("yes") LINK_OF("target 203.0.113.1"));
	live_ms(5000, 0);
	assert_true(begins());
	counters = true;
	packets_in[1] = 1000;
	pass_ms(90);
	assert_int_equal(target(0)->row.lost, 1);
	end();
}

/* Nobody knows which of two links of an interface is alive. */
static void
on_a_shared_interface_they_have_one(void **state)
{
	(void)state;
	begin_well(TIMES("yes") LINK_OF(
	    "target 203.0.113.1") "link b { index 2; interface wan1; gateway 192.0.2.2; "
				  "target 203.0.113.2 }\n");
	assert_int_equal(burst_patience_ns(target(0)), 3 * NSEC_PER_SEC);
	e->links[1]->facts.ifindex = 1;
	assert_int_equal(burst_patience_ns(target(0)), NSEC_PER_SEC);
	end();
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(the_first_that_is_overdue_asks_all),
	    cmocka_unit_test(who_is_not_up_raises_nothing),
	    cmocka_unit_test(when_a_burst_begins),
	    cmocka_unit_test(a_burst_costs_what_its_probes_cost),
	    cmocka_unit_test(how_long_a_burst_waits),
	    cmocka_unit_test(on_a_dead_link_its_probes_are_lost_soon),
	    cmocka_unit_test(on_one_that_is_alive_they_have_three_timeouts),
	    cmocka_unit_test(and_lose_them_when_it_dies_meanwhile),
	    cmocka_unit_test(what_can_not_be_counted_is_not_alive),
	    cmocka_unit_test(on_a_shared_interface_they_have_one),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
