/* SPDX-License-Identifier: ISC */
/* What probing may cost in a day: no day has more, whenever it begins and however
 * greedy it is, and hardly less. */
#include "unit.h"

#include <stdlib.h>

#include "common/clock.h"
#include "engine/budget.h"

enum { DAY = 86400, PROBE = 88 };

/* Octets that were spent in each second of two days. */
static uint32_t spent[2 * DAY];

/* Takes whatever it can get, in bursts of that many probes, every so many seconds. */
static void
be_greedy(uint64_t per_day, unsigned probes, unsigned every_s)
{
	struct board_budget b = {0};

	for (unsigned s = 0; s < 2 * DAY; s++) {
		spent[s] = 0;
		budget_fill(&b, per_day, (uint64_t)(s + 1000) * NSEC_PER_SEC);
		while (s % every_s == 0 && budget_allows(&b, per_day, probes * PROBE)) {
			budget_spend(&b, per_day, probes * PROBE);
			spent[s] += probes * PROBE;
		}
	}
}

static void
test_no_day_has_more(void **state)
{
	static const struct {
		uint64_t per_day;
		unsigned probes, every_s;
	} cases[] = {{100000, 1, 1},   {100000, 12, 1},    {100000, 1, 3600},  {10000000, 1, 1},
		     {10000000, 6, 7}, {1000000000, 1, 1}, {10000000, 1, 3000}};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		uint64_t sum = 0, most = 0;

		be_greedy(cases[i].per_day, cases[i].probes, cases[i].every_s);
		for (unsigned s = 0; s < 2 * DAY; s++) {
			sum += spent[s];
			sum -= s >= DAY ? spent[s - DAY] : 0;
			if (sum > most)
				most = sum;
		}
		if (most > cases[i].per_day || most < cases[i].per_day / 100 * 95)
			fail_msg("case %zu: %llu of %llu", i, (unsigned long long)most,
				 (unsigned long long)cases[i].per_day);
	}
}

static void
test_edges(void **state)
{
	struct board_budget b = {0};

	(void)state;
	/* none */
	budget_fill(&b, 0, NSEC_PER_SEC);
	assert_true(budget_allows(&b, 0, UINT64_MAX));
	budget_spend(&b, 0, 1000);
	assert_int_equal(b.left, 0);
	/* a new one has what can be saved up */
	budget_fill(&b, 2400000, NSEC_PER_SEC);
	assert_int_equal(b.left, 100000);
	assert_true(budget_allows(&b, 2400000, 100000));
	assert_false(budget_allows(&b, 2400000, 100001));
	/* it comes back evenly, also where it is asked very often */
	budget_spend(&b, 2400000, 100000);
	for (unsigned ms = 0; ms < 360000; ms++)
		budget_fill(&b, 2400000, NSEC_PER_SEC + ms * NSEC_PER_MSEC);
	assert_in_range(b.left, 9580, 9584);
	/* more was spent than was thought: that is missing now */
	budget_spend(&b, 2400000, 20000);
	assert_false(budget_allows(&b, 2400000, 0));
	budget_spend(&b, 2400000, -20000);
	assert_in_range(b.left, 9580, 9584);
	/* a smaller one, a clock that went back, nonsense on the board */
	budget_fill(&b, 100000, 400 * NSEC_PER_SEC);
	assert_int_equal(b.left, 100000 / 24);
	budget_spend(&b, 100000, 4000);
	budget_fill(&b, 100000, 10 * NSEC_PER_SEC);
	assert_int_equal(b.left, 100000 / 24);
	b.left = INT64_MIN / 2;
	budget_fill(&b, 100000, 11 * NSEC_PER_SEC);
	assert_true(b.left >= -100000);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_no_day_has_more),
	    cmocka_unit_test(test_edges),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
