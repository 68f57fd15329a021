/* SPDX-License-Identifier: ISC */
/* The library's session over a transport that is only a place in memory: see wire.h. */
#include "config.h"

#include "subagent/wire.h"

#include <errno.h>
#include <net-snmp/library/large_fd_set.h>
#include <net-snmp/library/snmp_transport.h>
#include <stdlib.h>
#include <string.h>

/* The library asks whether its socket is readable in the set that we give it: it looks
 * for this number in that set, and does nothing else with it. */
enum { NO_SOCKET = 0 };

struct wire {
	void *handle;
	wire_send *send;
	void *arg;
	const void *octets, *origin; /* of the message that is being taken */
	size_t length, origin_length;
};

static int
receive(netsnmp_transport *t, void *buffer, int size, void **opaque, int *opaque_length)
{
	struct wire *w = t->data;

	if (w->octets == NULL || w->length > (size_t)size)
		return -1;
	memcpy(buffer, w->octets, w->length);
	w->octets = NULL;
	if (w->origin != NULL) {
		*opaque = malloc(w->origin_length);
		if (*opaque == NULL)
			return -1;
		memcpy(*opaque, w->origin, w->origin_length);
		*opaque_length = (int)w->origin_length;
	}
	return (int)w->length;
}

static int
send_out(netsnmp_transport *t, const void *octets, int length, void **opaque, int *opaque_length)
{
	struct wire *w = t->data;
	const void *origin = opaque_length != NULL && *opaque_length > 0 ? *opaque : NULL;

	return w->send(w->arg, octets, (size_t)length, origin) == 0 ? length : -1;
}

static int
close_nothing(netsnmp_transport *t)
{
	t->data = NULL; /* it is ours */
	t->data_length = 0;
	return 0;
}

static netsnmp_transport *
new_transport(struct wire *w)
{
	netsnmp_transport *t = calloc(1, sizeof(*t));

	if (t == NULL)
		return NULL;
	t->domain = netsnmpUDPDomain;
	t->domain_length = (int)netsnmpUDPDomain_len;
	t->sock = NO_SOCKET;
	t->data = w;
	t->msgMaxSize = WIRE_MESSAGE_MAX;
	t->f_recv = receive;
	t->f_send = send_out;
	t->f_close = close_nothing;
	return t;
}

struct wire *
wire_new(netsnmp_session *settings, wire_send *send, void *arg)
{
	struct wire *w = calloc(1, sizeof(*w));
	netsnmp_transport *t;

	if (w == NULL)
		return NULL;
	w->send = send;
	w->arg = arg;
	settings->flags |= SNMP_FLAGS_DONT_PROBE;
	t = new_transport(w);
	if (t != NULL)
		w->handle = snmp_sess_add(settings, t, NULL, NULL); /* frees t if it fails */
	if (w->handle != NULL) {
		/* To look for an engine it would wait. The copy may have lost the flag. */
		wire_session(w)->flags |= SNMP_FLAGS_DONT_PROBE;
		return w;
	}
	free(w);
	return NULL;
}

void
wire_free(struct wire *w)
{
	if (w == NULL)
		return;
	snmp_sess_close(w->handle);
	free(w);
}

void
wire_take(struct wire *w, const void *octets, size_t length, const void *origin,
	  size_t origin_length)
{
	static netsnmp_large_fd_set readable;
	static int ready;

	if (!ready) {
		netsnmp_large_fd_set_init(&readable, FD_SETSIZE);
		ready = 1;
	}
	NETSNMP_LARGE_FD_SET(NO_SOCKET, &readable); /* it is taken out with each read */
	w->octets = octets;
	w->length = length;
	w->origin = origin;
	w->origin_length = origin_length;
	(void)snmp_sess_read2(w->handle, &readable);
	w->octets = NULL;
}

int
wire_put(struct wire *w, netsnmp_pdu *pdu, netsnmp_callback callback, void *magic)
{
	netsnmp_session *s = wire_session(w);

	errno = 0;
	if (snmp_sess_async_send(w->handle, pdu, callback, magic) != 0)
		return 0;
	if (errno == 0 || s->s_snmp_errno != SNMPERR_BAD_SENDTO)
		errno = EPROTO;
	snmp_free_pdu(pdu);
	return -1;
}

void
wire_look_after(struct wire *w)
{
	snmp_sess_timeout(w->handle);
}

netsnmp_session *
wire_session(struct wire *w)
{
	return snmp_sess_session(w->handle);
}
