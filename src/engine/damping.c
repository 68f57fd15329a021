/* SPDX-License-Identifier: ISC */
/* Flap damping (RFC 2439, section 4.2). */
#include "config.h"

#include "engine/damping.h"

#include <math.h>

#include "common/clock.h"

double
damping_penalty(const struct damping *d, const struct conf_flap *limits, uint64_t now_ns)
{
	double half_lives;

	if (limits->half_life_ms == 0 || d->penalty <= 0)
		return 0;
	half_lives =
	    (double)(now_ns - d->updated_ns) / (limits->half_life_ms * (double)NSEC_PER_MSEC);
	return d->penalty * exp2(-half_lives);
}

static void
update(struct damping *d, const struct conf_flap *limits, uint64_t now_ns)
{
	d->penalty = damping_penalty(d, limits, now_ns);
	d->updated_ns = now_ns;
}

bool
damping_flap(struct damping *d, const struct conf_flap *limits, uint64_t now_ns)
{
	bool before = d->suppressed;

	if (limits->suppress == 0)
		return false;
	update(d, limits, now_ns);
	d->penalty += DAMPING_PER_FLAP;
	if (d->penalty > limits->ceiling)
		d->penalty = limits->ceiling;
	if (d->penalty >= limits->suppress)
		d->suppressed = true;
	return d->suppressed && !before;
}

bool
damping_settle(struct damping *d, const struct conf_flap *limits, uint64_t now_ns)
{
	if (!d->suppressed)
		return false;
	if (limits->suppress != 0 && damping_penalty(d, limits, now_ns) >= limits->reuse)
		return false;
	update(d, limits, now_ns);
	d->suppressed = false;
	return true;
}

uint64_t
damping_free_at(const struct damping *d, const struct conf_flap *limits)
{
	double half_lives;

	if (!d->suppressed || limits->reuse == 0 || d->penalty <= 0)
		return 0;
	half_lives = log2(d->penalty / limits->reuse);
	if (half_lives < 0)
		half_lives = 0;
	/* A millisecond more, so that whoever comes then finds it below the limit. */
	return d->updated_ns + NSEC_PER_MSEC +
	       (uint64_t)(half_lives * limits->half_life_ms * (double)NSEC_PER_MSEC);
}
