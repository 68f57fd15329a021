/* SPDX-License-Identifier: ISC */
/* Sockets of a link for prober and runner, which can't mark any themselves. */
#ifndef UPLINK_LINK_SOCKETS_H
#define UPLINK_LINK_SOCKETS_H

#include <stdint.h>

struct child;
struct ipc_socket_wanted;

/* What a child has had of late. */
struct socket_ration {
	uint64_t until_ns; /* the ration is used up to this time */
	unsigned refused;  /* in a row */
};

/* Whether it may have one more; *flood when it asks as nothing that works would. Pure. */
int link_sockets_ration(struct socket_ration *r, uint64_t now_ns, int *flood);

/* Opens one, marked for the link, and sends it; or says why not. */
void link_sockets_answer(struct child *c, const struct ipc_socket_wanted *wanted);

#endif
