/* SPDX-License-Identifier: ISC */
/* How often the daemon puts right what someone else changes. */
#include "common/ration.h"

#include <string.h>

#include "common/clock.h"

#define WINDOW_NS (10 * NSEC_PER_SEC)
#define FIRST_PAUSE_NS (5 * NSEC_PER_SEC)
#define LONGEST_PAUSE_NS (60 * NSEC_PER_SEC)
#define QUIET_NS (120 * NSEC_PER_SEC)

static uint64_t
refuse(struct ration *r, uint64_t now_ns)
{
	r->pause_ns = r->pause_ns == 0 ? FIRST_PAUSE_NS : r->pause_ns * 2;
	if (r->pause_ns > LONGEST_PAUSE_NS)
		r->pause_ns = LONGEST_PAUSE_NS;
	r->until_ns = now_ns + r->pause_ns;
	memset(r->taken_ns, 0, sizeof(r->taken_ns));
	return r->until_ns;
}

uint64_t
ration_take(struct ration *r, uint64_t now_ns)
{
	uint64_t oldest = r->taken_ns[r->next];

	if (now_ns < r->until_ns)
		return r->until_ns;
	if (now_ns - r->last_ns > QUIET_NS)
		r->pause_ns = 0;
	if (oldest != 0 && now_ns - oldest < WINDOW_NS)
		return refuse(r, now_ns);
	r->taken_ns[r->next] = now_ns;
	r->next = (r->next + 1) % RATION_TAKES;
	r->last_ns = now_ns;
	return 0;
}
