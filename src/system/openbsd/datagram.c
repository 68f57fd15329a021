/* SPDX-License-Identifier: ISC */
/* Datagrams with their control data. The kernel tells when one came in, to the microsecond, and by
 * which interface; of what was sent it tells nothing. */
#include "config.h"

#include "system/datagram_parts.h"

#include <sys/types.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/uio.h>

#include <net/if.h>
#include <net/if_dl.h>
#include <netinet/in.h>

#include <string.h>

#include "common/clock.h"

/* A raw socket of IPv4 takes no control data: it is bound to the source, again with each. */
int
datagram_put_source4(int fd, struct msghdr *msg, const struct addr *source)
{
	struct sockaddr_storage ss;
	struct in_addr in;
	int type = 0;
	socklen_t len = sizeof(type);

	if (getsockopt(fd, SOL_SOCKET, SO_TYPE, &type, &len) == -1)
		return -1;
	if (type == SOCK_RAW) {
		len = addr_to_sockaddr(source, 0, &ss);
		return bind(fd, (const struct sockaddr *)&ss, len);
	}
	memcpy(&in, source->octets, sizeof(in));
	datagram_put_control(msg, IPPROTO_IP, IP_SENDSRCADDR, &in, sizeof(in));
	return 0;
}

/* ---- receiving ---- */

static void
read_control(struct msghdr *msg, struct arrival *a)
{
	for (struct cmsghdr *c = CMSG_FIRSTHDR(msg); c != NULL; c = CMSG_NXTHDR(msg, c)) {
		if (c->cmsg_level == SOL_SOCKET && c->cmsg_type == SCM_TIMESTAMP) {
			struct timeval tv;

			memcpy(&tv, CMSG_DATA(c), sizeof(tv));
			a->wall_ns = (uint64_t)tv.tv_sec * NSEC_PER_SEC +
				     (uint64_t)tv.tv_usec * NSEC_PER_USEC;
		} else if (c->cmsg_level == IPPROTO_IP && c->cmsg_type == IP_RECVIF) {
			struct sockaddr_dl dl;

			memcpy(&dl, CMSG_DATA(c), offsetof(struct sockaddr_dl, sdl_type));
			a->ifindex = dl.sdl_index;
		} else if (c->cmsg_level == IPPROTO_IPV6) {
			datagram_read_control6(c, a);
		}
	}
}

/* One. 1: it is there, 0: nothing is. */
static int
receive(int fd, datagram_each *each, void *arg)
{
	static uint8_t data[DATAGRAM_DATA];
	union {
		struct cmsghdr align;
		char space[DATAGRAM_CONTROL];
	} control;
	struct sockaddr_storage from;
	struct iovec iov = {data, sizeof(data)};
	struct msghdr msg = {.msg_name = &from,
			     .msg_namelen = sizeof(from),
			     .msg_iov = &iov,
			     .msg_iovlen = 1,
			     .msg_control = &control,
			     .msg_controllen = sizeof(control)};
	ssize_t len = recvmsg(fd, &msg, MSG_DONTWAIT);
	struct arrival a;

	if (len == -1)
		return 0;
	memset(&a, 0, sizeof(a));
	if ((msg.msg_flags & MSG_TRUNC) != 0 || datagram_read_sender(&from, &a) != 0)
		return 1;
	read_control(&msg, &a);
	each(arg, data, (size_t)len, &a);
	return 1;
}

int
datagram_receive(int fd, datagram_each *each, void *arg)
{
	int n = 0;

	while (n < DATAGRAM_BATCH && receive(fd, each, arg) > 0)
		n++;
	return n;
}

int
datagram_sent(int fd, int most, datagram_stamp *stamp, datagram_each *error, void *arg)
{
	(void)fd;
	(void)most;
	(void)stamp;
	(void)error;
	(void)arg;
	return 0;
}
