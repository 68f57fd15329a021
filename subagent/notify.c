/* SPDX-License-Identifier: ISC */
/* Notifications: see notify.h. What is to leave next stands in a short queue, in
 * the order of the events; whatever is in it has been chosen once and for all and
 * leaves again if the session ends before it was answered. */
#include "config.h"

#include "subagent/notify.h"

#include <event2/event.h>
#include <stdlib.h>
#include <string.h>

#include "common/clock.h"
#include "common/log.h"
#include "subagent/limiter.h"
#include "subagent/notification.h"

enum {
	QUEUE_MAX = 4,      /* as many may be unanswered at a time */
	PATIENCE_MS = 1000, /* for new routes to be read back, and doubts to end */
	START_MS = 10000,   /* after its start, for the daemon's first route */
	LOOK_MS = 250,      /* how often to look, should nobody wake us */
	LOOK_BACK = 256,    /* events between an uplinkAllDown and its clear, at most */
};

struct flight {
	uint64_t number; /* of the event that it tells of */
	uint64_t upto;   /* the event on whose account it leaves: all before it are dealt with */
	uint32_t suppressed;
	uint32_t packet; /* 0: not sent over this session */
	bool answered;
};

struct notifier {
	struct view *view;
	struct outlet outlet;
	struct reporter *reporter;
	unsigned slot; /* in the reports */
	struct limiter *limiter;
	struct event *timer;
	bool started;
	bool targets;      /* those of single targets are wanted */
	uint64_t next;     /* the event to look at */
	uint64_t repeated; /* the uplinkAllDownClear that was preceded by its uplinkAllDown */
	struct flight queue[QUEUE_MAX];
	unsigned nqueue; /* in order, the oldest first */
	uint64_t sent, lost;
	uint64_t lost_first, lost_last; /* events that the NMS is to read again; 0: none */
	bool lost_told;                 /* in the log */
	bool accepted;                  /* the master has taken one since the last loss */
};

static bool
is_up(const struct notifier *n)
{
	return n->outlet.is_up(n->outlet.arg);
}

/* ---- where we are ---- */

/* All events up to here are dealt with. */
static uint64_t
dealt(const struct notifier *n)
{
	return (n->nqueue > 0 ? n->queue[0].upto : n->next) - 1;
}

static bool
caught_up(const struct notifier *n)
{
	return n->nqueue == 0 && n->next > view_global(n->view)->events_last;
}

/* What was lost is told once the master takes notifications again; before, the one
 * that tells would be lost as well. */
static bool
replay_is_due(struct notifier *n)
{
	if (n->lost_last != 0 && view_global(n->view)->replay_last >= n->lost_last)
		n->lost_first = n->lost_last = 0; /* the engine has written the event */
	return n->lost_last != 0 && n->accepted && caught_up(n);
}

static void
report(struct notifier *n)
{
	uint64_t last = view_global(n->view)->events_last;
	struct report now = {.key = n->outlet.key,
			     .number = dealt(n),
			     .sent = n->sent,
			     .lost = n->lost,
			     .suppressed = limiter_suppressed(n->limiter),
			     .up = is_up(n)};

	if (!n->started)
		return;
	now.pending = last > now.number ? (uint32_t)(last - now.number) : 0;
	if (replay_is_due(n)) {
		now.lost_first = n->lost_first;
		now.lost_last = n->lost_last;
	}
	reporter_note(n->reporter, n->slot, &now);
}

/* Where to begin: behind what an earlier process has dealt with. */
static void
start(struct notifier *n)
{
	const struct board_global *g = view_global(n->view);
	uint64_t from = g->notified;

	for (unsigned i = 0; n->outlet.key != 0 && i < SINKS_MAX; i++)
		if (g->notified_by[i].key == n->outlet.key)
			from = g->notified_by[i].number;
	n->next = (from < g->events_last ? from : g->events_last) + 1;
	n->started = true;
	reporter_begin(n->reporter, g);
}

/* ---- losses ---- */

static void
lose(struct notifier *n, uint64_t first, uint64_t last)
{
	n->lost += last - first + 1;
	if (n->lost_last == 0 || first < n->lost_first)
		n->lost_first = first;
	if (last > n->lost_last)
		n->lost_last = last;
	n->lost_told = n->accepted = false;
}

/* Moves on to what can still be read. */
static void
skip_lost(struct notifier *n)
{
	uint64_t first, last;

	view_event_range(n->view, &first, &last);
	if (first == 0) /* nothing can be read */
		first = last + 1;
	if (n->next - 1 > last) {
		log_warn("the events began again at 1: so do the notifications");
		n->next = first;
		n->lost_first = n->lost_last = 0;
		n->nqueue = 0;
		limiter_clear(n->limiter);
	}
	if (n->next >= first)
		return;
	lose(n, n->next, first - 1);
	n->next = first;
}

/* Once, when there is somebody again who takes them. */
static void
tell_lost(struct notifier *n)
{
	if (n->lost_last == 0 || n->lost_told || !n->accepted)
		return;
	log_warn("notifications of the events %llu to %llu are lost: the master was away too long, "
		 "or refused them",
		 (unsigned long long)n->lost_first, (unsigned long long)n->lost_last);
	n->lost_told = true;
}

/* ---- sending what was chosen ---- */

static void
leave_queue(struct notifier *n)
{
	while (n->nqueue > 0 && n->queue[0].answered)
		memmove(n->queue, n->queue + 1, --n->nqueue * sizeof(n->queue[0]));
}

/* False: not now. */
static bool
send_flight(struct notifier *n, struct flight *f)
{
	struct board_event ev;
	netsnmp_variable_list *variables;

	if (!view_event(n->view, f->number, &ev)) { /* it was sent before, or waited too long */
		lose(n, f->number, f->number);
		f->answered = true;
		return true;
	}
	variables = notification_of(n->view, &ev, f->suppressed);
	f->packet = variables != NULL ? n->outlet.send(n->outlet.arg, variables) : 0;
	return f->packet != 0;
}

static void
send_queue(struct notifier *n)
{
	if (!is_up(n))
		return;
	for (unsigned i = 0; i < n->nqueue; i++)
		if (n->queue[i].packet == 0 && !n->queue[i].answered &&
		    !send_flight(n, &n->queue[i]))
			break;
	leave_queue(n);
}

/* ---- choosing ---- */

/* False: there is no room. */
static bool
enqueue(struct notifier *n, uint64_t number, uint32_t suppressed)
{
	if (n->nqueue == n->outlet.in_flight_max)
		return false;
	n->queue[n->nqueue++] =
	    (struct flight){.number = number, .upto = n->next, .suppressed = suppressed};
	return true;
}

/* Those of single targets are many, and the link's say enough. */
static bool
is_wanted(const struct notifier *n, unsigned type)
{
	return notification_exists(type) &&
	       (n->targets || (type != EVENT_TARGET_DOWN && type != EVENT_TARGET_UP));
}

static bool
has_way_out(struct view *v)
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

/* What left by such a link would be lost. */
static bool
is_in_doubt(struct view *v, uint64_t now)
{
	const struct board_link *link;

	for (uint32_t i = 1; (i = view_link_from(v, i, &link)) != 0; i++)
		if (is_dying(link, view_global(v)->all_down != 0) &&
		    now < link->health_since_ns + PATIENCE_MS * NSEC_PER_MSEC)
			return true;
	return false;
}

static bool
is_due(const struct notifier *n, const struct board_event *ev)
{
	const struct board_global *g = view_global(n->view);
	uint64_t now = view_now(n->view);

	if (now > g->started_ns && now - g->started_ns < START_MS * NSEC_PER_MSEC &&
	    !has_way_out(n->view))
		return false;
	return now < ev->at_ns || now - ev->at_ns >= PATIENCE_MS * NSEC_PER_MSEC ||
	       (g->plan_installed >= ev->plan_serial && !is_in_doubt(n->view, now));
}

/* uplinkAllDown left when there was no way out, and nobody but a station on the LAN
 * had it: before its clear it leaves once more. False: there is no room. */
static bool
repeat_all_down(struct notifier *n)
{
	struct board_event ev;
	uint64_t number = n->next;

	if (n->repeated == n->next)
		return true;
	while (--number > 0 && n->next - number < LOOK_BACK) {
		if (!view_event(n->view, number, &ev))
			break;
		if (ev.type != EVENT_ALL_DOWN)
			continue;
		if (!enqueue(n, number, 0))
			return false;
		break;
	}
	n->repeated = n->next;
	return true;
}

/* Deals with the event n->next. False: it has to wait, or all of them. */
static bool
choose_next(struct notifier *n)
{
	struct board_event ev;
	uint32_t suppressed;

	if (!view_event(n->view, n->next, &ev)) {
		lose(n, n->next, n->next);
		n->next++;
		return true;
	}
	if (!is_wanted(n, ev.type) || n->next > UINT32_MAX) {
		n->next++;
		return true;
	}
	if (!is_due(n, &ev) || (ev.type == EVENT_ALL_DOWN_CLEAR && !repeat_all_down(n)) ||
	    n->nqueue == n->outlet.in_flight_max)
		return false;
	if (limiter_admit(n->limiter, &ev, &suppressed))
		enqueue(n, n->next, suppressed);
	n->next++;
	return true;
}

/* What the limit kept back, once nothing newer waits. */
static void
choose_kept(struct notifier *n)
{
	uint32_t suppressed;
	uint64_t number;

	while (n->nqueue < n->outlet.in_flight_max && n->next > view_global(n->view)->events_last &&
	       (number = limiter_release(n->limiter, view_now(n->view), &suppressed)) != 0)
		enqueue(n, number, suppressed);
}

void
notify_run(struct notifier *n)
{
	static const struct timeval look = {0, LOOK_MS * 1000};

	view_begin(n->view, clock_mono_ns());
	if (!n->started)
		start(n);
	skip_lost(n);
	if (is_up(n)) {
		while (n->next <= view_global(n->view)->events_last && choose_next(n))
			;
		choose_kept(n);
		send_queue(n);
	}
	tell_lost(n);
	report(n);
	evtimer_add(n->timer, &look);
}

/* ---- answers ---- */

static void
take_answer(struct notifier *n, struct flight *f, int error)
{
	f->answered = true;
	if (error == 0) {
		n->sent++;
		n->accepted = true;
		return;
	}
	log_warn("the master refused the notification of event %llu: error %d",
		 (unsigned long long)f->number, error);
	lose(n, f->number, f->number);
}

void
notify_answered(struct notifier *n, uint32_t packet, int error)
{
	for (unsigned i = 0; i < n->nqueue; i++)
		if (n->queue[i].packet == packet && !n->queue[i].answered)
			take_answer(n, &n->queue[i], error);
	leave_queue(n);
	notify_run(n);
}

void
notify_session_gone(struct notifier *n)
{
	for (unsigned i = 0; i < n->nqueue; i++)
		n->queue[i].packet = 0;
	report(n);
}

void
notify_engine_up(struct notifier *n)
{
	reporter_forget(n->reporter);
	notify_run(n);
}

void
notify_settings(struct notifier *n, uint32_t limit, bool targets)
{
	limiter_set(n->limiter, limit);
	n->targets = targets;
}

/* ---- life ---- */

static void
on_timer(evutil_socket_t unused, short what, void *arg)
{
	(void)unused;
	(void)what;
	notify_run(arg);
}

struct notifier *
notify_new(struct event_base *base, struct view *view, const struct outlet *outlet,
	   struct reporter *reporter, unsigned slot)
{
	struct notifier *n = calloc(1, sizeof(*n));

	if (n == NULL)
		return NULL;
	n->view = view;
	n->outlet = *outlet;
	if (n->outlet.in_flight_max > QUEUE_MAX)
		n->outlet.in_flight_max = QUEUE_MAX;
	n->reporter = reporter;
	n->slot = slot;
	n->limiter = limiter_new();
	n->timer = evtimer_new(base, on_timer, n);
	if (n->limiter == NULL || n->timer == NULL) {
		notify_free(n);
		return NULL;
	}
	return n;
}

void
notify_free(struct notifier *n)
{
	if (n->limiter != NULL)
		limiter_free(n->limiter);
	if (n->timer != NULL)
		event_free(n->timer);
	free(n);
}
