/* SPDX-License-Identifier: ISC */
/* The window says what the samples of its time say, whatever their rate, and takes a
 * loss back for a late answer. */
#include "unit.h"

#include <stdlib.h>

#include "common/clock.h"
#include "engine/window.h"

#define LOST RTT_UNKNOWN

enum { OUTAGE = 3, LENGTH_MS = 6000, PART_MS = LENGTH_MS / WINDOW_PARTS };

#define AT_MS(ms) ((uint64_t)(ms)*NSEC_PER_MSEC)

static struct board_window
new_window(void)
{
	struct board_window w = {0};

	window_set(&w, LENGTH_MS);
	return w;
}

static void
add(struct board_window *w, uint64_t ms, uint32_t us)
{
	window_add(w, AT_MS(ms), us, OUTAGE);
	if (!window_valid(w))
		fail_msg("not valid after a sample at %u ms", (unsigned)ms);
}

static struct window_stats
read_stats(const struct board_window *w)
{
	struct window_stats s;

	window_stats(w, &s);
	return s;
}

static struct window_stats
stats_of(const uint32_t *samples, size_t n)
{
	struct board_window w = new_window();

	for (size_t i = 0; i < n; i++)
		add(&w, 100000 + i, samples[i]);
	return read_stats(&w);
}

static void
an_empty_window_knows_nothing(void **state)
{
	struct window_stats s = stats_of(NULL, 0);

	(void)state;
	assert_int_equal(s.samples, 0);
	assert_int_equal(s.loss_ppm, LOSS_UNKNOWN);
	assert_int_equal(s.rtt_last_us, RTT_UNKNOWN);
	assert_int_equal(s.rtt_p50_us, RTT_UNKNOWN);
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
	    {{10}, 1, 10, 10, 10, 10, 10, RTT_UNKNOWN, 0},
	    {{10, 30}, 2, 30, 20, 10, 30, 30, 20, 0},
	    {{30, 10, 20}, 3, 20, 20, 10, 30, 30, 15, 0},
	    {{10, LOST, 30, LOST}, 4, 30, 20, 10, 30, 30, 20, 500000},
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

static int
by_value(const void *a, const void *b)
{
	uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;

	return x < y ? -1 : x > y;
}

/* Among a thousand, of a distribution with a long tail. */
static void
percentiles_are_close_to_those_of_the_sorted_samples(void **state)
{
	static const uint32_t scales[] = {3, 40, 700, 9000, 250000, 14000000};

	(void)state;
	for (size_t k = 0; k < ARRAY_LEN(scales); k++) {
		struct board_window w = new_window();
		struct window_stats s;
		uint32_t rtt[1000], seed = 1;

		for (uint32_t i = 0; i < 1000; i++) {
			seed = seed * 1103515245 + 12345;
			rtt[i] = scales[k] + scales[k] / 2 * (seed >> 16 & 0xff) / 255;
			if (i % 50 == 0)
				rtt[i] *= 3;
			add(&w, i, rtt[i]);
		}
		s = read_stats(&w);
		qsort(rtt, 1000, sizeof(rtt[0]), by_value);
		assert_in_range(s.rtt_p50_us, rtt[499] - rtt[499] / 32, rtt[499] + rtt[499] / 32);
		assert_in_range(s.rtt_p95_us, rtt[949] - rtt[949] / 32, rtt[949] + rtt[949] / 32);
		assert_in_range(s.rtt_p99_us, rtt[989] - rtt[989] / 32, rtt[989] + rtt[989] / 32);
		assert_int_equal(s.rtt_min_us, rtt[0]);
		assert_int_equal(s.rtt_max_us, rtt[999]);
	}
}

static void
small_percentiles_are_the_nearest_rank(void **state)
{
	struct board_window w = new_window();
	struct window_stats s;

	(void)state;
	for (uint32_t i = 1; i <= 20; i++)
		add(&w, i, 21 - i);
	s = read_stats(&w);
	assert_int_equal(s.rtt_p50_us, 10);
	assert_int_equal(s.rtt_p95_us, 19);
	assert_int_equal(s.rtt_p99_us, 20);
}

/* Whatever the rate of the samples is. */
static void
what_is_older_than_the_window_leaves(void **state)
{
	static const uint32_t intervals_ms[] = {10, 100, 999, 1000, 2000};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(intervals_ms); i++) {
		struct board_window w = new_window();

		add(&w, 500, 50000);
		add(&w, 501, LOST);
		for (uint32_t ms = 502; ms < LENGTH_MS; ms += intervals_ms[i])
			add(&w, ms, 7);
		assert_int_equal(read_stats(&w).rtt_max_us, 50000);
		assert_true(read_stats(&w).loss_ppm > 0);
		add(&w, LENGTH_MS, 7);
		assert_int_equal(read_stats(&w).rtt_max_us, 7);
		assert_int_equal(read_stats(&w).rtt_p99_us, 7);
		assert_int_equal(read_stats(&w).loss_ppm, 0);
	}
}

static void
after_a_long_silence_nothing_old_is_left(void **state)
{
	struct board_window w = new_window();

	(void)state;
	add(&w, 0, 100);
	add(&w, 100 * LENGTH_MS, LOST);
	assert_int_equal(read_stats(&w).samples, 1);
	assert_int_equal(read_stats(&w).rtt_last_us, RTT_UNKNOWN);
}

/* Exactly as long ago as the window is long: none of it is left, not even to compare with. */
static void
what_is_as_old_as_the_window_has_left(void **state)
{
	struct board_window w = new_window();

	(void)state;
	add(&w, 0, 100);
	add(&w, LENGTH_MS, 700);
	assert_int_equal(read_stats(&w).samples, 1);
	assert_int_equal(read_stats(&w).jitter_us, RTT_UNKNOWN);
	w = new_window();
	add(&w, 0, LOST);
	add(&w, LENGTH_MS, LOST);
	assert_false(window_correct(&w, AT_MS(0), 100)); /* nor to take back */
	assert_int_equal(read_stats(&w).loss_ppm, 1000000);
}

static void
another_length_begins_anew(void **state)
{
	struct board_window w = new_window();

	(void)state;
	add(&w, 0, 100);
	window_set(&w, LENGTH_MS);
	assert_int_equal(read_stats(&w).samples, 1);
	window_set(&w, 2 * LENGTH_MS);
	assert_int_equal(read_stats(&w).samples, 0);
}

static void
a_late_answer_takes_its_loss_back(void **state)
{
	struct board_window w = new_window();
	struct window_stats s;

	(void)state;
	add(&w, 1000, 10);
	add(&w, 2000, LOST);
	add(&w, 3000, 30);
	assert_true(window_correct(&w, AT_MS(2000), 2000));
	assert_false(window_correct(&w, AT_MS(2000), 2000));
	assert_true(window_valid(&w));
	s = read_stats(&w);
	assert_int_equal(s.samples, 3);
	assert_int_equal(s.loss_ppm, 0);
	assert_int_equal(s.rtt_max_us, 2000);
	assert_int_equal(s.rtt_last_us, 2000);
}

static void
a_late_answer_to_a_sample_that_has_left_changes_nothing(void **state)
{
	struct board_window w = new_window();

	(void)state;
	add(&w, 500, LOST);
	for (uint64_t ms = 1000; ms < 7000; ms += 1000)
		add(&w, ms, LOST);
	assert_false(window_correct(&w, AT_MS(500), 1));
	assert_false(window_correct(&w, AT_MS(7000), 1)); /* not there yet */
	assert_int_equal(read_stats(&w).samples, 6);
}

/* A run of losses that a late answer has shortened takes as many more to be an outage. */
static void
a_late_answer_shortens_the_run(void **state)
{
	struct board_window w = new_window();
	uint32_t samples;

	(void)state;
	add(&w, 0, 10);
	add(&w, 100, LOST);
	add(&w, 200, LOST);
	assert_true(window_correct(&w, AT_MS(100), 2000));
	add(&w, 300, LOST);
	assert_int_equal(window_loss(&w, &samples), 500000);
	assert_int_equal(samples, 4);
	add(&w, 400, LOST);
	assert_int_equal(window_loss(&w, &samples), 0);
	assert_int_equal(samples, 2);
}

/* All of an outage was only late. */
static void
late_answers_undo_an_outage(void **state)
{
	struct board_window w = new_window();
	uint32_t samples;

	(void)state;
	add(&w, 0, 10);
	for (uint64_t ms = 500; ms < 3500; ms += 500)
		add(&w, ms, LOST);
	assert_int_equal(window_loss(&w, &samples), 0);
	assert_int_equal(samples, 1);
	for (uint64_t ms = 500; ms < 3500; ms += 500)
		assert_true(window_correct(&w, AT_MS(ms), 5000));
	assert_true(window_valid(&w));
	assert_int_equal(window_loss(&w, &samples), 0);
	assert_int_equal(samples, 7);
	assert_int_equal(read_stats(&w).loss_ppm, 0);
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
	for (size_t i = 0; i < ARRAY_LEN(cases); i++)
		/* over the edges of parts, too */
		for (unsigned interval_ms = 1; interval_ms < 600; interval_ms += 37) {
			struct board_window w = new_window();
			uint32_t samples, ppm;
			uint64_t ms = 0;

			for (const char *p = cases[i].text; *p != '\0'; p++, ms += interval_ms)
				add(&w, ms, *p == '.' ? 1000 : LOST);
			ppm = window_loss(&w, &samples);
			if (ppm != cases[i].ppm || samples != cases[i].samples)
				fail_msg("\"%s\": %u over %u", cases[i].text, ppm, samples);
		}
}

/* The end of an outage that leaves the window is none of its losses either. */
static void
an_outage_leaves_the_window_without_a_trace(void **state)
{
	struct board_window w = new_window();
	uint32_t samples;

	(void)state;
	for (unsigned i = 0; i < 300; i++) {
		add(&w, i * 90, i >= 70 && i < 80 ? LOST : 1000);
		if (i < 70 || i >= 70 + OUTAGE - 1)
			assert_int_equal(window_loss(&w, &samples), 0);
	}
}

/* What an engine that died within a sample has left. */
static void
a_torn_window_is_told_from_a_whole_one(void **state)
{
	struct board_window whole = new_window(), w;

	(void)state;
	for (uint64_t ms = 0; ms < 5000; ms += 100)
		add(&whole, ms, ms % 700 == 0 ? LOST : (uint32_t)ms);
	w = whole;
	w.all.answered++;
	assert_false(window_valid(&w));
	w = whole;
	w.part[2].bucket[7]++;
	assert_false(window_valid(&w));
	w = whole;
	w.part_ms = 0;
	assert_false(window_valid(&w));
	memset(&w, 0, sizeof(w));
	assert_false(window_valid(&w));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(an_empty_window_knows_nothing),
	    cmocka_unit_test(figures_follow_from_the_samples),
	    cmocka_unit_test(percentiles_are_close_to_those_of_the_sorted_samples),
	    cmocka_unit_test(small_percentiles_are_the_nearest_rank),
	    cmocka_unit_test(what_is_older_than_the_window_leaves),
	    cmocka_unit_test(after_a_long_silence_nothing_old_is_left),
	    cmocka_unit_test(what_is_as_old_as_the_window_has_left),
	    cmocka_unit_test(a_late_answer_shortens_the_run),
	    cmocka_unit_test(another_length_begins_anew),
	    cmocka_unit_test(a_late_answer_takes_its_loss_back),
	    cmocka_unit_test(a_late_answer_to_a_sample_that_has_left_changes_nothing),
	    cmocka_unit_test(late_answers_undo_an_outage),
	    cmocka_unit_test(outages_are_not_counted_as_loss),
	    cmocka_unit_test(an_outage_leaves_the_window_without_a_trace),
	    cmocka_unit_test(a_torn_window_is_told_from_a_whole_one),
	};

	return cmocka_run_group_tests_name("window", tests, NULL, NULL);
}
