/* SPDX-License-Identifier: ISC */
/* Notifications: see notify.h. */
#include "config.h"

#include "subagent/notify.h"

#include <event2/event.h>
#include <stdlib.h>
#include <string.h>

#include "common/clock.h"
#include "common/log.h"

enum {
	FLIGHTS_MAX = 4,
	PATIENCE_MS = 1000, /* for new routes to be read back */
	START_MS = 10000,   /* after its start, for the daemon's first route */
	LOOK_MS = 250,      /* how often to look, should nobody wake us */
	LOOK_BACK = 256,    /* events between an uplinkAllDown and its clear, at most */
	OBJECTS_MAX = 12,
};

struct object {
	uint32_t arc, number; /* group and column */
};

struct kind {
	uint32_t number; /* the event type's, and below uplinkNotifications */
	const char *label;
	struct object objects[OBJECTS_MAX]; /* arc 0 ends it */
};

#define KIND(name, number, label, ...) {number, label, {__VA_ARGS__, {0, 0}}},

static const struct kind kinds[] = {MIB_NOTIFICATIONS(KIND)};

struct flight {
	uint64_t number; /* of the event */
	uint32_t packet;
	bool answered;
};

struct notifier {
	struct view *view;
	struct outlet outlet;
	struct reporter *reporter;
	unsigned slot; /* in the reports */
	struct event *timer;
	bool started;
	uint64_t next;     /* the event to look at */
	uint64_t repeated; /* the uplinkAllDownClear that was preceded by its uplinkAllDown */
	struct flight flights[FLIGHTS_MAX];
	unsigned nflights; /* in order, the oldest first */
	uint64_t sent, lost;
};

/* ---- what a notification says ---- */

/* Those of single targets are many, and the link's say enough. */
static bool
is_wanted(unsigned type)
{
	return type != EVENT_TARGET_DOWN && type != EVENT_TARGET_UP;
}

static const struct kind *
kind_of(unsigned type)
{
	for (size_t i = 0; is_wanted(type) && i < sizeof(kinds) / sizeof(kinds[0]); i++)
		if (kinds[i].number == type)
			return &kinds[i];
	return NULL;
}

static const struct mib_group *
group_of(uint32_t arc)
{
	for (const struct mib_group *const *g = mib_groups; *g != NULL; g++)
		if ((*g)->arc == arc)
			return *g;
	return NULL;
}

/* The value of an object as it is in this event. A link can have left the
 * configuration since, so its name comes from the event. */
static int
add_object(const struct object *o, const struct mib_row *row, netsnmp_variable_list ***end)
{
	const struct mib_group *group = group_of(o->arc);
	const struct mib_column *column = mib_column(group, o->number);
	uint32_t index = o->arc == MIB_ARC_EVENT  ? row->index[0]
			 : o->arc == MIB_ARC_LINK ? row->event.link
						  : 0;
	struct mib_name name;
	struct mib_value value = {0};

	mib_name_of(group, column, &index, &name);
	if (o->arc == MIB_ARC_LINK)
		value_text(&value, row->event.link_name);
	else
		mib_read(column, row, &value);
	/* An object that may not be absent, on a board that holds no valid value. */
	if (!value.present)
		return 0;
	return codec_add(end, &name, column->type, &value);
}

static netsnmp_variable_list *
variables_of(const struct kind *kind, const struct mib_row *row)
{
	static const uint32_t trap_oid[] = {1, 3, 6, 1, 6, 3, 1, 1, 4, 1, 0};
	static const uint32_t base[] = {MIB_OID, MIB_ARC_NOTIFICATIONS};
	struct mib_name name = {.length = sizeof(trap_oid) / sizeof(trap_oid[0])};
	struct mib_name value = {.length = sizeof(base) / sizeof(base[0])};
	netsnmp_variable_list *variables = NULL, **end = &variables;
	int failed;

	memcpy(name.id, trap_oid, sizeof(trap_oid));
	memcpy(value.id, base, sizeof(base));
	value.id[value.length++] = kind->number;
	failed = codec_add_oid(&end, &name, &value);
	for (const struct object *o = kind->objects; o->arc != 0 && !failed; o++)
		failed = add_object(o, row, &end);
	if (!failed)
		return variables;
	snmp_free_varbind(variables);
	return NULL;
}

/* ---- where we are ---- */

/* All events up to here are dealt with. */
static uint64_t
dealt(const struct notifier *n)
{
	return (n->nflights > 0 ? n->flights[0].number : n->next) - 1;
}

static void
report(struct notifier *n)
{
	uint64_t last = view_global(n->view)->events_last;
	struct report now = {.key = n->outlet.key,
			     .number = dealt(n),
			     .sent = n->sent,
			     .lost = n->lost,
			     .up = n->outlet.is_up(n->outlet.arg)};

	if (!n->started)
		return;
	now.pending = last > now.number ? (uint32_t)(last - now.number) : 0;
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
	}
	if (n->next >= first)
		return;
	log_warn(
	    "the notifications of the events %llu to %llu are lost: the master was away too long",
	    (unsigned long long)n->next, (unsigned long long)(first - 1));
	n->lost += first - n->next;
	n->next = first;
}

/* ---- sending ---- */

static bool
has_way_out(struct view *v)
{
	const struct board_link *link;

	for (uint32_t i = 1; (i = view_link_from(v, i, &link)) != 0; i++)
		if (link->route[V4].installed || link->route[V6].installed)
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
	return g->plan_installed >= ev->plan_serial || now < ev->at_ns ||
	       now - ev->at_ns >= PATIENCE_MS * NSEC_PER_MSEC;
}

/* Sends the event in row, on account of the event n->next. False: not now. */
static bool
send_event(struct notifier *n, const struct kind *kind, const struct mib_row *row)
{
	netsnmp_variable_list *variables;
	uint32_t packet;

	if (n->nflights == n->outlet.in_flight_max || !n->outlet.is_up(n->outlet.arg))
		return false;
	variables = variables_of(kind, row);
	packet = variables != NULL ? n->outlet.send(n->outlet.arg, variables) : 0;
	if (packet == 0)
		return false;
	n->flights[n->nflights++] = (struct flight){.number = n->next, .packet = packet};
	return true;
}

/* uplinkAllDown left when there was no way out, and nobody but a station on the LAN
 * had it: before its clear it leaves once more. */
static bool
repeat_all_down(struct notifier *n)
{
	struct mib_row row = {.view = n->view};
	uint64_t number = n->next;

	if (n->repeated == n->next)
		return true;
	while (--number > 0 && n->next - number < LOOK_BACK) {
		if (!view_event(n->view, number, &row.event))
			break;
		if (row.event.type != EVENT_ALL_DOWN)
			continue;
		row.index[0] = (uint32_t)number;
		if (!send_event(n, kind_of(EVENT_ALL_DOWN), &row))
			return false;
		break;
	}
	n->repeated = n->next;
	return true;
}

/* Deals with the event n->next. False: it has to wait, or all of them. */
static bool
send_next(struct notifier *n)
{
	struct mib_row row = {.view = n->view};
	const struct kind *kind;

	if (!view_event(n->view, n->next, &row.event)) {
		n->lost++; /* notify_run tells how many */
		n->next++;
		return true;
	}
	kind = kind_of(row.event.type);
	if (kind == NULL || n->next > UINT32_MAX) {
		n->next++;
		return true;
	}
	if (!is_due(n, &row.event))
		return false;
	if (row.event.type == EVENT_ALL_DOWN_CLEAR && !repeat_all_down(n))
		return false;
	row.index[0] = (uint32_t)n->next;
	if (!send_event(n, kind, &row))
		return false;
	n->next++;
	return true;
}

void
notify_run(struct notifier *n)
{
	static const struct timeval look = {0, LOOK_MS * 1000};
	uint64_t lost;

	view_begin(n->view, clock_mono_ns());
	if (!n->started)
		start(n);
	skip_lost(n);
	lost = n->lost;
	while (n->next <= view_global(n->view)->events_last)
		if (!send_next(n))
			break;
	if (n->lost != lost)
		log_warn("the notifications of %llu events up to %llu are lost: they can't be read",
			 (unsigned long long)(n->lost - lost), (unsigned long long)(n->next - 1));
	report(n);
	evtimer_add(n->timer, &look);
}

void
notify_answered(struct notifier *n, uint32_t packet, int error)
{
	for (unsigned i = 0; i < n->nflights; i++) {
		struct flight *f = &n->flights[i];

		if (f->packet != packet || f->answered)
			continue;
		f->answered = true;
		if (error == 0) {
			n->sent++;
		} else {
			log_warn("the master refused the notification of event %llu: error %d",
				 (unsigned long long)f->number, error);
			n->lost++;
		}
	}
	while (n->nflights > 0 && n->flights[0].answered)
		memmove(n->flights, n->flights + 1, --n->nflights * sizeof(n->flights[0]));
	notify_run(n);
}

void
notify_session_gone(struct notifier *n)
{
	/* Those behind the first unanswered one that were answered are not sent again:
	 * an answer out of order is nothing that snmpd does. */
	if (n->nflights > 0)
		n->next = n->flights[0].number;
	n->nflights = 0;
	n->repeated = 0;
	report(n);
}

void
notify_engine_up(struct notifier *n)
{
	reporter_forget(n->reporter);
	notify_run(n);
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
	if (n->outlet.in_flight_max > FLIGHTS_MAX)
		n->outlet.in_flight_max = FLIGHTS_MAX;
	n->reporter = reporter;
	n->slot = slot;
	n->timer = evtimer_new(base, on_timer, n);
	if (n->timer == NULL) {
		free(n);
		return NULL;
	}
	return n;
}

void
notify_free(struct notifier *n)
{
	event_free(n->timer);
	free(n);
}
