/* SPDX-License-Identifier: ISC */
/* Asking by opening a TCP connection. The answer to the first segment is all that
 * is wanted: the connection is cut before the service at the other end sees it,
 * and the socket, which keeps its mark, takes the next probe. It is cut by a reset,
 * so that nothing waits in the kernel for segments that never come.
 *
 * One probe at a time is on a socket; any free one of the link will do. */
#include "config.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>

#include "common/clock.h"
#include "engine/method.h"
#include "engine/pace.h"
#include "system/system.h"

static struct probe_socket *
find_free(const struct socket_list *list)
{
	for (size_t i = 0; i < list->n; i++)
		if (list->socket[i] != NULL && list->socket[i]->target == NULL)
			return list->socket[i];
	return NULL;
}

/* The link's own address, or any: the socket may still have that of its last probe. */
static int
bind_source(int fd, const struct addr *source, const struct addr *to)
{
	struct addr any = {.version = to->version};
	struct sockaddr_storage ss;
	socklen_t len = addr_to_sockaddr(source != NULL ? source : &any, 0, &ss);

	return bind(fd, (struct sockaddr *)&ss, len);
}

static int
open_connection(struct target *t, const struct addr *to, struct probe *probe)
{
	struct probe_socket *s = find_free(&t->link->sockets[METHOD_TCP][t->conf.family]);
	struct sockaddr_storage ss;
	socklen_t len = addr_to_sockaddr(to, t->conf.port, &ss);

	if (s == NULL) {
		errno = EAGAIN;
		return -1;
	}
	s->target = t;
	s->sequence = probe->sequence;
	probe->socket = s;
	sys_tcp_prepare(s->fd);
	if (bind_source(s->fd, probing_source(t, to), to) != 0)
		return -1;
	if (connect(s->fd, (struct sockaddr *)&ss, len) != 0 && errno != EINPROGRESS)
		return -1;
	return event_add(s->event, NULL);
}

/* What routers say, as the kernel passes it on for a connection. */
static bool
from_a_router(int error)
{
	return error == EHOSTUNREACH || error == ENETUNREACH || error == EACCES ||
	       error == ENOPROTOOPT || error == EPROTO;
}

static void
settle(struct target *t, struct probe *probe, int fd)
{
	struct arrival a = {0};
	int error = sys_tcp_look(fd, &a.rtt_ns);

	if (error == EINPROGRESS)
		return;
	if (from_a_router(error))
		probing_unreachable(t, probe, error);
	if (error != 0)
		probing_failed(t, probe, error);
	else
		probing_answered(t, probe, &a);
}

static void
look(struct target *t, struct probe *probe)
{
	if (probe->socket != NULL)
		settle(t, probe, probe->socket->fd);
}

static void
ready(struct probe_socket *s)
{
	if (s->target == NULL)
		return;
	look(s->target, probing_probe(s->target, s->sequence));
	if (s->target != NULL)
		event_add(s->event, NULL); /* called for nothing */
}

static unsigned
syn_octets(int family)
{
	enum { HEADER = 40 }; /* with its options */

	return HEADER + (family == V4 ? 20 : 40);
}

static void
cut(struct probe *probe)
{
	struct probe_socket *s = probe->socket;

	if (s == NULL)
		return;
	/* what the kernel sent again was not foreseen */
	pace_spend(s->target->link, (int64_t)sys_tcp_resent(s->fd) * syn_octets(s->family));
	probe->socket = NULL;
	s->target = NULL;
	event_del(s->event);
	sys_tcp_cut(s->fd);
}

const struct method_ops method_tcp = {
    .send = open_connection, .ready = ready, .look = look, .end = cut, .arms_itself = true};
