/* SPDX-License-Identifier: ISC */
/* The window says what its samples say, and takes a loss back for a late answer. */
#include "unit.h"

#include "engine/window.h"

#define LOST RTT_UNKNOWN

static struct window_stats
stats_of(const uint32_t *samples, size_t n)
{
	struct window w = {0};
	struct window_stats s;

	for (size_t i = 0; i < n; i++)
		window_add(&w, samples[i]);
	window_stats(&w, &s);
	return s;
}

static void
an_empty_window_knows_nothing(void **state)
{
	struct window_stats s = stats_of(NULL, 0);

	(void)state;
	assert_int_equal(s.samples, 0);
	assert_int_equal(s.loss_ppm, LOSS_UNKNOWN);
	assert_int_equal(s.rtt_last_us, RTT_UNKNOWN);
	assert_int_equal(s.jitter_us, RTT_UNKNOWN);
}

static void
figures_follow_from_the_samples(void **state)
{
	static const struct {
		uint32_t samples[8];
		size_t n;
		uint32_t last, avg, min, max, p95, jitter, loss;
	} cases[] = {
	    {{100}, 1, 100, 100, 100, 100, 100, RTT_UNKNOWN, 0},
	    {{100, 300}, 2, 300, 200, 100, 300, 300, 200, 0},
	    {{300, 100, 200}, 3, 200, 200, 100, 300, 300, 150, 0},
	    {{100, LOST, 300, LOST}, 4, 300, 200, 100, 300, 300, 200, 500000},
	    {{LOST, LOST}, 2, LOST, LOST, LOST, LOST, LOST, LOST, 1000000},
	    {{LOST, 7, LOST}, 3, 7, 7, 7, 7, 7, RTT_UNKNOWN, 666666},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct window_stats s = stats_of(cases[i].samples, cases[i].n);

		assert_int_equal(s.samples, cases[i].n);
		assert_int_equal(s.rtt_last_us, cases[i].last);
		assert_int_equal(s.rtt_avg_us, cases[i].avg);
		assert_int_equal(s.rtt_min_us, cases[i].min);
		assert_int_equal(s.rtt_max_us, cases[i].max);
		assert_int_equal(s.rtt_p95_us, cases[i].p95);
		assert_int_equal(s.jitter_us, cases[i].jitter);
		assert_int_equal(s.loss_ppm, cases[i].loss);
	}
}

static void
the_95th_percentile_is_the_nearest_rank(void **state)
{
	struct window w = {0};
	struct window_stats s;

	(void)state;
	for (uint32_t i = 1; i <= 40; i++)
		window_add(&w, 41 - i);
	window_stats(&w, &s);
	assert_int_equal(s.rtt_p95_us, 38); /* 95 % of 40 */
}

static void
old_samples_leave(void **state)
{
	struct window w = {0};
	struct window_stats s;

	(void)state;
	window_add(&w, LOST);
	for (int i = 0; i < WINDOW_SAMPLES; i++)
		window_add(&w, 5);
	window_stats(&w, &s);
	assert_int_equal(s.samples, WINDOW_SAMPLES);
	assert_int_equal(s.loss_ppm, 0);
}

static void
a_late_answer_takes_its_loss_back_once(void **state)
{
	struct window w = {0};
	struct window_stats s;
	uint32_t lost;

	(void)state;
	window_add(&w, 10);
	lost = window_add(&w, LOST);
	window_add(&w, 30);
	assert_int_equal(window_correct(&w, lost, 2000), 1);
	assert_int_equal(window_correct(&w, lost, 2000), 0);
	window_stats(&w, &s);
	assert_int_equal(s.loss_ppm, 0);
	assert_int_equal(s.rtt_max_us, 2000);
}

static void
a_late_answer_to_a_sample_that_has_left_changes_nothing(void **state)
{
	struct window w = {0};
	uint32_t lost = window_add(&w, LOST);

	(void)state;
	for (int i = 0; i < WINDOW_SAMPLES; i++)
		window_add(&w, LOST);
	assert_int_equal(window_correct(&w, lost, 1), 0);
	assert_int_equal(window_correct(&w, w.next, 1), 0); /* not there yet */
}

static void
numbers_may_wrap(void **state)
{
	struct window w = {.next = UINT32_MAX - 2};
	struct window_stats s;

	(void)state;
	for (uint32_t i = 0; i < 6; i++)
		window_add(&w, i == 1 ? LOST : 10);
	assert_int_equal(window_correct(&w, UINT32_MAX - 1, 10), 1);
	window_stats(&w, &s);
	assert_int_equal(s.samples, 6);
	assert_int_equal(s.loss_ppm, 0);
}

/* Samples as text: '.' answered, 'x' lost. */
static void
outages_are_not_counted_as_loss(void **state)
{
	static const struct {
		const char *text;
		uint32_t ppm, samples;
	} cases[] = {
	    {"", LOSS_UNKNOWN, 0},     {"xxx", LOSS_UNKNOWN, 0}, {"..x.", 250000, 4},
	    {"..xx....", 250000, 8},   {"..xxx...", 0, 5},       {"..xxxxxx..", 0, 4},
	    {"x.xxxx..xx", 500000, 6}, /* 3 of 6 */
	    {"..xxx.xxx.", 0, 4},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct window w = {.count = 0, .next = 0xfffffffc}; /* its numbers wrap */
		uint32_t samples, ppm;

		for (const char *p = cases[i].text; *p != '\0'; p++)
			window_add(&w, *p == '.' ? 1000 : RTT_UNKNOWN);
		ppm = window_loss(&w, 3, &samples);
		if (ppm != cases[i].ppm || samples != cases[i].samples)
			fail_msg("\"%s\": %u over %u", cases[i].text, ppm, samples);
	}
}

/* The end of an outage that leaves the window is none of its losses either. */
static void
an_outage_leaves_the_window_without_a_trace(void **state)
{
	struct window w = {0};
	uint32_t samples;

	(void)state;
	for (unsigned i = 0; i < 3 * WINDOW_SAMPLES; i++) {
		window_add(&w, i >= 70 && i < 80 ? RTT_UNKNOWN : 1000);
		if (i < 70 || i >= 74)
			assert_int_equal(window_loss(&w, 5, &samples), 0);
	}
	assert_int_equal(samples, WINDOW_SAMPLES);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(outages_are_not_counted_as_loss),
	    cmocka_unit_test(an_outage_leaves_the_window_without_a_trace),
	    cmocka_unit_test(an_empty_window_knows_nothing),
	    cmocka_unit_test(figures_follow_from_the_samples),
	    cmocka_unit_test(the_95th_percentile_is_the_nearest_rank),
	    cmocka_unit_test(old_samples_leave),
	    cmocka_unit_test(a_late_answer_takes_its_loss_back_once),
	    cmocka_unit_test(a_late_answer_to_a_sample_that_has_left_changes_nothing),
	    cmocka_unit_test(numbers_may_wrap),
	};

	return cmocka_run_group_tests_name("window", tests, NULL, NULL);
}
