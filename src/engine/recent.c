/* SPDX-License-Identifier: ISC */
/* The ring in a target's row. */
#include "config.h"

#include "engine/recent.h"

uint32_t
recent_add(struct board_target *row, uint32_t rtt_us)
{
	uint32_t number = row->recent_next++;

	row->recent_us[number % RECENT_SAMPLES] = rtt_us;
	if (row->recent_count < RECENT_SAMPLES)
		row->recent_count++;
	return number;
}

void
recent_correct(struct board_target *row, uint32_t number, uint32_t rtt_us)
{
	uint32_t age = row->recent_next - number; /* 1: the newest; wraps like next does */

	if (age >= 1 && age <= row->recent_count)
		row->recent_us[number % RECENT_SAMPLES] = rtt_us;
}
