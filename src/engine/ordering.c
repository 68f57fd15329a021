/* SPDX-License-Identifier: ISC */
/* Orders on the way in. A SET comes in phases: what was tested is reserved for a
 * short while, so that applying it can't fail; what was applied can be undone. */
#include "config.h"

#include "engine/ordering.h"

#include <errno.h>
#include <string.h>

#include "common/clock.h"
#include "common/log.h"
#include "engine/assess.h"
#include "engine/decide.h"
#include "engine/orders.h"
#include "engine/publish.h"

#define RESERVED_NS (2 * NSEC_PER_SEC)

static struct standing_order
standing(const struct board_link *row)
{
	struct standing_order s = {.admin = row->admin,
				   .actor = row->actor,
				   .forced = row->forced,
				   .timeout_s = row->order_timeout_s,
				   .since_ns = row->order_since_ns,
				   .since_wall_ns = row->order_since_wall_ns,
				   .expires_ns = row->order_expires_ns};

	memcpy(s.owner, row->owner, sizeof(s.owner));
	memcpy(s.comment, row->comment, sizeof(s.comment));
	return s;
}

static void
put_standing(struct board_link *row, const struct standing_order *s)
{
	row->admin = s->admin;
	row->actor = s->actor;
	row->forced = s->forced;
	row->order_timeout_s = s->timeout_s;
	row->order_since_ns = s->since_ns;
	row->order_since_wall_ns = s->since_wall_ns;
	row->order_expires_ns = s->expires_ns;
	memcpy(row->owner, s->owner, sizeof(row->owner));
	memcpy(row->comment, s->comment, sizeof(row->comment));
}

/* Where an order was refused, and why. */
struct refusal {
	enum order_verdict verdict;
	uint16_t order; /* which of them */
	uint8_t field;
	const struct link *link; /* or NULL */
};

static size_t
position(const struct engine *e, const struct link *link)
{
	size_t i = 0;

	while (e->links[i] != link)
		i++;
	return i;
}

/* Merges one order onto after[], the planner's view, and *result. */
static enum order_verdict
merge_one(struct engine *e, const struct order *order, enum actor actor, struct plan_link *after,
	  struct standing_order *result, struct refusal *refusal)
{
	struct link *link = model_link(e, order->link);
	struct standing_order now;
	enum order_verdict verdict = order_check_values(order, &refusal->field);
	uint32_t timeout = actor == ACTOR_SNMP ? e->conf->snmp.default_timeout_s : 0;

	refusal->link = link;
	if (link == NULL)
		return ORDER_NO_LINK;
	if (verdict != ORDER_OK)
		return verdict;
	now = standing(&link->row);
	verdict = order_merge(&now, order, actor, timeout, clock_mono_ns(), clock_wall_ns(), result,
			      &refusal->field);
	if (verdict == ORDER_OK)
		after[position(e, link)].admin = result->admin;
	return verdict;
}

/* Which of the orders is about that link. */
static uint16_t
order_about(const struct order *orders, uint16_t count, unsigned index)
{
	uint16_t i = 0;

	while (i + 1 < count && orders[i].link != index)
		i++;
	return i;
}

/* May these orders be taken, all of them? results[i] is what order i makes. */
static struct refusal
check(struct engine *e, const struct order *orders, uint16_t count, enum actor actor,
      struct standing_order *results)
{
	static struct plan_link before[LINKS_MAX], after[LINKS_MAX];
	struct refusal refusal = {.verdict = ORDER_OK};
	size_t at = 0;
	bool force = false;

	assess_views(e->links, e->nlinks, before);
	assess_views(e->links, e->nlinks, after);
	for (uint16_t i = 0; i < count && refusal.verdict == ORDER_OK; i++) {
		refusal.order = i;
		refusal.verdict = merge_one(e, &orders[i], actor, after, &results[i], &refusal);
		force |= orders[i].force != 0;
	}
	if (refusal.verdict != ORDER_OK || force)
		return refusal;
	refusal.field = 0;
	refusal.verdict = orders_leave_a_way(before, after, e->nlinks, &at);
	if (refusal.verdict != ORDER_OK) {
		refusal.link = e->links[at];
		refusal.order = order_about(orders, count, e->links[at]->row.index);
		refusal.field = ORDER_ADMIN;
	}
	return refusal;
}

static const char *
refusal_text(const struct refusal *r)
{
	switch (r->verdict) {
	case ORDER_OK:
		return "";
	case ORDER_NO_LINK:
		return "there is no such link";
	case ORDER_WRONG_VALUE:
		if (r->field & (ORDER_OWNER | ORDER_COMMENT))
			return "owner and comment are UTF-8 of at most 64 octets without control "
			       "characters";
		return r->field == ORDER_TIMEOUT ? "the timeout is at most a year"
						 : "there is no such admin status";
	case ORDER_INCONSISTENT:
		if (r->field == ORDER_ADMIN)
			return "no other link could carry its traffic: bring one up first, or "
			       "insist at the "
			       "console with --force";
		return "timeout, owner and comment go with drain, forceUp or forceDown, not with "
		       "auto";
	case ORDER_READ_ONLY:
		return "the configuration says control no";
	case ORDER_BUSY:
		return "another order is being taken: try again";
	case ORDER_LOCK:
		return "uplinkControlLock has another value: read it and try again";
	}
	return "refused";
}

static enum reason
refusal_reason(const struct refusal *r)
{
	return r->verdict == ORDER_INCONSISTENT && r->field == ORDER_ADMIN ? REASON_NO_OTHER_LINK
									   : REASON_REFUSED;
}

static void
tell_refused(struct engine *e, const struct refusal *r, unsigned wanted, enum actor actor,
	     uint32_t uid)
{
	struct event_draft d = {.type = EVENT_CONTROL_REFUSED,
				.link = r->link,
				.reason = refusal_reason(r),
				.actor = actor,
				.uid = uid,
				.old_state = r->link ? r->link->row.admin : 0,
				.new_state = wanted,
				.text =
				    refusal_reason(r) == REASON_REFUSED ? refusal_text(r) : NULL};

	e->global.sets_refused++;
	publish_event(e, &d);
}

static enum reason
order_reason(unsigned admin)
{
	switch (admin) {
	case ADMIN_DRAIN:
		return REASON_ORDER_DRAIN;
	case ADMIN_FORCE_UP:
		return REASON_ORDER_FORCE_UP;
	case ADMIN_FORCE_DOWN:
		return REASON_ORDER_FORCE_DOWN;
	default:
		return REASON_ORDER_ENDED;
	}
}

static void
tell_set(struct engine *e, const struct link *link, unsigned old, enum actor actor, uint32_t uid)
{
	char text[2 * TEXT_LEN + 4];
	const struct board_link *row = &link->row;
	struct event_draft d = {.type = EVENT_CONTROL_SET,
				.link = link,
				.reason = order_reason(row->admin),
				.actor = actor,
				.uid = uid,
				.old_state = old,
				.new_state = row->admin,
				.after_plan = true,
				.text = text};

	snprintf(text, sizeof(text), "%s%s%s", row->owner,
		 row->owner[0] && row->comment[0] ? ": " : "", row->comment);
	e->global.sets_taken++;
	publish_event(e, &d);
}

/* ---- SET ---- */

static bool
reserved_by_other(const struct engine *e, uint32_t id)
{
	const struct reservation *r = &e->reservation;

	return r->id != 0 && r->id != id && !r->applied && clock_mono_ns() < r->until_ns;
}

static void
answer(struct engine *e, uint32_t id, bool apply, const struct refusal *r)
{
	struct ipc_set_answer a = {.id = id,
				   .apply = apply,
				   .verdict = (uint8_t)r->verdict,
				   .field = r->field,
				   .order = r->order};

	if (ipc_send(e->snmp, IPC_SET_ANSWER, &a, sizeof(a), -1) != 0)
		log_warn("a SET can't be answered: %s", strerror(errno));
}

static struct refusal
test(struct engine *e, const struct ipc_set *set)
{
	static struct standing_order results[SET_ORDERS_MAX];
	struct refusal r = {.verdict = ORDER_OK};

	if (e->conf == NULL || reserved_by_other(e, set->id))
		r.verdict = ORDER_BUSY;
	else if (!e->conf->snmp.control)
		r.verdict = ORDER_READ_ONLY;
	else if (set->has_lock && set->lock != e->global.set_lock)
		r.verdict = ORDER_LOCK;
	for (uint16_t i = 0; i < set->count; i++)
		if (set->orders[i].force) /* insisting is for the console */
			r.verdict = ORDER_WRONG_VALUE;
	return r.verdict == ORDER_OK ? check(e, set->orders, set->count, ACTOR_SNMP, results) : r;
}

void
ordering_test(struct engine *e, const struct ipc_set *set)
{
	struct refusal r = test(e, set);

	if (r.verdict == ORDER_OK) {
		ordering_forget(e);
		e->reservation = (struct reservation){.id = set->id,
						      .count = set->count,
						      .has_lock = set->has_lock != 0,
						      .until_ns = clock_mono_ns() + RESERVED_NS};
		memcpy(e->reservation.orders, set->orders, set->count * sizeof(set->orders[0]));
	}
	answer(e, set->id, false, &r);
	if (r.verdict != ORDER_OK && r.verdict != ORDER_BUSY)
		tell_refused(e, &r, set->count ? set->orders[r.order].admin : 0, ACTOR_SNMP, 0);
}

void
ordering_apply(struct engine *e, const struct ipc_set_id *id)
{
	static struct standing_order results[SET_ORDERS_MAX];
	struct reservation *r = &e->reservation;
	struct refusal refusal = {.verdict = ORDER_BUSY};

	if (r->id == id->id && !r->applied && clock_mono_ns() < r->until_ns)
		refusal = check(e, r->orders, r->count, ACTOR_SNMP, results);
	if (refusal.verdict != ORDER_OK) {
		answer(e, id->id, true, &refusal);
		return;
	}
	for (uint16_t i = 0; i < r->count; i++) {
		struct link *link = model_link(e, r->orders[i].link);

		r->before[i] = link->row;
		put_standing(&link->row, &results[i]);
	}
	r->applied = true;
	if (r->has_lock)
		e->global.set_lock = (e->global.set_lock + 1) & INT32_MAX;
	answer(e, id->id, true, &refusal);
	decide(e);
}

static void
undo(struct engine *e, const struct reservation *r)
{
	for (uint16_t i = r->count; i-- > 0;) {
		struct link *link = model_link(e, r->orders[i].link);
		struct standing_order before = standing(&r->before[i]);

		if (link != NULL && link->row.index == r->before[i].index)
			put_standing(&link->row, &before);
	}
	if (r->has_lock)
		e->global.set_lock = (e->global.set_lock - 1) & INT32_MAX;
	decide(e);
}

void
ordering_end(struct engine *e, const struct ipc_set_id *id)
{
	struct reservation r = e->reservation;

	if (r.id != id->id)
		return;
	e->reservation.id = 0;
	if (!r.applied)
		return;
	if (id->undo) {
		undo(e, &r);
		return;
	}
	for (uint16_t i = 0; i < r.count; i++) {
		struct link *link = model_link(e, r.orders[i].link);

		if (link != NULL)
			tell_set(e, link, r.before[i].admin, ACTOR_SNMP, 0);
	}
}

void
ordering_forget(struct engine *e)
{
	/* What was applied stays: its manager was told so, or asks again. */
	struct ipc_set_id id = {.id = e->reservation.id};

	if (id.id != 0)
		ordering_end(e, &id);
}

/* ---- console ---- */

enum order_verdict
ordering_now(struct engine *e, const struct order *order, uint32_t uid, char *why, size_t why_size)
{
	struct standing_order result;
	struct refusal r = {.verdict = ORDER_BUSY};
	struct link *link = model_link(e, order->link);
	unsigned old;

	if (!reserved_by_other(e, 0))
		r = check(e, order, 1, ACTOR_CONTROL, &result);
	snprintf(why, why_size, "%s", refusal_text(&r));
	if (r.verdict != ORDER_OK) {
		tell_refused(e, &r, order->admin, ACTOR_CONTROL, uid);
		return r.verdict;
	}
	old = link->row.admin;
	put_standing(&link->row, &result);
	decide(e);
	tell_set(e, link, old, ACTOR_CONTROL, uid);
	return ORDER_OK;
}

bool
ordering_expire(struct engine *e, uint64_t now_ns)
{
	bool any = false;

	for (size_t i = 0; i < e->nlinks; i++) {
		struct link *link = e->links[i];
		unsigned old = link->row.admin;
		struct standing_order none = {.admin = ADMIN_AUTO,
					      .actor = ACTOR_DAEMON,
					      .since_ns = now_ns,
					      .since_wall_ns = clock_wall_ns()};
		struct event_draft d = {.type = EVENT_CONTROL_EXPIRED,
					.link = link,
					.reason = REASON_ORDER_EXPIRED,
					.old_state = old,
					.new_state = ADMIN_AUTO};

		if (link->row.order_expires_ns == 0 || now_ns < link->row.order_expires_ns)
			continue;
		put_standing(&link->row, &none);
		publish_event(e, &d);
		any = true;
	}
	return any;
}
