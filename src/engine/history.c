/* SPDX-License-Identifier: ISC */
/* The minutes' arithmetic. */
#include "config.h"

#include "engine/history.h"

#include <string.h>

#include "common/clock.h"

uint64_t
history_minute(uint64_t start_ns, uint64_t start_minute, uint64_t now_ns)
{
	return start_minute + (now_ns - start_ns) / (60 * NSEC_PER_SEC);
}

bool
history_turn(struct board_minute *minute, uint64_t number)
{
	if (minute->minute == number)
		return false;
	memset(minute, 0, sizeof(*minute));
	minute->minute = number;
	minute->rtt_min_us = minute->rtt_max_us = RTT_UNKNOWN;
	minute->worst_health = HEALTH_UNKNOWN;
	return true;
}

void
history_sample(struct board_minute *minute, uint32_t rtt_us)
{
	if (rtt_us == RTT_UNKNOWN) {
		minute->lost++;
		return;
	}
	minute->rtt_sum_us += rtt_us;
	if (minute->answered++ == 0 || rtt_us < minute->rtt_min_us)
		minute->rtt_min_us = rtt_us;
	if (minute->answered == 1 || rtt_us > minute->rtt_max_us)
		minute->rtt_max_us = rtt_us;
}

void
history_health(struct board_minute *minute, unsigned health)
{
	/* unknown 1, up 2, degraded 3, down 4: their order is that of badness */
	if (health > minute->worst_health && health <= HEALTH_DOWN)
		minute->worst_health = (uint8_t)health;
}
