/* SPDX-License-Identifier: ISC */
/* A row is rendered, written and forgotten: an answer of any length needs the
 * memory of one row. */
#include "config.h"

#include "engine/control_answer.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include <event2/buffer.h>

#include "common/clock.h"
#include "engine/history.h"
#include "engine/render.h"

#define MINUTE_NS (60 * NSEC_PER_SEC)

/* Takes the reference. */
static void
put_json(struct evbuffer *out, json_t *json)
{
	char *text = json_dumps(json, JSON_COMPACT);

	evbuffer_add_printf(out, "%s", text ? text : "null");
	free(text);
	json_decref(json);
}

void
control_put_result(struct evbuffer *out, json_t *result)
{
	evbuffer_add_printf(out, "{\"v\":%d,\"ok\":true,\"result\":", CONTROL_VERSION);
	put_json(out, result ? result : json_object());
	evbuffer_add_printf(out, "}\n");
}

void
control_put_error(struct evbuffer *out, const struct control_error *error)
{
	put_json(out, json_pack("{s:i,s:b,s:{s:s,s:s}}", "v", CONTROL_VERSION, "ok", 0, "error",
				"code", error->code, "message", error->message));
	evbuffer_add(out, "\n", 1);
}

static uint32_t
link_slots(const struct board_global *g)
{
	return g->link_slots < LINKS_MAX + 1 ? g->link_slots : LINKS_MAX + 1;
}

static bool
read_link(const struct board *board, uint32_t index, struct board_link *link)
{
	board_read(&board->links[index], link, sizeof(*link));
	return link->index == index && index != 0 && !link->removed;
}

bool
control_find_link(const struct board *board, const struct control_request *request,
		  struct board_link *link, struct control_error *error)
{
	struct board_global g;

	board_read(&board->global, &g, sizeof(g));
	if (request->link_index != 0) {
		if (request->link_index < link_slots(&g) &&
		    read_link(board, request->link_index, link))
			return true;
		control_error_set(error, "no_link", "there is no link with index %u",
				  request->link_index);
		return false;
	}
	for (uint32_t i = 1; i < link_slots(&g); i++)
		if (read_link(board, i, link) &&
		    strncmp(link->name, request->link, sizeof(link->name)) == 0)
			return true;
	control_error_set(error, "no_link",
			  "there is no link \"%s\": uplinkctl status names them all",
			  request->link);
	return false;
}

uint64_t
control_events_first(const struct board *board, const struct control_request *request,
		     uint64_t *last, uint64_t *missed)
{
	uint64_t first = 1, oldest, limit = request->limit;
	struct board_global g;

	board_read(&board->global, &g, sizeof(g));
	*last = g.events_last;
	*missed = 0;
	oldest = g.events_last > BOARD_EVENTS ? g.events_last - BOARD_EVENTS + 1 : 1;
	if (oldest < g.events_started)
		oldest = g.events_started;
	if (request->has_after) {
		first = (request->after < *last ? request->after : *last) + 1;
	} else {
		if (request->limit == UINT32_MAX)
			limit = CONTROL_EVENTS_DEFAULT;
		first = *last > limit ? *last - limit + 1 : 1;
	}
	if (first >= oldest)
		return first;
	/* Who asked for the newest ones has missed nothing. */
	if (request->has_after)
		*missed = oldest - first;
	return oldest;
}

static void
begin_events(struct control_answer *a, const struct control_request *request, struct evbuffer *out)
{
	a->next = control_events_first(a->board, request, &a->last, &a->missed);
	a->end = a->last + 1;
	if (request->has_after && a->end > a->next && a->end - a->next > request->limit)
		a->end = a->next + request->limit;
	evbuffer_add_printf(out, "\"events\":[");
}

static void
begin_plan(const struct board_global *g, struct evbuffer *out)
{
	evbuffer_add_printf(out,
			    "\"plan_serial\":%" PRIu64 ",\"plan_installed\":%" PRIu64
			    ",\"in_step\":%s,\"routes\":[",
			    g->plan_serial, g->plan_installed,
			    g->plan_installed >= g->plan_serial ? "true" : "false");
}

/* The present minute is the last, although it is not over. */
static void
begin_history(struct control_answer *a, const struct control_request *request,
	      const struct board_global *g, uint64_t now_ns, struct evbuffer *out)
{
	uint64_t start = g->history_start_minute;
	bool begun = start != 0 && g->history_start_ns <= now_ns;
	json_t *head;
	char *text;

	read_link(a->board, a->only_link, &a->link);
	a->next = a->end = 0;
	if (begun) {
		a->end = history_minute(g->history_start_ns, start, now_ns) + 1;
		a->next = a->end - start > request->minutes ? a->end - request->minutes : start;
		a->minute_ns = g->history_start_ns + (a->next - start) * MINUTE_NS;
	}
	head = render_history(g, &a->link, a->next, a->end, a->zero_wall_ns + a->minute_ns);
	text = json_dumps(head, JSON_COMPACT);
	/* The object goes on with its rows. */
	if (text != NULL)
		evbuffer_add_printf(out, "%.*s,", (int)strlen(text) - 2, text + 1);
	evbuffer_add_printf(out, "\"minutes\":[");
	free(text);
	json_decref(head);
}

void
control_answer_begin(struct control_answer *a, const struct board *board,
		     const struct control_request *request, uint16_t only_link, uint64_t now_ns,
		     uint64_t wall_ns, struct evbuffer *out)
{
	struct board_global g;

	memset(a, 0, sizeof(*a));
	a->board = board;
	a->command = request->command;
	a->only_link = only_link;
	a->samples = request->samples;
	a->zero_wall_ns = wall_ns - now_ns;
	board_read(&board->global, &g, sizeof(g));
	a->next = only_link != 0 ? only_link : 1;
	a->end = only_link != 0 ? only_link + 1u : link_slots(&g);
	evbuffer_add_printf(out, "{\"v\":%d,\"ok\":true,\"result\":{", CONTROL_VERSION);
	switch (request->command) {
	case CONTROL_STATUS:
		evbuffer_add_printf(out, "\"global\":");
		put_json(out, render_global(&g, now_ns));
		evbuffer_add_printf(out, ",\"links\":[");
		break;
	case CONTROL_TARGETS:
		a->next = 0;
		a->end = g.target_slots < TARGETS_MAX ? g.target_slots : TARGETS_MAX;
		evbuffer_add_printf(out, "\"targets\":[");
		break;
	case CONTROL_PLAN:
		begin_plan(&g, out);
		break;
	case CONTROL_EVENTS:
		begin_events(a, request, out);
		break;
	case CONTROL_HISTORY:
		begin_history(a, request, &g, now_ns, out);
		break;
	default:
		evbuffer_add_printf(out, "\"routes\":[");
	}
}

static void
put_row(struct control_answer *a, json_t *row, struct evbuffer *out)
{
	if (row == NULL)
		return;
	if (a->any)
		evbuffer_add(out, ",", 1);
	a->any = true;
	put_json(out, row);
}

/* One IP version of one link. */
static void
step_route(struct control_answer *a, uint64_t now_ns, struct evbuffer *out)
{
	int family = a->family;

	if (family == V4 && !read_link(a->board, (uint32_t)a->next, &a->link))
		a->link.route[V4].configured = a->link.route[V6].configured = 0;
	if (a->link.route[family].configured)
		put_row(a,
			a->command == CONTROL_PLAN ? render_plan(&a->link, family)
						   : render_route(&a->link, family, now_ns),
			out);
	a->family = family == V4 ? V6 : V4;
	if (a->family == V4)
		a->next++;
}

static void
step_target(struct control_answer *a, uint64_t now_ns, struct evbuffer *out)
{
	uint32_t slot = a->next++;
	struct board_target t;
	json_t *row;

	board_read(&a->board->targets[slot], &t, sizeof(t));
	if (t.link == 0 || t.link > LINKS_MAX || (a->only_link != 0 && t.link != a->only_link))
		return;
	if (a->link.index != t.link && !read_link(a->board, t.link, &a->link)) {
		a->link.index = 0; /* it is just being removed */
		return;
	}
	row = render_target(&t, &a->link, now_ns);
	if (a->samples > 0)
		json_object_set_new(row, "samples_us",
				    render_samples(&a->board->recent[slot], a->samples));
	put_row(a, row, out);
}

static bool
read_event(const struct board *board, uint64_t number, struct board_event *e)
{
	return board_read(&board->events[number % BOARD_EVENTS], e, sizeof(*e)) &&
	       e->number == number;
}

static void
step_event(struct control_answer *a, uint64_t now_ns, struct evbuffer *out)
{
	struct board_event e;

	if (read_event(a->board, a->next, &e))
		put_row(a, render_event(&e, now_ns), out);
	else
		a->missed++;
	a->next++;
}

static void
step_minute(struct control_answer *a, uint64_t now_ns, struct evbuffer *out)
{
	struct board_minute m;

	/* An older one still stands where the daemon did not run. */
	if (board_read(&a->board->minutes[a->only_link][a->next % BOARD_MINUTES], &m, sizeof(m)) &&
	    m.minute == a->next)
		put_row(a, render_minute(&m, a->minute_ns, a->zero_wall_ns, now_ns), out);
	a->next++;
	a->minute_ns += MINUTE_NS;
}

static void
finish(const struct control_answer *a, struct evbuffer *out)
{
	evbuffer_add(out, "]", 1);
	if (a->command == CONTROL_EVENTS) {
		if (a->missed > 0)
			evbuffer_add_printf(out, ",\"missed\":%" PRIu64, a->missed);
		evbuffer_add_printf(out, ",\"last\":%" PRIu64, a->last);
	}
	evbuffer_add(out, "}}\n", 3);
}

bool
control_answer_step(struct control_answer *a, uint64_t now_ns, struct evbuffer *out)
{
	if (a->next >= a->end) {
		finish(a, out);
		return false;
	}
	switch (a->command) {
	case CONTROL_STATUS:
		if (read_link(a->board, (uint32_t)a->next++, &a->link))
			put_row(a, render_link(&a->link, now_ns), out);
		break;
	case CONTROL_TARGETS:
		step_target(a, now_ns, out);
		break;
	case CONTROL_EVENTS:
		step_event(a, now_ns, out);
		break;
	case CONTROL_HISTORY:
		step_minute(a, now_ns, out);
		break;
	default:
		step_route(a, now_ns, out);
	}
	return true;
}

bool
control_event_step(const struct board *board, uint64_t *next, uint64_t now_ns, struct evbuffer *out)
{
	struct control_request from_here = {.has_after = true, .after = *next - 1};
	uint64_t last, missed;
	struct board_event e;

	*next = control_events_first(board, &from_here, &last, &missed);
	if (missed > 0)
		evbuffer_add_printf(out, "{\"v\":%d,\"missed\":%" PRIu64 "}\n", CONTROL_VERSION,
				    missed);
	if (*next > last)
		return false;
	if (read_event(board, *next, &e)) {
		evbuffer_add_printf(out, "{\"v\":%d,\"event\":", CONTROL_VERSION);
		put_json(out, render_event(&e, now_ns));
		evbuffer_add(out, "}\n", 2);
	} else {
		evbuffer_add_printf(out, "{\"v\":%d,\"missed\":1}\n", CONTROL_VERSION);
	}
	(*next)++;
	return true;
}
