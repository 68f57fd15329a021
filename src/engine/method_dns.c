/* SPDX-License-Identifier: ISC */
/* Asking by a DNS query over UDP. An answer is known by the sender's address and
 * port, the port that it came to, the random identifier, and the question that it
 * repeats; it counts when it has the response code that is wanted. */
#include "config.h"

#include <errno.h>
#include <stdlib.h>

#include "engine/dns.h"
#include "engine/method.h"
#include "engine/pace.h"
#include "system/datagram.h"

/* What was asked is read from the configuration again: it does not change while a
 * target stays the same. */
static struct dns_query
query_of(const struct target *t, const struct probe *probe)
{
	return (struct dns_query){
	    .id = (uint16_t)probe->nonce, .type = t->conf.query_type, .name = t->conf.query};
}

static struct target *
whose(const struct probe_socket *s, const struct arrival *a, size_t i)
{
	struct target *t = s->link->targets[i];

	return t->conf.method == METHOD_DNS && t->conf.family == s->family &&
		       a->port == t->conf.port && probing_is_target(t, &a->from)
		   ? t
		   : NULL;
}

/* Until the answer came its size was only thought of. */
static void
pay(const struct target *t, const struct dns_query *query, size_t len)
{
	enum { UDP_HEADER = 8 };
	const unsigned headers = UDP_HEADER + (t->conf.family == V4 ? 20 : 40);
	uint8_t packet[DNS_QUERY_MAX];
	size_t octets = 2 * headers + dns_query_write(query, packet) + len;

	pace_spend(t->link, (int64_t)octets - conf_probe_octets(&t->conf));
}

/* An answer is that of the target's probe with its identifier, or of none. */
static bool
take_for(struct target *t, const uint8_t *packet, size_t len, const struct arrival *a)
{
	for (unsigned n = 0; n < INFLIGHT_MAX; n++) {
		struct probe *probe = probing_probe(t, (uint16_t)n);
		struct dns_query query = query_of(t, probe);
		struct dns_answer answer;
		struct arrival said = *a;

		if (probe->sent_ns == 0 || dns_id(packet, len) != query.id ||
		    dns_answer_read(packet, len, &query, &answer) != 0)
			continue;
		if (t->conf.rcode != CONF_RCODE_ANY && answer.rcode != t->conf.rcode)
			said.error = EPROTO;
		if (probe->state != PROBE_FREE)
			pay(t, &query, len);
		probing_answered(t, probe, &said);
		return true;
	}
	return false;
}

static void
take_answer(void *arg, const uint8_t *packet, size_t len, const struct arrival *a)
{
	const struct probe_socket *s = arg;

	for (size_t i = 0; i < s->link->ntargets; i++) {
		struct target *t = whose(s, a, i);

		if (t != NULL && take_for(t, packet, len, a))
			return;
	}
}

/* The quoted query may be cut to nothing: then it is not known whose it was. */
static void
take_error(void *arg, const uint8_t *quoted, size_t len, const struct arrival *a)
{
	const struct probe_socket *s = arg;
	int id = dns_id(quoted, len);

	for (size_t i = 0; i < s->link->ntargets && id >= 0; i++) {
		struct target *t = whose(s, a, i);

		for (uint16_t n = 0; t != NULL && n < INFLIGHT_MAX; n++)
			if (probing_probe(t, n)->nonce == (uint64_t)id)
				probing_unreachable(t, probing_probe(t, n), a->error);
	}
}

static void
take_stamp(void *arg, uint32_t number, uint64_t wall_ns)
{
	stamps_take(arg, number, wall_ns);
}

static int
send_query(struct target *t, const struct addr *to, struct probe *probe)
{
	struct probe_socket *s = sockets_first(t->link, METHOD_DNS, t->conf.family);
	const struct datagram_way way = {
	    .to = to, .port = t->conf.port, .source = probing_source(t, to)};
	uint8_t packet[DNS_QUERY_MAX];
	struct dns_query query;
	size_t len;

	probe->nonce = arc4random_uniform(UINT16_MAX + 1);
	query = query_of(t, probe);
	len = dns_query_write(&query, packet);
	/* A failure may be an error of an earlier query that nobody has read yet. */
	if (datagram_send(s->fd, &way, packet, len) != 0) {
		int error = errno;
		bool earlier = datagram_sent(s->fd, DATAGRAM_BATCH, take_stamp, take_error, s) > 0;

		stamps_restart(s);
		errno = error;
		if (!earlier || datagram_send(s->fd, &way, packet, len) != 0)
			return -1;
	}
	stamps_sent(s, t, probe);
	datagram_sent(s->fd, DATAGRAM_BATCH, take_stamp, take_error, s);
	return 0;
}

static void
ready(struct probe_socket *s)
{
	datagram_sent(s->fd, DATAGRAM_BATCH, take_stamp, take_error, s);
	datagram_receive(s->fd, take_answer, s);
}

static void
look(struct target *t, struct probe *probe)
{
	struct probe_socket *s = sockets_first(t->link, METHOD_DNS, t->conf.family);

	(void)probe;
	if (s == NULL)
		return;
	datagram_sent(s->fd, DATAGRAM_BATCH, take_stamp, take_error, s);
	datagram_drain(s->fd, DATAGRAM_ALL, take_answer, s);
}

const struct method_ops method_dns = {.send = send_query, .ready = ready, .look = look};
