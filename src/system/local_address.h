/* SPDX-License-Identifier: ISC */
/* The machine's own address of a datagram, as the control data of its message carry it: each
 * system has its own kind. */
#ifndef UPLINK_SYSTEM_LOCAL_ADDRESS_H
#define UPLINK_SYSTEM_LOCAL_ADDRESS_H

#include <sys/types.h>
#include <sys/socket.h>

#include "common/addr.h"

enum { LOCAL_ADDRESS_SPACE = 128 }; /* control data takes less */

/* From now on each datagram that comes by the socket tells it. 0, or -1 with errno. */
int local_address_ask(int fd, int family);
/* Makes a socket of IPv6 one of IPv6 only. 0, or -1 with errno. */
int local_address_v6_only(int fd);
/* Out of a message that came; left alone where it is not told. */
void local_address_take(struct msghdr *msg, struct addr *local);
/* Makes the message leave from it. msg_control is LOCAL_ADDRESS_SPACE octets of 0. */
void local_address_put(struct msghdr *msg, const struct addr *local);

/* Each system's part of these, for IPv4; and how it puts its control data into a message. */
int local_address_ask4(int fd);
void local_address_take4(const struct cmsghdr *c, struct addr *local);
void local_address_put4(struct msghdr *msg, const struct addr *local);
void local_address_put_control(struct msghdr *msg, int level, int type, const void *data,
			       size_t size);

#endif
