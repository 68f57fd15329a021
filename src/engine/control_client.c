/* SPDX-License-Identifier: ISC */
/* The life of one client, and what its connection says: input, room for output, its
 * end. Nothing is worked on here, it is put into the queue. */
#include "config.h"

#include "engine/control_client.h"

#include <errno.h>
#include <stdlib.h>

#include <event2/buffer.h>
#include <event2/bufferevent.h>
#include <event2/event.h>

#include "common/clock.h"
#include "engine/control_request.h"
#include "engine/memory.h"

enum {
	OUTPUT_LOW = 16 * 1024, /* below this a client is given more */
	IDLE_S = 30,
	TAKEN_WITHIN_S = 120, /* the longest answer */
};

void
client_drop(struct client *c)
{
	struct control *k = c->control;

	TAILQ_REMOVE(&k->all, c, all);
	if (c->queued)
		TAILQ_REMOVE(&k->work, c, work);
	k->nclients--;
	k->nrecorders -= c->state == CLIENT_RECORDING;
	bufferevent_free(c->bev);
	free(c);
}

bool
client_drop_spoilt(struct client *c, uint64_t failures)
{
	if (memory_failures() == failures)
		return false;
	c->control->refused++;
	client_drop(c);
	return true;
}

void
client_schedule(struct client *c)
{
	const struct timeval at_once = {0, 0};

	if (!c->queued)
		TAILQ_INSERT_TAIL(&c->control->work, c, work);
	c->queued = true;
	if (!event_pending(c->control->turn, EV_TIMEOUT, NULL) &&
	    event_add(c->control->turn, &at_once) != 0)
		event_active(c->control->turn, EV_TIMEOUT, 0); /* that takes no memory */
}

void
client_enter(struct client *c, enum client_state state)
{
	c->state = state;
	c->since_ns = clock_mono_ns();
}

struct evbuffer *
client_output(const struct client *c)
{
	return bufferevent_get_output(c->bev);
}

void
client_refuse(struct client *c, const struct control_error *error)
{
	control_put_error(client_output(c), error);
	client_enter(c, CLIENT_READING);
}

static void
on_input(struct bufferevent *bev, void *arg)
{
	struct client *c = arg;

	(void)bev;
	if (c->state == CLIENT_READING)
		client_schedule(c);
}

static void
on_written(struct bufferevent *bev, void *arg)
{
	(void)bev;
	client_schedule(arg);
}

static void
on_end(struct bufferevent *bev, short what, void *arg)
{
	struct client *c = arg;

	(void)bev;
	if ((what & BEV_EVENT_ERROR) && errno == ENOMEM)
		c->control->refused++; /* there was no room for what it said */
	/* Half closed is fine for who waits for an answer; a follower has gone. */
	if (!(what & BEV_EVENT_EOF) || c->state == CLIENT_FOLLOWING ||
	    c->state == CLIENT_RECORDING) {
		client_drop(c);
		return;
	}
	c->eof = true;
	client_schedule(c);
}

struct client *
client_new(struct control *k, int fd, uid_t uid)
{
	struct client *c = calloc(1, sizeof(*c));
	uint64_t failures = memory_failures();

	if (c == NULL)
		return NULL;
	c->bev = bufferevent_socket_new(k->base, fd, BEV_OPT_CLOSE_ON_FREE);
	if (c->bev == NULL) {
		free(c);
		return NULL;
	}
	c->control = k;
	c->uid = uid;
	c->taken_ns = clock_mono_ns();
	client_enter(c, CLIENT_READING);
	bufferevent_setcb(c->bev, on_input, on_written, on_end, c);
	bufferevent_setwatermark(c->bev, EV_READ, 0, CONTROL_REQUEST_MAX + 1);
	bufferevent_setwatermark(c->bev, EV_WRITE, OUTPUT_LOW, 0);
	/* libevent does not say all that it could not do: such a client would never be answered */
	if (bufferevent_enable(c->bev, EV_READ | EV_WRITE) == 0 && memory_failures() == failures)
		return c;
	bufferevent_setfd(c->bev, -1);
	bufferevent_free(c->bev);
	free(c);
	return NULL;
}

bool
client_is_over(struct client *c, uint64_t now_ns)
{
	size_t waiting = evbuffer_get_length(client_output(c));
	uint64_t age_ns = now_ns - c->since_ns;

	if (waiting == 0 || waiting != c->waiting) {
		c->waiting = waiting;
		c->taken_ns = now_ns;
	}
	if (now_ns - c->taken_ns > IDLE_S * NSEC_PER_SEC)
		return true;
	if (c->state == CLIENT_READING)
		return age_ns > IDLE_S * NSEC_PER_SEC;
	return c->state != CLIENT_FOLLOWING && c->state != CLIENT_RECORDING &&
	       age_ns > TAKEN_WITHIN_S * NSEC_PER_SEC;
}
