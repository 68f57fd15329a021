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
#include "subagent/departures.h"
#include "subagent/limiter.h"
#include "subagent/notification.h"
#include "subagent/ways.h"

enum {
	QUEUE_MAX = 4,    /* as many may be unanswered at a time */
	START_MS = 10000, /* after its start, for the daemon's first route */
	LOOK_MS = 250,    /* how often to look, should nobody wake us */
	LOOK_BACK = 256,  /* events between an uplinkAllDown and its clear, at most */
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
	struct departures departures;
	uint64_t doubt_first, doubt_last; /* what may have left by a dying link; 0: none */
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

/* Once all that had happened before is told, so that what else is in doubt belongs to it. */
static bool
doubt_is_due(struct notifier *n)
{
	const struct board_global *g = view_global(n->view);

	if (g->doubt_first <= n->doubt_first && g->doubt_last >= n->doubt_last)
		n->doubt_first = n->doubt_last = 0; /* the engine has seen to it */
	return n->doubt_last != 0 && is_up(n) && caught_up(n);
}

static void
report(struct notifier *n)
{
	uint64_t last = view_global(n->view)->events_last;
	struct report now = {.mark = {.key = n->outlet.key, .number = dealt(n)},
			     .sent = n->sent,
			     .lost = n->lost,
			     .suppressed = limiter_suppressed(n->limiter),
			     .up = is_up(n)};

	if (!n->started)
		return;
	now.mark.held = limiter_held(n->limiter, &now.mark.held_first);
	now.pending = last > now.mark.number ? (uint32_t)(last - now.mark.number) : 0;
	if (replay_is_due(n)) {
		now.lost_first = n->lost_first;
		now.lost_last = n->lost_last;
	}
	if (doubt_is_due(n)) {
		now.doubt_first = n->doubt_first;
		now.doubt_last = n->doubt_last;
	}
	reporter_note(n->reporter, n->slot, &now);
}

/* ---- losses ---- */

/* So many of the notifications of those events. */
static void
lose(struct notifier *n, uint64_t first, uint64_t last, uint64_t count)
{
	n->lost += count;
	if (n->lost_last == 0 || first < n->lost_first)
		n->lost_first = first;
	if (last > n->lost_last)
		n->lost_last = last;
	n->lost_told = n->accepted = false;
}

/* What the limit kept back in an earlier process, or counted for the next one of its kind to
 * say, is not known any more. The session may be up for long without another notification. */
static void
lose_held(struct notifier *n, const struct sink_mark *mark)
{
	if (mark->held_first == 0 || mark->held_first > mark->number)
		return;
	lose(n, mark->held_first, mark->number, mark->held);
	n->accepted = true;
}

/* Where to begin: behind what an earlier process has dealt with. */
static void
start(struct notifier *n)
{
	const struct board_global *g = view_global(n->view);
	uint64_t from = g->notified;

	for (unsigned i = 0; i < SINKS_MAX; i++) {
		const struct sink_mark *mark = &g->notified_by[i];

		if (mark->key != n->outlet.key || mark->number > g->events_last)
			continue;
		if (n->outlet.key != 0)
			from = mark->number;
		lose_held(n, mark);
		break;
	}
	n->next = (from < g->events_last ? from : g->events_last) + 1;
	n->started = true;
	reporter_begin(n->reporter, g);
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
		n->lost_first = n->lost_last = n->doubt_first = n->doubt_last = 0;
		n->nqueue = 0;
		limiter_clear(n->limiter);
	}
	if (n->next >= first)
		return;
	lose(n, n->next, first - 1, first - n->next);
	n->next = first;
}

/* Once, when there is somebody again who takes them. */
static void
tell_lost(struct notifier *n)
{
	if (n->lost_last == 0 || n->lost_told || !n->accepted)
		return;
	log_warn("notifications of the events %llu to %llu are lost: the master was away too long, "
		 "or refused them, or the limit kept them back in a process that ended",
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
		lose(n, f->number, f->number, 1);
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
is_due(const struct notifier *n, const struct board_event *ev)
{
	const struct board_global *g = view_global(n->view);
	uint64_t now = view_now(n->view);

	if (now > g->started_ns && now - g->started_ns < START_MS * NSEC_PER_MSEC &&
	    !ways_exist(n->view))
		return false;
	return now < ev->at_ns || now - ev->at_ns >= WAYS_PATIENCE_MS * NSEC_PER_MSEC ||
	       (g->plan_installed >= ev->plan_serial && !ways_in_doubt(n->view));
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

static void
doubt(struct notifier *n, uint64_t first, uint64_t last)
{
	if (n->doubt_last == 0 || first < n->doubt_first)
		n->doubt_first = first;
	if (last > n->doubt_last)
		n->doubt_last = last;
}

/* A link that carried traffic is dead: what left since its last answer may have gone its
 * way. What the receiver confirms needs no such care. */
static void
doubt_departed(struct notifier *n, const struct board_event *ev)
{
	uint64_t since_ns, first, last;

	if (n->outlet.confirmed || (since_ns = ways_dead_since(n->view, ev)) == 0)
		return;
	if (departures_since(&n->departures, since_ns, view_now(n->view), &first, &last))
		doubt(n, first, last);
	for (unsigned i = 0; i < n->nqueue; i++)
		if (n->queue[i].packet != 0)
			doubt(n, n->queue[i].number, n->queue[i].number);
}

/* Deals with the event n->next. False: it has to wait, or all of them. */
static bool
choose_next(struct notifier *n)
{
	struct board_event ev;
	uint32_t suppressed;

	if (!view_event(n->view, n->next, &ev)) {
		lose(n, n->next, n->next, 1);
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
	doubt_departed(n, &ev);
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
		departures_note(&n->departures, f->number, view_now(n->view));
		return;
	}
	log_warn("the master refused the notification of event %llu: error %d",
		 (unsigned long long)f->number, error);
	lose(n, f->number, f->number, 1);
}

void
notify_answered(struct notifier *n, uint32_t packet, int error)
{
	view_begin(n->view, clock_mono_ns());
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
