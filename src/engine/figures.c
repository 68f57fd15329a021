/* SPDX-License-Identifier: ISC */
/* Counts, means and medians over targets. */
#include "config.h"

#include "engine/figures.h"

#include <stdlib.h>

#include "engine/window.h"

struct target_counts
figures_count(const struct link *link, int family)
{
	struct target_counts counts = {0};

	for (size_t i = 0; i < link->ntargets; i++) {
		const struct target *t = link->targets[i];

		if (t->conf.family != family)
			continue;
		if (t->outlier == OUTLIER_ASIDE)
			counts.aside++;
		else if (t->judge.status == TARGET_UP ||
			 (t->outlier == OUTLIER_WAIT && t->judge.was_up))
			counts.up++;
		else if (t->outlier == OUTLIER_WAIT)
			counts.unknown++;
		else if (t->judge.status == TARGET_DOWN)
			counts.down++;
		else if (t->mute)
			counts.mute++;
		else
			counts.unknown++;
	}
	return counts;
}

enum { LOSS_SAMPLES = 20 };

static int
by_value(const void *a, const void *b)
{
	uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;

	return x < y ? -1 : x > y;
}

/* The lower one of an even number: nothing is exceeded that half of them don't. */
static uint32_t
median(uint32_t *values, size_t n)
{
	if (n == 0)
		return UINT32_MAX;
	qsort(values, n, sizeof(values[0]), by_value);
	return values[(n - 1) / 2];
}

/* Over a few samples one lost would be a lot, so it takes some to be known. */
static uint32_t
loss_of(const struct target *t)
{
	uint32_t samples, ppm = window_loss(t->window, &samples);

	return samples < LOSS_SAMPLES ? LOSS_UNKNOWN : ppm;
}

struct measured
figures_measured(const struct link *link, int family)
{
	uint32_t loss[LINK_TARGETS_MAX], rtt[LINK_TARGETS_MAX], jitter[LINK_TARGETS_MAX];
	size_t n = 0;

	for (size_t i = 0; i < link->ntargets && n < LINK_TARGETS_MAX; i++) {
		const struct target *t = link->targets[i];

		if (t->conf.family != family || t->judge.status != TARGET_UP)
			continue;
		loss[n] = loss_of(t);
		rtt[n] = t->row.rtt_avg_us;
		jitter[n++] = t->row.jitter_us;
	}
	return (struct measured){median(loss, n), median(rtt, n), median(jitter, n)};
}

static void
fold(uint32_t *total, uint32_t value, bool larger)
{
	if (value != RTT_UNKNOWN && (*total == RTT_UNKNOWN || (value > *total) == larger))
		*total = value;
}

/* The link's figures from those of its targets: the newest answer, the extremes,
 * and means over the targets that have the figure. */
static void
aggregate(struct link *link)
{
	struct board_link *row = &link->row;
	uint64_t newest = 0, avg = 0, jitter = 0, loss = 0;
	uint32_t navg = 0, njitter = 0, nloss = 0;

	row->rtt_last_us = row->rtt_min_us = row->rtt_max_us = RTT_UNKNOWN;
	for (size_t i = 0; i < link->ntargets; i++) {
		const struct board_target *t = &link->targets[i]->row;

		if (!model_counts(link, t->family)) /* what is gone, and not missed, is old */
			continue;
		if (t->rtt_last_us != RTT_UNKNOWN && t->last_good_ns >= newest) {
			newest = t->last_good_ns;
			row->rtt_last_us = t->rtt_last_us;
		}
		fold(&row->rtt_min_us, t->rtt_min_us, false);
		fold(&row->rtt_max_us, t->rtt_max_us, true);
		if (t->rtt_avg_us != RTT_UNKNOWN) {
			avg += t->rtt_avg_us;
			navg++;
		}
		if (t->jitter_us != RTT_UNKNOWN) {
			jitter += t->jitter_us;
			njitter++;
		}
		if (t->loss_ppm != LOSS_UNKNOWN) {
			loss += t->loss_ppm;
			nloss++;
		}
	}
	row->rtt_avg_us = navg ? (uint32_t)(avg / navg) : RTT_UNKNOWN;
	row->jitter_us = njitter ? (uint32_t)(jitter / njitter) : RTT_UNKNOWN;
	row->loss_ppm = nloss ? (uint32_t)(loss / nloss) : LOSS_UNKNOWN;
}

void
figures_link(struct link *link)
{
	aggregate(link);
	for (int f = 0; f < FAMILIES; f++) {
		struct target_counts counts = figures_count(link, f);

		link->row.route[f].targets =
		    counts.up + counts.down + counts.unknown + counts.aside + counts.mute;
		link->row.route[f].targets_up = counts.up;
	}
}

void
figures_target(struct target *t)
{
	struct board_target *row = &t->row;
	struct window_stats stats;

	window_stats(t->window, &stats);
	row->rtt_last_us = stats.rtt_last_us;
	row->rtt_avg_us = stats.rtt_avg_us;
	row->rtt_min_us = stats.rtt_min_us;
	row->rtt_max_us = stats.rtt_max_us;
	row->rtt_p50_us = stats.rtt_p50_us;
	row->rtt_p95_us = stats.rtt_p95_us;
	row->rtt_p99_us = stats.rtt_p99_us;
	row->jitter_us = stats.jitter_us;
	row->loss_ppm = stats.loss_ppm;
	row->status = t->judge.status;
	row->run_failures = t->judge.run_failures;
	row->run_successes = t->judge.run_successes;
}
