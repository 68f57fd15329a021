/* SPDX-License-Identifier: ISC */
/* Flows through the lab of flows: sockets at both ends, each flow with a port that no
 * other has. */
#ifndef UPLINK_TEST_FLOW_H
#define UPLINK_TEST_FLOW_H

#include "unit.h"

#include <netinet/in.h>
#include <stdbool.h>
#include <sys/socket.h>

struct flow {
	int near, far; /* sockets */
	char seen[64]; /* the near one's source, as the far one sees it */
};

/* The sender's namespace, and one of the addresses behind a link. */
struct flow udp_open(int ns, const char *target); /* nothing is sent yet */
struct flow udp_flow(int ns, const char *target); /* a packet and its answer */
struct flow tcp_flow(int ns, const char *target);
void flow_close(const struct flow *flow);

void udp_send(const struct flow *flow, size_t size);
void udp_answer(struct flow *flow);
void tcp_transfer(const struct flow *flow, size_t size);

/* Within the tests' deadline. */
bool lab_readable(int fd);
struct sockaddr_storage lab_address(const char *text, in_port_t port, socklen_t *len);
int bound_socket(int ns, int type, const char *text, in_port_t port);
/* Of the gateway or network that the address stands behind. */
int far_ns(const char *target);

#endif
