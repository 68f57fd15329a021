/* SPDX-License-Identifier: ISC */
/* The planner. For each IP version it takes the best kind of links that has any,
 * and of that kind the best tier:
 *
 *   GOOD     well and not ordered away, or forced up
 *   LAST     degraded, and configured to go last
 *   WAITING  well, but held or damped: better than none
 *   RESORT   well, and configured as the last resort
 *   LEAVING  degraded, and configured to leave: better than nothing at all
 *   DRAINING well, but ordered to drain: it yields rather than leave nobody
 *   STATIC   nothing is well and nothing is installed: whatever has a way out
 *
 * When nothing is well and something is installed, the list gets no weights and
 * the kernel keeps what it has: failing static beats failing empty. */
#include "config.h"

#include "engine/planner.h"

#include <string.h>

#include "engine/judge.h"

enum fitness { FIT_GOOD, FIT_LAST, FIT_WAITING, FIT_RESORT, FIT_LEAVING, FIT_DRAINING, FIT_NONE };

/* One that is not measured yet stays where an earlier start has put it: nobody
 * said that it is down. */
static bool
carries_as_measured(const struct plan_link *l, int family)
{
	return health_carries(l->family[family].health) ||
	       (l->family[family].health == HEALTH_UNKNOWN && l->family[family].installed);
}

static enum fitness
fitness_of(const struct plan_link *l, int family)
{
	if (!l->family[family].configured || !l->family[family].way_out ||
	    l->admin == ADMIN_FORCE_DOWN)
		return FIT_NONE;
	if (l->admin == ADMIN_FORCE_UP)
		return FIT_GOOD;
	if (!carries_as_measured(l, family))
		return FIT_NONE;
	if (l->admin == ADMIN_DRAIN)
		return FIT_DRAINING;
	if (l->family[family].leaves)
		return FIT_LEAVING;
	if (l->resort)
		return FIT_RESORT;
	if (l->held || l->damped)
		return FIT_WAITING;
	return l->family[family].last ? FIT_LAST : FIT_GOOD;
}

/* The best class of any link, and the best tier within it. */
static enum fitness
best_of(const struct plan_link *links, size_t n, int family, uint8_t *tier)
{
	enum fitness best = FIT_NONE;

	*tier = 0;
	for (size_t i = 0; i < n; i++) {
		enum fitness fit = fitness_of(&links[i], family);

		if (fit == FIT_NONE || fit > best)
			continue;
		if (fit < best || links[i].tier < *tier)
			*tier = links[i].tier;
		best = fit;
	}
	return best;
}

static void
add_member(struct plan_family *list, uint16_t link, uint16_t weight)
{
	list->members[list->count++] = (struct plan_member){.link = link, .weight = weight};
}

static bool
is_undecided(const struct plan_link *links, size_t n, int family)
{
	for (size_t i = 0; i < n; i++)
		if (links[i].family[family].configured &&
		    links[i].family[family].health == HEALTH_UNKNOWN &&
		    links[i].admin != ADMIN_FORCE_DOWN)
			return true;
	return false;
}

static bool
is_installed(const struct plan_link *links, size_t n, int family)
{
	for (size_t i = 0; i < n; i++)
		if (links[i].family[family].installed)
			return true;
	return false;
}

/* Nothing is well. What stands stays; where nothing stands, and nothing is about
 * to be known, everything with a way out is better than nothing. */
static void
plan_static(const struct plan_link *links, size_t n, int family, struct plan_family *list)
{
	bool fill = !is_installed(links, n, family) && !is_undecided(links, n, family);

	for (size_t i = 0; i < n; i++) {
		const struct plan_link *l = &links[i];

		if (l->family[family].configured && l->family[family].way_out &&
		    (fill || l->family[family].installed) && l->admin != ADMIN_FORCE_DOWN)
			add_member(list, l->index, fill ? l->family[family].weight : 0);
	}
}

static void
plan_family(const struct plan_link *links, size_t n, int family, struct plan_family *list,
	    struct plan_duty *duty)
{
	uint8_t tier;
	enum fitness best = best_of(links, n, family, &tier);

	list->count = 0;
	if (best == FIT_NONE) {
		plan_static(links, n, family, list);
		return;
	}
	for (size_t i = 0; i < n; i++) {
		enum fitness fit = fitness_of(&links[i], family);
		bool carries = fit == best && links[i].tier == tier;

		/* One that leaves is out, like a dead one: its flows may not stay on it. */
		if (fit == FIT_NONE || (fit == FIT_LEAVING && !carries))
			continue;
		duty[i].carries[family] = carries;
		add_member(list, links[i].index, carries ? links[i].family[family].weight : 0);
	}
}

static bool
has_way_out(const struct plan_link *l)
{
	return (l->family[V4].configured && l->family[V4].way_out) ||
	       (l->family[V6].configured && l->family[V6].way_out);
}

/* It would carry in one IP version, but for its quality. */
static bool
is_last(const struct plan_link *l)
{
	return fitness_of(l, V4) == FIT_LAST || fitness_of(l, V6) == FIT_LAST;
}

/* It leaves in every IP version that it could carry. */
static bool
leaves(const struct plan_link *l)
{
	enum fitness v4 = fitness_of(l, V4), v6 = fitness_of(l, V6);

	return (v4 == FIT_LEAVING && v6 >= FIT_LEAVING) || (v6 == FIT_LEAVING && v4 >= FIT_LEAVING);
}

static void
set(struct plan_duty *d, enum oper oper, enum reason reason)
{
	d->oper = (uint8_t)oper;
	d->reason = (uint8_t)reason;
}

static void
duty_of_draining(const struct plan_link *l, struct plan_duty *d)
{
	if (fitness_of(l, V4) == FIT_NONE && fitness_of(l, V6) == FIT_NONE)
		set(d, OPER_OUT, l->reason);
	else if (d->yielded)
		set(d, OPER_ACTIVE, REASON_NO_OTHER_LINK);
	else
		set(d, l->empty ? OPER_DRAINED : OPER_DRAINING, REASON_ORDER_DRAIN);
}

static void
duty_of_idle(const struct plan_link *l, struct plan_duty *d)
{
	if (!health_carries(l->health) && l->admin != ADMIN_FORCE_UP)
		set(d, OPER_OUT, l->reason);
	else if (!has_way_out(l))
		set(d, OPER_OUT, l->reason);
	else if (leaves(l))
		set(d, OPER_OUT, l->reason);
	else if (l->damped && l->admin != ADMIN_FORCE_UP)
		set(d, OPER_OUT, REASON_FLAPPING);
	else if (l->held && l->admin != ADMIN_FORCE_UP)
		set(d, OPER_OUT, REASON_HOLD);
	else
		set(d, OPER_STANDBY, is_last(l) ? l->reason : REASON_BETTER_TIER);
}

/* It could carry right now, if need be. */
static bool
is_good(const struct plan_link *l, int family)
{
	enum fitness fit = fitness_of(l, family);

	return fit <= FIT_LAST || (fit == FIT_RESORT && !l->held && !l->damped);
}

static void
duty_of(const struct plan_link *l, struct plan_duty *d)
{
	bool carries = d->carries[V4] || d->carries[V6];

	d->usable = is_good(l, V4) || is_good(l, V6) || carries;
	d->yielded = carries && l->admin == ADMIN_DRAIN;
	if (l->admin == ADMIN_FORCE_DOWN)
		set(d, OPER_OUT, REASON_ORDER_FORCE_DOWN);
	else if (l->admin == ADMIN_DRAIN)
		duty_of_draining(l, d);
	else if (carries && l->admin == ADMIN_FORCE_UP)
		set(d, OPER_ACTIVE, REASON_ORDER_FORCE_UP);
	else if (carries)
		set(d, OPER_ACTIVE,
		    l->held || l->damped || leaves(l) ? REASON_NO_OTHER_LINK : l->reason);
	else
		duty_of_idle(l, d);
}

static bool
is_sure(const struct plan_link *l)
{
	if (l->admin == ADMIN_FORCE_UP)
		return true;
	for (int f = 0; f < FAMILIES; f++)
		if (l->family[f].configured && health_carries(l->family[f].health))
			return true;
	return false;
}

void
planner_run(const struct plan_link *links, size_t n, struct plan *plan, struct plan_duty *duty,
	    struct plan_summary *summary)
{
	memset(duty, 0, n * sizeof(*duty));
	memset(summary, 0, sizeof(*summary));
	for (int f = 0; f < FAMILIES; f++)
		plan_family(links, n, f, &plan->family[f], duty);
	for (size_t i = 0; i < n; i++) {
		duty_of(&links[i], &duty[i]);
		if (duty[i].usable)
			summary->usable++;
		if (duty[i].usable && is_sure(&links[i]))
			summary->sure++;
		if ((duty[i].carries[V4] || duty[i].carries[V6]) &&
		    (summary->active_tier == 0 || links[i].tier < summary->active_tier))
			summary->active_tier = links[i].tier;
	}
	summary->all_down = n > 0 && summary->usable == 0 && !is_undecided(links, n, V4) &&
			    !is_undecided(links, n, V6);
}
