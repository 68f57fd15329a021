/* SPDX-License-Identifier: ISC */
/* How long an answer may take, from how long answers took: the estimator of
 * RFC 6298, section 2. Pure. */
#ifndef UPLINK_RTO_H
#define UPLINK_RTO_H

#include <stdbool.h>
#include <stdint.h>

struct rto {
	bool known;
	uint32_t srtt_us, rttvar_us;
};

/* An answer took so long. */
void rto_sample(struct rto *r, uint32_t rtt_us);

/* After so long an answer is overdue: SRTT + max(G, 4 * RTTVAR) with G = 10 ms, at
 * least least_us and at most most_us; most_us while nothing was measured. */
uint32_t rto_us(const struct rto *r, uint32_t least_us, uint32_t most_us);

#endif
