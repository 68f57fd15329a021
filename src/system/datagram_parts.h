/* SPDX-License-Identifier: ISC */
/* What the systems' ways with datagrams have in common (IPv6 is the same everywhere, RFC 3542), and
 * the one thing that sending leaves to each. For the files called datagram.c only. */
#ifndef UPLINK_SYSTEM_DATAGRAM_PARTS_H
#define UPLINK_SYSTEM_DATAGRAM_PARTS_H

#include <sys/types.h>
#include <sys/socket.h>

#include "system/datagram.h"

/* The longest datagram that is waited for, with its IP header, and its control data. */
enum { DATAGRAM_CONTROL = 256, DATAGRAM_DATA = 9216 };

/* The next place for control data, filled; the message's length grows with it. */
void datagram_put_control(struct msghdr *msg, int level, int type, const void *data, size_t len);
/* What control data of IPv6 says of a datagram that came. */
void datagram_read_control6(const struct cmsghdr *c, struct arrival *a);
/* The sender's address and port; -1: of another family. */
int datagram_read_sender(const struct sockaddr_storage *from, struct arrival *a);

/* Each system's: makes the message leave from that address of IPv4. 0, or -1 with errno. */
int datagram_put_source4(int fd, struct msghdr *msg, const struct addr *source);

#endif
