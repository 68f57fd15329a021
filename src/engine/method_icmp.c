/* SPDX-License-Identifier: ISC */
/* Asking by ICMP echo. An answer is known by the identifier of the link, the
 * sequence, the sender, and a nonce that only who saw the request can know. */
#include "config.h"

#include <errno.h>
#include <stdlib.h>

#include "engine/icmp.h"
#include "engine/method.h"
#include "system/datagram.h"
#include "system/system.h"

enum { MANY_STAMPS = 8 };

static void
take_stamp(void *arg, uint32_t number, uint64_t wall_ns)
{
	stamps_take(arg, number, wall_ns);
}

static void
read_stamps(struct probe_socket *s)
{
	datagram_sent(s->fd, (int)stamps_missing(s), take_stamp, NULL, s);
	stamps_read(s);
}

/* Made many at a time: each look at the kernel's source of them is a system call. */
static uint64_t
nonce(void)
{
	enum { POOL = 256 };
	static uint64_t pool[POOL];
	static unsigned left;

	if (left == 0) {
		arc4random_buf(pool, sizeof(pool));
		left = POOL;
	}
	return pool[--left];
}

static int
send_echo(struct target *t, const struct addr *to, struct probe *probe)
{
	struct probe_socket *s = sockets_first(t->link, METHOD_ICMP, t->conf.family);
	const struct sys_echo_way way = {
	    .to = to, .source = probing_source(t, to), .ttl = t->conf.ttl};
	struct icmp_echo echo = {.id = sys_probe_id(t->link->row.index),
				 .sequence = probe->sequence,
				 .token = t->link->engine->probe_token,
				 .target = t->slot,
				 .size = t->conf.size};
	static uint8_t packet[ICMP_ECHO_MAX];
	size_t len;

	probe->nonce = echo.nonce = nonce();
	len = icmp_request_write(t->conf.family, &echo, packet);
	if (sys_echo_send(s->fd, &way, packet, len) != 0) {
		int error = errno;

		stamps_restart(s);
		errno = error;
		return -1;
	}
	stamps_sent(s, t, probe);
	/* Its stamp is read with its answer, for several probes at once: but those of probes
	 * without an answer must not fill the socket. */
	if (stamps_missing(s) >= MANY_STAMPS)
		read_stamps(s);
	return 0;
}

/* Whose answer it is, or NULL. A stranger that guessed right in all but the nonce
 * is nobody. */
static struct probe *
match(const struct probe_socket *s, const struct icmp_echo *echo, const struct addr *from,
      struct target **target)
{
	struct target *t;
	struct probe *probe;

	if (echo->target >= TARGETS_MAX)
		return NULL;
	t = s->engine->slots[echo->target];
	if (t == NULL || echo->token != s->engine->probe_token ||
	    echo->id != sys_probe_id(t->link->row.index) || t->conf.family != s->family ||
	    t->conf.method != METHOD_ICMP)
		return NULL;
	probe = probing_probe(t, echo->sequence);
	if (!probing_is_target(t, from) || probe->sequence != echo->sequence ||
	    probe->nonce != echo->nonce)
		return NULL;
	*target = t;
	return probe;
}

/* A router need not quote more than the header: then the sequence must do. */
static struct probe *
match_short(const struct probe_socket *s, const struct icmp_error *error, struct target **target)
{
	const struct link *link = NULL;

	for (size_t i = 0; i < s->engine->nlinks && link == NULL; i++)
		if (sys_probe_id(s->engine->links[i]->row.index) == error->echo.id)
			link = s->engine->links[i];
	for (size_t i = 0; link != NULL && i < link->ntargets; i++) {
		struct target *t = link->targets[i];
		struct probe *probe = probing_probe(t, error->echo.sequence);

		if (t->conf.method == METHOD_ICMP && t->conf.family == s->family &&
		    probing_is_target(t, &error->to) && probe->state == PROBE_WAITING &&
		    probe->sequence == error->echo.sequence) {
			*target = t;
			return probe;
		}
	}
	return NULL;
}

static void
take_error(const struct probe_socket *s, const uint8_t *packet, size_t len)
{
	struct icmp_error error;
	struct target *t;
	struct probe *probe;

	if (icmp_error_read(s->family, packet, len, &error) != 0)
		return;
	probe = error.quoted ? match(s, &error.echo, &error.to, &t) : match_short(s, &error, &t);
	if (probe != NULL)
		probing_unreachable(t, probe, error.error);
}

static void
take_reply(void *arg, const uint8_t *packet, size_t len, const struct arrival *a)
{
	const struct probe_socket *s = arg;
	struct probe_socket *sender;
	struct icmp_echo echo;
	struct target *t;
	struct probe *probe;

	if (icmp_reply_read(s->family, packet, len, &echo) != 0) {
		take_error(s, packet, len);
		return;
	}
	probe = match(s, &echo, &a->from, &t);
	if (probe == NULL || echo.size != t->conf.size)
		return;
	sender = sockets_first(t->link, METHOD_ICMP, t->conf.family);
	if (!probe->stamped && sender != NULL)
		read_stamps(sender);
	probing_answered(t, probe, a);
}

static void
ready(struct probe_socket *s)
{
	datagram_drain(s->fd, DATAGRAM_SOME, take_reply, s);
}

static void
look(struct target *t, struct probe *probe)
{
	struct probe_socket *s = t->link->engine->echo[t->conf.family];

	(void)probe;
	if (s != NULL)
		datagram_drain(s->fd, DATAGRAM_ALL, take_reply, s);
}

const struct method_ops method_icmp = {
    .send = send_echo, .ready = ready, .look = look, .answers_shared = true};
