/* SPDX-License-Identifier: ISC */
/* The sockets that the parent opened for the probes of a link, and for the answers to
 * those of all links: kept by method and IP version, and watched. Knows nothing of what goes over
 * them. */
#ifndef UPLINK_SOCKETS_H
#define UPLINK_SOCKETS_H

#include "engine/model.h"
#include "engine/stamps.h"

struct probe_socket {
	struct engine *engine;
	struct link *link; /* NULL: it hears answers for all links */
	uint8_t method;    /* enum method */
	uint8_t family;    /* V4 or V6 */
	int fd;
	struct event *event;
	/* of a method that has one probe at a time on a socket */
	struct target *target; /* whose, NULL: free */
	uint16_t sequence;     /* which */
	uint32_t ifindex;      /* it takes answers from there only, 0: from anywhere */
	uint32_t kept_out;     /* sys_tcp_kept_out, as it was last seen */
	struct stamps stamps;  /* of a method whose sends are stamped */
};

/* Takes over one, of the link or (NULL) for all. 0, or -1 with errno; fd is the
 * callee's in any case. */
int sockets_set(struct engine *e, struct link *link, const struct ipc_probe_socket *what, int fd);
void sockets_close(struct link *link);
/* The first of that method and IP version, or NULL. */
struct probe_socket *sockets_first(const struct link *link, unsigned method, int family);

#endif
