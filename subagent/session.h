/* SPDX-License-Identifier: ISC */
/* The AgentX session with the master, as a state machine over a non-blocking
 * socket: connect, open, register, ping, and again after a loss. It never waits.
 *
 * A master that stands still is not left: what was sent to it is in its socket,
 * and it will read that first when it goes on. Sending it again over another
 * connection would double it. It is left when it closes the connection, when
 * another master took its place at the socket's path, or when it answers others
 * of our requests but never one of them. */
#ifndef UPLINK_SUBAGENT_SESSION_H
#define UPLINK_SUBAGENT_SESSION_H

#include <stdbool.h>
#include <stdint.h>

#include "subagent/codec.h"

struct event_base;
struct session;

struct session_hooks {
	void (*up)(void *arg);   /* registered: requests come, notifications may go */
	void (*down)(void *arg); /* what was not answered will never be */
	/* A request of the master. The callee frees it. */
	void (*request)(void *arg, netsnmp_pdu *pdu);
	/* The answer to a notification; error 0 or an AgentX error. */
	void (*notified)(void *arg, uint32_t packet, int error);
	void *arg;
};

/* NULL without memory. Does nothing before session_connect. */
struct session *session_new(struct event_base *base, const struct session_hooks *hooks);
void session_free(struct session *s); /* calls no hook */

/* Begins, or begins anew with another master if path is another. */
void session_connect(struct session *s, const char *path);

bool session_is_up(const struct session *s);
uint64_t session_reconnects(const struct session *s);

/* A response to a request. Takes pdu. */
void session_respond(struct session *s, netsnmp_pdu *pdu);
/* A response with no variables. */
void session_respond_error(struct session *s, long transaction, long packet, int error, int index);
/* Sends a notification with these variables, which it takes. Returns the packet
 * number that session_hooks.notified will name, 0 when there is no session. */
uint32_t session_notify(struct session *s, netsnmp_variable_list *variables);

#endif
