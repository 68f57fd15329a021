/* SPDX-License-Identifier: ISC */
/* A session of net-snmp's library without a socket: whole messages go in and come
 * out. The library decodes, encodes and does the security of SNMPv3; it never reads,
 * writes, selects or waits. */
#ifndef UPLINK_SUBAGENT_WIRE_H
#define UPLINK_SUBAGENT_WIRE_H

#include <net-snmp/net-snmp-config.h>
#include <net-snmp/net-snmp-includes.h>
#include <stddef.h>

struct wire;

/* Sends a message. origin: of the request that it answers, as it was given with that;
 * NULL for a request of our own. 0, or -1 with errno. */
typedef int wire_send(void *arg, const void *octets, size_t length, const void *origin);

/* settings is copied. NULL where the library does not take it. */
struct wire *wire_new(netsnmp_session *settings, wire_send *send, void *arg);
void wire_free(struct wire *w);

/* A message has come; origin (of so many octets, or NULL) is copied. The callback of the
 * settings is called for what it is, if it may be taken at all. */
void wire_take(struct wire *w, const void *octets, size_t length, const void *origin,
	       size_t origin_length);

/* Sends pdu, and takes it. A request's answer comes by callback. 0, or -1 with errno. */
int wire_put(struct wire *w, netsnmp_pdu *pdu, netsnmp_callback callback, void *magic);
/* Requests without an answer are repeated, or given up, where it is time. */
void wire_look_after(struct wire *w);
/* The library's own session. */
netsnmp_session *wire_session(struct wire *w);

/* The longest message that is taken and sent. */
enum { WIRE_MESSAGE_MAX = 65507 };

#endif
