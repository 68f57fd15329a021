/* SPDX-License-Identifier: ISC */
/* The one place where things change: judge, plan, send, then say what happened.
 * The plan leaves before any event is written: telling must not delay doing. */
#include "config.h"

#include "engine/decide.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "common/clock.h"
#include "common/log.h"
#include "engine/burst.h"
#include "engine/ordering.h"
#include "engine/publish.h"

#define RESEND_NS (10 * NSEC_PER_MSEC)
#define ROUTE_RETRY_NS NSEC_PER_SEC
#define CLEAR_WAIT_NS (2 * NSEC_PER_SEC)

/* Scratch of one decision: the engine has one thread. */
static struct assessment assessed;

static bool
facts_complete(const struct engine *e)
{
	for (size_t i = 0; i < e->nlinks; i++)
		if (!e->links[i]->facts_known)
			return false;
	return true;
}

/* ---- planning ---- */

static void
send_plan(struct engine *e)
{
	e->unsent = ipc_send(e->parent, IPC_PLAN, &e->sent, sizeof(e->sent), -1) != 0;
	if (e->unsent && errno != EAGAIN)
		log_warn("the plan can't be sent to the parent: %s", strerror(errno));
}

static void
note_wanted(struct engine *e)
{
	for (size_t i = 0; i < e->nlinks; i++)
		for (int f = 0; f < FAMILIES; f++)
			e->links[i]->row.route[f].wanted = e->links[i]->row.route[f].weight = 0;
	for (int f = 0; f < FAMILIES; f++)
		for (unsigned i = 0; i < e->sent.family[f].count; i++) {
			struct plan_member *m = &e->sent.family[f].members[i];
			struct link *link = model_link(e, m->link);

			if (link != NULL) {
				link->row.route[f].wanted = m->weight > 0;
				link->row.route[f].weight = (uint8_t)m->weight;
			}
		}
}

static void
plan_all(struct engine *e, uint64_t now)
{
	struct plan *plan = &assessed.plan;

	if (e->sent.serial == 0 || !plan_family_equal(&plan->family[V4], &e->sent.family[V4]) ||
	    !plan_family_equal(&plan->family[V6], &e->sent.family[V6])) {
		plan->serial = ++e->global.plan_serial;
		e->sent = *plan;
		e->sent_ns = now;
		send_plan(e);
		note_wanted(e);
	}
}

/* ---- telling ---- */

static void
emit(void *arg, const struct event_draft *d)
{
	struct engine *e = arg;

	if (d->type != 0)
		publish_event(e, d);
	else
		log_info("link %s is %s: %s%s%s", d->link->row.name, health_name(d->new_state),
			 reason_text(d->reason), d->text ? ": " : "", d->text ? d->text : "");
}

/* Every IP version that is configured is carried by some link. */
static bool
every_version_carried(const struct engine *e)
{
	for (int f = 0; f < FAMILIES; f++) {
		bool configured = false, carried = false;

		for (size_t i = 0; i < e->nlinks; i++) {
			configured |= assessed.views[i].family[f].configured;
			carried |= assessed.duties[i].carries[f];
		}
		if (configured && !carried)
			return false;
	}
	return true;
}

/* The end of an outage is told once there is a way again by every IP version, or
 * after a while: who receives it may be reached by the one that is not back yet. */
static bool
clear_must_wait(struct engine *e, uint64_t now_ns)
{
	if (!e->global.all_down || assessed.summary.all_down || assessed.summary.sure == 0 ||
	    every_version_carried(e)) {
		e->clear_after_ns = 0;
		return false;
	}
	if (e->clear_after_ns == 0)
		e->clear_after_ns = now_ns + CLEAR_WAIT_NS;
	return now_ns < e->clear_after_ns;
}

/* The first event that may have had no way out: all since the first probe that the
 * last way lost. Those that come now are told of after it. A link that is down may
 * have been usable until now, by the IP version that was measured last. */
static uint64_t
outage_began(const struct engine *e, uint64_t now_ns)
{
	enum { LOOK_BACK = 256 };
	uint64_t since_ns = now_ns, first = e->global.events_last + 1;

	for (size_t i = 0; i < e->nlinks; i++) {
		const struct board_link *row = &e->links[i]->row;
		uint64_t took_ns =
		    row->detection_us != RTT_UNKNOWN ? row->detection_us * NSEC_PER_USEC : 0;

		if (row->health == HEALTH_DOWN &&
		    (row->usable || assessed.before[i].health != HEALTH_DOWN) &&
		    row->health_since_ns - took_ns < since_ns)
			since_ns = row->health_since_ns - took_ns;
	}
	for (int i = 0; i < LOOK_BACK && first > e->global.events_started; i++) {
		struct board_event ev;

		if (!board_read(&e->board->events[(first - 1) % BOARD_EVENTS], &ev, sizeof(ev)) ||
		    ev.number != first - 1 || ev.at_ns < since_ns)
			break;
		first--;
	}
	return first;
}

/* It begins with the last usable link, though whether all are down may be known only
 * later. The rows and the global one are still those of before. */
static void
note_outage(struct engine *e, uint64_t now_ns)
{
	if (assessed.summary.usable > 0) {
		if (!e->global.all_down)
			e->global.outage_first = 0;
	} else if (e->global.outage_first == 0 &&
		   (e->global.usable_links > 0 || assessed.summary.all_down)) {
		e->global.outage_first = outage_began(e, now_ns);
	}
}

static void
tell_all_down(struct engine *e)
{
	bool was = e->global.all_down != 0, is = was;
	uint64_t last = e->global.events_last;

	assess_tell_all_down(&assessed, &is, emit, e);
	e->global.all_down = is;
	if (!was || is)
		return;
	if (e->global.outage_first != 0 && e->global.outage_first <= last)
		publish_replay(e, e->global.outage_first, last, REASON_NO_PATH);
	e->global.outage_first = 0;
}

static void
tell_all(struct engine *e, struct moment now)
{
	note_outage(e, now.mono_ns);
	e->global.usable_links = assessed.summary.usable;
	e->global.active_tier = assessed.summary.active_tier;
	assess_take_over(e->links, e->nlinks, now, &assessed);
	for (size_t i = 0; i < e->nlinks; i++)
		publish_link(e->links[i]);
	for (size_t i = 0; i < e->nlinks; i++) {
		ordering_tell(e->links[i]);
		assess_tell(e->links[i], &assessed.before[i], emit, e);
		if (!assess_tell_targets(e->links[i], emit, e))
			continue;
		for (size_t k = 0; k < e->links[i]->ntargets; k++)
			publish_target(e->links[i]->targets[k]);
	}
	if (!e->explained) /* a restarted engine says what it found, and why */
		for (size_t i = 0; i < e->nlinks; i++)
			if (assessed.before[i].health == e->links[i]->row.health)
				assess_explain(e->links[i], emit, e);
	e->explained = true;
	if (!clear_must_wait(e, now.mono_ns))
		tell_all_down(e);
	publish_global(e);
}

/* Whoever waits to be told from a dead link is told soonest when its siblings are
 * asked at once. */
static void
ask_siblings(struct engine *e)
{
	for (size_t i = 0; i < e->nlinks; i++)
		for (size_t k = 0; k < e->links[i]->ntargets; k++) {
			const struct target *t = e->links[i]->targets[k];

			if (t->outlier != OUTLIER_WAIT)
				continue;
			for (struct target *s = t->sibling; s != t; s = s->sibling)
				if (s->judge.status == TARGET_UP)
					burst_begin(s->link, s->conf.family);
		}
}

/* ---- time ---- */

static void
sooner(uint64_t *at, uint64_t candidate)
{
	if (candidate != 0 && candidate < *at)
		*at = candidate;
}

void
decide_later(struct engine *e, uint64_t now)
{
	uint64_t at = assess_due(e->links, e->nlinks), us;
	struct timeval tv;

	sooner(&at, e->clear_after_ns);
	sooner(&at, ordering_lapses_at(e));
	sooner(&at, decide_route_error_due(e));
	if (e->unsent)
		sooner(&at, now + RESEND_NS);
	if (e->route_error != 0)
		sooner(&at, e->sent_ns + ROUTE_RETRY_NS);
	if (at == UINT64_MAX) {
		event_del(e->deadline);
		return;
	}
	us = at > now ? (at - now) / NSEC_PER_USEC + 1 : 0;
	tv = (struct timeval){.tv_sec = (time_t)(us / 1000000),
			      .tv_usec = (suseconds_t)(us % 1000000)};
	event_add(e->deadline, &tv);
}

static void
retry(struct engine *e, uint64_t now)
{
	bool again = e->route_error != 0 && now >= e->sent_ns + ROUTE_RETRY_NS;

	if (!e->unsent && !again)
		return;
	/* one that has arrived is not sent a second time: it is another one with the same in it */
	if (!e->unsent)
		e->sent.serial = ++e->global.plan_serial;
	e->sent_ns = now;
	send_plan(e);
}

/* The first plan of an engine has no members: it changes nothing, and its answer
 * tells what an earlier start has left in the kernel. */
static void
ask_what_stands(struct engine *e, uint64_t now)
{
	if (e->sent.serial == 0) {
		e->sent.serial = ++e->global.plan_serial;
		e->sent_ns = now;
		send_plan(e);
	} else {
		retry(e, now);
	}
	decide_later(e, now);
}

void
decide(struct engine *e)
{
	struct moment moment = {clock_mono_ns(), clock_wall_ns()};
	uint64_t now = moment.mono_ns;

	if (e->conf == NULL || !facts_complete(e))
		return;
	if (!e->plan_known) {
		ask_what_stands(e, now);
		return;
	}
	ordering_lapse(e, now);
	ordering_expire(e, now);
	assess_links(e->links, e->nlinks, moment, &assessed);
	plan_all(e, now);
	tell_all(e, moment);
	ask_siblings(e);
	retry(e, now);
	decide_tell_route_error(e, now);
	decide_later(e, now);
}

void
decide_outcome(struct target *t, const struct outcome *o)
{
	struct event_draft d;
	char text[EVENT_TEXT_LEN + 1];

	if (o->matters)
		decide(t->link->engine);
	if (assess_target_news(t, o, &d, text, sizeof(text)))
		publish_event(t->link->engine, &d);
}
