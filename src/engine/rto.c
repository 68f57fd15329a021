/* SPDX-License-Identifier: ISC */
/* RFC 6298 in microseconds. */
#include "config.h"

#include "engine/rto.h"

enum { GRANULARITY_US = 10000 };

void
rto_sample(struct rto *r, uint32_t rtt_us)
{
	uint32_t off = rtt_us > r->srtt_us ? rtt_us - r->srtt_us : r->srtt_us - rtt_us;

	if (!r->known) {
		*r = (struct rto){.known = true, .srtt_us = rtt_us, .rttvar_us = rtt_us / 2};
		return;
	}
	/* beta 1/4, alpha 1/8 */
	r->rttvar_us = (uint32_t)((3 * (uint64_t)r->rttvar_us + off) / 4);
	r->srtt_us = (uint32_t)((7 * (uint64_t)r->srtt_us + rtt_us) / 8);
}

uint32_t
rto_us(const struct rto *r, uint32_t least_us, uint32_t most_us)
{
	uint64_t spread = 4 * (uint64_t)r->rttvar_us, us;

	us = r->srtt_us + (spread > GRANULARITY_US ? spread : GRANULARITY_US);
	if (!r->known || us > most_us)
		return most_us;
	return us < least_us ? least_us : (uint32_t)us;
}
