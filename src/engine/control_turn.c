/* SPDX-License-Identifier: ISC */
/* Every piece of work (a request, a row of an answer, an event for a follower) is
 * done in turns of at most SLICE_NS, after which the loop goes on; more is only
 * written once the client has taken what it was given. So what a client costs is
 * bounded in time and memory, whatever it does. */
#include "config.h"

#include "engine/control_turn.h"

#include <event2/buffer.h>
#include <event2/bufferevent.h>
#include <event2/event.h>

#include "common/clock.h"
#include "engine/control_answer.h"
#include "engine/control_client.h"
#include "engine/control_command.h"
#include "engine/control_request.h"
#include "engine/memory.h"

enum {
	ROWS_PER_TURN = 8,         /* of one client, before the next one's turn */
	OUTPUT_ENOUGH = 64 * 1024, /* above it a client is given no more */
	REST_US = 1000,            /* the loop's own, between two turns */
};

#define SLICE_NS NSEC_PER_MSEC

/* The next whole line of the input, or its rest when nothing follows. False: none
 * yet, or *too_long. */
static bool
next_line(struct client *c, char line[CONTROL_REQUEST_MAX], size_t *len, bool *too_long)
{
	struct evbuffer *in = bufferevent_get_input(c->bev);
	struct evbuffer_ptr end = evbuffer_search(in, "\n", 1, NULL);
	bool ends = end.pos >= 0;

	*len = ends ? (size_t)end.pos : evbuffer_get_length(in);
	*too_long = *len > CONTROL_REQUEST_MAX;
	if (*too_long || (!ends && (!c->eof || *len == 0)))
		return false;
	evbuffer_remove(in, line, *len);
	evbuffer_drain(in, ends);
	return true;
}

static void
refuse_too_long(struct client *c)
{
	struct control_error error;

	control_error_set(&error, "too_long", "a request is one line of at most %d octets",
			  CONTROL_REQUEST_MAX);
	client_refuse(c, &error);
	bufferevent_disable(c->bev, EV_READ);
	client_enter(c, CLIENT_LEAVING);
}

/* True: there may be another line. */
static bool
read_request(struct client *c)
{
	struct control_request request;
	struct control_error error;
	char line[CONTROL_REQUEST_MAX];
	bool too_long;
	size_t len;
	bool whole = next_line(c, line, &len, &too_long);

	if (too_long) {
		refuse_too_long(c);
		return true;
	}
	if (!whole) {
		if (c->eof)
			client_enter(c, CLIENT_LEAVING);
		return c->eof;
	}
	if (control_request_parse(line, len, &request, &error))
		control_command(c, &request);
	else
		client_refuse(c, &error);
	return true;
}

static bool
write_rows(struct client *c)
{
	uint64_t now_ns = clock_mono_ns();

	for (int i = 0; i < ROWS_PER_TURN; i++) {
		if (control_answer_step(&c->answer, now_ns, client_output(c)))
			continue;
		client_enter(c, CLIENT_READING);
		break;
	}
	return true;
}

static bool
write_events(struct client *c)
{
	uint64_t now_ns = clock_mono_ns();

	for (int i = 0; i < ROWS_PER_TURN; i++)
		if (!control_event_step(c->control->board, &c->next_event, now_ns,
					client_output(c)))
			return false;
	return true;
}

/* One turn of one client, *c NULL if it is gone. True: it has more to do now. */
static bool
serve(struct client **at)
{
	struct client *c = *at;
	size_t waiting = evbuffer_get_length(client_output(c));

	if (c->state == CLIENT_LEAVING && waiting == 0) {
		client_drop(c);
		*at = NULL;
		return false;
	}
	if (waiting > OUTPUT_ENOUGH)
		return false; /* on_written comes back to it */
	switch (c->state) {
	case CLIENT_READING:
		return read_request(c);
	case CLIENT_ANSWERING:
		return write_rows(c);
	case CLIENT_FOLLOWING:
		return write_events(c);
	default:
		return false;
	}
}

/* The same; who would get an answer with something left out, for want of memory, gets
 * none: its connection ends. */
static bool
serve_whole(struct client **at)
{
	uint64_t failures = memory_failures();
	bool more = serve(at);

	if (*at == NULL || !client_drop_spoilt(*at, failures))
		return more;
	*at = NULL;
	return false;
}

void
control_turn(evutil_socket_t fd, short what, void *arg)
{
	const struct timeval rest = {0, REST_US};
	struct control *k = arg;
	uint64_t start_ns = clock_mono_ns();
	struct client *c;

	(void)fd;
	(void)what;
	while ((c = TAILQ_FIRST(&k->work)) != NULL && clock_mono_ns() - start_ns < SLICE_NS) {
		TAILQ_REMOVE(&k->work, c, work);
		c->queued = false;
		if (serve_whole(&c) && c != NULL && !c->queued) {
			c->queued = true;
			TAILQ_INSERT_TAIL(&k->work, c, work);
		}
	}
	if (!TAILQ_EMPTY(&k->work))
		event_add(k->turn, &rest);
}
