/* SPDX-License-Identifier: ISC */
/* A target's last samples one by one, for people to look at. Pure. */
#ifndef UPLINK_RECENT_H
#define UPLINK_RECENT_H

#include "common/board.h"

/* Adds a sample, RTT or RTT_UNKNOWN for lost. Returns its number. */
uint32_t recent_add(struct board_target *row, uint32_t rtt_us);
/* Sample number was answered after all. */
void recent_correct(struct board_target *row, uint32_t number, uint32_t rtt_us);

#endif
