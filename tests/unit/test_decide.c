/* SPDX-License-Identifier: ISC */
/* Where things change: what the parent is sent, what is told of it, in which order and how
 * often, and what follows from the parent's answers. */
#include "unit.h"

#include "decided.h"

#include <errno.h>

#include "common/clock.h"
#include "engine/counts.h"
#include "engine/decide.h"
#include "engine/load.h"
#include "system/system.h"

/* ---- plans ---- */

static void
nothing_is_decided_before_all_is_known(void **state)
{
	(void)state;
	begin(TWO);
	decide(e);
	give_way(e->links[0]);
	decide(e);
	look();
	assert_int_equal(plans, 0);
	give_way(e->links[1]);
	decide(e);
	look();
	assert_int_equal(plans, 1);
	assert_int_equal(newest.serial, 1);
	assert_int_equal(newest.family[V4].count + newest.family[V6].count, 0);
	/* it asks what stands, and decides nothing until it knows */
	live_ms(400, 0);
	decide(e);
	look();
	assert_int_equal(plans, 0);
	assert_int_equal(e->links[0]->row.health, HEALTH_UNKNOWN);
	installed(0);
	assert_int_equal(e->links[0]->row.health, HEALTH_UP);
	look();
	assert_int_equal(plans, 1);
	assert_int_equal(newest.serial, 2);
	assert_int_equal(newest.family[V4].count, 2);
	assert_int_equal(newest.family[V6].count, 2);
	end();
}

static void
a_plan_is_sent_when_it_changes(void **state)
{
	const struct board_route *a, *b;
	uint64_t serial;

	(void)state;
	begin_two(TIMES LINK("a", "1", "weight 3; " BOTH("1")) LINK("b", "2", BOTH("2")));
	a = e->links[0]->row.route, b = e->links[1]->row.route;
	assert_true(a[V4].wanted && a[V6].wanted && b[V4].wanted && b[V6].wanted);
	assert_int_equal(a[V4].weight, 3);
	assert_int_equal(b[V6].weight, 1);
	serial = e->global.plan_serial;
	live(3000, 0);
	look();
	assert_int_equal(plans, 0);
	/* one IP version */
	live(5000, DEAD6(1));
	look();
	assert_int_equal(plans, 1);
	assert_int_equal(newest.serial, serial + 1);
	assert_int_equal(e->global.plan_serial, serial + 1);
	assert_true(a[V4].wanted && !a[V6].wanted && b[V4].wanted && b[V6].wanted);
	assert_int_equal(a[V6].weight, 0);
	assert_int_equal(a[V4].weight, 3);
	assert_true(e->sent_ns > AT_MS(0) + 5 * NSEC_PER_SEC);
	live(3000, 0);
	look();
	assert_int_equal(plans, 1);
	/* and the other */
	live(5000, DEAD4(2));
	look();
	assert_int_equal(plans, 1);
	assert_true(a[V4].wanted && a[V6].wanted && !b[V4].wanted && b[V6].wanted);
	/* another weight alone */
	e->conf->links[0].weight = 7;
	decide(e);
	look();
	assert_int_equal(plans, 1);
	assert_int_equal(a[V4].weight, 7);
	end();
}

static void
what_did_not_reach_the_parent_is_sent_again(void **state)
{
	uint64_t serial;
	int channel;

	(void)state;
	begin_two(IPV4);
	channel = e->parent;
	e->parent = -1;
	for (int i = 0; i < 500; i++)
		live_ms(10, DEAD(1));
	assert_true(e->unsent);
	decide(e);
	assert_in_range(looks_again_ms, 1, 10);
	serial = e->global.plan_serial;
	e->parent = channel;
	decide(e);
	assert_false(e->unsent);
	assert_int_equal(looks_again_ms, 0);
	look();
	assert_int_equal(plans, 1);
	assert_int_equal(newest.serial, serial); /* the same one */
	decide(e);
	look();
	assert_int_equal(plans, 0);
	end();
}

static void
what_could_not_be_installed_is_tried_again(void **state)
{
	uint64_t serial;

	(void)state;
	begin_two(IPV4);
	for (int i = 0; i < 500 && e->global.plan_serial == e->global.plan_installed; i++)
		live_ms(10, DEAD(1));
	serial = e->global.plan_serial;
	installed(EINVAL);
	assert_int_equal(e->global.plan_installed, serial - 1);
	assert_in_range(looks_again_ms, 980, 1000);
	look();
	live_ms((e->sent_ns + 999 * NSEC_PER_MSEC - mono) / NSEC_PER_MSEC, DEAD(1));
	decide(e);
	look();
	assert_int_equal(plans, 0);
	live_ms(1, DEAD(1));
	decide(e);
	look();
	assert_int_equal(plans, 1);
	assert_int_equal(newest.serial, serial + 1);
	decide(e); /* not at once again */
	look();
	assert_int_equal(plans, 0);
	expect_events("linkDown:a"); /* it may be over in a moment */
	installed(EBUSY);
	live_ms(1000, DEAD(1));
	decide(e);
	expect_events("routeFailed");
	assert_string_equal(newest_event(EVENT_ROUTE_FAILED)->text, strerror(EBUSY));
	installed(0);
	look();
	assert_int_equal(plans, 1);
	assert_int_equal(e->global.plan_installed, serial + 2);
	expect_events("routeRepaired failover:a");
	live_ms(3000, DEAD(1));
	decide(e);
	look();
	assert_int_equal(plans, 0);
	end();
}

static void
of_answers_the_newest_counts(void **state)
{
	struct ipc_plan_result r = {0};
	struct board_route *a;

	(void)state;
	begin_two(IPV4);
	a = e->links[0]->row.route;
	r = (struct ipc_plan_result){.serial = e->global.plan_serial + 1};
	decide_plan_result(e, &r); /* of none that was sent */
	r = (struct ipc_plan_result){.serial = e->global.plan_serial, .error = ESTALE};
	decide_plan_result(e, &r); /* of a configuration that is gone */
	assert_true(a[V4].installed);
	assert_int_equal(e->route_error, 0);
	/* of an older one: what stands is true, but it is no failure, and no switch */
	r = (struct ipc_plan_result){.serial = e->global.plan_serial - 1, .error = EINVAL};
	decide_plan_result(e, &r);
	assert_false(a[V4].installed);
	assert_int_equal(e->route_error, 0);
	expect_events("");
	r.error = 0;
	decide_plan_result(e, &r);
	assert_int_equal(e->global.plan_installed, e->global.plan_serial);
	end();
}

/* It is sent once more where the parent has forgotten it. */
static void
a_reload_brings_the_plan_again(void **state)
{
	(void)state;
	begin_two(IPV4);
	e->sent.serial = 0;
	decide(e);
	look();
	assert_int_equal(plans, 1);
	assert_int_equal(newest.family[V4].count, 2);
	end();
}

static void
a_link_that_waits_is_not_wanted(void **state)
{
	const struct board_link *b;

	(void)state;
	begin_two(TIMES LINK("a", "1", "target 203.0.113.1")
		      LINK("b", "2", "tier 2; target 203.0.113.2"));
	b = &e->links[1]->row;
	assert_int_equal(e->global.active_tier, 1);
	assert_false(b->route[V4].wanted);
	live(5000, DEAD(1));
	assert_int_equal(e->global.active_tier, 2);
	assert_true(b->route[V4].wanted);
	end();
}

/* ---- switches ---- */

static void
a_switch_is_told_once(void **state)
{
	struct board_link *a;
	struct board_route *route;

	(void)state;
	begin_two(IPV4);
	a = &e->links[0]->row;
	route = &a->route[V4];
	assert_int_equal(route->adds, 1);
	assert_int_equal(route->deletes, 0);
	live(5000, DEAD(1));
	expect_events("linkDown:a failover:a");
	assert_int_equal(newest_event(EVENT_TARGET_DOWN)->link, 1);
	assert_int_equal(newest_event(EVENT_FAILOVER)->detection_us, a->detection_us);
	assert_int_equal(e->links[0]->failover_event, newest_event(EVENT_FAILOVER)->number);
	assert_int_equal(route->adds, 1);
	assert_int_equal(route->deletes, 1);
	assert_false(route->installed);
	assert_true(route->last_change_ns > AT_MS(3000));
	look();
	assert_int_equal(kills, 1);
	installed(0); /* the same once more */
	expect_events("");
	live(3000, 0);
	expect_events("linkUp:a failback:a");
	assert_int_equal(newest_event(EVENT_FAILBACK)->reason, REASON_TARGETS_ANSWER);
	assert_int_equal(newest_event(EVENT_FAILBACK)->detection_us, RTT_UNKNOWN);
	assert_int_equal(route->adds, 2);
	/* back by an order, whatever its targets say */
	live(5000, DEAD(1));
	a->admin = ADMIN_FORCE_UP;
	decide(e);
	installed(0);
	assert_int_equal(newest_event(EVENT_FAILBACK)->reason, REASON_ORDER_FORCE_UP);
	a->admin = ADMIN_AUTO;
	live(3000, 0);
	mark = e->global.events_last;
	route->deletes = 1;
	/* what was not out by a fault is not back from one */
	a->oper = OPER_STANDBY;
	e->sent.family[V4].members[0].weight = 0;
	installed(0);
	assert_int_equal(route->deletes, 2);
	decide(e);
	e->sent.family[V4].members[0].weight = 1;
	installed(0);
	expect_events("");
	end();
}

static void
one_that_is_still_a_member_without_weight_is_not_installed(void **state)
{
	(void)state;
	begin_two(IPV4);
	assert_int_equal(e->sent.family[V4].members[0].link, 1);
	e->sent.family[V4].members[0].weight = 0;
	installed(0);
	assert_false(e->links[0]->row.route[V4].installed);
	assert_true(e->links[1]->row.route[V4].installed);
	end();
}

/* Cut is what can come back elsewhere, once it is out of the kernel's routes. */
static void
when_flows_are_cut(void **state)
{
	struct ipc_plan_result r = {0};

	(void)state;
	begin_two(IPV4);
	for (int i = 0; i < 500 && e->links[0]->row.health == HEALTH_UP; i++)
		live_ms(10, DEAD(1));
	look();
	assert_int_equal(kills, 0); /* it still stands there */
	decide_kills(e);
	look();
	assert_int_equal(kills, 0);
	installed(0);
	look();
	assert_int_equal(kills, 1);
	decide_kills(e);
	look();
	assert_int_equal(kills, 0);
	/* nothing else can carry them */
	live(5000, DEAD(1) | DEAD(2));
	assert_int_equal(e->global.usable_links, 0);
	look();
	assert_int_equal(kills, 0);
	end();
	/* nor where none is left, though its route is gone */
	begin_two(IPV4);
	e->links[0]->facts.carrier = e->links[1]->facts.carrier = CARRIER_DOWN;
	decide(e);
	r.serial = e->global.plan_serial;
	decide_plan_result(e, &r);
	assert_false(e->links[0]->row.route[V4].installed);
	look();
	assert_int_equal(kills, 0);
	give_way(e->links[1]);
	live(2000, 0);
	look();
	assert_int_equal(kills, 1); /* now those of the other one */
	end();
	/* nor where it is not wanted */
	begin_two(TIMES LINK("a", "1", "kill flows no; target 203.0.113.1")
		      LINK("b", "2", "target 203.0.113.2"));
	live(5000, DEAD(1));
	look();
	assert_int_equal(kills, 0);
	end();
}

static void
load(const char *text)
{
	const struct ipc_config body = {.serial = 2};
	const struct ipc_message m = {
	    .type = IPC_CONFIG, .body = &body, .fd = sys_text_fd(text, strlen(text))};

	load_config(e, &m);
	look();
}

/* Those of a link that was removed, though no worker is there that could be told. */
static void
flows_of_a_link_that_was_removed_are_cut_by_the_next_worker(void **state)
{
	static const char other[] = TIMES LINK("b", "2", "target 203.0.113.2");
	const struct ipc_flows done = {.link = 1};
	int channel;

	(void)state;
	begin_two(IPV4);
	load(other);
	assert_int_equal(kills, 1);
	counts_flows_killed(e, &done);
	load(IPV4);
	channel = e->worker;
	e->worker = -1;
	load(other);
	e->worker = channel;
	decide_kills_again(e);
	look();
	assert_int_equal(kills, 1);
	decide_kills(e); /* it has been told */
	look();
	assert_int_equal(kills, 0);
	decide_kills_again(e); /* and left without an answer */
	look();
	assert_int_equal(kills, 1);
	counts_flows_killed(e, &done);
	decide_kills_again(e);
	look();
	assert_int_equal(kills, 0);
	/* one that is back by then has its flows again */
	load(IPV4);
	e->worker = -1;
	load(other);
	load(IPV4);
	e->worker = channel;
	decide_kills_again(e);
	look();
	assert_int_equal(kills, 0);
	end();
}

static void
flows_are_spread_again_over_what_is_back(void **state)
{
	(void)state;
	begin(TIMES LINK("a", "1", "target 203.0.113.1")
		  LINK("b", "2", "rebalance yes; target 203.0.113.2")
		      LINK("c", "3", "rebalance yes; target 203.0.113.3"));
	for (size_t i = 0; i < e->nlinks; i++)
		give_way(e->links[i]);
	decide(e);
	installed(0);
	live(3000, 0); /* one comes after the other */
	assert_int_equal(e->global.usable_links, 3);
	look();
	assert_int_equal(kills, 0); /* what a start finds is not back */
	live(5000, DEAD(1));
	look();
	assert_int_equal(kills, 1);
	e->links[2]->row.admin = ADMIN_DRAIN;
	live(3000, 0);
	look();
	assert_int_equal(kills, 1); /* those of b; c runs empty as a person wants it */
	installed(0);
	decide_kills(e);
	look();
	assert_int_equal(kills, 0);
	end();
}

/* ---- siblings ---- */

/* A target that may be bad is told from a dead link soonest when it is asked on the others. */
static void
siblings_are_asked_at_once(void **state)
{
	struct target *t;
	const struct target *sibling;

	(void)state;
	begin_two("interval 1s; timeout 1s; down after 3; up after 1; hold 0\n" LINK(
	    "a", "1", "quorum 2; target 203.0.113.1; target 203.0.113.9")
		      LINK("b", "2", "target 203.0.113.1; target 203.0.113.8"));
	t = e->links[0]->targets[0], sibling = e->links[1]->targets[0];
	assert_ptr_equal(t->sibling, sibling);
	/* its own turn is an interval away */
	while (last_of(sibling)->at_ns != mono)
		live_ms(1, 0);
	live_ms(5, 0);
	for (int i = 0; i < 3; i++)
		probing_failed(t, &(struct probe){.state = PROBE_WAITING, .sent_ns = mono},
			       ECONNREFUSED);
	assert_int_equal(t->judge.status, TARGET_DOWN);
	decide(e);
	live_ms(1, 0);
	assert_false(last_of(sibling)->urgent);
	live_ms(500, 0);
	assert_true(last_of(sibling)->urgent);
	assert_int_equal(t->outlier, OUTLIER_NO); /* it answers there */
	end();
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(nothing_is_decided_before_all_is_known),
	    cmocka_unit_test(a_plan_is_sent_when_it_changes),
	    cmocka_unit_test(what_did_not_reach_the_parent_is_sent_again),
	    cmocka_unit_test(what_could_not_be_installed_is_tried_again),
	    cmocka_unit_test(of_answers_the_newest_counts),
	    cmocka_unit_test(a_reload_brings_the_plan_again),
	    cmocka_unit_test(a_link_that_waits_is_not_wanted),
	    cmocka_unit_test(a_switch_is_told_once),
	    cmocka_unit_test(one_that_is_still_a_member_without_weight_is_not_installed),
	    cmocka_unit_test(when_flows_are_cut),
	    cmocka_unit_test(flows_of_a_link_that_was_removed_are_cut_by_the_next_worker),
	    cmocka_unit_test(flows_are_spread_again_over_what_is_back),
	    cmocka_unit_test(siblings_are_asked_at_once),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
