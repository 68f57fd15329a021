/* SPDX-License-Identifier: ISC */
/* Writing the board, and reading what an earlier engine left on it. What is found
 * there is checked like a stranger's: it may be the reason why that engine died. */
#include "config.h"

#include "engine/publish.h"

#include <stddef.h>
#include <string.h>

#include "common/clock.h"
#include "common/log.h"
#include "engine/assess.h"
#include "engine/control.h"
#include "engine/figures.h"
#include "engine/history.h"
#include "engine/orders.h"
#include "engine/telling.h"

/* The samples of a link's targets come close together: what they say of the link is
 * worked out once for all of them. */
#define FIGURES_NS (100 * NSEC_PER_MSEC)

void
publish_global(struct engine *e)
{
	struct board_global *g = &e->global;

	g->heartbeat_ns = clock_mono_ns();
	g->links = (uint32_t)e->nlinks;
	board_write(&e->board->global, g, sizeof(*g));
}

void
publish_row(struct link *link)
{
	board_write(&link->engine->board->links[link->row.index], &link->row, sizeof(link->row));
}

void
publish_link(struct link *link)
{
	figures_link(link);
	publish_row(link);
}

/* The measures of its targets alone. */
static void
write_figures(struct link *link)
{
	enum {
		FROM = offsetof(struct board_link, rtt_last_us),
		TO = offsetof(struct board_link, loss_ppm) + sizeof(link->row.loss_ppm)
	};

	figures_link(link);
	board_write_part(&link->engine->board->links[link->row.index], &link->row, FROM, TO - FROM);
}

void
publish_octets(struct link *link)
{
	enum {
		FROM = offsetof(struct board_link, has_if_octets),
		TO = offsetof(struct board_link, if_seen_index) + sizeof(link->row.if_seen_index)
	};

	board_write_part(&link->engine->board->links[link->row.index], &link->row, FROM, TO - FROM);
}

void
publish_decay(struct engine *e)
{
	uint64_t now_ns = clock_mono_ns();

	for (size_t i = 0; i < e->nlinks; i++)
		if (assess_decay(e->links[i], now_ns))
			publish_row(e->links[i]);
}

void
publish_target(struct target *t)
{
	board_write(&t->link->engine->board->targets[t->slot], &t->row, sizeof(t->row));
}

void
publish_rows(struct engine *e)
{
	for (size_t i = 0; i < e->nlinks; i++) {
		publish_link(e->links[i]);
		for (size_t k = 0; k < e->links[i]->ntargets; k++)
			publish_target(e->links[i]->targets[k]);
	}
}

static void
write_minute(struct link *link)
{
	struct board_minute *rows = link->engine->board->minutes[link->row.index];

	board_write(&rows[link->minute.minute % BOARD_MINUTES], &link->minute,
		    sizeof(link->minute));
}

/* Turns the link's minute over when it is time for it: then true. */
static bool
turn_minute(struct link *link, uint64_t now_ns)
{
	struct engine *e = link->engine;
	const struct board_minute *rows = e->board->minutes[link->row.index];
	uint64_t number =
	    history_minute(e->global.history_start_ns, e->global.history_start_minute, now_ns);
	bool turned;

	if (link->minute.minute == 0) /* just started: perhaps an earlier engine began it */
		board_read(&rows[number % BOARD_MINUTES], &link->minute, sizeof(link->minute));
	else if (link->minute.minute != number)
		write_minute(link);
	turned = history_turn(&link->minute, number);
	history_health(&link->minute, link->row.health);
	return turned;
}

static void
on_figures(void *arg)
{
	struct link *link = arg;

	write_figures(link);
	write_minute(link);
}

void
publish_sample(struct link *link, uint32_t rtt_us, uint64_t now_ns)
{
	turn_minute(link, now_ns);
	history_sample(&link->minute, rtt_us);
	if (wheel_is_set(&link->figures_timer))
		return;
	link->figures_timer.due = on_figures;
	link->figures_timer.arg = link;
	timers_set(link->engine->timers, &link->figures_timer, now_ns + FIGURES_NS);
}

void
publish_minutes(struct engine *e)
{
	uint64_t now_ns = clock_mono_ns();

	for (size_t i = 0; i < e->nlinks; i++)
		if (turn_minute(e->links[i], now_ns))
			write_minute(e->links[i]);
}

void
publish_target_gone(struct engine *e, uint32_t slot)
{
	struct board_target none = {0};

	board_write(&e->board->targets[slot], &none, sizeof(none));
}

void
publish_link_gone(struct engine *e, const struct board_link *row)
{
	struct board_link gone = {.index = row->index, .removed = 1};

	memcpy(gone.name, row->name, sizeof(gone.name));
	gone.targets_given = row->targets_given;
	for (int f = 0; f < FAMILIES; f++)
		gone.route[f].discontinuity_wall_ns = row->route[f].discontinuity_wall_ns;
	board_write(&e->board->links[row->index], &gone, sizeof(gone));
}

/* Readers look for rows anew when they see it: so it comes after the rows. */
void
publish_table_change(struct engine *e)
{
	e->global.table_change++;
	e->global.table_change_ns = clock_mono_ns();
	publish_global(e);
}

static void
log_event(const struct board_event *ev)
{
	char measured[96] = "", detection[48] = "";

	if (ev->loss_ppm != LOSS_UNKNOWN && ev->rtt_us != RTT_UNKNOWN)
		snprintf(measured, sizeof(measured), ", loss %.1f %%, rtt %.2f ms",
			 ev->loss_ppm / 1e4, ev->rtt_us / 1e3);
	else if (ev->loss_ppm != LOSS_UNKNOWN)
		snprintf(measured, sizeof(measured), ", loss %.1f %%", ev->loss_ppm / 1e4);
	if (ev->detection_us != RTT_UNKNOWN)
		snprintf(detection, sizeof(detection), ", after %.3f s", ev->detection_us / 1e6);
	log_info("event %llu %s%s%s: %s%s%s%s%s%s%s", (unsigned long long)ev->number,
		 event_type_name(ev->type), ev->link ? " link " : "", ev->link_name,
		 reason_text(ev->reason), measured, detection, ev->text[0] ? ": " : "", ev->text,
		 ev->actor_name[0] ? ", by SNMP user " : "", ev->actor_name);
}

uint64_t
publish_event(struct engine *e, const struct event_draft *d)
{
	struct board_event ev = {.number = e->global.events_last + 1,
				 .at_ns = clock_mono_ns(),
				 .at_wall_ns = clock_wall_ns(),
				 .plan_serial = d->after_plan ? e->global.plan_serial : 0,
				 .target = (uint16_t)d->target,
				 .type = (uint8_t)d->type,
				 .reason = (uint8_t)(d->reason ? d->reason : REASON_NONE),
				 .actor = (uint8_t)(d->actor ? d->actor : ACTOR_DAEMON),
				 .actor_uid = d->actor == ACTOR_CONTROL ? d->uid : UINT32_MAX,
				 .family = (uint8_t)d->family,
				 .old_state = (uint8_t)d->old_state,
				 .new_state = (uint8_t)d->new_state,
				 .detection_us = d->detection_us ? d->detection_us : RTT_UNKNOWN,
				 .switch_us = d->switch_us ? d->switch_us : RTT_UNKNOWN,
				 .loss_ppm = LOSS_UNKNOWN,
				 .rtt_us = RTT_UNKNOWN,
				 .flows_killed = d->flows_killed,
				 .replay_first = d->replay_first,
				 .replay_last = d->replay_last};

	if (d->link != NULL) {
		ev.link = d->link->row.index;
		memcpy(ev.link_name, d->link->row.name, sizeof(ev.link_name));
		ev.loss_ppm = d->link->row.loss_ppm;
		ev.rtt_us = d->link->row.rtt_last_us;
	}
	if (d->user != NULL)
		snprintf(ev.actor_name, sizeof(ev.actor_name), "%s", d->user);
	if (d->text != NULL)
		snprintf(ev.text, sizeof(ev.text), "%s", d->text);
	board_write(&e->board->events[ev.number % BOARD_EVENTS], &ev, sizeof(ev));
	e->global.events_last = ev.number;
	publish_global(e);
	log_event(&ev);
	if (e->snmp >= 0)
		ipc_send(e->snmp, IPC_WAKE, NULL, 0, -1); /* full: it has been woken already */
	telling_event(e, &ev);
	if (e->control != NULL)
		control_event(e->control);
	return ev.number;
}

void
publish_replay(struct engine *e, uint64_t first, uint64_t last, enum reason reason)
{
	char text[EVENT_TEXT_LEN + 1];
	struct event_draft d = {.type = EVENT_EVENTS_REPLAY,
				.reason = reason,
				.replay_first = first,
				.replay_last = last,
				.after_plan = true,
				.text = text};

	snprintf(text, sizeof(text), "read the events %llu to %llu again: %s",
		 (unsigned long long)first, (unsigned long long)last, reason_text(reason));
	publish_event(e, &d);
}

void
publish_flows_killed(struct engine *e, uint64_t number, uint64_t flows)
{
	struct board_event *row = &e->board->events[number % BOARD_EVENTS], ev;

	if (number == 0 || !board_read(row, &ev, sizeof(ev)) || ev.number != number)
		return;
	ev.flows_killed = flows;
	board_write(row, &ev, sizeof(ev));
}

/* ---- adoption ---- */

static bool
terminated(const char *text, size_t size)
{
	return memchr(text, '\0', size) != NULL;
}

static bool
text_field_ok(const char *text, size_t size)
{
	return terminated(text, size) && text_ok(text, strlen(text));
}

bool
publish_adopt_global(const struct board *board, struct board_global *global)
{
	if (!board_read(&board->global, global, sizeof(*global)))
		return false;
	return terminated(global->site, sizeof(global->site)) &&
	       terminated(global->version, sizeof(global->version)) &&
	       terminated(global->config_error, sizeof(global->config_error)) &&
	       global->target_slots <= TARGETS_MAX && global->link_slots <= LINKS_MAX + 1 &&
	       global->notified <= global->events_last &&
	       global->outage_first <= global->events_last + 1 &&
	       global->replay_last <= global->events_last &&
	       global->doubt_last <= global->events_last;
}

bool
publish_adopt_link(const struct board *board, unsigned index, const char *name,
		   struct board_link *row)
{
	if (!board_read(&board->links[index], row, sizeof(*row)) || row->index != index)
		return false;
	if (!terminated(row->name, sizeof(row->name)) || strcmp(row->name, name) != 0)
		return false;
	if (row->removed)
		return false;
	return text_field_ok(row->owner, sizeof(row->owner)) &&
	       text_field_ok(row->comment, sizeof(row->comment)) && row->actor >= ACTOR_DAEMON &&
	       row->actor <= ACTOR_CONTROL && row->order_timeout_s <= ORDER_TIMEOUT_MAX_S &&
	       row->health >= HEALTH_UNKNOWN && row->health <= HEALTH_DOWN &&
	       row->admin >= ADMIN_AUTO && row->admin <= ADMIN_FORCE_DOWN &&
	       row->oper >= OPER_ACTIVE && row->oper <= OPER_OUT && row->cut <= CUT_ORDERED;
}

bool
publish_adopt_target(const struct board *board, uint32_t slot, struct board_target *row)
{
	if (!board_read(&board->targets[slot], row, sizeof(*row)))
		return false;
	return row->link >= 1 && row->link <= LINKS_MAX && row->index != 0 &&
	       row->family < FAMILIES && row->status >= TARGET_UNKNOWN &&
	       row->status <= TARGET_DOWN && (row->addr.version == 0 || addr_is_set(&row->addr));
}
