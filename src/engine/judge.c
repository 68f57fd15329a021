/* SPDX-License-Identifier: ISC */
/* The judge. It says what was measured and nothing else: what follows from it for
 * the routes is the planner's. */
#include "config.h"

#include "engine/judge.h"

bool
judge_sample(struct target_judge *t, const struct conf_probe *probe, bool answered,
	     uint64_t sent_ns)
{
	uint8_t before = t->status;

	if (answered) {
		t->run_failures = 0;
		t->run_lost_ns = 0;
		t->run_successes++;
		if (sent_ns > t->answered_ns)
			t->answered_ns = sent_ns;
		if (t->status == TARGET_UNKNOWN || t->run_successes >= probe->up_after)
			t->status = TARGET_UP;
	} else {
		t->run_successes = 0;
		if (t->run_failures++ == 0)
			t->run_lost_ns = sent_ns;
		if (t->run_failures >= probe->down_after && t->status != TARGET_DOWN) {
			t->was_up = t->status == TARGET_UP;
			t->down_ns = sent_ns;
			t->status = TARGET_DOWN;
		}
	}
	return t->status != before;
}

void
judge_late(struct target_judge *t)
{
	if (t->status != TARGET_DOWN && t->run_failures > 0 && --t->run_failures == 0)
		t->run_lost_ns = 0;
}

void
judge_no_way(struct target_judge *t)
{
	t->run_successes = 0;
	if (t->status == TARGET_UP)
		t->status = TARGET_DOWN;
}

void
judge_anew(struct target_judge *t)
{
	*t = (struct target_judge){.status = TARGET_UNKNOWN};
}

enum reason
judge_facts(const struct link_facts *facts, int family)
{
	const struct route_facts *route = &facts->route[family];

	if (facts->ifindex == 0)
		return REASON_NO_INTERFACE;
	if (!facts->admin_up)
		return REASON_INTERFACE_DOWN;
	if (facts->carrier == CARRIER_DOWN)
		return REASON_NO_CARRIER;
	if (route->origin == GATEWAY_NONE)
		return REASON_NO_GATEWAY;
	if (!addr_is_set(&route->source))
		return REASON_NO_ADDRESS;
	return REASON_NONE;
}

struct verdict
judge_family(const struct link_facts *facts, int family, uint32_t quorum,
	     const struct target_counts *counts)
{
	enum reason reason = judge_facts(facts, family);
	uint32_t total = counts->up + counts->down + counts->unknown;

	if (reason != REASON_NONE)
		return (struct verdict){HEALTH_DOWN, (uint8_t)reason};
	if (quorum > total)
		quorum = total;
	if (total == 0)
		return (struct verdict){HEALTH_UNKNOWN, REASON_STARTING};
	if (counts->up >= quorum)
		return (struct verdict){HEALTH_UP, REASON_TARGETS_ANSWER};
	if (counts->up + counts->unknown >= quorum)
		return (struct verdict){HEALTH_UNKNOWN, REASON_STARTING};
	return (struct verdict){HEALTH_DOWN, REASON_TARGETS_LOST};
}

static bool
exceeds(const struct conf_threshold *t, uint32_t value, bool inside)
{
	if (t->enter == 0 || value == UINT32_MAX) /* no threshold; not measured */
		return false;
	return value >= t->enter || (inside && value > t->leave);
}

enum reason
judge_limits(const struct conf_limits *limits, const struct measured *m, enum reason before)
{
	if (exceeds(&limits->loss_ppm, m->loss_ppm, before == REASON_LOSS))
		return REASON_LOSS;
	if (exceeds(&limits->rtt_us, m->rtt_us, before == REASON_RTT))
		return REASON_RTT;
	if (exceeds(&limits->jitter_us, m->jitter_us, before == REASON_JITTER))
		return REASON_JITTER;
	return REASON_NONE;
}

struct verdict
judge_link(const struct verdict family[FAMILIES], const bool configured[FAMILIES])
{
	const struct verdict *v4 = &family[V4], *v6 = &family[V6];

	if (!configured[V6])
		return *v4;
	if (!configured[V4])
		return *v6;
	if (v4->health == v6->health)
		return *v4;
	/* One that is not measured yet takes nothing from one that carries, and may
	 * itself carry where the other does not. */
	if (v4->health == HEALTH_UNKNOWN || v6->health == HEALTH_UNKNOWN) {
		const struct verdict *known = v4->health == HEALTH_UNKNOWN ? v6 : v4;
		const struct verdict *unknown = known == v4 ? v6 : v4;

		return health_carries(known->health) ? *known : *unknown;
	}
	/* One carries and the other does not: degraded, for the other's reason. */
	if (health_carries(v4->health) && health_carries(v6->health))
		return v4->health == HEALTH_DEGRADED ? *v4 : *v6;
	return (struct verdict){HEALTH_DEGRADED,
				health_carries(v4->health) ? v6->reason : v4->reason};
}
