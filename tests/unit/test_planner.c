/* SPDX-License-Identifier: ISC */
/* Which links carry the traffic, by a table of situations in short hand:
 *
 *   one word a link: TIER HEALTH [ADMIN] [flags]
 *   health  u up, g degraded, d down, ? unknown
 *   admin   D drain, U forceUp, X forceDown
 *   flags   h held, f flapping, r last resort, l degraded and to go last, L degraded and to leave,
 * e empty (no live flows), n no way out, i installed
 *
 * and what is expected: "1 2 / active standby" = members with weight, then duties. */
#include "unit.h"

#include <stdio.h>

#include "engine/orders.h"
#include "engine/planner.h"

static struct plan_link
link_of(const char *word, unsigned index)
{
	struct plan_link l = {.index = (uint16_t)index,
			      .tier = (uint8_t)(word[0] - '0'),
			      .admin = ADMIN_AUTO,
			      .reason = REASON_TARGETS_ANSWER};

	l.family[V4].configured = l.family[V4].way_out = true;
	l.family[V4].weight = (uint8_t)(10 + index);
	for (const char *p = word + 1; *p != '\0'; p++) {
		switch (*p) {
		case 'u':
			l.health = HEALTH_UP;
			break;
		case 'g':
			l.health = HEALTH_DEGRADED;
			break;
		case 'd':
			l.health = HEALTH_DOWN;
			l.reason = REASON_TARGETS_LOST;
			break;
		case '?':
			l.health = HEALTH_UNKNOWN;
			l.reason = REASON_STARTING;
			break;
		case 'D':
			l.admin = ADMIN_DRAIN;
			break;
		case 'U':
			l.admin = ADMIN_FORCE_UP;
			break;
		case 'X':
			l.admin = ADMIN_FORCE_DOWN;
			break;
		case 'h':
			l.held = true;
			break;
		case 'f':
			l.damped = true;
			break;
		case 'r':
			l.resort = true;
			break;
		case 'l':
			l.family[V4].last = true;
			break;
		case 'L':
			l.family[V4].leaves = true;
			l.reason = REASON_LOSS;
			break;
		case 'e':
			l.empty = true;
			break;
		case 'n':
			l.family[V4].way_out = false;
			l.reason = REASON_NO_CARRIER;
			break;
		case 'i':
			l.family[V4].installed = true;
			break;
		default:
			fail_msg("bad letter %c", *p);
		}
	}
	l.family[V4].health = l.health;
	return l;
}

static size_t
links_of(const char *text, struct plan_link *links)
{
	char copy[128], *save = NULL;
	size_t n = 0;

	strcpy(copy, text);
	for (char *w = strtok_r(copy, " ", &save); w; w = strtok_r(NULL, " ", &save), n++)
		links[n] = link_of(w, (unsigned)n + 1);
	return n;
}

static void
run(const char *situation, char *result, size_t size, struct plan_summary *summary)
{
	static struct plan plan;
	struct plan_link links[8];
	struct plan_duty duty[8];
	size_t n = links_of(situation, links), at = 0;

	planner_run(links, n, &plan, duty, summary);
	for (unsigned i = 0; i < plan.family[V4].count; i++)
		if (plan.family[V4].members[i].weight > 0)
			at += (size_t)snprintf(result + at, size - at, "%u ",
					       plan.family[V4].members[i].link);
	at += (size_t)snprintf(result + at, size - at, "/");
	for (size_t i = 0; i < n; i++)
		at += (size_t)snprintf(result + at, size - at, " %s%s", oper_name(duty[i].oper),
				       duty[i].yielded ? "!" : "");
	assert_int_equal(plan.family[V6].count, 0);
}

static void
duty_follows_from_health_and_orders(void **state)
{
	static const struct {
		const char *situation, *expected;
	} cases[] = {
	    /* tiers */
	    {"1u 1u", "1 2 / active active"},
	    {"1u 2u", "1 / active standby"},
	    {"2u 1u", "2 / standby active"},
	    {"1d 2u", "2 / out active"},
	    {"1g 1u", "1 2 / active active"},
	    {"1d 2d 3u", "3 / out out active"},
	    {"1u 2u 3u", "1 / active standby standby"},
	    {"1d 2g 3u", "2 / out active standby"},
	    {"1uD 2u 3u", "2 / draining active standby"},
	    {"3u", "1 / active"},
	    /* a last resort, whatever its tier is: after what waits, before what leaves */
	    {"2u 1ur", "1 / active standby"},
	    {"2g 1ur", "1 / active standby"},
	    {"2gl 1ur", "1 / active standby"},
	    {"2d 1ur", "2 / out active"},
	    {"2uh 1ur", "1 / active standby"},
	    {"2uf 1ur", "1 / active standby"},
	    {"2gL 1ur", "2 / out active"},
	    {"2uD 1ur", "2 / draining active"},
	    {"2d 1urh", "2 / out active"},
	    {"2d 3ur 2ur", "3 / out standby active"},
	    {"2u 1urU", "2 / standby active"},
	    {"2d 1urD", "2 / out active!"},
	    {"2u 1urD", "1 / active draining"},
	    {"1ur", "1 / active"},
	    /* nothing is dropped while nobody else can carry */
	    {"1di 1di", "/ out out"},
	    {"1d 1d", "1 2 / out out"},
	    {"1dn 1d", "2 / out out"},
	    {"1? 1d", "/ out out"},
	    {"1? 1?", "/ out out"},
	    {"1? 1u", "2 / out active"},
	    {"1dX 1d", "2 / out out"},
	    /* a start takes over what stands: unknown is not down */
	    {"1?i 1u", "1 2 / active active"},
	    {"1?i 1?i", "1 2 / active active"},
	    {"1?i 1?", "1 / active out"},
	    {"1?in 1u", "2 / out active"},
	    {"1?iD 1u", "2 / draining active"},
	    /* held and damped links wait, unless nobody else is there */
	    {"1uh 1u", "2 / out active"},
	    {"1uf 2u", "2 / out active"},
	    {"1uh 1d", "1 / active out"},
	    {"1uh 2uh", "1 / active out"},
	    {"1uh 1uD", "1 / active draining"},
	    /* a degraded link that goes last is still better than one that waits */
	    {"1gl 1u", "2 / standby active"},
	    {"1gl 2u", "2 / standby active"},
	    {"1gl 2gl", "1 / active standby"},
	    {"1gl 1d", "1 / active out"},
	    {"1gl 1uh", "1 / active out"},
	    {"1gl 1uD", "1 / active draining"},
	    /* one that is to leave is out, but never missed as the last way */
	    {"1gL 1u", "2 / out active"},
	    {"1gL 2u", "2 / out active"},
	    {"1gL 2gl", "2 / out active"},
	    {"1gL 1uh", "2 / out active"},
	    {"1gL 2uf", "2 / out active"},
	    {"1gL 1d", "1 / active out"},
	    {"1gL 2gL", "1 / active out"},
	    {"1gLh 1d", "1 / active out"},
	    {"1gL 1uD", "1 / active draining"},
	    {"1gL 1uX", "1 / active out"},
	    {"1gLU 1u", "1 2 / active active"},
	    {"1gLn 1u", "2 / out active"},
	    /* drain */
	    {"1uD 1u", "2 / draining active"},
	    {"1uDe 1u", "2 / drained active"},
	    {"1uD 2u", "2 / draining active"},
	    {"1uD 1d", "1 / active! out"},
	    {"1uD 1uD", "1 2 / active! active!"},
	    {"1uDe 1d", "1 / active! out"},
	    {"1dD 1u", "2 / out active"},
	    /* forceUp carries whatever the probes say, but not without a way out */
	    {"1dU 1u", "1 2 / active active"},
	    {"1dU 2u", "1 / active standby"},
	    {"1dUn 1u", "2 / out active"},
	    {"1uhU 1u", "1 2 / active active"},
	    {"1?U 1u", "1 2 / active active"},
	    {"1u 2uU", "1 / active standby"},
	    {"1u 2ufU", "1 / active standby"},
	    {"1u 2uhU", "1 / active standby"},
	    /* forceDown is out, whatever happens */
	    {"1uX 1u", "2 / out active"},
	    {"1uX 1di", "/ out out"},
	    {"1uXi 1d", "/ out out"},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		char result[128];
		struct plan_summary summary;

		run(cases[i].situation, result, sizeof(result), &summary);
		if (strcmp(result, cases[i].expected) != 0)
			fail_msg("%s: %s, expected %s", cases[i].situation, result,
				 cases[i].expected);
	}
}

static void
each_duty_says_why(void **state)
{
	static const struct {
		const char *situation; /* of the first link the reason */
		enum reason reason;
	} cases[] = {
	    {"1u 1u", REASON_TARGETS_ANSWER},  {"2u 1u", REASON_BETTER_TIER},
	    {"1gl 1u", REASON_TARGETS_ANSWER}, /* its own: why it is degraded */
	    {"1d 1u", REASON_TARGETS_LOST},    {"1u 1u", REASON_TARGETS_ANSWER},
	    {"1uh 1u", REASON_HOLD},           {"1uh 1d", REASON_NO_OTHER_LINK},
	    {"1uf 1u", REASON_FLAPPING},       {"1uf 1d", REASON_NO_OTHER_LINK},
	    {"1gL 1u", REASON_LOSS},           {"1gL 1d", REASON_NO_OTHER_LINK},
	    {"1un 1u", REASON_NO_CARRIER},     {"1uD 1u", REASON_ORDER_DRAIN},
	    {"1uDe 1u", REASON_ORDER_DRAIN},   {"1uD 1d", REASON_NO_OTHER_LINK},
	    {"1dU 1u", REASON_ORDER_FORCE_UP}, {"1uX 1u", REASON_ORDER_FORCE_DOWN},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		static struct plan plan;
		struct plan_link links[8];
		struct plan_duty duty[8];
		struct plan_summary summary;

		planner_run(links, links_of(cases[i].situation, links), &plan, duty, &summary);
		if (duty[0].reason != cases[i].reason)
			fail_msg("%s: %s, expected %s", cases[i].situation,
				 reason_name(duty[0].reason), reason_name(cases[i].reason));
	}
}

/* Two links, with the letters of IPv6 in words of their own. */
static void
run_both(const char *v4, const char *v6, struct plan_duty *duty, struct plan_summary *summary)
{
	static struct plan plan;
	struct plan_link links[8], other[8];
	size_t n = links_of(v4, links);

	assert_int_equal(links_of(v6, other), n);
	for (size_t i = 0; i < n; i++)
		links[i].family[V6] = other[i].family[V4];
	planner_run(links, n, &plan, duty, summary);
}

static void
both_ip_versions_have_a_say(void **state)
{
	struct plan_summary summary;
	struct plan_duty duty[8];

	(void)state;
	/* one that leaves in IPv4 stands by for IPv6 */
	run_both("2gL 1u", "2u 1u", duty, &summary);
	assert_int_equal(duty[0].oper, OPER_STANDBY);
	run_both("2gL 1u", "2gL 1u", duty, &summary);
	assert_int_equal(duty[0].oper, OPER_OUT);
	/* what is still being measured is no outage yet, in either */
	run_both("1d 1d", "1d 1?", duty, &summary);
	assert_false(summary.all_down);
	run_both("1d 1?", "1d 1d", duty, &summary);
	assert_false(summary.all_down);
	run_both("1d 1d", "1d 1d", duty, &summary);
	assert_true(summary.all_down);
	/* the best tier of those that carry, whichever version it is */
	run_both("1u 2d", "1d 2u", duty, &summary);
	assert_int_equal(summary.active_tier, 1);
	run_both("1d 2u", "1u 2d", duty, &summary);
	assert_int_equal(summary.active_tier, 1);
}

/* One that only stands where an earlier start has put it is usable, and nobody knows. */
static void
what_was_never_measured_is_not_sure(void **state)
{
	static const struct {
		const char *situation;
		uint32_t usable, sure;
	} cases[] = {
	    {"1?i 1d", 1, 0}, {"1?i 1u", 2, 1}, {"1u 1g", 2, 2},
	    {"1dU 1d", 1, 1}, {"1d 1d", 0, 0},  {"1uD 1d", 1, 1},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct plan_summary summary;
		char result[128];

		run(cases[i].situation, result, sizeof(result), &summary);
		if (summary.usable != cases[i].usable || summary.sure != cases[i].sure)
			fail_msg("%s: usable %u sure %u", cases[i].situation, summary.usable,
				 summary.sure);
	}
}

static void
all_down_is_said_only_when_it_is_known(void **state)
{
	static const struct {
		const char *situation;
		bool all_down;
		uint32_t usable, tier;
	} cases[] = {
	    {"1d 1d", true, 0, 0},    {"1? 1d", false, 0, 0},   {"1d 2u", false, 1, 2},
	    {"1u 2u", false, 2, 1},   {"1uD 1d", false, 1, 1},  {"1uX 1d", true, 0, 0},
	    {"1?X 1d", true, 0, 0},   {"1uh 1d", false, 1, 1},  {"1u 2ur", false, 2, 1},
	    {"1u 2urh", false, 1, 1}, {"1u 2urf", false, 1, 1},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		char result[128];
		struct plan_summary summary;

		run(cases[i].situation, result, sizeof(result), &summary);
		if (summary.all_down != cases[i].all_down || summary.usable != cases[i].usable ||
		    summary.active_tier != cases[i].tier)
			fail_msg("%s: all_down %d usable %u tier %u", cases[i].situation,
				 summary.all_down, summary.usable, summary.active_tier);
	}
}

static void
every_link_of_the_list_keeps_its_flows(void **state)
{
	static struct plan plan;
	struct plan_link links[8];
	struct plan_duty duty[8];
	struct plan_summary summary;

	(void)state;
	planner_run(links, links_of("1u 2u 1uD 1d", links), &plan, duty, &summary);
	assert_int_equal(plan.family[V4].count, 3);
	assert_int_equal(plan.family[V4].members[0].weight, 11);
	assert_int_equal(plan.family[V4].members[1].link, 2); /* standby */
	assert_int_equal(plan.family[V4].members[1].weight, 0);
	assert_int_equal(plan.family[V4].members[2].link, 3); /* draining */
	assert_int_equal(plan.family[V4].members[2].weight, 0);
}

static void
a_link_that_leaves_keeps_no_flows(void **state)
{
	static struct plan plan;
	struct plan_link links[8];
	struct plan_duty duty[8];
	struct plan_summary summary;

	(void)state;
	planner_run(links, links_of("1gL 1u 2gl", links), &plan, duty, &summary);
	assert_int_equal(plan.family[V4].count, 2);
	assert_int_equal(plan.family[V4].members[0].link, 2);
	assert_int_equal(plan.family[V4].members[1].link, 3); /* goes last: its flows may stay */
	assert_int_equal(summary.usable, 2);
	assert_int_equal(duty[0].reason, REASON_LOSS);
}

static void
ip_versions_are_planned_apart(void **state)
{
	static struct plan plan;
	struct plan_link links[2] = {link_of("1u", 1), link_of("1u", 2)};
	struct plan_duty duty[2];
	struct plan_summary summary;

	(void)state;
	for (int i = 0; i < 2; i++) {
		links[i].family[V6] = links[i].family[V4];
		links[i].family[V6].configured = true;
	}
	links[0].family[V6].health = HEALTH_DOWN;
	links[0].health = HEALTH_DEGRADED;
	planner_run(links, 2, &plan, duty, &summary);
	assert_int_equal(plan.family[V4].count, 2);
	assert_int_equal(plan.family[V6].count, 1);
	assert_int_equal(plan.family[V6].members[0].link, 2);
	assert_int_equal(duty[0].oper, OPER_ACTIVE);
	assert_true(duty[0].carries[V4]);
	assert_false(duty[0].carries[V6]);
}

/* ---- orders ---- */

static void
an_order_that_takes_the_last_way_is_refused(void **state)
{
	static const struct {
		const char *before, *after;
		enum order_verdict verdict;
	} cases[] = {
	    {"1u 1u", "1uD 1u", ORDER_OK},
	    {"1u 1u", "1uX 1u", ORDER_OK},
	    {"1u 2u", "1uD 2u", ORDER_OK},
	    {"1u 1d", "1uD 1d", ORDER_INCONSISTENT},
	    {"1u 1d", "1uX 1d", ORDER_INCONSISTENT},
	    {"1u 1d", "1u 1dD", ORDER_OK},
	    {"1u 1u", "1uD 1uD", ORDER_INCONSISTENT},
	    {"1uD 1u", "1uD 1uD", ORDER_INCONSISTENT},
	    {"1uD 1u", "1uD 1uX", ORDER_INCONSISTENT},
	    {"1d 1d", "1dD 1d", ORDER_INCONSISTENT},
	    {"1uD 1d", "1uD 1d", ORDER_OK}, /* nothing new is ordered away */
	    {"1u 1uh", "1uD 1uh", ORDER_OK},
	    {"1u 1dU", "1uD 1dU", ORDER_OK},
	    {"1u", "1uU", ORDER_OK},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct plan_link before[8], after[8];
		size_t n = links_of(cases[i].before, before), at = 99;
		enum order_verdict v;

		links_of(cases[i].after, after);
		v = orders_leave_a_way(before, after, n, &at);
		if (v != cases[i].verdict)
			fail_msg("%s -> %s: %d", cases[i].before, cases[i].after, v);
		if (v != ORDER_OK)
			assert_true(at < n);
	}
}

static void
an_ip_version_counts_for_itself(void **state)
{
	struct plan_link before[2] = {link_of("1u", 1), link_of("1u", 2)}, after[2];
	size_t at;

	(void)state;
	before[0].family[V6] = before[0].family[V4]; /* only link 1 carries IPv6 */
	memcpy(after, before, sizeof(after));
	after[0].admin = ADMIN_DRAIN;
	assert_int_equal(orders_leave_a_way(before, after, 2, &at), ORDER_INCONSISTENT);
	assert_int_equal(at, 0);
}

static void
values_are_checked_by_themselves(void **state)
{
	static const struct {
		struct order order;
		enum order_verdict verdict;
		uint8_t field;
	} cases[] = {
	    {{.fields = ORDER_ADMIN, .admin = ADMIN_DRAIN}, ORDER_OK, 0},
	    {{.fields = ORDER_ADMIN, .admin = 0}, ORDER_WRONG_VALUE, ORDER_ADMIN},
	    {{.fields = ORDER_ADMIN, .admin = 5}, ORDER_WRONG_VALUE, ORDER_ADMIN},
	    {{.fields = 0, .admin = 5}, ORDER_OK, 0},
	    {{.fields = ORDER_TIMEOUT, .timeout_s = ORDER_TIMEOUT_MAX_S}, ORDER_OK, 0},
	    {{.fields = ORDER_TIMEOUT, .timeout_s = ORDER_TIMEOUT_MAX_S + 1},
	     ORDER_WRONG_VALUE,
	     ORDER_TIMEOUT},
	    {{.fields = ORDER_OWNER, .owner = "noc"}, ORDER_OK, 0},
	    {{.fields = ORDER_OWNER, .owner = "n\x1b[2J"}, ORDER_WRONG_VALUE, ORDER_OWNER},
	    {{.fields = ORDER_COMMENT, .comment = "\xff"}, ORDER_WRONG_VALUE, ORDER_COMMENT},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		uint8_t field = 99;

		assert_int_equal(order_check_values(&cases[i].order, &field), cases[i].verdict);
		assert_int_equal(field, cases[i].field);
	}
}

#define S(n) ((uint64_t)(n)*1000000000)

static void
a_new_order_starts_afresh_and_a_repeated_one_restarts_its_timer(void **state)
{
	struct standing_order now = {.admin = ADMIN_AUTO}, next;
	struct order drain = {.fields = ORDER_ADMIN | ORDER_TIMEOUT | ORDER_COMMENT,
			      .admin = ADMIN_DRAIN,
			      .timeout_s = 60,
			      .comment = "fibre work"};
	struct order again = {.fields = ORDER_ADMIN, .admin = ADMIN_DRAIN};
	struct order up = {.fields = ORDER_ADMIN, .admin = ADMIN_FORCE_UP};
	uint8_t field;

	(void)state;
	assert_int_equal(order_merge(&now, &drain, ACTOR_SNMP, 0, S(100), 1, &next, &field),
			 ORDER_OK);
	assert_true(next.expires_ns == S(160) && next.since_ns == S(100));
	now = next;
	assert_int_equal(order_merge(&now, &again, ACTOR_SNMP, 0, S(130), 2, &next, &field),
			 ORDER_OK);
	assert_true(next.expires_ns == S(190) && next.since_ns == S(100));
	assert_string_equal(next.comment, "fibre work");
	now = next;
	assert_int_equal(order_merge(&now, &up, ACTOR_CONTROL, 0, S(140), 3, &next, &field),
			 ORDER_OK);
	assert_true(next.expires_ns == 0 && next.since_ns == S(140));
	assert_string_equal(next.comment, "");
}

static void
an_order_without_a_timeout_gets_the_default_one(void **state)
{
	struct standing_order now = {.admin = ADMIN_AUTO}, next;
	struct order drain = {.fields = ORDER_ADMIN, .admin = ADMIN_DRAIN};
	uint8_t field;

	(void)state;
	assert_int_equal(order_merge(&now, &drain, ACTOR_SNMP, 3600, S(1), 1, &next, &field),
			 ORDER_OK);
	assert_int_equal(next.timeout_s, 3600);
	assert_true(next.expires_ns == S(3601));
}

static void
auto_ends_an_order_and_takes_nothing_with_it(void **state)
{
	struct standing_order now = {.admin = ADMIN_DRAIN, .comment = "x", .expires_ns = 5}, next;
	struct order plain = {.fields = ORDER_ADMIN, .admin = ADMIN_AUTO};
	struct order with_text = {
	    .fields = ORDER_ADMIN | ORDER_COMMENT, .admin = ADMIN_AUTO, .comment = "y"};
	struct order only_text = {.fields = ORDER_OWNER, .owner = "z"};
	uint8_t field;

	(void)state;
	assert_int_equal(order_merge(&now, &plain, ACTOR_SNMP, 3600, 7, 8, &next, &field),
			 ORDER_OK);
	assert_true(next.admin == ADMIN_AUTO && next.expires_ns == 0 && next.comment[0] == '\0');
	assert_int_equal(order_merge(&now, &with_text, ACTOR_SNMP, 0, 7, 8, &next, &field),
			 ORDER_INCONSISTENT);
	assert_int_equal(field, ORDER_COMMENT);
	now.admin = ADMIN_AUTO;
	assert_int_equal(order_merge(&now, &only_text, ACTOR_SNMP, 0, 7, 8, &next, &field),
			 ORDER_INCONSISTENT);
	assert_int_equal(field, ORDER_OWNER);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(duty_follows_from_health_and_orders),
	    cmocka_unit_test(each_duty_says_why),
	    cmocka_unit_test(both_ip_versions_have_a_say),
	    cmocka_unit_test(what_was_never_measured_is_not_sure),
	    cmocka_unit_test(all_down_is_said_only_when_it_is_known),
	    cmocka_unit_test(every_link_of_the_list_keeps_its_flows),
	    cmocka_unit_test(a_link_that_leaves_keeps_no_flows),
	    cmocka_unit_test(ip_versions_are_planned_apart),
	    cmocka_unit_test(an_order_that_takes_the_last_way_is_refused),
	    cmocka_unit_test(an_ip_version_counts_for_itself),
	    cmocka_unit_test(values_are_checked_by_themselves),
	    cmocka_unit_test(a_new_order_starts_afresh_and_a_repeated_one_restarts_its_timer),
	    cmocka_unit_test(an_order_without_a_timeout_gets_the_default_one),
	    cmocka_unit_test(auto_ends_an_order_and_takes_nothing_with_it),
	};

	return cmocka_run_group_tests_name("planner", tests, NULL, NULL);
}
