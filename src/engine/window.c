/* SPDX-License-Identifier: ISC */
/* The window of samples: a ring of fixed size, read whenever someone asks. */
#include "config.h"

#include "engine/window.h"

#include <stdbool.h>
#include <stdlib.h>

uint32_t
window_add(struct window *w, uint32_t rtt_us)
{
	uint32_t number = w->next++;

	w->us[number % WINDOW_SAMPLES] = rtt_us;
	if (w->count < WINDOW_SAMPLES)
		w->count++;
	return number;
}

int
window_correct(struct window *w, uint32_t number, uint32_t rtt_us)
{
	uint32_t age = w->next - number; /* 1: the newest; wraps like next does */

	if (age == 0 || age > w->count || w->us[number % WINDOW_SAMPLES] != RTT_UNKNOWN)
		return 0;
	w->us[number % WINDOW_SAMPLES] = rtt_us;
	return 1;
}

uint32_t
window_loss(const struct window *w, uint32_t outage, uint32_t *samples)
{
	uint32_t n = w->count, lost = 0, run = 0;
	/* Of the oldest run nobody knows how long it was: it may be the end of an outage. */
	bool unknown = w->count == WINDOW_SAMPLES;

	for (uint32_t i = w->next - w->count; i != w->next; i++) {
		bool here = w->us[i % WINDOW_SAMPLES] != RTT_UNKNOWN;

		run = here ? 0 : run + 1;
		unknown = unknown && !here;
		if (here)
			continue;
		lost++;
		if (!unknown && run < outage)
			continue;
		/* All of the run when it is long enough, then one by one. */
		lost -= !unknown && run == outage ? run : 1;
		n -= !unknown && run == outage ? run : 1;
	}
	*samples = n;
	return n > 0 ? (uint32_t)((uint64_t)lost * 1000000 / n) : LOSS_UNKNOWN;
}

static int
compare(const void *a, const void *b)
{
	uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;

	return x < y ? -1 : x > y;
}

/* The answered samples, oldest first. Returns how many. */
static uint32_t
answered(const struct window *w, uint32_t rtt[static WINDOW_SAMPLES])
{
	uint32_t n = 0;

	for (uint32_t i = w->next - w->count; i != w->next; i++)
		if (w->us[i % WINDOW_SAMPLES] != RTT_UNKNOWN)
			rtt[n++] = w->us[i % WINDOW_SAMPLES];
	return n;
}

static uint32_t
mean_difference(const uint32_t *rtt, uint32_t n)
{
	uint64_t sum = 0;

	for (uint32_t i = 1; i < n; i++)
		sum += rtt[i] > rtt[i - 1] ? rtt[i] - rtt[i - 1] : rtt[i - 1] - rtt[i];
	return (uint32_t)(sum / (n - 1));
}

void
window_stats(const struct window *w, struct window_stats *stats)
{
	uint32_t rtt[WINDOW_SAMPLES];
	uint32_t n = answered(w, rtt);
	uint64_t sum = 0;

	*stats = (struct window_stats){.samples = w->count,
				       .rtt_last_us = RTT_UNKNOWN,
				       .rtt_avg_us = RTT_UNKNOWN,
				       .rtt_min_us = RTT_UNKNOWN,
				       .rtt_max_us = RTT_UNKNOWN,
				       .rtt_p95_us = RTT_UNKNOWN,
				       .jitter_us = RTT_UNKNOWN,
				       .loss_ppm = LOSS_UNKNOWN};
	if (w->count > 0)
		stats->loss_ppm = (uint32_t)((uint64_t)(w->count - n) * 1000000 / w->count);
	if (n == 0)
		return;
	stats->rtt_last_us = rtt[n - 1];
	if (n > 1)
		stats->jitter_us = mean_difference(rtt, n);
	qsort(rtt, n, sizeof(rtt[0]), compare);
	for (uint32_t i = 0; i < n; i++)
		sum += rtt[i];
	stats->rtt_avg_us = (uint32_t)(sum / n);
	stats->rtt_min_us = rtt[0];
	stats->rtt_max_us = rtt[n - 1];
	/* nearest rank: the smallest that 95 % do not exceed */
	stats->rtt_p95_us = rtt[(n * 95 + 99) / 100 - 1];
}
