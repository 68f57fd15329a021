/* SPDX-License-Identifier: ISC */
/* A target's last samples one by one, for people to look at. Pure. */
#ifndef UPLINK_RECENT_H
#define UPLINK_RECENT_H

#include "common/board.h"

/* Adds a sample, RTT or RTT_UNKNOWN for lost. Returns its number. */
uint32_t recent_add(struct board_recent *r, uint32_t rtt_us);
/* Sample number was answered after all. */
void recent_correct(struct board_recent *r, uint32_t number, uint32_t rtt_us);

/* How many there are, and the one that was added so many before the next (1: the
 * newest). Whatever stands there. */
static inline uint32_t
recent_count(const struct board_recent *r)
{
	return r->count < RECENT_SAMPLES ? r->count : RECENT_SAMPLES;
}
static inline uint32_t
recent_us(const struct board_recent *r, uint32_t back)
{
	return r->us[(r->next - back) % RECENT_SAMPLES];
}

#endif
