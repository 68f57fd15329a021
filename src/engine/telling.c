/* SPDX-License-Identifier: ISC */
/* What the process of the hooks is told. Where its channel is full an event is left
 * out, and how things stand is said as soon as there is room again: a program that keeps
 * something in step can then catch up. */
#include "config.h"

#include "engine/telling.h"

#include <errno.h>
#include <string.h>

#include "common/clock.h"
#include "common/log.h"
#include "engine/processes.h"
#include "engine/publish.h"

#define JUDGED_LIMIT_NS (10 * NSEC_PER_SEC)

static void
fill_link(struct ipc_event *out, const struct board_link *row)
{
	out->link = row->index;
	out->health = row->health;
	out->oper = row->oper;
	out->admin = row->admin;
	memcpy(out->link_name, row->name, sizeof(out->link_name));
}

static void
fill_site(struct ipc_event *out, const struct board_global *g)
{
	out->links = g->links;
	out->usable_links = g->usable_links;
	out->active_tier = g->active_tier;
	out->all_down = g->all_down;
	memcpy(out->site, g->site, sizeof(out->site));
}

static int
tell(struct engine *e, const struct ipc_event *out)
{
	return ipc_send(e->hooks, IPC_EVENT, out, sizeof(*out), -1);
}

void
telling_event(struct engine *e, const struct board_event *ev)
{
	const struct link *link = model_link(e, ev->link);
	struct ipc_event out;

	if (e->hooks < 0)
		return;
	if (e->reservation.applied) {
		if (e->untold_from == 0)
			e->untold_from = ev->number;
		return;
	}
	memset(&out, 0, sizeof(out));
	fill_site(&out, &e->global);
	if (link != NULL)
		fill_link(&out, &link->row);
	if (ev->type == EVENT_ALL_DOWN || ev->type == EVENT_ALL_DOWN_CLEAR)
		out.all_down = ev->type == EVENT_ALL_DOWN; /* the row says so a moment later */
	out.number = ev->number;
	out.at_wall_ns = ev->at_wall_ns;
	out.target = ev->target;
	out.type = ev->type;
	out.reason = ev->reason;
	out.actor = ev->actor;
	out.family = ev->family;
	out.old_state = ev->old_state;
	out.new_state = ev->new_state;
	out.actor_uid = ev->actor_uid;
	out.detection_us = ev->detection_us;
	out.switch_us = ev->switch_us;
	out.loss_ppm = ev->loss_ppm;
	out.rtt_us = ev->rtt_us;
	memcpy(out.text, ev->text, sizeof(out.text));
	if (tell(e, &out) == 0)
		return;
	if (errno == EAGAIN && e->sync_due_ns == 0)
		log_warn("event %llu does not reach the hooks: their process does not read",
			 (unsigned long long)ev->number);
	telling_sync(e);
}

void
telling_release(struct engine *e)
{
	uint64_t number = e->untold_from, last = e->global.events_last;
	struct board_event ev;

	e->untold_from = 0;
	for (; number != 0 && number <= last; number++)
		if (board_read(&e->board->events[number % BOARD_EVENTS], &ev, sizeof(ev)) &&
		    ev.number == number)
			telling_event(e, &ev);
}

void
telling_sync(struct engine *e)
{
	if (e->sync_due_ns == 0)
		e->sync_due_ns = clock_mono_ns() + JUDGED_LIMIT_NS;
	e->sync_told = 0;
}

static bool
all_judged(const struct engine *e)
{
	for (size_t i = 0; i < e->nlinks; i++)
		if (e->links[i]->row.health == HEALTH_UNKNOWN)
			return false;
	return e->explained;
}

/* How the site stands, or one of its links. */
static void
fill_state(const struct engine *e, const struct board_link *row, struct ipc_event *out)
{
	memset(out, 0, sizeof(*out));
	out->at_wall_ns = clock_wall_ns();
	out->reason = REASON_NONE;
	out->actor = ACTOR_DAEMON;
	out->actor_uid = UINT32_MAX;
	out->detection_us = out->switch_us = out->rtt_us = RTT_UNKNOWN;
	out->loss_ppm = LOSS_UNKNOWN;
	fill_site(out, &e->global);
	if (row == NULL)
		return;
	fill_link(out, row);
	out->reason = row->oper_reason;
	out->loss_ppm = row->loss_ppm;
	out->rtt_us = row->rtt_last_us;
}

/* The site, then each link, as far as there is room. Whether that was all. */
static bool
tell_state(struct engine *e)
{
	struct ipc_event out;

	for (; e->sync_told <= e->nlinks; e->sync_told++) {
		fill_state(e, e->sync_told > 0 ? &e->links[e->sync_told - 1]->row : NULL, &out);
		if (tell(e, &out) != 0)
			return false;
	}
	return true;
}

void
telling_tick(struct engine *e)
{
	if (e->sync_due_ns == 0 || e->hooks < 0 || e->conf == NULL)
		return;
	if (!all_judged(e) && clock_mono_ns() < e->sync_due_ns)
		return;
	if (tell_state(e))
		e->sync_due_ns = 0;
}

/* ---- what it says ---- */

void
telling_heard(struct engine *e, const struct ipc_hooks *told)
{
	struct board_global *g = &e->global;
	size_t len = strnlen(told->error, sizeof(g->hook_error) - 1);

	/* It was cut where its room ended. */
	while (len > 0 && !text_clean(told->error, len))
		len--;
	if (told->failed != g->hooks_seen[1] && len > 0)
		g->hook_error_ns = clock_mono_ns();
	memcpy(g->hook_error, told->error, len);
	g->hook_error[len] = '\0';
	processes_count(&g->hooks_ended, &g->hooks_seen[0], told->ended);
	processes_count(&g->hooks_failed, &g->hooks_seen[1], told->failed);
	processes_count(&g->hooks_left_out, &g->hooks_seen[2], told->left_out);
	publish_global(e);
}
