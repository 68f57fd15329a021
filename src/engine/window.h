/* SPDX-License-Identifier: ISC */
/* A target's last samples and what follows from them. Pure: no clock, no I/O. */
#ifndef UPLINK_WINDOW_H
#define UPLINK_WINDOW_H

#include <stdint.h>

#include "common/board.h"
#include "common/limits.h"

/* Sample n stands in us[n % WINDOW_SAMPLES]; next is the number of the next one. */
struct window {
	uint32_t count; /* samples that it holds, at most WINDOW_SAMPLES */
	uint32_t next;
	uint32_t us[WINDOW_SAMPLES]; /* RTT in microseconds, or RTT_UNKNOWN: lost */
};

/* Loss in parts per million, and over how many samples that is, or LOSS_UNKNOWN over
 * none: without the runs of that many losses or more, which are outages. */
uint32_t window_loss(const struct window *w, uint32_t outage, uint32_t *samples);

struct window_stats {
	uint32_t samples;
	uint32_t rtt_last_us, rtt_avg_us, rtt_min_us, rtt_max_us, rtt_p95_us; /* or RTT_UNKNOWN */
	uint32_t jitter_us; /* mean absolute difference of successive RTTs (the D of RFC 3550,
			     * section 6.4.1, without its smoothing), or RTT_UNKNOWN */
	uint32_t loss_ppm;  /* or LOSS_UNKNOWN without samples */
};

/* Adds a sample, RTT or RTT_UNKNOWN for lost. Returns its number. */
uint32_t window_add(struct window *w, uint32_t rtt_us);

/* A late answer: sample number was counted as lost and was not. Returns 1 when it
 * was still in the window and lost, else 0. */
int window_correct(struct window *w, uint32_t number, uint32_t rtt_us);

void window_stats(const struct window *w, struct window_stats *stats);

#endif
