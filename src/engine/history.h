/* SPDX-License-Identifier: ISC */
/* A link's minutes: what a poller that missed a turn can still read. Pure. */
#ifndef UPLINK_HISTORY_H
#define UPLINK_HISTORY_H

#include <stdbool.h>
#include <stdint.h>

#include "common/board.h"

/* The number of the minute at now_ns: counted by the monotonic clock, so that a
 * wall clock that is set neither repeats nor skips one. */
uint64_t history_minute(uint64_t start_ns, uint64_t start_minute, uint64_t now_ns);

/* Makes minute the row of that number, empty unless it is already. Returns true
 * when it was not. */
bool history_turn(struct board_minute *minute, uint64_t number);

/* Adds a sample, RTT in microseconds or RTT_UNKNOWN for lost. */
void history_sample(struct board_minute *minute, uint32_t rtt_us);

/* The link was in this health at some time of the minute. */
void history_health(struct board_minute *minute, unsigned health);

#endif
