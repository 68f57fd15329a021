/* SPDX-License-Identifier: ISC */
/* The limit of notifications: a virtual schedule for each subject (as of ATM's
 * cells: ITU-T I.371, GCRA). Subjects of which nothing is left to know are
 * forgotten, so there are never more than links and targets that changed within
 * the last minute. */
#include "config.h"

#include "subagent/limiter.h"

#include <stdlib.h>

#include "common/clock.h"

#define MINUTE_NS (60 * NSEC_PER_SEC)

enum family {
	FAMILY_NONE, /* not limited */
	FAMILY_HEALTH,
	FAMILY_FLAPPING,
	FAMILY_SWITCH,
	FAMILY_ALL,
	FAMILY_YIELD,
	FAMILY_ROUTE,
	FAMILY_TARGET,
	FAMILY_REPLAY,
};

struct subject {
	struct subject *next;
	uint16_t link, target;
	uint8_t family;
	uint32_t suppressed;
	uint64_t kept;   /* number of the event that waits, 0: none */
	uint64_t first;  /* the first one left out or kept since one left, 0: none */
	uint64_t due_ns; /* when the next is due, had they come evenly */
};

/* No site has more; a board that says so is not believed. */
enum { SUBJECTS_MAX = 8 * LINKS_MAX + TARGETS_MAX };

struct limiter {
	uint32_t per_minute;
	uint64_t suppressed;
	struct subject *subjects;
	size_t nsubjects;
};

static enum family
family_of(unsigned type)
{
	switch (type) {
	case EVENT_LINK_DOWN:
	case EVENT_LINK_UP:
	case EVENT_LINK_DEGRADED:
	case EVENT_LINK_RECOVERED:
		return FAMILY_HEALTH;
	case EVENT_LINK_FLAPPING:
	case EVENT_LINK_SETTLED:
		return FAMILY_FLAPPING;
	case EVENT_FAILOVER:
	case EVENT_FAILBACK:
		return FAMILY_SWITCH;
	case EVENT_ALL_DOWN:
	case EVENT_ALL_DOWN_CLEAR:
		return FAMILY_ALL;
	case EVENT_DRAIN_YIELDED:
	case EVENT_DRAIN_RESUMED:
		return FAMILY_YIELD;
	case EVENT_ROUTE_FAILED:
	case EVENT_ROUTE_REPAIRED:
		return FAMILY_ROUTE;
	case EVENT_TARGET_DOWN:
	case EVENT_TARGET_UP:
		return FAMILY_TARGET;
	case EVENT_EVENTS_REPLAY:
		return FAMILY_REPLAY;
	default:
		return FAMILY_NONE;
	}
}

static uint64_t
interval_ns(const struct limiter *l)
{
	return MINUTE_NS / l->per_minute;
}

/* A minute's share may leave at once, then one in each interval. */
static bool
may_leave(const struct limiter *l, const struct subject *s, uint64_t at_ns)
{
	return l->per_minute == 0 || s->due_ns <= at_ns + MINUTE_NS - interval_ns(l);
}

static void
leaves(const struct limiter *l, struct subject *s, uint64_t at_ns, uint32_t *suppressed)
{
	if (l->per_minute != 0)
		s->due_ns = (s->due_ns > at_ns ? s->due_ns : at_ns) + interval_ns(l);
	*suppressed = s->suppressed;
	s->suppressed = 0;
	s->kept = s->first = 0;
}

static void
leave_out(struct limiter *l, struct subject *s)
{
	if (s->kept == 0)
		return;
	s->kept = 0;
	s->suppressed++;
	l->suppressed++;
}

static bool
is_idle(const struct subject *s, uint64_t now_ns)
{
	return s->kept == 0 && s->suppressed == 0 && s->due_ns <= now_ns;
}

/* The event's subject, made if need be; idle ones on the way are forgotten. NULL
 * without memory, or where there are too many. */
static struct subject *
subject_of(struct limiter *l, enum family family, const struct board_event *ev)
{
	struct subject **at = &l->subjects, *s;

	while ((s = *at) != NULL) {
		if (s->family == family && s->link == ev->link && s->target == ev->target)
			return s;
		if (is_idle(s, ev->at_ns)) {
			*at = s->next;
			free(s);
			l->nsubjects--;
		} else {
			at = &s->next;
		}
	}
	s = l->nsubjects < SUBJECTS_MAX ? calloc(1, sizeof(*s)) : NULL;
	if (s == NULL)
		return NULL;
	l->nsubjects++;
	s->family = (uint8_t)family;
	s->link = ev->link;
	s->target = ev->target;
	s->next = l->subjects;
	l->subjects = s;
	return s;
}

bool
limiter_admit(struct limiter *l, const struct board_event *ev, uint32_t *suppressed)
{
	enum family family = family_of(ev->type);
	struct subject *s;

	*suppressed = 0;
	if (family == FAMILY_NONE)
		return true;
	s = subject_of(l, family, ev);
	if (s == NULL)
		return true;
	leave_out(l, s);
	if (may_leave(l, s, ev->at_ns)) {
		leaves(l, s, ev->at_ns, suppressed);
		return true;
	}
	s->kept = ev->number;
	if (s->first == 0)
		s->first = ev->number;
	return false;
}

uint64_t
limiter_release(struct limiter *l, uint64_t now_ns, uint32_t *suppressed)
{
	struct subject *first = NULL;
	uint64_t number;

	for (struct subject *s = l->subjects; s != NULL; s = s->next)
		if (s->kept != 0 && may_leave(l, s, now_ns) &&
		    (first == NULL || s->kept < first->kept))
			first = s;
	if (first == NULL)
		return 0;
	number = first->kept;
	leaves(l, first, now_ns, suppressed);
	return number;
}

uint32_t
limiter_held(const struct limiter *l, uint64_t *first)
{
	uint32_t kept = 0;

	*first = 0;
	for (const struct subject *s = l->subjects; s != NULL; s = s->next) {
		kept += s->kept != 0;
		if (s->first != 0 && (*first == 0 || s->first < *first))
			*first = s->first;
	}
	return kept;
}

uint64_t
limiter_suppressed(const struct limiter *l)
{
	return l->suppressed;
}

void
limiter_set(struct limiter *l, uint32_t per_minute)
{
	l->per_minute = per_minute;
}

struct limiter *
limiter_new(void)
{
	return calloc(1, sizeof(struct limiter));
}

void
limiter_clear(struct limiter *l)
{
	while (l->subjects != NULL) {
		struct subject *next = l->subjects->next;

		free(l->subjects);
		l->subjects = next;
	}
	l->nsubjects = 0;
}

void
limiter_free(struct limiter *l)
{
	limiter_clear(l);
	free(l);
}
