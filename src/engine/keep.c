/* SPDX-License-Identifier: ISC */
/* What must outlive a reboot: when it is handed over, and what becomes of it when
 * it comes back. */
#include "config.h"

#include "engine/keep.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/clock.h"
#include "common/log.h"
#include "engine/judge.h"
#include "engine/state.h"
#include "system/system.h"

#define LOOK_NS NSEC_PER_SEC
/* Times that pass by themselves: what a power cut may cost of them. */
#define REFRESH_NS (600 * NSEC_PER_SEC)
/* The saved rest of an order is of the wall clock that it was saved with. */
#define CLOCK_STEP_NS (2 * NSEC_PER_SEC)
enum { TEXT_MAX = 1 << 20, UNSAVED_EVENTS = 1000 };

struct keep {
	struct state now, told; /* told: what the worker has */
	uint64_t looked_ns, told_ns, told_offset_ns;
	bool known;          /* the worker has what is in told */
	bool failing;        /* it was logged */
	struct state *saved; /* of before the reboot; NULL: nothing, or no longer */
};

static struct keep *
keep_of(struct engine *e)
{
	if (e->keep == NULL)
		e->keep = calloc(1, sizeof(*e->keep));
	return e->keep;
}

/* ---- coming back ---- */

static void
use_global(struct engine *e, const struct state *s)
{
	/* A power cut loses what happened since the last save: no number of then is
	 * given again, the gap says that something may be missing. */
	e->global.events_last = e->global.notified = s->events_last + UNSAVED_EVENTS;
	e->global.events_started = e->global.events_last + 1;
	e->global.set_lock = s->set_lock;
}

void
keep_take(struct engine *e, int fd)
{
	struct keep *k = keep_of(e);
	struct state *s = NULL;
	char error[256], *text = NULL;
	size_t len;

	if (k == NULL || e->adopted || e->global.started_ns != 0 || e->global.events_last != 0)
		goto done;
	text = sys_text_read(fd, TEXT_MAX, &len);
	s = malloc(sizeof(*s));
	snprintf(error, sizeof(error), "%s", strerror(errno));
	if (text == NULL || s == NULL || state_parse(text, len, s, error, sizeof(error)) != 0) {
		log_error("what was saved before the reboot can't be used (%s): no order of then "
			  "is in force, events are numbered from 1",
			  error);
		free(s);
		goto done;
	}
	use_global(e, s);
	free(k->saved);
	k->saved = s;
done:
	free(text);
	close(fd);
}

static void
use_order(struct board_link *row, const struct state_link *l, uint64_t saved_wall_ns)
{
	const struct standing_order *o = &l->order;
	uint64_t now = clock_mono_ns(),
		 rest = state_rest(l->rest_ns, saved_wall_ns, clock_wall_ns());

	if (o->admin == ADMIN_AUTO)
		return;
	row->admin = o->admin;
	row->actor = o->actor;
	row->forced = o->forced;
	row->order_timeout_s = o->timeout_s;
	row->order_since_ns = now; /* of this boot's clock; the wall time is the real one */
	row->order_since_wall_ns = o->since_wall_ns;
	/* One that ran out meanwhile ends at once, by the way that all go. */
	row->order_expires_ns = o->timeout_s != 0 ? now + rest : 0;
	memcpy(row->owner, o->owner, sizeof(row->owner));
	memcpy(row->comment, o->comment, sizeof(row->comment));
	if (o->timeout_s == 0)
		log_info("link %s: %s stays in force, as ordered before the reboot", row->name,
			 admin_name(row->admin));
	else if (rest != 0)
		log_info("link %s: %s stays in force for another %llu s, as ordered before the "
			 "reboot",
			 row->name, admin_name(row->admin),
			 (unsigned long long)(rest / NSEC_PER_SEC));
}

void
keep_begin_link(struct engine *e, struct board_link *row)
{
	const struct state_link *l;

	if (e->keep == NULL || e->keep->saved == NULL)
		return;
	l = state_link(e->keep->saved, row->name);
	if (l == NULL)
		return;
	row->transitions = l->transitions;
	row->up_ns = l->up_ns;
	row->down_ns = l->down_ns;
	use_order(row, l, e->keep->saved->saved_wall_ns);
}

void
keep_forget(struct engine *e)
{
	if (e->keep == NULL)
		return;
	free(e->keep->saved);
	e->keep->saved = NULL;
}

/* ---- going out ---- */

static void
collect_link(const struct board_link *row, uint64_t now, struct state_link *l)
{
	uint64_t spent = now - row->health_since_ns;

	memcpy(l->name, row->name, sizeof(l->name));
	l->transitions = row->transitions;
	l->up_ns = row->up_ns + (health_carries(row->health) ? spent : 0);
	l->down_ns = row->down_ns + (row->health == HEALTH_DOWN ? spent : 0);
	l->order.admin = row->admin;
	if (row->admin == ADMIN_AUTO)
		return;
	l->order.actor = row->actor;
	l->order.forced = row->forced;
	l->order.timeout_s = row->order_timeout_s;
	l->order.since_wall_ns = row->order_since_wall_ns;
	l->order.expires_ns = row->order_expires_ns;
	memcpy(l->order.owner, row->owner, sizeof(l->order.owner));
	memcpy(l->order.comment, row->comment, sizeof(l->order.comment));
	if (row->order_expires_ns > now)
		l->rest_ns = row->order_expires_ns - now;
}

static void
collect(const struct engine *e, uint64_t now, struct state *s)
{
	memset(s->links, 0, e->nlinks * sizeof(s->links[0]));
	s->saved_wall_ns = clock_wall_ns();
	s->events_last = e->global.events_last;
	s->set_lock = e->global.set_lock;
	s->nlinks = (uint32_t)e->nlinks;
	for (size_t i = 0; i < e->nlinks; i++)
		collect_link(&e->links[i]->row, now, &s->links[i]);
}

/* Whether the worker has it now, or can't ever have it. */
static bool
hand_over(struct engine *e, const struct state *s)
{
	size_t len;
	char *text = state_text(s, &len);
	int fd = text == NULL ? -1 : sys_text_fd(text, len);
	bool sent, failed = fd < 0;

	free(text);
	if (failed && !e->keep->failing)
		log_error("what must outlive a reboot can't be handed to the worker: %s",
			  strerror(errno));
	e->keep->failing = failed;
	if (failed)
		return true;
	sent = ipc_send(e->worker, IPC_STATE, NULL, 0, fd) == 0;
	close(fd);
	return sent;
}

static bool
worth_telling(const struct keep *k, uint64_t now)
{
	uint64_t offset = k->now.saved_wall_ns - now, step = offset - k->told_offset_ns;

	return !k->known || now - k->told_ns >= REFRESH_NS ||
	       (step > CLOCK_STEP_NS && step < -CLOCK_STEP_NS) || !state_same(&k->now, &k->told);
}

static void
look(struct engine *e, bool always)
{
	struct keep *k = keep_of(e);
	uint64_t now = clock_mono_ns();

	if (k == NULL || e->conf == NULL || e->worker < 0)
		return;
	if (!always && k->looked_ns != 0 && now - k->looked_ns < LOOK_NS)
		return;
	k->looked_ns = now;
	collect(e, now, &k->now);
	if ((!always && !worth_telling(k, now)) || !hand_over(e, &k->now))
		return;
	k->told = k->now;
	k->told_ns = now;
	k->told_offset_ns = k->now.saved_wall_ns - now;
	k->known = true;
}

void
keep_tick(struct engine *e)
{
	look(e, false);
}

void
keep_worker(struct engine *e)
{
	if (e->keep != NULL)
		e->keep->known = false;
}

void
keep_leave(struct engine *e)
{
	look(e, true);
}
