/* SPDX-License-Identifier: ISC */
/* When the probes are to ask at once: an answer that is overdue by the link's own
 * history, or traffic that gets nothing back. And when not. */
#include "unit.h"

#include <string.h>

#include "common/clock.h"
#include "engine/rto.h"
#include "engine/suspicion.h"

#define MS(n) ((uint64_t)(n)*NSEC_PER_MSEC)

static void
the_first_answer_sets_the_limit(void **state)
{
	struct rto r = {0};

	(void)state;
	assert_int_equal(rto_us(&r, 60000, 1000000), 1000000); /* nothing is known yet */
	rto_sample(&r, 100000);
	assert_int_equal(rto_us(&r, 60000, 1000000), 300000); /* RFC 6298 (2.2) */
}

/* By hand: SRTT and RTTVAR after each, RTTVAR first, from the older SRTT (RFC 6298, 2.3). */
static void
each_answer_moves_it_a_little(void **state)
{
	static const struct {
		uint32_t rtt_us, limit_us;
	} steps[] = {{100000, 300000},  /* 100 and 50 */
		     {200000, 362500},  /* 112.5 and 62.5 */
		     {50000, 354687},   /* 104.687 and 62.5 */
		     {104687, 292187}}; /* 104.687 and 46.875 */
	struct rto r = {0};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(steps); i++) {
		rto_sample(&r, steps[i].rtt_us);
		assert_int_equal(rto_us(&r, 1000, 1000000), steps[i].limit_us);
	}
}

static void
a_steady_path_gets_a_tight_limit_and_a_jumpy_one_a_wide_one(void **state)
{
	struct rto r = {0};

	(void)state;
	for (int i = 0; i < 100; i++)
		rto_sample(&r, 20000);
	assert_in_range(rto_us(&r, 1000, 1000000), 30000, 30100); /* SRTT + G */
	assert_int_equal(rto_us(&r, 60000, 1000000), 60000);
	for (int i = 0; i < 100; i++)
		rto_sample(&r, i % 2 ? 20000 : 120000);
	assert_in_range(rto_us(&r, 1000, 1000000), 200000, 350000);
}

static void
a_satellite_is_no_fault(void **state)
{
	struct rto r = {0};

	(void)state;
	for (int i = 0; i < 50; i++)
		rto_sample(&r, 700000 + i % 3 * 5000);
	assert_true(rto_us(&r, 60000, 2000000) > 715000);
	assert_int_equal(rto_us(&r, 60000, 600000), 600000); /* never more than the timeout */
}

/* Feeds polls of 25 ms with so many packets each; returns the time after. */
static uint64_t
feed(struct suspicion *s, uint64_t now, int polls, unsigned in, unsigned out)
{
	const struct traffic_snapshot *last = &s->ring[(s->next - 1) % SUSPICION_SNAPSHOTS];
	uint64_t received = s->count ? last->received : 1000, sent = s->count ? last->sent : 1000;

	for (int i = 0; i < polls; i++) {
		now += MS(25);
		received += in;
		sent += out;
		suspicion_add(s, now, received, sent);
	}
	return now;
}

static void
traffic_without_an_answer_is_suspect(void **state)
{
	static const struct {
		unsigned in, out;
		bool raised;
	} cases[] = {
	    {0, 25, true},   /* 1000 packets/s into the void */
	    {1, 25, true},   /* the gateway's chatter is no answer */
	    {25, 25, false}, /* a conversation */
	    {3, 25, false},  /* an upload and its acknowledgements */
	    {25, 1, false},  /* a download */
	    {0, 0, false},   /* idle */
	    {0, 1, false},   /* too little to tell */
	    {1, 20, true},   /* one of twenty */
	    {1, 19, false},  /* more than that */
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct suspicion s = {0};
		uint64_t now = feed(&s, MS(1000), 60, 25, 25);

		now = feed(&s, now, 4, cases[i].in, cases[i].out);
		assert_int_equal(suspicion_raised(&s, MS(100), now), cases[i].raised);
	}
}

static void
it_takes_the_whole_window(void **state)
{
	struct suspicion s = {0};
	uint64_t now = feed(&s, MS(1000), 60, 25, 25);

	(void)state;
	now = feed(&s, now, 3, 0, 25);
	assert_false(suspicion_raised(&s, MS(100), now));
	now = feed(&s, now, 1, 0, 25);
	assert_true(suspicion_raised(&s, MS(100), now));
	assert_false(suspicion_raised(&s, MS(5000), now)); /* it does not reach back so far */
}

static void
one_that_was_wrong_comes_back_ever_later(void **state)
{
	struct suspicion s = {0};
	uint64_t now = feed(&s, MS(1000), 10, 0, 25);

	(void)state;
	assert_true(suspicion_raised(&s, MS(100), now));
	for (uint64_t wait = 1000; wait < 60000; wait *= 2) {
		suspicion_spent(&s, now);
		now = feed(&s, now, (int)(wait / 25) - 1, 0, 25); /* it goes on all the time */
		assert_false(suspicion_raised(&s, MS(100), now));
		now = feed(&s, now, 1, 0, 25);
		assert_true(suspicion_raised(&s, MS(100), now));
	}
	suspicion_spent(&s, now);
	assert_true(s.not_before_ns == now + MS(60000));
	now += MS(200000); /* long quiet: it starts again */
	suspicion_spent(&s, now);
	assert_true(s.not_before_ns == now + MS(1000));
}

static void
counters_that_start_again_are_no_traffic(void **state)
{
	struct suspicion s = {0};
	uint64_t now = feed(&s, MS(1000), 10, 25, 25);

	(void)state;
	suspicion_add(&s, now + MS(25), 0, 0);
	assert_false(suspicion_raised(&s, MS(100), now + MS(25)));
	/* of either direction alone, too */
	for (int i = 0; i < 2; i++) {
		memset(&s, 0, sizeof(s));
		now = feed(&s, MS(1000), 10, 25, 25);
		suspicion_add(&s, now + MS(25), i == 0 ? 0 : 5000, i == 0 ? 5000 : 0);
		assert_false(suspicion_raised(&s, MS(100), now + MS(25)));
		now = feed(&s, now + MS(25), 3, 0, 25);
		assert_false(suspicion_raised(&s, MS(100), now)); /* not for all of the window */
		now = feed(&s, now, 1, 0, 25);
		assert_true(suspicion_raised(&s, MS(100), now));
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(the_first_answer_sets_the_limit),
	    cmocka_unit_test(each_answer_moves_it_a_little),
	    cmocka_unit_test(a_steady_path_gets_a_tight_limit_and_a_jumpy_one_a_wide_one),
	    cmocka_unit_test(a_satellite_is_no_fault),
	    cmocka_unit_test(traffic_without_an_answer_is_suspect),
	    cmocka_unit_test(it_takes_the_whole_window),
	    cmocka_unit_test(one_that_was_wrong_comes_back_ever_later),
	    cmocka_unit_test(counters_that_start_again_are_no_traffic),
	};

	return cmocka_run_group_tests_name("suspicion", tests, NULL, NULL);
}
