/* SPDX-License-Identifier: ISC */
/* What probing may cost a link in a day: a bucket. */
#include "config.h"

#include "engine/budget.h"

#include "common/clock.h"

#define DAY_S 86400
enum { SAVED = 24 }; /* the part of a day's budget that can be saved up */

void
budget_fill(struct board_budget *b, uint64_t per_day, uint64_t now_ns)
{
	uint64_t most = per_day / SAVED, rate = per_day - most; /* octets in a day */
	uint64_t ns = b->part_ns + (now_ns - b->at_ns), day_ns = DAY_S * NSEC_PER_SEC, octets;

	if (per_day == 0)
		return;
	if (b->at_ns == 0 || now_ns < b->at_ns || ns >= day_ns) {
		b->left = (int64_t)most;
		b->part_ns = 0;
	} else {
		octets = (uint64_t)((double)ns / (double)day_ns * (double)rate);
		b->part_ns = ns - (uint64_t)((double)octets / (double)rate * (double)day_ns);
		b->left += (int64_t)octets;
	}
	if (b->left < -(int64_t)per_day)
		b->left = -(int64_t)per_day;
	if (b->left >= (int64_t)most) {
		b->left = (int64_t)most;
		b->part_ns = 0;
	}
	b->at_ns = now_ns;
}

bool
budget_allows(const struct board_budget *b, uint64_t per_day, uint64_t octets)
{
	return per_day == 0 || b->left >= (int64_t)octets;
}

void
budget_spend(struct board_budget *b, uint64_t per_day, int64_t octets)
{
	if (per_day != 0)
		b->left -= octets;
}
