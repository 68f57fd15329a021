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
#include "engine/refusal.h"
#include "engine/telling.h"

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

static bool
same_standing(const struct standing_order *a, const struct standing_order *b)
{
	return a->admin == b->admin && a->actor == b->actor && a->forced == b->forced &&
	       a->timeout_s == b->timeout_s && a->since_ns == b->since_ns &&
	       a->since_wall_ns == b->since_wall_ns && a->expires_ns == b->expires_ns &&
	       strcmp(a->owner, b->owner) == 0 && strcmp(a->comment, b->comment) == 0;
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

	assess_views(e->links, e->nlinks, clock_mono_ns(), before);
	memcpy(after, before, e->nlinks * sizeof(after[0]));
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

/* The event about a link's order waits until the plan is on its way, and comes before
 * those of what follows from it. */
static void
note_news(struct link *link, enum event_type type, enum reason reason, unsigned old_admin,
	  enum actor actor, uint32_t uid, const char *user)
{
	link->order_news.type = (uint8_t)type;
	link->order_news.reason = (uint8_t)reason;
	link->order_news.old_admin = (uint8_t)old_admin;
	link->order_news.actor = (uint8_t)actor;
	link->order_news.uid = uid;
	snprintf(link->order_news.user, sizeof(link->order_news.user), "%s", user);
}

void
ordering_tell(struct link *link)
{
	char text[2 * TEXT_LEN + 4];
	const struct board_link *row = &link->row;
	struct event_draft d = {.type = link->order_news.type,
				.link = link,
				.reason = link->order_news.reason,
				.actor = link->order_news.actor,
				.uid = link->order_news.uid,
				.user = link->order_news.user,
				.old_state = link->order_news.old_admin,
				.new_state = row->admin,
				.after_plan = true,
				.text = text};

	if (d.type == 0)
		return;
	link->order_news.type = 0;
	snprintf(text, sizeof(text), "%s%s%s", row->owner,
		 row->owner[0] && row->comment[0] ? ": " : "", row->comment);
	publish_event(link->engine, &d);
}

/* Decides on what was ordered. Where there is nothing to decide on yet, it is told
 * nevertheless. */
static void
carry_out(struct engine *e)
{
	decide(e);
	for (size_t i = 0; i < e->nlinks; i++) {
		if (e->links[i]->order_news.type == 0)
			continue;
		publish_link(e->links[i]);
		ordering_tell(e->links[i]);
	}
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
	char user[NAME_LEN + 1] = "";

	if (memchr(set->user, '\0', sizeof(set->user)) != NULL &&
	    text_ok(set->user, strlen(set->user)))
		memcpy(user, set->user, sizeof(user));
	if (r.verdict == ORDER_OK) {
		ordering_forget(e);
		e->reservation = (struct reservation){.id = set->id,
						      .count = set->count,
						      .has_lock = set->has_lock != 0,
						      .until_ns = clock_mono_ns() + RESERVED_NS};
		memcpy(e->reservation.user, user, sizeof(user));
		memcpy(e->reservation.orders, set->orders, set->count * sizeof(set->orders[0]));
	}
	answer(e, set->id, false, &r);
	if (r.verdict != ORDER_OK && r.verdict != ORDER_BUSY)
		refusal_tell(e, &r, set->count ? set->orders[r.order].admin : 0, ACTOR_SNMP, 0,
			     user);
}

/* Writes down how things are before a SET, or that none is under way. */
static void
write_down(struct engine *e, const struct reservation *r)
{
	static struct board_set set;

	memset(&set, 0, sizeof(set));
	if (r != NULL) {
		set.count = r->count;
		set.has_lock = r->has_lock;
		set.lock = e->global.set_lock;
		for (uint16_t i = 0; i < r->count; i++) {
			set.orders[i].link = r->orders[i].link;
			set.orders[i].before = r->before[i];
		}
	}
	board_write(&e->board->set, &set, sizeof(set));
}

/* All of it or nothing, even if this process dies within. */
static void
put_all(struct engine *e, struct reservation *r)
{
	for (uint16_t i = 0; i < r->count; i++)
		r->before[i] = standing(&model_link(e, r->orders[i].link)->row);
	write_down(e, r);
	for (uint16_t i = 0; i < r->count; i++) {
		struct link *link = model_link(e, r->orders[i].link);

		put_standing(&link->row, &r->after[i]);
		note_news(link, EVENT_CONTROL_SET, order_reason(link->row.admin),
			  r->before[i].admin, ACTOR_SNMP, 0, r->user);
		publish_link(link);
	}
	if (r->has_lock)
		e->global.set_lock = (e->global.set_lock + 1) & INT32_MAX;
	carry_out(e);
	write_down(e, NULL);
}

void
ordering_apply(struct engine *e, const struct ipc_set_id *id)
{
	struct reservation *r = &e->reservation;
	struct refusal refusal = {.verdict = ORDER_BUSY};

	if (r->id == id->id && !r->applied && clock_mono_ns() < r->until_ns)
		refusal = check(e, r->orders, r->count, ACTOR_SNMP, r->after);
	if (refusal.verdict == ORDER_OK) {
		r->applied = true;
		r->until_ns = clock_mono_ns() + RESERVED_NS;
		put_all(e, r);
	}
	answer(e, id->id, true, &refusal);
}

/* Takes back what nobody has ordered anew since. */
static void
undo(struct engine *e, const struct reservation *r)
{
	for (uint16_t i = r->count; i-- > 0;) {
		struct link *link = model_link(e, r->orders[i].link);
		struct standing_order now;

		if (link == NULL)
			continue;
		now = standing(&link->row);
		if (!same_standing(&now, &r->after[i]))
			continue;
		put_standing(&link->row, &r->before[i]);
		note_news(link, EVENT_CONTROL_SET, REASON_ORDER_UNDONE, r->after[i].admin,
			  ACTOR_SNMP, 0, r->user);
	}
	if (r->has_lock)
		e->global.set_lock = (e->global.set_lock - 1) & INT32_MAX;
	carry_out(e);
}

void
ordering_end(struct engine *e, const struct ipc_set_id *id)
{
	struct reservation r = e->reservation;

	if (r.id != id->id)
		return;
	e->reservation.id = 0;
	e->reservation.applied = false;
	if (!r.applied)
		return;
	telling_release(e);
	if (id->undo) {
		undo(e, &r);
		return;
	}
	e->global.sets_taken++;
	decide_kills(e);
}

/* ---- a SET that nobody ends ---- */

bool
ordering_may_undo(const struct engine *e, const struct link *link)
{
	const struct reservation *r = &e->reservation;

	for (uint16_t i = 0; r->applied && i < r->count; i++)
		if (r->orders[i].link == link->row.index)
			return true;
	return false;
}

uint64_t
ordering_lapses_at(const struct engine *e)
{
	return e->reservation.applied ? e->reservation.until_ns : 0;
}

void
ordering_lapse(struct engine *e, uint64_t now_ns)
{
	if (e->reservation.applied && now_ns >= e->reservation.until_ns)
		ordering_forget(e);
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
		refusal_tell(e, &r, order->admin, ACTOR_CONTROL, uid, NULL);
		return r.verdict;
	}
	old = link->row.admin;
	put_standing(&link->row, &result);
	e->global.sets_taken++;
	note_news(link, EVENT_CONTROL_SET, order_reason(result.admin), old, ACTOR_CONTROL, uid, "");
	carry_out(e);
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

		if (link->row.order_expires_ns == 0 || now_ns < link->row.order_expires_ns)
			continue;
		put_standing(&link->row, &none);
		note_news(link, EVENT_CONTROL_EXPIRED, REASON_ORDER_EXPIRED, old, ACTOR_DAEMON, 0,
			  "");
		any = true;
	}
	return any;
}

/* ---- what an earlier engine began ---- */

static bool
standing_ok(const struct standing_order *s)
{
	return s->admin >= ADMIN_AUTO && s->admin <= ADMIN_FORCE_DOWN && s->actor >= ACTOR_DAEMON &&
	       s->actor <= ACTOR_CONTROL && s->timeout_s <= ORDER_TIMEOUT_MAX_S &&
	       memchr(s->owner, '\0', sizeof(s->owner)) != NULL &&
	       memchr(s->comment, '\0', sizeof(s->comment)) != NULL &&
	       text_ok(s->owner, strlen(s->owner)) && text_ok(s->comment, strlen(s->comment));
}

void
ordering_adopt(struct engine *e)
{
	static struct board_set set;

	if (!board_read(&e->board->set, &set, sizeof(set)) || set.count == 0)
		return;
	for (uint16_t i = 0; i < set.count && i < SET_ORDERS_MAX; i++) {
		struct link *link = model_link(e, set.orders[i].link);

		if (link == NULL || !standing_ok(&set.orders[i].before))
			continue;
		log_warn("link %s: an order that the last engine died of giving is taken back",
			 link->row.name);
		put_standing(&link->row, &set.orders[i].before);
		publish_link(link);
	}
	if (set.has_lock)
		e->global.set_lock = set.lock & INT32_MAX;
	write_down(e, NULL);
}
