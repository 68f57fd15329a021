/* SPDX-License-Identifier: ISC */
/* A target's samples of the last while and what follows from them. A window is made
 * of parts of equal length: the newest fills up, and when it is full the oldest is
 * forgotten. So it costs the same whatever the interval is, and nothing is ever
 * added up again for a sample. Pure: no clock, no I/O. */
#ifndef UPLINK_WINDOW_H
#define UPLINK_WINDOW_H

#include <stdbool.h>
#include <stdint.h>

#include "common/board.h"

/* Makes it one of that length, empty where it had another. */
void window_set(struct board_window *w, uint32_t length_ms);

/* As one that was never set. */
void window_forget(struct board_window *w);

/* Adds a sample at that time: RTT, or RTT_UNKNOWN for lost. So many lost in a row are
 * an outage. */
void window_add(struct board_window *w, uint64_t now_ns, uint32_t rtt_us, uint32_t outage);

/* A late answer: the sample that was added as lost at that time was not. Returns
 * false when it is no longer in the window. */
bool window_correct(struct board_window *w, uint64_t added_ns, uint32_t rtt_us);

struct window_stats {
	uint32_t samples;
	uint32_t rtt_last_us, rtt_avg_us, rtt_min_us, rtt_max_us; /* or RTT_UNKNOWN */
	uint32_t rtt_p50_us, rtt_p95_us, rtt_p99_us; /* nearest rank, at most 1/32 off */
	uint32_t jitter_us; /* mean absolute difference of successive RTTs (the D of RFC 3550,
			     * section 6.4.1, without its smoothing), or RTT_UNKNOWN */
	uint32_t loss_ppm;  /* or LOSS_UNKNOWN without samples */
};
void window_stats(const struct board_window *w, struct window_stats *stats);

/* Loss in parts per million without the losses that are outages, and over how many
 * samples that is; LOSS_UNKNOWN over none. */
uint32_t window_loss(const struct board_window *w, uint32_t *samples);

/* It holds together, as one that no engine died in does. */
bool window_valid(const struct board_window *w);

#endif
