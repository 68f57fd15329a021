/* SPDX-License-Identifier: ISC */
/* A link's figures from those of its targets, and what they say of it against its limits:
 * neither one odd target nor a few samples. */
#include "unit.h"

#include <stdio.h>

#include "common/clock.h"
#include "engine/figures.h"
#include "engine/recent.h"
#include "judged.h"

#define LIMIT_RTT "limit rtt 300ms leave 200ms\n"
#define TARGETS2 "target 203.0.113.1; target 203.0.113.53\n"
#define LINK_A4(targets) "link a { interface wan1; gateway 192.0.2.1; index 1\n" targets " }\n"

/* Each target answers with its own time, so often. */
static void
answer(struct link *link, unsigned n, const uint32_t *rtt_us)
{
	for (; n > 0; n--, now_ns += NSEC_PER_SEC)
		for (size_t i = 0; i < link->ntargets; i++)
			sample(link->targets[i], rtt_us[i]);
}

static void
one_odd_target_says_nothing_about_the_link(void **state)
{
	static const struct {
		const char *targets;
		uint32_t rtt_us[3];
		unsigned health;
	} cases[] = {
	    {TARGETS2, {10000, 400000}, HEALTH_UP},
	    {TARGETS2, {400000, 400000}, HEALTH_DEGRADED},
	    {T123, {10000, 400000, 10000}, HEALTH_UP},
	    {T123, {400000, 400000, 10000}, HEALTH_DEGRADED},
	    {T123, {400000, 10000, RTT_UNKNOWN}, HEALTH_UP}, /* a dead one has no say */
	};
	char text[400];

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct link *a;

		snprintf(text, sizeof(text), TIMES LIMIT_RTT LINK_A4("%s"), cases[i].targets);
		begin(text);
		a = site_link(site, "a");
		answer(a, 10, cases[i].rtt_us);
		assert_int_equal(a->row.health, cases[i].health);
		end();
	}
}

/* A target that answers no more leaves figures behind that count no more. */
static void
a_dead_target_has_no_say_in_the_quality_of_the_others(void **state)
{
	static const uint32_t before[] = {400000, 400000, 10000},
			      after[] = {RTT_UNKNOWN, RTT_UNKNOWN, 10000};
	struct link *a;

	(void)state;
	begin(TIMES LIMIT_RTT LINK_A4(T123));
	a = site_link(site, "a");
	answer(a, 10, before);
	assert_int_equal(a->row.health, HEALTH_DEGRADED);
	answer(a, 4, after);
	assert_int_equal(a->row.health, HEALTH_UP);
	end();
}

static void
each_ip_version_has_its_own_quality(void **state)
{
	static const uint32_t rtt[] = {10000, 400000};
	struct link *a;

	(void)state;
	begin(TIMES LIMIT_RTT
	      "link a { interface wan1; gateway 192.0.2.1; gateway fe80::1; index 1\n"
	      "target 203.0.113.1; target 2001:db8:7::1 }\n");
	a = site_link(site, "a");
	answer(a, 10, rtt);
	assert_int_equal(a->verdict[V4].health, HEALTH_UP);
	assert_int_equal(a->verdict[V6].health, HEALTH_DEGRADED);
	assert_int_equal(figures_measured(a, V4).rtt_us, 10000);
	assert_int_equal(figures_measured(a, V6).rtt_us, 400000);
	end();
}

/* One of the first four is a quarter, and says nothing yet. */
static void
loss_is_known_once_there_are_samples_enough(void **state)
{
	struct link *a;

	(void)state;
	begin(TIMES "limit loss 10% leave 5%\n" LINK_A4(T123));
	a = site_link(site, "a");
	samples(a, V4, 2, 10000);
	samples(a, V4, 1, RTT_UNKNOWN);
	samples(a, V4, 1, 10000);
	assert_int_equal(figures_measured(a, V4).loss_ppm, LOSS_UNKNOWN);
	assert_int_equal(a->row.health, HEALTH_UP);
	samples(a, V4, 15, 10000);
	assert_int_equal(figures_measured(a, V4).loss_ppm, LOSS_UNKNOWN);
	samples(a, V4, 1, 10000);
	assert_int_equal(figures_measured(a, V4).loss_ppm, 50000); /* 1 of 20 */
	end();
}

/* Five lost in a row are an outage, or as many as make it down if these are more. */
static void
a_run_that_makes_nothing_down_is_loss(void **state)
{
	static const struct {
		const char *text;
		uint32_t ppm;
	} cases[] = {
	    {"interval 1s; timeout 1s; down after 3; up after 2\n", 0},
	    {"interval 1s; timeout 1s; down after 10; up after 2\n", 200000}, /* 5 of 25 */
	};
	char text[400];

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct link *a;

		snprintf(text, sizeof(text), "%slimit loss 50%% leave 5%%\n%s", cases[i].text,
			 LINK_A4(T123));
		begin(text);
		a = site_link(site, "a");
		samples(a, V4, 10, 10000);
		samples(a, V4, 5, RTT_UNKNOWN);
		samples(a, V4, 10, 10000);
		samples(a, V4, i == 0 ? 10 : 0, 10000);
		assert_int_equal(figures_measured(a, V4).loss_ppm, cases[i].ppm);
		end();
	}
}

/* Any one of the limits is enough to be looked at with each sample. */
static void
a_limit_on_jitter_alone_is_one(void **state)
{
	struct link *a;

	(void)state;
	begin(TIMES "limit jitter 50ms leave 20ms\n" LINK_A4(T123));
	a = site_link(site, "a");
	for (unsigned i = 0; i < 20; i++)
		samples(a, V4, 1, i % 2 ? 10000 : 90000);
	assert_int_equal(a->row.health, HEALTH_DEGRADED);
	assert_int_equal(a->row.health_reason, REASON_JITTER);
	end();
}

/* Degraded for one reason and then for another: what is said of it follows. */
static void
the_reason_is_that_of_now(void **state)
{
	struct link *a;

	(void)state;
	begin(TIMES LIMIT_RTT "limit jitter 50ms leave 20ms\n" LINK_A4(T123));
	a = site_link(site, "a");
	for (unsigned i = 0; i < 20; i++)
		samples(a, V4, 1, i % 2 ? 10000 : 90000);
	assert_int_equal(a->row.health_reason, REASON_JITTER);
	samples(a, V4, 70, 400000);
	assert_int_equal(a->row.health, HEALTH_DEGRADED);
	assert_int_equal(a->row.health_reason, REASON_RTT);
	expect_told("- rtt: rtt 331.4 ms (limit 300.0 ms)");
	end();
}

/* Other than the verdict, which takes the median: what is published are extremes and means. */
static void
the_links_figures_are_those_of_all_its_targets(void **state)
{
	static const uint32_t first[] = {10000, 40000, RTT_UNKNOWN},
			      then[] = {20000, 30000, RTT_UNKNOWN};
	struct link *a;

	(void)state;
	begin(TIMES LINK_A4(T123));
	a = site_link(site, "a");
	figures_link(a);
	assert_int_equal(a->row.rtt_avg_us, RTT_UNKNOWN);
	assert_int_equal(a->row.loss_ppm, LOSS_UNKNOWN);
	answer(a, 1, first);
	answer(a, 1, then);
	answer(a, 1, then);
	a->targets[0]->row.last_good_ns = now_ns + 2;
	a->targets[1]->row.last_good_ns = now_ns + 1;
	figures_link(a);
	assert_int_equal(a->row.rtt_last_us, 20000); /* the newest answer */
	assert_int_equal(a->row.rtt_min_us, 10000);
	assert_int_equal(a->row.rtt_max_us, 40000);
	assert_int_equal(a->row.rtt_avg_us, (50000 / 3 + 100000 / 3) / 2);
	assert_int_equal(a->row.jitter_us, 5000);
	assert_int_equal(a->row.loss_ppm, 333333);
	assert_int_equal(a->row.route[V4].targets, 3);
	assert_int_equal(a->row.route[V4].targets_up, 2);
	end();
}

/* A loss that was only late is taken back while its window lasts. */
static void
a_late_answer_counts_as_long_as_its_loss_does(void **state)
{
	static const struct {
		unsigned later_s;
		unsigned status; /* after two more losses */
	} cases[] = {{1, TARGET_UP}, {400, TARGET_DOWN}};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct sample lost = {.rtt_us = RTT_UNKNOWN};
		struct outcome o;
		struct target *t;

		begin(TIMES LINK_A4(T123));
		t = site_link(site, "a")->targets[0];
		sample(t, 10000);
		now_ns += NSEC_PER_SEC;
		lost.sent_ns = now_ns;
		o = assess_sample(t, &lost, now_ns);
		now_ns += cases[i].later_s * NSEC_PER_SEC;
		sample(t, RTT_UNKNOWN);
		assess_late(t, o.sample, 1200000);
		if (cases[i].later_s == 1) {
			assert_int_equal(recent_us(t->recent, 2), 1200000);
			assert_int_equal(t->row.rtt_max_us, 1200000);
		}
		sample(t, RTT_UNKNOWN);
		assert_int_equal(t->judge.status, cases[i].status);
		end();
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(one_odd_target_says_nothing_about_the_link),
	    cmocka_unit_test(a_dead_target_has_no_say_in_the_quality_of_the_others),
	    cmocka_unit_test(each_ip_version_has_its_own_quality),
	    cmocka_unit_test(loss_is_known_once_there_are_samples_enough),
	    cmocka_unit_test(a_run_that_makes_nothing_down_is_loss),
	    cmocka_unit_test(a_limit_on_jitter_alone_is_one),
	    cmocka_unit_test(the_reason_is_that_of_now),
	    cmocka_unit_test(the_links_figures_are_those_of_all_its_targets),
	    cmocka_unit_test(a_late_answer_counts_as_long_as_its_loss_does),
	};

	return cmocka_run_group_tests_name("figures", tests, NULL, NULL);
}
