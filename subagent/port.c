/* SPDX-License-Identifier: ISC */
/* Datagrams and connections (RFC 3430). A connection is bounded in number, in how long
 * it may say nothing, and in what it may leave unread. */
#include "config.h"

#include "subagent/port.h"

#include <errno.h>
#include <event2/buffer.h>
#include <event2/bufferevent.h>
#include <event2/event.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/log.h"
#include "common/reserve.h"
#include "subagent/wire.h"

enum {
	SHARE = 32, /* datagrams taken before others get their turn */
	CONNECTIONS_MAX = 64,
	IDLE_S = 120,
	UNREAD_MAX = 1 << 20, /* octets of answers that a manager may leave unread */
	HEADER_MAX = 4,       /* octets of a message's type and length */
};

struct connection {
	struct ports *ports;
	struct bufferevent *stream; /* NULL: free */
	struct origin origin;
};

struct ports {
	struct event_base *base;
	port_take *take;
	void *arg;
	struct event *events[AGENT_LISTENS_MAX];
	unsigned nevents;
	struct connection connections[CONNECTIONS_MAX];
	uint64_t last_connection;
};

/* ---- datagrams ---- */

static void
on_datagram(evutil_socket_t fd, short what, void *arg)
{
	static uint8_t octets[WIRE_MESSAGE_MAX + 1];
	struct ports *p = arg;

	(void)what;
	for (int i = 0; i < SHARE; i++) {
		struct origin from;
		ssize_t n;

		memset(&from, 0, sizeof(from));
		from.fd = fd;
		n = sys_datagram_receive(fd, octets, sizeof(octets), &from.path);
		if (n < 0)
			return;
		if (n > 0)
			p->take(p->arg, octets, (size_t)n, &from);
	}
}

/* ---- connections ---- */

static void
hang_up(struct connection *c)
{
	bufferevent_free(c->stream);
	c->stream = NULL;
}

/* Octets of the message that begins here: 0: that can't be seen yet; -1: none does. */
static ssize_t
message_length(const uint8_t *octets, size_t n)
{
	enum { SEQUENCE = 0x30, LONG_FORM = 0x80 };
	size_t octets_of_length, length = 0;

	if (n > 0 && octets[0] != SEQUENCE)
		return -1;
	if (n < 2)
		return 0;
	if ((octets[1] & LONG_FORM) == 0)
		return 2 + octets[1];
	octets_of_length = octets[1] & ~LONG_FORM;
	if (octets_of_length < 1 || octets_of_length > HEADER_MAX - 2)
		return -1;
	if (n < 2 + octets_of_length)
		return 0;
	for (size_t i = 0; i < octets_of_length; i++)
		length = length << 8 | octets[2 + i];
	length += 2 + octets_of_length;
	return length <= WIRE_MESSAGE_MAX ? (ssize_t)length : -1;
}

static void
on_readable(struct bufferevent *stream, void *arg)
{
	static uint8_t message[WIRE_MESSAGE_MAX];
	struct connection *c = arg;
	struct evbuffer *in = bufferevent_get_input(stream);

	while (c->stream == stream) {
		uint8_t header[HEADER_MAX];
		ssize_t seen = evbuffer_copyout(in, header, sizeof(header));
		ssize_t length = message_length(header, seen < 0 ? 0 : (size_t)seen);

		if (length < 0) {
			log_debug("a connection that speaks no SNMP is closed");
			hang_up(c);
			return;
		}
		if (length == 0 || evbuffer_get_length(in) < (size_t)length)
			return;
		evbuffer_remove(in, message, (size_t)length);
		c->ports->take(c->ports->arg, message, (size_t)length, &c->origin);
	}
}

static void
on_end(struct bufferevent *stream, short what, void *arg)
{
	(void)stream;
	(void)what;
	hang_up(arg);
}

static struct connection *
free_connection(struct ports *p)
{
	for (int i = 0; i < CONNECTIONS_MAX; i++)
		if (p->connections[i].stream == NULL)
			return &p->connections[i];
	return NULL;
}

static void
begin(struct ports *p, struct connection *c, int fd, const struct sys_peer_path *path)
{
	static const struct timeval idle = {IDLE_S, 0};
	uint64_t failures = reserve_failures();

	c->stream = bufferevent_socket_new(p->base, fd, BEV_OPT_CLOSE_ON_FREE);
	if (c->stream == NULL) {
		close(fd);
		return;
	}
	c->ports = p;
	memset(&c->origin, 0, sizeof(c->origin));
	c->origin.fd = -1;
	c->origin.connection = ++p->last_connection;
	c->origin.path = *path;
	bufferevent_setcb(c->stream, on_readable, NULL, on_end, c);
	bufferevent_setwatermark(c->stream, EV_READ, 0, WIRE_MESSAGE_MAX);
	bufferevent_set_timeouts(c->stream, &idle, &idle);
	if (bufferevent_enable(c->stream, EV_READ | EV_WRITE) != 0 ||
	    reserve_failures() != failures)
		hang_up(c); /* the reserve is for what can't be done without */
}

static void
on_connection(evutil_socket_t listening, short what, void *arg)
{
	struct ports *p = arg;

	(void)what;
	for (int i = 0; i < SHARE; i++) {
		struct sys_peer_path path;
		struct connection *c = free_connection(p);
		int fd;

		memset(&path, 0, sizeof(path));
		path.peer_len = sizeof(path.peer);
		fd = accept4(listening, (struct sockaddr *)&path.peer, &path.peer_len,
			     SOCK_NONBLOCK | SOCK_CLOEXEC);
		if (fd < 0)
			return;
		if (c == NULL)
			close(fd);
		else
			begin(p, c, fd, &path);
	}
}

/* ---- both ---- */

static int
send_to_connection(struct ports *p, const void *octets, size_t length, uint64_t number)
{
	for (int i = 0; i < CONNECTIONS_MAX; i++) {
		struct connection *c = &p->connections[i];

		if (c->stream == NULL || c->origin.connection != number)
			continue;
		if (evbuffer_get_length(bufferevent_get_output(c->stream)) < UNREAD_MAX)
			return bufferevent_write(c->stream, octets, length);
		bufferevent_disable(c->stream, EV_READ); /* its time to read runs */
		errno = EAGAIN;
		return -1;
	}
	errno = ENOTCONN;
	return -1;
}

int
ports_send(struct ports *p, const void *octets, size_t length, const struct origin *to)
{
	if (to->connection != 0)
		return send_to_connection(p, octets, length, to->connection);
	return sys_datagram_send(to->fd, octets, length, &to->path);
}

struct ports *
ports_new(struct event_base *base, port_take *take, void *arg)
{
	struct ports *p = calloc(1, sizeof(*p));

	if (p == NULL)
		return NULL;
	p->base = base;
	p->take = take;
	p->arg = arg;
	return p;
}

void
ports_free(struct ports *p)
{
	for (unsigned i = 0; i < p->nevents; i++)
		event_free(p->events[i]);
	for (int i = 0; i < CONNECTIONS_MAX; i++)
		if (p->connections[i].stream != NULL)
			hang_up(&p->connections[i]);
	free(p);
}

int
ports_add(struct ports *p, int fd, const struct conf_listen *l)
{
	struct event *ev =
	    event_new(p->base, fd, EV_READ | EV_PERSIST, l->tcp ? on_connection : on_datagram, p);

	if (ev == NULL || event_add(ev, NULL) != 0)
		return -1;
	p->events[p->nevents++] = ev;
	return 0;
}
