/* SPDX-License-Identifier: ISC */
/* What the rows of links, routes and targets say of ways out. */
#include "config.h"

#include "subagent/ways.h"

#include "common/clock.h"

bool
ways_exist(struct view *v)
{
	const struct board_link *link;

	for (uint32_t i = 1; (i = view_link_from(v, i, &link)) != 0; i++)
		if (link->route[V4].installed || link->route[V6].installed)
			return true;
	return false;
}

/* One that has just lost one IP version: if all of it is dead, that shows by the other
 * one within moments. One that is dead, until its routes are gone: unless they stay. */
static bool
is_dying(const struct board_link *link, bool all_down)
{
	if (link->health_reason != REASON_TARGETS_LOST)
		return false;
	return link->health == HEALTH_DEGRADED ||
	       (link->health == HEALTH_DOWN && !all_down &&
		(link->route[V4].installed || link->route[V6].installed));
}

bool
ways_in_doubt(struct view *v)
{
	const struct board_link *link;

	for (uint32_t i = 1; (i = view_link_from(v, i, &link)) != 0; i++)
		if (is_dying(link, view_global(v)->all_down != 0) &&
		    view_now(v) < link->health_since_ns + WAYS_PATIENCE_MS * NSEC_PER_MSEC)
			return true;
	return false;
}

/* It has carried traffic until the event, or does so still. */
static bool
carried(const struct board_link *link, const struct board_event *ev)
{
	for (int f = 0; f < FAMILIES; f++)
		if (link->route[f].installed || link->route[f].last_change_ns >= ev->at_ns)
			return true;
	return false;
}

/* The last answer before then of the targets that the event is about. If there was a later
 * one, which hides it, or none, the shortest interval before. */
static uint64_t
last_answer(struct view *v, const struct board_link *link, const struct board_event *ev,
	    uint64_t before_ns)
{
	uint64_t newest_ns = 0, interval_ns = NSEC_PER_SEC;
	uint32_t index = link->index, number = 0;
	const struct board_target *t;
	bool later = false;

	for (; view_target_from(v, &index, &number, &t) && index == link->index; number++) {
		if (t->family >= FAMILIES ||
		    (ev->type != EVENT_LINK_DOWN && link->route[t->family].health != HEALTH_DOWN))
			continue;
		if (t->last_good_ns > before_ns)
			later = true;
		else if (t->last_good_ns > newest_ns)
			newest_ns = t->last_good_ns;
		if (t->last_good_ns != 0 && t->interval_ms * NSEC_PER_MSEC < interval_ns)
			interval_ns = t->interval_ms * NSEC_PER_MSEC;
	}
	if (newest_ns != 0 && !later)
		return newest_ns;
	return before_ns > interval_ns ? before_ns - interval_ns : 1;
}

uint64_t
ways_dead_since(struct view *v, const struct board_event *ev)
{
	uint64_t detection_ns =
	    ev->detection_us == RTT_UNKNOWN ? 0 : (uint64_t)ev->detection_us * NSEC_PER_USEC;
	const struct board_link *link;

	if (ev->type != EVENT_LINK_DOWN &&
	    (ev->type != EVENT_LINK_DEGRADED || ev->reason != REASON_TARGETS_LOST))
		return 0;
	if (ev->link == 0 || ev->at_ns <= detection_ns ||
	    view_link_from(v, ev->link, &link) != ev->link || !carried(link, ev))
		return 0;
	return last_answer(v, link, ev, ev->at_ns - detection_ns);
}
