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
#include "engine/ordering.h"
#include "engine/publish.h"

#define RESEND_NS (10 * NSEC_PER_MSEC)
#define ROUTE_RETRY_NS NSEC_PER_SEC

/* What a link was before the decision. */
struct before {
	uint8_t health, oper;
	bool yielded, suppressed;
};

/* Scratch of one decision; links are few and the engine has one thread. */
static struct before before[LINKS_MAX];
static struct plan_link views[LINKS_MAX];
static struct plan_duty duties[LINKS_MAX];

static bool
facts_complete(const struct engine *e)
{
	for (size_t i = 0; i < e->nlinks; i++)
		if (!e->links[i]->facts_known)
			return false;
	return true;
}

/* ---- judging ---- */

/* One that answers may still be too bad to be called up. */
static struct verdict
judge_quality(const struct link *link, int family, struct verdict v)
{
	struct measured m;
	enum reason reason;

	if (v.health != HEALTH_UP)
		return v;
	m = model_measured(link, family);
	reason = judge_limits(&link->conf->limits, &m, link->verdict[family].reason);
	if (reason == REASON_NONE)
		return v;
	return (struct verdict){HEALTH_DEGRADED, (uint8_t)reason};
}

static struct verdict
judge(struct link *link)
{
	bool configured[FAMILIES];

	for (int f = 0; f < FAMILIES; f++) {
		struct target_counts counts = model_count_targets(link, f);

		configured[f] = model_configured(link, f);
		link->verdict[f] = judge_quality(
		    link, f, judge_family(&link->facts, f, link->conf->quorum, &counts));
		link->row.route[f].health = link->verdict[f].health;
		link->row.route[f].reason = link->verdict[f].reason;
	}
	return judge_link(link->verdict, configured);
}

/* The time since the last change goes to the state that ends. */
static void
account_time(struct board_link *row, uint64_t now)
{
	uint64_t spent = now - row->health_since_ns;

	if (health_carries(row->health))
		row->up_ns += spent;
	else if (row->health == HEALTH_DOWN)
		row->down_ns += spent;
}

static void
change_health(struct link *link, struct verdict v, uint64_t now)
{
	struct board_link *row = &link->row;
	bool carried = health_carries(row->health), carries = health_carries(v.health);

	if (carried != carries && row->health != HEALTH_UNKNOWN)
		row->transitions++;
	if (row->health == HEALTH_DOWN && carries)
		row->hold_until_ns =
		    link->conf->hold_ms ? now + link->conf->hold_ms * NSEC_PER_MSEC : 0;
	if (v.health == HEALTH_DOWN) {
		if (row->health != HEALTH_UNKNOWN)
			damping_flap(&link->damping, &link->conf->flap, now);
		row->hold_until_ns = 0;
		row->detection_us = RTT_UNKNOWN;
		if (v.reason == REASON_TARGETS_LOST && link->lost_since_ns != 0)
			row->detection_us = (uint32_t)((now - link->lost_since_ns) / NSEC_PER_USEC);
	} else {
		link->lost_since_ns = 0;
	}
	account_time(row, now);
	row->health = v.health;
	row->health_since_ns = now;
	row->health_since_wall_ns = clock_wall_ns();
}

static void
judge_all(struct engine *e, uint64_t now)
{
	for (size_t i = 0; i < e->nlinks; i++) {
		struct link *link = e->links[i];
		struct verdict v = judge(link);

		before[i] = (struct before){link->row.health, link->row.oper,
					    link->row.yielded != 0, link->damping.suppressed};
		if (v.health != link->row.health)
			change_health(link, v, now);
		link->row.health_reason = v.reason;
		if (link->row.hold_until_ns != 0 && now >= link->row.hold_until_ns)
			link->row.hold_until_ns = 0;
		damping_settle(&link->damping, &link->conf->flap, now);
		link->row.flap_penalty =
		    (uint32_t)damping_penalty(&link->damping, &link->conf->flap, now);
	}
}

/* ---- planning ---- */

static bool
same_family(const struct plan_family *a, const struct plan_family *b)
{
	return a->count == b->count &&
	       memcmp(a->members, b->members, a->count * sizeof(a->members[0])) == 0;
}

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
plan_all(struct engine *e, struct plan_summary *summary, uint64_t now)
{
	static struct plan plan;

	model_plan_links(e, views);
	planner_run(views, e->nlinks, &plan, duties, summary);
	if (e->sent.serial == 0 || !same_family(&plan.family[V4], &e->sent.family[V4]) ||
	    !same_family(&plan.family[V6], &e->sent.family[V6])) {
		plan.serial = ++e->global.plan_serial;
		e->sent = plan;
		e->sent_ns = now;
		send_plan(e);
		note_wanted(e);
	}
}

/* ---- telling ---- */

static void
lost_text(const struct link *link, char *text, size_t size)
{
	struct target_counts v4 = model_count_targets(link, V4), v6 = model_count_targets(link, V6);
	uint32_t down = v4.down + v6.down, all = down + v4.up + v6.up + v4.unknown + v6.unknown;

	snprintf(text, size, "%u of %u targets lost", down, all);
}

static void
tell_health(struct engine *e, const struct link *link, const struct before *was)
{
	const struct board_link *row = &link->row;
	struct event_draft d = {.link = link,
				.reason = row->health_reason,
				.old_state = was->health,
				.new_state = row->health,
				.after_plan = true};
	char text[96];

	if (was->health == row->health)
		return;
	if (row->health == HEALTH_DOWN) {
		d.type = EVENT_LINK_DOWN;
		if (row->detection_us != RTT_UNKNOWN)
			d.detection_us = row->detection_us;
		if (row->health_reason == REASON_TARGETS_LOST) {
			lost_text(link, text, sizeof(text));
			d.text = text;
		}
	} else if (was->health == HEALTH_DOWN && health_carries(row->health)) {
		d.type = EVENT_LINK_UP;
		d.reason = REASON_TARGETS_ANSWER;
	} else if (row->health == HEALTH_DEGRADED) {
		d.type = EVENT_LINK_DEGRADED;
	} else if (was->health == HEALTH_DEGRADED) {
		d.type = EVENT_LINK_RECOVERED;
	} else {
		log_info("link %s is %s: %s", row->name, health_name(row->health),
			 reason_text(row->health_reason));
		return;
	}
	publish_event(e, &d);
}

static void
tell_drain(struct engine *e, const struct link *link, const struct before *was)
{
	const struct board_link *row = &link->row;
	struct event_draft d = {.link = link,
				.reason = row->oper_reason,
				.old_state = was->oper,
				.new_state = row->oper,
				.after_plan = true};

	if (row->admin != ADMIN_DRAIN)
		return;
	if (row->yielded && !was->yielded)
		d.type = EVENT_DRAIN_YIELDED;
	else if (was->yielded && !row->yielded && row->oper != OPER_OUT)
		d.type = EVENT_DRAIN_RESUMED;
	else if (row->oper == OPER_DRAINING && was->oper != OPER_DRAINING &&
		 was->oper != OPER_DRAINED)
		d.type = EVENT_DRAIN_STARTED;
	else if (row->oper == OPER_DRAINED && was->oper != OPER_DRAINED)
		d.type = EVENT_DRAINED;
	else
		return;
	if (d.type == EVENT_DRAIN_RESUMED)
		d.reason = REASON_OTHER_LINK_BACK;
	if (d.type == EVENT_DRAINED && row->has_live_flows && row->live_flows == 0)
		d.reason = REASON_NO_FLOWS;
	publish_event(e, &d);
}

static void
tell_damping(struct engine *e, const struct link *link, const struct before *was)
{
	char text[64];
	struct event_draft d = {.link = link,
				.reason = REASON_FLAPPING,
				.old_state = was->health,
				.new_state = link->row.health,
				.after_plan = true,
				.text = text};

	if (link->damping.suppressed == was->suppressed)
		return;
	d.type = link->damping.suppressed ? EVENT_LINK_FLAPPING : EVENT_LINK_SETTLED;
	snprintf(text, sizeof(text), "flap penalty %u", link->row.flap_penalty);
	publish_event(e, &d);
}

static void
take_duty(struct link *link, const struct plan_duty *duty, uint64_t now)
{
	struct board_link *row = &link->row;

	row->oper_reason = duty->reason;
	row->usable = duty->usable;
	row->yielded = duty->yielded;
	if (row->oper == duty->oper)
		return;
	/* Its flows can't come back here by themselves: cut them, once the others
	 * carry, so that they begin anew there. */
	link->kill_wanted = duty->oper == OPER_OUT && link->conf->kill_flows;
	row->oper = duty->oper;
	row->oper_since_ns = now;
	row->oper_since_wall_ns = clock_wall_ns();
}

static void
tell_all_down(struct engine *e, const struct plan_summary *summary)
{
	struct event_draft d = {.type = summary->all_down ? EVENT_ALL_DOWN : EVENT_ALL_DOWN_CLEAR,
				.reason = summary->all_down ? REASON_KEPT_LAST_ROUTES
							    : REASON_TARGETS_ANSWER,
				.after_plan = true};

	if (summary->all_down == (e->global.all_down != 0))
		return;
	/* Still being measured after all were down is neither. */
	if (!summary->all_down && summary->usable == 0)
		return;
	e->global.all_down = summary->all_down;
	publish_event(e, &d);
}

static void
tell_all(struct engine *e, const struct plan_summary *summary, uint64_t now)
{
	e->global.usable_links = summary->usable;
	e->global.active_tier = summary->active_tier;
	for (size_t i = 0; i < e->nlinks; i++)
		take_duty(e->links[i], &duties[i], now);
	for (size_t i = 0; i < e->nlinks; i++) {
		publish_link(e->links[i]);
		tell_health(e, e->links[i], &before[i]);
		tell_damping(e, e->links[i], &before[i]);
		tell_drain(e, e->links[i], &before[i]);
	}
	tell_all_down(e, summary);
	publish_global(e);
}

/* ---- time ---- */

static void
sooner(uint64_t *at, uint64_t candidate)
{
	if (candidate != 0 && candidate < *at)
		*at = candidate;
}

/* Comes back when the next thing is due by itself. */
static void
arm_deadline(struct engine *e, uint64_t now)
{
	uint64_t at = UINT64_MAX, us;
	struct timeval tv;

	for (size_t i = 0; i < e->nlinks; i++) {
		sooner(&at, e->links[i]->row.hold_until_ns);
		sooner(&at, e->links[i]->row.order_expires_ns);
		sooner(&at, damping_free_at(&e->links[i]->damping, &e->links[i]->conf->flap));
	}
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
	arm_deadline(e, now);
}

void
decide(struct engine *e)
{
	uint64_t now = clock_mono_ns();
	struct plan_summary summary;

	if (e->conf == NULL || !facts_complete(e))
		return;
	if (!e->plan_known) {
		ask_what_stands(e, now);
		return;
	}
	ordering_expire(e, now);
	judge_all(e, now);
	plan_all(e, &summary, now);
	tell_all(e, &summary, now);
	retry(e, now);
	arm_deadline(e, now);
}

void
decide_sample(struct target *t)
{
	struct link *link = t->link;
	const struct verdict *v = &link->verdict[t->conf.family];
	struct verdict now;

	if (!health_carries(v->health))
		return;
	now =
	    judge_quality(link, t->conf.family, (struct verdict){HEALTH_UP, REASON_TARGETS_ANSWER});
	if (now.reason != v->reason)
		decide(link->engine);
}

void
decide_target_changed(struct target *t, unsigned old_status, uint64_t first_lost_ns)
{
	struct link *link = t->link;
	bool down = t->judge.status == TARGET_DOWN;
	char address[ADDR_STRLEN];
	struct event_draft d = {.type = down ? EVENT_TARGET_DOWN : EVENT_TARGET_UP,
				.link = link,
				.target = t->row.index,
				.reason = down ? REASON_TARGETS_LOST : REASON_TARGETS_ANSWER,
				.family = t->conf.family == V6 ? 6 : 4,
				.old_state = old_status,
				.new_state = t->judge.status,
				.text = address};

	addr_text(&t->row.addr, address);
	t->row.status_since_ns = clock_mono_ns();
	if (down && (link->lost_since_ns == 0 || first_lost_ns < link->lost_since_ns))
		link->lost_since_ns = first_lost_ns;
	decide(link->engine);
	/* The first answer of a target is no news: nobody said that it was down. */
	if (down || old_status == TARGET_DOWN)
		publish_event(link->engine, &d);
}

/* ---- what the kernel has now ---- */

static bool
is_member(const struct plan_family *list, unsigned index)
{
	for (unsigned i = 0; i < list->count; i++)
		if (list->members[i].link == index)
			return list->members[i].weight > 0;
	return false;
}

static bool
any_installed(const struct board_link *row)
{
	return row->route[V4].installed || row->route[V6].installed;
}

static void
note_installed(struct link *link, const struct plan *installed, uint64_t now)
{
	for (int f = 0; f < FAMILIES; f++) {
		struct board_route *r = &link->row.route[f];
		bool is = is_member(&installed->family[f], link->row.index);

		if (is == (r->installed != 0))
			continue;
		r->installed = is;
		r->last_change_ns = now;
		if (is)
			r->adds++;
		else
			r->deletes++;
	}
}

static void
tell_switch(struct engine *e, struct link *link, bool was, bool is, uint64_t now)
{
	struct board_link *row = &link->row;
	struct event_draft d = {.link = link,
				.reason = row->oper_reason,
				.old_state = 0,
				.new_state = row->oper,
				.detection_us =
				    row->detection_us != RTT_UNKNOWN ? row->detection_us : 0,
				.after_plan = true};

	uint64_t number;

	if (was == is)
		return;
	row->switch_us = (uint32_t)((now - e->sent_ns) / NSEC_PER_USEC);
	d.switch_us = row->switch_us ? row->switch_us : 1;
	if (was && row->oper == OPER_OUT) {
		d.type = EVENT_FAILOVER;
		row->failed_over = 1;
	} else if (is && row->failed_over) {
		d.type = EVENT_FAILBACK;
		if (row->admin == ADMIN_AUTO)
			d.reason = REASON_TARGETS_ANSWER;
		d.detection_us = 0;
		row->failed_over = 0;
	} else {
		return;
	}
	number = publish_event(e, &d);
	if (d.type == EVENT_FAILOVER)
		link->failover_event = number;
}

/* Cut only what can come back elsewhere: another link carries, and this one is out
 * of the kernel's routes. */
static void
kill_flows(struct engine *e, struct link *link)
{
	struct ipc_flows order = {.link = link->row.index};

	if (!link->kill_wanted || any_installed(&link->row) || e->global.usable_links == 0)
		return;
	link->kill_wanted = false;
	if (e->worker < 0 || ipc_send(e->worker, IPC_KILL_FLOWS, &order, sizeof(order), -1) != 0)
		log_warn("link %s: its flows can't be cut: the worker does not listen",
			 link->row.name);
}

static void
tell_route_error(struct engine *e, int error)
{
	struct event_draft d = {.type = error ? EVENT_ROUTE_FAILED : EVENT_ROUTE_REPAIRED,
				.reason = error ? REASON_ROUTE_ERROR : REASON_NONE,
				.text = error ? strerror(error) : NULL};

	if (error == e->route_error)
		return;
	if (error == 0 || e->route_error == 0)
		publish_event(e, &d);
	e->route_error = error;
}

void
decide_plan_result(struct engine *e, const struct ipc_plan_result *result)
{
	uint64_t now = clock_mono_ns();

	/* ESTALE: it was for a configuration that the parent has left; another is on
	 * its way and brings a plan of its own. */
	if (result->serial > e->global.plan_serial || result->error == ESTALE)
		return;
	tell_route_error(e,
			 result->serial == e->global.plan_serial ? result->error : e->route_error);
	if (result->error == 0 && result->serial > e->global.plan_installed)
		e->global.plan_installed = result->serial;
	for (size_t i = 0; i < e->nlinks; i++) {
		struct link *link = e->links[i];
		bool was = any_installed(&link->row);

		note_installed(link, &result->installed, now);
		if (result->serial == e->global.plan_serial)
			tell_switch(e, link, was, any_installed(&link->row), now);
		kill_flows(e, link);
		publish_link(link);
	}
	publish_global(e);
	if (e->snmp >= 0)
		ipc_send(e->snmp, IPC_WAKE, NULL, 0, -1);
	if (e->plan_known) {
		arm_deadline(e, now);
	} else {
		e->plan_known = true;
		decide(e);
	}
}
