/* SPDX-License-Identifier: ISC */
/* From targets to a verdict on the link. */
#include "config.h"

#include "engine/verdict.h"

#include "engine/figures.h"

bool
verdict_has_limits(const struct conf_limits *l)
{
	return l->loss_ppm.enter != 0 || l->rtt_us.enter != 0 || l->jitter_us.enter != 0;
}

/* One that answers may still be too bad to be called up. */
static struct verdict
judge_quality(const struct link *link, int family, struct verdict v)
{
	struct measured m;
	enum reason reason;

	if (v.health != HEALTH_UP || !verdict_has_limits(&link->conf->limits))
		return v;
	m = figures_measured(link, family);
	reason = judge_limits(&link->conf->limits, &m, link->verdict[family].reason);
	if (reason == REASON_NONE)
		return v;
	return (struct verdict){HEALTH_DEGRADED, (uint8_t)reason};
}

/* It has lost probes and never answered: some more, and it is down. */
static bool
soon_known(const struct link *link, int family)
{
	for (size_t i = 0; i < link->ntargets; i++) {
		const struct target *t = link->targets[i];

		if (t->conf.family == family && t->judge.status == TARGET_UNKNOWN &&
		    t->judge.run_failures > 0)
			return true;
	}
	return false;
}

/* An IP version that does not count is neither up nor down: there is nothing to measure.
 * What was measured does not become unmeasured because a target fails before another
 * one was ever known: it stands until that one is. */
struct verdict
verdict_of(const struct link *link, int family)
{
	struct target_counts counts = figures_count(link, family);
	struct verdict v = judge_family(&link->facts, family, link->conf->quorum, &counts);

	if (!model_counts(link, family))
		return (struct verdict){HEALTH_UNKNOWN, REASON_NO_GATEWAY};
	if (v.health == HEALTH_UNKNOWN && health_carries(link->verdict[family].health) &&
	    soon_known(link, family))
		return link->verdict[family];
	return judge_quality(link, family, v);
}
