/* SPDX-License-Identifier: ISC */
/* The sockets at which this process is asked, where it is its own master: whole
 * messages come in, and answers go back where they came from. */
#ifndef UPLINK_SUBAGENT_PORT_H
#define UPLINK_SUBAGENT_PORT_H

#include <stddef.h>
#include <stdint.h>

#include "system/system.h"

struct event_base;
struct ports;

/* Where a message came from, as plain octets: it is copied about. */
struct origin {
	int fd; /* of a datagram's socket */
	uint32_t reserved;
	uint64_t connection; /* its number; 0: a datagram */
	struct sys_peer_path path;
};

typedef void port_take(void *arg, const void *octets, size_t length, const struct origin *from);

/* The sockets stay the caller's. NULL without memory. */
struct ports *ports_new(struct event_base *base, port_take *take, void *arg);
void ports_free(struct ports *p);
int ports_add(struct ports *p, int fd, const struct conf_listen *l);

/* Sends a message back. 0, or -1 with errno: ENOTCONN where the connection is gone. */
int ports_send(struct ports *p, const void *octets, size_t length, const struct origin *to);

#endif
