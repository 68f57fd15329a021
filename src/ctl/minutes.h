/* SPDX-License-Identifier: ISC */
/* A link's minutes as the daemon tells them, put together to stretches of as many
 * as fit. Pure. */
#ifndef UPLINK_CTL_MINUTES_H
#define UPLINK_CTL_MINUTES_H

#include <stddef.h>

#include <jansson.h>

#include "common/board.h"

struct stretch {
	long long start_s; /* wall clock, seconds since 1970 */
	unsigned recorded; /* minutes of it that were */
	unsigned health;   /* enum health, the worst; 0: none was recorded */
	long long answered, lost;
	long long loss_ppm;                           /* -1: nothing was measured */
	long long rtt_min_us, rtt_avg_us, rtt_max_us; /* -1: nothing answered */
};

struct stretches {
	unsigned step; /* minutes of each; the first and the last may have less */
	size_t n;
	long long end_s;    /* wall clock: after the last */
	struct stretch all; /* of the whole time */
	struct stretch row[BOARD_MINUTES + 1];
};

/* From the answer to "history": at most max stretches. NULL: without memory. The
 * caller frees it. */
struct stretches *minutes_read(const json_t *history, size_t max);

/* The largest of the stretches' values, at least 1. */
long long minutes_rtt_max_us(const struct stretches *s);
long long minutes_loss_max_ppm(const struct stretches *s);

#endif
