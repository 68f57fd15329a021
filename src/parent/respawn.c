/* SPDX-License-Identifier: ISC */
/* When a child that died is started again. */
#include "parent/respawn.h"

#include <string.h>

#include "common/clock.h"

#define WINDOW_NS (10 * NSEC_PER_SEC)
#define FIRST_DELAY_NS (1 * NSEC_PER_SEC)
#define LONGEST_DELAY_NS (60 * NSEC_PER_SEC)

struct respawn_verdict
respawn_died(struct respawn *r, uint64_t started_ns, uint64_t now_ns)
{
	bool short_life = now_ns - started_ns < WINDOW_NS;

	if (r->delay_ns != 0 && short_life) {
		r->delay_ns *= 2;
		if (r->delay_ns > LONGEST_DELAY_NS)
			r->delay_ns = LONGEST_DELAY_NS;
		return (struct respawn_verdict){r->delay_ns, false};
	}
	r->delay_ns = 0;
	if (r->death_ns[1] != 0 && now_ns - r->death_ns[1] <= WINDOW_NS) {
		memset(r->death_ns, 0, sizeof(r->death_ns));
		r->delay_ns = FIRST_DELAY_NS;
		return (struct respawn_verdict){r->delay_ns, true};
	}
	r->death_ns[1] = r->death_ns[0];
	r->death_ns[0] = now_ns;
	return (struct respawn_verdict){0, false};
}
