/* SPDX-License-Identifier: ISC */
/* What follows from health over time: when a link that is back carries again, which falls
 * count, what a degraded one gets, and how long a fault took to be found. */
#include "unit.h"

#include "common/clock.h"
#include "judged.h"

#define S(n) ((uint64_t)(n)*NSEC_PER_SEC)
#define ONE(more) TIMES "link a { interface wan1; gateway 192.0.2.1; index 1\n" more "\n" T123 "}\n"

static struct link *
with(const char *text)
{
	struct link *a;

	begin(text);
	a = site_link(site, "a");
	samples(a, V4, 2, 10000);
	assert_int_equal(a->row.health, HEALTH_UP);
	return a;
}

static void
fall(struct link *link)
{
	samples(link, V4, 3, RTT_UNKNOWN);
	assert_int_equal(link->row.health, HEALTH_DOWN);
}

/* The new weight of the link's route, 0: none. */
static unsigned
weight(void)
{
	const struct plan_family *list = &site->assessment.plan.family[V4];

	return list->count > 0 ? list->members[0].weight : 0;
}

static void
a_link_that_is_back_is_held_for_its_time(void **state)
{
	struct link *a = with(ONE("hold 10s"));
	uint64_t back_ns;

	(void)state;
	assert_int_equal(a->row.hold_until_ns, 0); /* at a start nothing has fallen */
	fall(a);
	sample(a->targets[0], 10000);
	back_ns = now_ns + 1000;
	sample(a->targets[0], 10000);
	assert_int_equal(a->row.health, HEALTH_UP);
	assert_int_equal(a->row.hold_until_ns, back_ns + S(10));
	assert_int_equal(assess_due(site->links, 1), back_ns + S(10));
	now_ns = back_ns + S(10) - 1;
	decide_now();
	assert_true(a->row.hold_until_ns != 0);
	now_ns++;
	decide_now();
	assert_int_equal(a->row.hold_until_ns, 0);
	end();
}

/* The route of a link whose gateway or address is lost may stand still: that is no reason to
 * leave out one that is down, but has a way. */
static void
what_outlives_its_gateway_keeps_no_link_out(void **state)
{
	struct link *a, *b;
	struct plan_link views[2];

	(void)state;
	begin(TIMES "link a { interface wan1; gateway 192.0.2.1; index 1\n" T123 "}\n"
		    "link b { interface wan2; gateway 192.0.2.2; index 2; tier 2\n" T123 "}\n");
	a = site_link(site, "a");
	b = site_link(site, "b");
	samples(b, V4, 3, RTT_UNKNOWN);
	samples(a, V4, 2, 10000);
	a->row.route[V4].installed = 1;
	assess_views(site->links, 2, now_ns, views);
	assert_true(views[0].family[V4].installed);
	a->facts.route[V4].origin = GATEWAY_NONE;
	assess_views(site->links, 2, now_ns, views);
	assert_false(views[0].family[V4].installed);
	decide_now();
	assert_int_equal(site->assessment.plan.family[V4].count, 1);
	assert_int_equal(site->assessment.plan.family[V4].members[0].link, 2);
	assert_int_not_equal(site->assessment.plan.family[V4].members[0].weight, 0);
	end();
}

/* One that falls while it is held is held anew, from when it is back again. */
static void
a_fall_ends_the_hold(void **state)
{
	struct link *a = with(ONE("hold 1h; flap no"));

	(void)state;
	fall(a);
	samples(a, V4, 2, 10000);
	assert_true(a->row.hold_until_ns != 0);
	fall(a);
	assert_int_equal(a->row.hold_until_ns, 0);
	assert_int_equal(assess_due(site->links, 1), UINT64_MAX);
	samples(a, V4, 2, 10000);
	assert_true(a->row.hold_until_ns > now_ns + S(3590));
	end();
}

static void
each_fall_is_counted_once(void **state)
{
	struct link *a = with(ONE("flap suppress 2500 reuse 1000 half life 1m ceiling 5000"));

	(void)state;
	assert_int_equal(a->row.transitions, 0); /* from unknown to up is none */
	fall(a);
	assert_in_range(a->row.flap_penalty, 990, 1000);
	samples(a, V4, 5, RTT_UNKNOWN);  /* it stays down */
	a->facts.carrier = CARRIER_DOWN; /* for one more reason */
	decide_now();
	assert_in_range(a->row.flap_penalty, 900, 1000);
	a->facts.carrier = CARRIER_UP;
	decide_now();
	for (unsigned falls = 2; falls <= 3; falls++) {
		assert_int_equal(a->row.flap_until_ns, 0);
		samples(a, V4, 2, 10000);
		assert_int_equal(a->row.health, HEALTH_UP);
		fall(a);
		assert_int_equal(a->row.transitions, 2 * falls - 1);
	}
	expect_told("flapping flapping: flap penalty 2784");
	samples(a, V4, 2, 10000);
	assert_int_equal(a->row.oper, OPER_ACTIVE); /* for want of another link */
	assert_int_equal(a->row.oper_reason, REASON_NO_OTHER_LINK);
	assert_int_equal(assess_due(site->links, 1), a->row.flap_until_ns);
	now_ns = a->row.flap_until_ns;
	ntold = 0;
	decide_now();
	expect_told("settled flapping: flap penalty 999");
	assert_int_equal(a->row.oper_reason, REASON_TARGETS_ANSWER);
	end();
}

/* Other targets are asked from now on, as after a reload, and it is still dead: that is no
 * other fall. */
static void
a_link_that_never_came_back_does_not_fall_again(void **state)
{
	struct link *a = with(ONE("flap suppress 2500 reuse 1000 half life 1h ceiling 5000"));

	(void)state;
	fall(a);
	for (size_t i = 0; i < a->ntargets; i++)
		judge_anew(&a->targets[i]->judge);
	decide_now();
	assert_int_equal(a->row.health, HEALTH_UNKNOWN);
	fall(a);
	assert_in_range(a->row.flap_penalty, 990, 1000);
	end();
}

#define BAD 400000
#define LIMIT "limit rtt 300ms leave 200ms\n"

/* What a degraded link gets is a setting, and a well one always has all. */
static void
a_degraded_link_gets_what_was_configured(void **state)
{
	static const struct {
		const char *text;
		unsigned degraded; /* weight */
		uint32_t penalty;
	} cases[] = {
	    {LIMIT ONE("weight 8; when degraded stay"), 8, 0},
	    {LIMIT ONE("weight 8; when degraded weight 3"), 3, 0},
	    {LIMIT ONE("weight 8; when degraded leave"), 8, 1000}, /* the only one there is */
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct link *a = with(cases[i].text);

		assert_int_equal(weight(), 8);
		samples(a, V4, 70, BAD);
		assert_int_equal(a->row.health, HEALTH_DEGRADED);
		assert_int_equal(weight(), cases[i].degraded);
		if (cases[i].penalty == 0)
			assert_int_equal(a->damping.penalty, 0); /* it did not fall */
		else
			assert_true(a->damping.penalty > 0);
		samples(a, V4, 70, 10000);
		assert_int_equal(a->row.health, HEALTH_UP);
		assert_int_equal(weight(), 8);
		assert_int_equal(a->row.transitions, 0);
		end();
	}
}

/* One that is to leave does so while it is degraded, and only then. */
static void
a_link_that_is_to_leave_leaves_to_others(void **state)
{
	struct link *a;

	(void)state;
	begin(LIMIT ONE("when degraded leave") "link b { interface wan2; gateway 192.0.2.2; index "
					       "2; tier 2; target 203.0.113.2 }\n");
	a = site_link(site, "a");
	samples(site_link(site, "b"), V4, 2, 10000);
	samples(a, V4, 2, 10000);
	assert_int_equal(a->row.oper, OPER_ACTIVE);
	samples(a, V4, 70, BAD);
	assert_int_equal(a->row.oper, OPER_OUT);
	assert_int_equal(site_link(site, "b")->row.oper, OPER_ACTIVE);
	samples(a, V4, 70, 10000);
	assert_int_equal(a->row.oper, OPER_ACTIVE);
	end();
}

/* No flow is left once they were counted after the order, or when its time is over; where
 * flows are not kept to their link the others have them already. */
static void
a_drain_ends_when_no_flow_is_left(void **state)
{
	static const struct {
		const char *text;
		uint64_t counted_s; /* the order is of 100 s, and it is 130 s now; 0: never */
		unsigned flows;
		bool empty;
	} cases[] = {
	    {ONE(""), 0, 0, false},
	    {ONE(""), 99, 0, false},
	    {ONE(""), 120, 0, true},
	    {ONE(""), 120, 3, false},
	    {ONE("drain deadline 1m"), 120, 3, false},
	    {ONE("drain deadline 30s"), 120, 3, true},
	    {"flows kernel\n" ONE("nat none"), 120, 3, true},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct plan_link view;
		struct link *a;

		begin(cases[i].text);
		a = site_link(site, "a");
		a->row.admin = ADMIN_DRAIN;
		a->row.oper = OPER_DRAINING;
		a->row.order_since_ns = a->row.oper_since_ns = S(100);
		a->row.has_live_flows = cases[i].counted_s != 0;
		a->row.live_flows = cases[i].flows;
		a->flows_counted_ns = S(cases[i].counted_s);
		assess_views(site->links, 1, S(130), &view);
		if (view.empty != cases[i].empty)
			fail_msg("case %zu", i);
		end();
	}
}

/* Degraded is time that it could be used. */
static void
time_goes_to_the_state_that_it_was_spent_in(void **state)
{
	struct link *a = with(LIMIT ONE(""));
	uint64_t began_ns = a->row.health_since_ns;

	(void)state;
	samples(a, V4, 70, BAD);
	assert_int_equal(a->row.health, HEALTH_DEGRADED);
	fall(a);
	assert_int_equal(a->row.up_ns, a->row.health_since_ns - began_ns);
	assert_int_equal(a->row.down_ns, 0);
	began_ns = a->row.health_since_ns;
	samples(a, V4, 2, 10000);
	assert_int_equal(a->row.down_ns, a->row.health_since_ns - began_ns);
	end();
}

static void
detection_is_from_the_first_lost_probe_of_this_fault(void **state)
{
	struct link *a;

	(void)state;
	a = with(ONE(""));
	fall(a); /* all three, lost at 0, 1 and 2 s */
	assert_in_range(a->row.detection_us, 2000000, 2000001);
	end();

	/* one that has failed for a minute has no part in what happens now */
	a = with(ONE(""));
	for (unsigned i = 0; i < 60; i++, now_ns += S(1)) {
		sample(a->targets[0], RTT_UNKNOWN);
		sample(a->targets[1], 10000);
		sample(a->targets[2], 10000);
	}
	fall(a);
	assert_in_range(a->row.detection_us, 2000000, 2000001);
	end();

	/* but one that began half a second before does */
	a = with(ONE(""));
	for (unsigned i = 0; i < 6; i++, now_ns += S(1) / 2)
		for (unsigned k = 0; k < 3; k++)
			if ((i % 2 == 0) == (k == 0))
				sample(a->targets[k], RTT_UNKNOWN);
	assert_int_equal(a->row.health, HEALTH_DOWN);
	assert_in_range(a->row.detection_us, 2500000, 2500001);
	end();

	/* unless it is set aside: it fails for a reason of its own */
	a = with(ONE(""));
	a->targets[0]->outlier = OUTLIER_ASIDE;
	for (unsigned i = 0; i < 6; i++, now_ns += S(1) / 2)
		for (unsigned k = 0; k < 3; k++)
			if ((i % 2 == 0) == (k == 0))
				sample(a->targets[k], RTT_UNKNOWN);
	assert_int_equal(a->row.health, HEALTH_DOWN);
	assert_in_range(a->row.detection_us, 2000000, 2000001);
	end();

	/* a cable that is pulled is not found by probes */
	a = with(ONE(""));
	samples(a, V4, 1, RTT_UNKNOWN);
	a->facts.carrier = CARRIER_DOWN;
	decide_now();
	assert_int_equal(a->row.health, HEALTH_DOWN);
	assert_int_equal(a->row.detection_us, RTT_UNKNOWN);
	end();
}

/* A target that is about to be known lets what was measured stand: one of the same version. */
static void
what_is_about_to_be_known_is_of_its_own_version(void **state)
{
	struct link *a;

	(void)state;
	begin(TIMES "link a { interface wan1; gateway 192.0.2.1; gateway fe80::1; index 1\n"
		    "target 203.0.113.1; target 203.0.113.53; target 2001:db8:7::1 }\n");
	a = site_link(site, "a");
	sample(a->targets[0], 10000);
	assert_int_equal(a->verdict[V4].health, HEALTH_UP);
	sample(a->targets[2], RTT_UNKNOWN);
	for (unsigned i = 0; i < 3; i++, now_ns += S(1))
		sample(a->targets[0], RTT_UNKNOWN);
	assert_int_equal(a->verdict[V4].health, HEALTH_UNKNOWN);
	end();
}

/* Which begins when it comes, as with a reload; and one that has lost a probe is not silent. */
static void
each_target_has_its_time_to_be_measured(void **state)
{
	struct link *a;

	(void)state;
	begin(ONE("quorum 3"));
	a = site_link(site, "a");
	decide_now(); /* a way since 100 s */
	sample(a->targets[0], 10000);
	sample(a->targets[1], 10000);
	assert_int_equal(assess_due(site->links, 1), S(107));
	a->targets[2]->row.status_since_ns = S(150);
	assert_int_equal(assess_due(site->links, 1), S(157));
	now_ns = S(151);
	sample(a->targets[2], RTT_UNKNOWN);
	assert_int_equal(assess_due(site->links, 1), UINT64_MAX);
	now_ns = S(160);
	decide_now();
	assert_int_equal(a->row.health, HEALTH_UNKNOWN);
	end();
}

/* An outage of everything ends with the first link that can be used, and not before. */
static void
the_end_of_an_outage_is_told_once_something_is_usable(void **state)
{
	struct link *a = with(ONE(""));

	(void)state;
	fall(a);
	expect_told("allDown keptLastRoutes: ");
	ntold = 0;
	/* to be measured anew, as after a reload, is neither */
	for (size_t i = 0; i < a->ntargets; i++)
		judge_anew(&a->targets[i]->judge);
	decide_now();
	assert_int_equal(a->row.health, HEALTH_UNKNOWN);
	for (size_t i = 0; i < ntold; i++)
		assert_null(strstr(told[i], "allDownClear"));
	fall(a);
	samples(a, V4, 1, 10000);
	for (size_t i = 0; i < ntold; i++)
		assert_null(strstr(told[i], "allDownClear"));
	samples(a, V4, 1, 10000);
	expect_told("linkUp targetsAnswer: 1 of 3 targets answer");
	expect_told("allDownClear targetsAnswer: ");
	end();
}

/* Its flows are cut where it goes out of use, and where that is configured. */
static void
flows_of_a_dead_link_are_cut_where_configured(void **state)
{
	static const struct {
		const char *text;
		bool cut;
	} cases[] = {{ONE("kill flows yes"), true}, {ONE("kill flows no"), false}};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct link *a = with(cases[i].text);

		assert_int_equal(a->row.cut, CUT_NONE);
		fall(a);
		assert_int_equal(a->row.cut, cases[i].cut ? CUT_WANTED : CUT_NONE);
		end();
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(a_link_that_is_back_is_held_for_its_time),
	    cmocka_unit_test(what_outlives_its_gateway_keeps_no_link_out),
	    cmocka_unit_test(a_fall_ends_the_hold),
	    cmocka_unit_test(each_fall_is_counted_once),
	    cmocka_unit_test(a_link_that_never_came_back_does_not_fall_again),
	    cmocka_unit_test(a_degraded_link_gets_what_was_configured),
	    cmocka_unit_test(a_link_that_is_to_leave_leaves_to_others),
	    cmocka_unit_test(a_drain_ends_when_no_flow_is_left),
	    cmocka_unit_test(time_goes_to_the_state_that_it_was_spent_in),
	    cmocka_unit_test(detection_is_from_the_first_lost_probe_of_this_fault),
	    cmocka_unit_test(what_is_about_to_be_known_is_of_its_own_version),
	    cmocka_unit_test(each_target_has_its_time_to_be_measured),
	    cmocka_unit_test(the_end_of_an_outage_is_told_once_something_is_usable),
	    cmocka_unit_test(flows_of_a_dead_link_are_cut_where_configured),
	};

	return cmocka_run_group_tests_name("assess", tests, NULL, NULL);
}
