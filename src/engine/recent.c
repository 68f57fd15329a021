/* SPDX-License-Identifier: ISC */
/* A ring of samples. */
#include "config.h"

#include "engine/recent.h"

uint32_t
recent_add(struct board_recent *r, uint32_t rtt_us)
{
	uint32_t number = r->next++;

	r->us[number % RECENT_SAMPLES] = rtt_us;
	if (r->count < RECENT_SAMPLES)
		r->count++;
	return number;
}

void
recent_correct(struct board_recent *r, uint32_t number, uint32_t rtt_us)
{
	uint32_t back = r->next - number; /* wraps like next does */

	if (back >= 1 && back <= r->count)
		r->us[number % RECENT_SAMPLES] = rtt_us;
}
