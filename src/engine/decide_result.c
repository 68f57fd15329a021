/* SPDX-License-Identifier: ISC */
/* What the kernel has now: what has come of a plan, and what may follow once it stands. */
#include "config.h"

#include "engine/decide.h"

#include <errno.h>
#include <string.h>

#include "common/clock.h"
#include "common/log.h"
#include "engine/ordering.h"
#include "engine/publish.h"

/* A carrier that is gone may be told up to 0.7 s late. */
#define ROUTE_ERROR_NS NSEC_PER_SEC

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

static bool
is_carried(const struct engine *e, int family)
{
	const struct plan_family *list = &e->sent.family[family];

	for (unsigned i = 0; i < list->count; i++)
		if (list->members[i].weight > 0)
			return true;
	return false;
}

/* It carries, or is the last to stand there. Where others have taken over one of its IP
 * versions, the route of the other one, which stays for want of a better one, does not make it
 * a link that carries. */
static bool
stands(const struct engine *e, const struct link *link)
{
	bool last = false, taken = false;

	for (int f = 0; f < FAMILIES; f++) {
		bool carried = is_carried(e, f);

		if (link->row.route[f].installed && carried)
			return true;
		if (link->row.route[f].installed)
			last = true;
		else if (carried && link->row.route[f].last_change_ns != 0)
			taken = true;
	}
	return last && !taken;
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
tell_failover(struct engine *e, struct link *link, struct event_draft *d)
{
	d->type = EVENT_FAILOVER;
	if (link->row.detection_us != RTT_UNKNOWN)
		d->detection_us = link->row.detection_us;
	link->row.failed_over = 1;
	link->failover_event = publish_event(e, d);
}

static void
tell_failback(struct engine *e, struct link *link, struct event_draft *d)
{
	d->type = EVENT_FAILBACK;
	if (link->row.admin == ADMIN_AUTO)
		d->reason = REASON_TARGETS_ANSWER;
	link->row.failed_over = 0;
	publish_event(e, d);
}

/* The kernel takes a link without carrier out of the routes before anybody has said so: what
 * follows for the link is on its way, and is told then. */
static bool
left_by_itself(const struct board_link *row, bool was, bool is)
{
	return was && !is && row->oper != OPER_OUT &&
	       (row->route[V4].wanted || row->route[V6].wanted);
}

/* The same without a plan of its own, or before the result of the plan that leaves it out. */
static void
note_left(struct link *link, bool was, bool is, bool newest)
{
	if (is)
		link->left_by_itself = false;
	else if (left_by_itself(&link->row, was, is) ||
		 (was && !newest && link->row.oper == OPER_OUT))
		link->left_by_itself = true;
}

/* began_ns: when the plan left that this is the result of. */
static void
tell_switch(struct engine *e, struct link *link, bool was, bool is, uint64_t began_ns, uint64_t now)
{
	struct board_link *row = &link->row;
	struct event_draft d = {.link = link,
				.reason = row->oper_reason,
				.old_state = 0,
				.new_state = row->oper,
				.after_plan = true};
	bool left =
	    !is && row->oper == OPER_OUT && (was || link->left_by_itself) && !row->failed_over;
	bool back = is && row->failed_over && row->oper != OPER_OUT;

	link->left_by_itself = !is && !left && link->left_by_itself;
	if (left_by_itself(row, was, is)) {
		link->left_by_itself = true;
		return;
	}
	if (was == is && !left && !back)
		return;
	row->switch_us = (uint32_t)((now - began_ns) / NSEC_PER_USEC);
	d.switch_us = row->switch_us ? row->switch_us : 1;
	if (left)
		tell_failover(e, link, &d);
	else if (back)
		tell_failback(e, link, &d);
}

static bool
order_kill(const struct engine *e, unsigned index)
{
	struct ipc_flows order = {.link = (uint16_t)index};

	return e->worker >= 0 &&
	       ipc_send(e->worker, IPC_KILL_FLOWS, &order, sizeof(order), -1) == 0;
}

/* Cut only what can come back elsewhere: another link carries, and this one is out
 * of the kernel's routes. A SET that may still be taken back cuts nothing. Where the
 * worker can't be told now, it is when it has answered, or when the next one is there. */
static void
kill_flows(struct engine *e, struct link *link)
{
	if (!link->conf->kill_flows) /* any more */
		link->row.cut = CUT_NONE;
	if (link->row.cut != CUT_WANTED || stands(e, link) || e->global.usable_links == 0 ||
	    ordering_may_undo(e, link))
		return;
	if (order_kill(e, link->row.index))
		link->row.cut = CUT_ORDERED;
	else
		log_debug("link %s: its flows wait for a worker that listens", link->row.name);
}

/* Links are back: flows of others that are to be spread again are cut, but none of a
 * link that a person lets run empty. */
static void
rebalance(struct engine *e)
{
	static bool came[LINKS_MAX];
	bool any = false;

	for (size_t i = 0; i < e->nlinks; i++) {
		struct link *link = e->links[i];

		came[i] = link->is_back && !ordering_may_undo(e, link);
		link->is_back &= !came[i];
		any |= came[i] && any_installed(&link->row);
	}
	for (size_t i = 0; any && i < e->nlinks; i++) {
		const struct link *link = e->links[i];

		if (came[i] || !link->conf->rebalance || link->row.admin == ADMIN_DRAIN)
			continue;
		if (order_kill(e, link->row.index))
			log_info("link %s: its flows are cut, so that they begin anew over all",
				 link->row.name);
		else
			log_warn("link %s: its flows stay: the worker does not listen",
				 link->row.name);
	}
}

/* One that is back in the configuration has its flows again. */
static void
kill_gone(struct engine *e)
{
	for (unsigned i = 1; i <= LINKS_MAX; i++) {
		uint8_t *cut = &e->gone_cut[i];

		if (*cut != CUT_NONE && model_link(e, i) != NULL)
			*cut = CUT_NONE;
		if (*cut == CUT_WANTED && order_kill(e, i))
			*cut = CUT_ORDERED;
	}
}

void
decide_kill_gone(struct engine *e, unsigned index)
{
	e->gone_cut[index] = CUT_WANTED;
	kill_gone(e);
}

void
decide_kills(struct engine *e)
{
	kill_gone(e);
	for (size_t i = 0; i < e->nlinks; i++) {
		uint8_t before = e->links[i]->row.cut;

		kill_flows(e, e->links[i]);
		if (e->links[i]->row.cut != before)
			publish_row(e->links[i]);
	}
	rebalance(e);
}

void
decide_kills_again(struct engine *e)
{
	for (size_t i = 0; i < e->nlinks; i++)
		if (e->links[i]->row.cut == CUT_ORDERED)
			e->links[i]->row.cut = CUT_WANTED;
	for (unsigned i = 1; i <= LINKS_MAX; i++)
		if (e->gone_cut[i] == CUT_ORDERED)
			e->gone_cut[i] = CUT_WANTED;
	decide_kills(e);
}

/* A plan may be refused for what is just happening to its links, such as a carrier that is gone:
 * the next one will do. What lasts is told. */
uint64_t
decide_route_error_due(const struct engine *e)
{
	return e->route_error != 0 && !e->route_error_told ? e->route_error_ns + ROUTE_ERROR_NS : 0;
}

void
decide_tell_route_error(struct engine *e, uint64_t now_ns)
{
	uint64_t due_ns = decide_route_error_due(e);
	struct event_draft d = {.type = EVENT_ROUTE_FAILED,
				.reason = REASON_ROUTE_ERROR,
				.text = strerror(e->route_error)};

	if (due_ns == 0 || now_ns < due_ns)
		return;
	e->route_error_told = true;
	publish_event(e, &d);
}

static void
note_route_error(struct engine *e, int error, uint64_t now_ns)
{
	struct event_draft d = {.type = EVENT_ROUTE_REPAIRED, .reason = REASON_NONE};

	if (e->route_error == 0)
		e->route_error_ns = now_ns;
	e->route_error = error;
	if (error != 0) {
		decide_tell_route_error(e, now_ns);
	} else if (e->route_error_told) {
		e->route_error_told = false;
		publish_event(e, &d);
	}
}

void
decide_plan_result(struct engine *e, const struct ipc_plan_result *result)
{
	uint64_t now = clock_mono_ns();
	bool newest = result->serial == e->global.plan_serial;
	/* what the parent tells of a plan once more has changed without one: it is no switch */
	bool first = result->serial > e->answered;

	/* ESTALE: it was for a configuration that the parent has left; another is on
	 * its way and brings a plan of its own. */
	if (result->serial > e->global.plan_serial || result->error == ESTALE)
		return;
	if (newest)
		note_route_error(e, result->error, now);
	if (result->error == 0 && result->serial > e->global.plan_installed)
		e->global.plan_installed = result->serial;
	for (size_t i = 0; i < e->nlinks; i++) {
		struct link *link = e->links[i];
		bool was = any_installed(&link->row), stood = link->stood, is;

		note_installed(link, &result->installed, now);
		is = link->stood = stands(e, link);
		/* where another plan has left since, this one left when the link's duty changed */
		if (first)
			tell_switch(e, link, stood, is,
				    newest ? e->sent_ns : link->row.oper_since_ns, now);
		else
			note_left(link, stood, is, newest);
		/* what a start finds, and the first links of it, are not back */
		link->is_back |=
		    !was && any_installed(&link->row) && e->plan_known && link->has_carried;
		link->has_carried |= any_installed(&link->row);
		kill_flows(e, link);
		publish_row(link); /* its figures are those of samples */
	}
	rebalance(e);
	if (first)
		e->answered = result->serial;
	publish_global(e);
	if (e->snmp >= 0)
		ipc_send(e->snmp, IPC_WAKE, NULL, 0, -1);
	if (e->plan_known) {
		decide_later(e, now);
	} else {
		e->plan_known = true;
		decide(e);
	}
}
