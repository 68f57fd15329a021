/* SPDX-License-Identifier: ISC */
/* The channel to the engine: see channel.h. */
#include "config.h"

#include "subagent/channel.h"

#include <errno.h>
#include <event2/event.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/log.h"

enum { SHARE = 64 }; /* messages taken before others get their turn */

struct channel {
	struct event_base *base;
	struct channel_hooks hooks;
	int fd;
	struct event *readable;
};

static void
drop(struct channel *c)
{
	if (c->fd < 0)
		return;
	event_free(c->readable);
	c->readable = NULL;
	close(c->fd);
	c->fd = -1;
	c->hooks.down(c->hooks.arg);
}

static void
on_readable(evutil_socket_t fd, short what, void *arg)
{
	struct channel *c = arg;
	enum ipc_status status = IPC_AGAIN;
	struct ipc_message m;

	(void)what;
	for (int i = 0; i < SHARE && c->fd == fd; i++) {
		status = ipc_receive(fd, IPC_PEER_ENGINE, &m);
		if (status != IPC_OK)
			break;
		if (m.type == IPC_WAKE) {
			c->hooks.wake(c->hooks.arg);
		} else if (m.type == IPC_SET_ANSWER) {
			struct ipc_set_answer answer = *(const struct ipc_set_answer *)m.body;

			c->hooks.answer(c->hooks.arg, &answer);
		} else if (m.fd >= 0) {
			close(m.fd);
		}
	}
	if (c->fd != fd || status == IPC_OK || status == IPC_AGAIN)
		return;
	if (status == IPC_MALFORMED)
		log_error("the engine sent a malformed message: not listening to it any more");
	drop(c);
}

struct channel *
channel_new(struct event_base *base, const struct channel_hooks *hooks)
{
	struct channel *c = calloc(1, sizeof(*c));

	if (c == NULL)
		return NULL;
	c->base = base;
	c->hooks = *hooks;
	c->fd = -1;
	return c;
}

void
channel_free(struct channel *c)
{
	if (c->readable != NULL)
		event_free(c->readable);
	if (c->fd >= 0)
		close(c->fd);
	free(c);
}

void
channel_replace(struct channel *c, int fd)
{
	drop(c);
	c->readable = event_new(c->base, fd, EV_READ | EV_PERSIST, on_readable, c);
	if (c->readable == NULL || event_add(c->readable, NULL) != 0) {
		log_error("channel to the engine: %s", strerror(errno));
		if (c->readable != NULL)
			event_free(c->readable);
		c->readable = NULL;
		close(fd);
		return;
	}
	c->fd = fd;
	c->hooks.up(c->hooks.arg);
}

int
channel_send(struct channel *c, enum ipc_type type, const void *body, size_t length)
{
	if (c->fd < 0) {
		errno = ENOTCONN;
		return -1;
	}
	return ipc_send(c->fd, type, body, length, -1);
}
