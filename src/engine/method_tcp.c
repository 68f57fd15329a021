/* SPDX-License-Identifier: ISC */
/* Asking by opening a TCP connection. The answer to the first segment is all that
 * is wanted: the connection is cut before the service at the other end sees it,
 * and the socket, which keeps its mark, takes the next probe. It is cut by a reset,
 * so that nothing waits in the kernel for segments that never come.
 *
 * One probe at a time is on a socket; any free one of the link will do. A probe that is
 * lost keeps its socket for a while: an answer that is only late takes the loss back.
 * Whoever needs a socket takes it away from the oldest of these. */
#include "config.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>

#include "common/clock.h"
#include "engine/method.h"
#include "engine/pace.h"
#include "engine/probing.h"
#include "system/system.h"

static unsigned
syn_octets(int family)
{
	enum { HEADER = 40 }; /* with its options */

	return HEADER + (family == V4 ? 20 : 40);
}

/* Answers that came in elsewhere: all but a few of what is kept out of a connection that
 * is not there yet. */
static void
note_kept_out(struct probe_socket *s)
{
	uint32_t kept_out = sys_tcp_kept_out(s->fd);

	s->target->row.wrong_interface += kept_out - s->kept_out;
	s->kept_out = kept_out;
}

static void
cut(struct probe *probe)
{
	struct probe_socket *s = probe->socket;

	if (s == NULL)
		return;
	note_kept_out(s);
	/* what the kernel sent again was not foreseen */
	pace_spend(s->target->link, (int64_t)sys_tcp_resent(s->fd) * syn_octets(s->family));
	probe->socket = NULL;
	s->target = NULL;
	event_del(s->event);
	sys_tcp_cut(s->fd);
}

/* So many times its timeout a probe is waited for in all. */
enum { TIMEOUTS = 3 };

static struct probe *
probe_on(const struct probe_socket *s)
{
	return probing_probe(s->target, s->sequence);
}

static bool
is_too_late(const struct probe_socket *s, uint64_t now_ns)
{
	return now_ns - probe_on(s)->sent_ns >= TIMEOUTS * probing_timeout_ns(s->target);
}

/* A free one, or that of the oldest probe that is lost; frees what is too late. NULL:
 * each has a probe that waits. */
static struct probe_socket *
take_socket(const struct socket_list *list, uint64_t now_ns)
{
	struct probe_socket *found = NULL, *late = NULL;

	for (size_t i = 0; i < list->n; i++) {
		struct probe_socket *s = list->socket[i];

		if (s == NULL)
			continue;
		if (s->target != NULL && probe_on(s)->state == PROBE_LOST && is_too_late(s, now_ns))
			cut(probe_on(s));
		if (s->target == NULL)
			found = s;
		else if (probe_on(s)->state == PROBE_LOST &&
			 (late == NULL || probe_on(s)->sent_ns < probe_on(late)->sent_ns))
			late = s;
	}
	if (found == NULL && late != NULL) {
		cut(probe_on(late));
		found = late;
	}
	return found;
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
	struct probe_socket *s =
	    take_socket(&t->link->sockets[METHOD_TCP][t->conf.family], probe->sent_ns);
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

/* Of a probe that is lost. A late refusal is a loss, too, and one that is known. */
static void
settle_late(struct target *t, struct probe *probe, const struct arrival *a, int error)
{
	uint64_t took_ns = clock_mono_ns() - probe->sent_ns;

	if (error == 0 && sys_tcp_first_answered(probe->socket->fd, took_ns))
		probing_answered(t, probe, a);
	else
		cut(probe);
}

static void
settle(struct target *t, struct probe *probe)
{
	struct arrival a = {0};
	int error = sys_tcp_look(probe->socket->fd, &a.rtt_ns);

	if (error == EINPROGRESS) {
		note_kept_out(probe->socket);
		return;
	}
	if (from_a_router(error))
		probing_unreachable(t, probe, error);
	if (probe->state == PROBE_LOST)
		settle_late(t, probe, &a, error);
	else if (error != 0)
		probing_failed(t, probe, error);
	else
		probing_answered(t, probe, &a);
}

static void
look(struct target *t, struct probe *probe)
{
	if (probe->socket != NULL)
		settle(t, probe);
}

static void
ready(struct probe_socket *s)
{
	if (s->target == NULL)
		return;
	look(s->target, probe_on(s));
	if (s->target != NULL)
		event_add(s->event, NULL); /* called for nothing */
}

const struct method_ops method_tcp = {.send = open_connection,
				      .ready = ready,
				      .look = look,
				      .end = cut,
				      .outlasts = true,
				      .arms_itself = true};
