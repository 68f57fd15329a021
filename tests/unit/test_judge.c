/* SPDX-License-Identifier: ISC */
/* Nothing is declared down that answers, nothing up that does not, and nothing
 * either way before it was measured. */
#include "unit.h"

#include "common/board.h"
#include "engine/judge.h"

static const struct conf_probe probe = {.down_after = 3, .up_after = 2};

/* Samples as text: '.' answered, 'x' lost. Returns the status after the last. */
static unsigned
status_after(struct target_judge *t, const char *samples)
{
	for (size_t i = 0; samples[i]; i++)
		judge_sample(t, &probe, samples[i] == '.', 1000 + i);
	return t->status;
}

static void
runs_decide(void **state)
{
	static const struct {
		const char *samples;
		unsigned status;
	} cases[] = {
	    {"", TARGET_UNKNOWN},    {"x", TARGET_UNKNOWN},    {"xx", TARGET_UNKNOWN},
	    {"xxx", TARGET_DOWN},    {".", TARGET_UP},         {"xx.", TARGET_UP},
	    {".xx", TARGET_UP},      {".xx.xx.xx", TARGET_UP}, {".xxx", TARGET_DOWN},
	    {"xxx.", TARGET_DOWN},   {"xxx..", TARGET_UP},     {"xxx.x.", TARGET_DOWN},
	    {".xxx.x..", TARGET_UP},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct target_judge t = {.status = TARGET_UNKNOWN};

		assert_int_equal(status_after(&t, cases[i].samples), cases[i].status);
	}
}

static void
a_change_is_told_once(void **state)
{
	struct target_judge t = {.status = TARGET_UNKNOWN};

	(void)state;
	assert_true(judge_sample(&t, &probe, true, 1));
	assert_false(judge_sample(&t, &probe, true, 2));
	assert_false(judge_sample(&t, &probe, false, 3));
	assert_false(judge_sample(&t, &probe, false, 4));
	assert_true(judge_sample(&t, &probe, false, 5));
	assert_false(judge_sample(&t, &probe, false, 6));
	assert_int_equal(t.run_lost_ns, 3);
	assert_int_equal(t.down_ns, 5);
	judge_sample(&t, &probe, true, 7);
	assert_int_equal(t.run_lost_ns, 0);
	assert_int_equal(t.answered_ns, 7);
	judge_sample(&t, &probe, true, 6); /* that of an earlier probe, on a slow way */
	assert_int_equal(t.answered_ns, 7);
}

static void
one_that_never_answered_was_not_up(void **state)
{
	struct target_judge never = {.status = TARGET_UNKNOWN}, once = never;

	(void)state;
	assert_int_equal(status_after(&never, "xxx"), TARGET_DOWN);
	assert_false(never.was_up);
	assert_int_equal(status_after(&once, ".xxx"), TARGET_DOWN);
	assert_true(once.was_up);
}

static void
a_late_answer_takes_a_failure_back_but_raises_nobody(void **state)
{
	struct target_judge t = {.status = TARGET_UNKNOWN};

	(void)state;
	status_after(&t, ".xx");
	judge_late(&t);
	assert_int_equal(t.run_failures, 1);
	judge_late(&t);
	assert_int_equal(t.run_lost_ns, 0);
	judge_late(&t);
	assert_int_equal(t.run_failures, 0);
	assert_int_equal(status_after(&t, "xxx"), TARGET_DOWN);
	judge_late(&t);
	assert_int_equal(t.status, TARGET_DOWN);
	assert_int_equal(t.run_failures, 3);
}

static void
what_was_answered_before_a_pulled_cable_counts_no_more(void **state)
{
	struct target_judge t = {.status = TARGET_UNKNOWN};

	(void)state;
	judge_no_way(&t);
	assert_int_equal(t.status, TARGET_UNKNOWN); /* it was never judged */
	assert_int_equal(status_after(&t, "..."), TARGET_UP);
	judge_no_way(&t);
	assert_int_equal(t.status, TARGET_DOWN);
	assert_int_equal(status_after(&t, "."), TARGET_DOWN);
	assert_int_equal(status_after(&t, "."), TARGET_UP);
}

static struct link_facts
good_facts(void)
{
	struct link_facts f = {.ifindex = 2, .admin_up = 1, .carrier = CARRIER_UP};

	for (int i = 0; i < FAMILIES; i++) {
		f.route[i].origin = GATEWAY_CONFIGURED;
		f.route[i].source.version = i == V4 ? 4 : 6;
		f.route[i].gateway.version = i == V4 ? 4 : 6;
	}
	return f;
}

static void
the_kernels_word_comes_first(void **state)
{
	struct target_counts all_up = {.up = 3};
	struct link_facts f;

	(void)state;
#define EXPECT(change, why)                                          \
	do {                                                         \
		f = good_facts();                                    \
		change;                                              \
		struct verdict v = judge_family(&f, V4, 1, &all_up); \
		assert_int_equal(v.health, HEALTH_DOWN);             \
		assert_int_equal(v.reason, why);                     \
	} while (0)
	EXPECT(f.ifindex = 0, REASON_NO_INTERFACE);
	EXPECT(f.admin_up = 0, REASON_INTERFACE_DOWN);
	EXPECT(f.carrier = CARRIER_DOWN, REASON_NO_CARRIER);
	EXPECT(f.route[V4].origin = GATEWAY_NONE, REASON_NO_GATEWAY);
	EXPECT(f.route[V4].source.version = 0, REASON_NO_ADDRESS);
#undef EXPECT
	f = good_facts();
	f.carrier = CARRIER_UNKNOWN; /* it can't tell: the probes can */
	f.route[V6].source.version = 0;
	assert_int_equal(judge_family(&f, V4, 1, &all_up).health, HEALTH_UP);
}

static void
a_quorum_of_targets_decides(void **state)
{
	static const struct {
		uint32_t up, down, unknown, quorum;
		unsigned health, reason;
	} cases[] = {
	    {1, 0, 0, 1, HEALTH_UP, REASON_TARGETS_ANSWER},
	    {0, 1, 0, 1, HEALTH_DOWN, REASON_TARGETS_LOST},
	    {0, 0, 1, 1, HEALTH_UNKNOWN, REASON_STARTING},
	    {1, 2, 0, 1, HEALTH_UP, REASON_TARGETS_ANSWER},
	    {1, 2, 0, 2, HEALTH_DOWN, REASON_TARGETS_LOST},
	    {1, 1, 1, 2, HEALTH_UNKNOWN, REASON_STARTING},
	    {0, 2, 1, 1, HEALTH_UNKNOWN, REASON_STARTING},
	    {0, 0, 0, 1, HEALTH_UNKNOWN, REASON_STARTING},
	    {2, 0, 0, 3, HEALTH_UP, REASON_TARGETS_ANSWER}, /* no more than there are */
	};
	struct link_facts f = good_facts();

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct target_counts c = {
		    .up = cases[i].up, .down = cases[i].down, .unknown = cases[i].unknown};
		struct verdict v = judge_family(&f, V4, cases[i].quorum, &c);

		assert_int_equal(v.health, cases[i].health);
		assert_int_equal(v.reason, cases[i].reason);
	}
}

static void
one_ip_version_does_not_take_the_other_down(void **state)
{
	enum { U = HEALTH_UNKNOWN, UP = HEALTH_UP, DEG = HEALTH_DEGRADED, DN = HEALTH_DOWN };
	static const struct {
		unsigned v4, v6, health;
		bool has4, has6;
	} cases[] = {
	    {UP, DN, UP, true, false},  {DN, UP, UP, false, true},  {UP, UP, UP, true, true},
	    {DN, DN, DN, true, true},   {UP, DN, DEG, true, true},  {DN, UP, DEG, true, true},
	    {U, UP, UP, true, true},    {UP, U, UP, true, true},    {U, DN, U, true, true},
	    {DN, U, U, true, true},     {U, U, U, true, true},      {DEG, UP, DEG, true, true},
	    {UP, DEG, DEG, true, true}, {DEG, DN, DEG, true, true},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct verdict v[FAMILIES] = {{(uint8_t)cases[i].v4, REASON_TARGETS_ANSWER},
					      {(uint8_t)cases[i].v6, REASON_TARGETS_LOST}};
		bool has[FAMILIES] = {cases[i].has4, cases[i].has6};

		assert_int_equal(judge_link(v, has).health, cases[i].health);
	}
}

static void
a_degraded_link_says_what_does_not_carry(void **state)
{
	struct verdict v[FAMILIES] = {{HEALTH_UP, REASON_TARGETS_ANSWER},
				      {HEALTH_DOWN, REASON_NO_ADDRESS}};
	bool has[FAMILIES] = {true, true};

	(void)state;
	assert_int_equal(judge_link(v, has).reason, REASON_NO_ADDRESS);
}

static void
a_threshold_is_entered_high_and_left_low(void **state)
{
	static const struct conf_limits limits = {
	    .loss_ppm = {200000, 50000}, .rtt_us = {300000, 200000}, .jitter_us = {0, 0}};
	static const struct {
		struct measured m;
		enum reason before, after;
	} cases[] = {
	    {{0, 1000, 100}, REASON_NONE, REASON_NONE},
	    {{199999, 299999, 900000}, REASON_NONE, REASON_NONE},
	    {{200000, 1000, 100}, REASON_NONE, REASON_LOSS},
	    {{100000, 1000, 100}, REASON_LOSS, REASON_LOSS},
	    {{100000, 1000, 100}, REASON_RTT, REASON_NONE},
	    {{50000, 1000, 100}, REASON_LOSS, REASON_NONE},
	    {{0, 250000, 100}, REASON_RTT, REASON_RTT},
	    {{0, 200000, 100}, REASON_RTT, REASON_NONE},
	    {{300000, 400000, 100}, REASON_RTT, REASON_LOSS},
	    {{LOSS_UNKNOWN, RTT_UNKNOWN, RTT_UNKNOWN}, REASON_RTT, REASON_NONE},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++)
		assert_int_equal(judge_limits(&limits, &cases[i].m, cases[i].before),
				 cases[i].after);
}

/* Each measure is left by its own lower edge. */
static void
jitter_has_its_edges_too(void **state)
{
	static const struct conf_limits limits = {.rtt_us = {300000, 200000},
						  .jitter_us = {50000, 20000}};
	static const struct {
		uint32_t rtt_us, jitter_us;
		enum reason before, after;
	} cases[] = {
	    {1000, 49999, REASON_NONE, REASON_NONE},     {1000, 50000, REASON_NONE, REASON_JITTER},
	    {1000, 30000, REASON_JITTER, REASON_JITTER}, {1000, 20000, REASON_JITTER, REASON_NONE},
	    {1000, 30000, REASON_RTT, REASON_NONE},      {250000, 30000, REASON_RTT, REASON_RTT},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct measured m = {0, cases[i].rtt_us, cases[i].jitter_us};

		assert_int_equal(judge_limits(&limits, &m, cases[i].before), cases[i].after);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(runs_decide),
	    cmocka_unit_test(a_change_is_told_once),
	    cmocka_unit_test(one_that_never_answered_was_not_up),
	    cmocka_unit_test(a_late_answer_takes_a_failure_back_but_raises_nobody),
	    cmocka_unit_test(what_was_answered_before_a_pulled_cable_counts_no_more),
	    cmocka_unit_test(the_kernels_word_comes_first),
	    cmocka_unit_test(a_quorum_of_targets_decides),
	    cmocka_unit_test(one_ip_version_does_not_take_the_other_down),
	    cmocka_unit_test(a_threshold_is_entered_high_and_left_low),
	    cmocka_unit_test(jitter_has_its_edges_too),
	    cmocka_unit_test(a_degraded_link_says_what_does_not_carry),
	};

	return cmocka_run_group_tests_name("judge", tests, NULL, NULL);
}
