/* SPDX-License-Identifier: ISC */
/* Datagrams with their control data. The kernel tells when one came in, to the microsecond, and by
 * which interface; of what was sent it tells nothing. */
#include "config.h"

#include "system/datagram.h"

#include <sys/types.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/uio.h>

#include <net/if.h>
#include <net/if_dl.h>
#include <netinet/in.h>

#include <string.h>

#include "common/clock.h"

/* The longest datagram that is waited for, with its IP header. */
enum { CONTROL_SIZE = 256, DATA_SIZE = 9216 };

/* ---- sending ---- */

/* The next place for control data, filled; the message's length grows with it. */
static void
put_control(struct msghdr *msg, int level, int type, const void *data, size_t len)
{
	struct cmsghdr *c =
	    (struct cmsghdr *)(void *)((char *)msg->msg_control + msg->msg_controllen);

	c->cmsg_level = level;
	c->cmsg_type = type;
	c->cmsg_len = CMSG_LEN(len);
	memcpy(CMSG_DATA(c), data, len);
	msg->msg_controllen += CMSG_SPACE(len);
}

/* A raw socket of IPv4 takes no control data: it is bound to the source, again with each. */
static int
set_source4(int fd, struct msghdr *msg, const struct addr *source)
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
	put_control(msg, IPPROTO_IP, IP_SENDSRCADDR, &in, sizeof(in));
	return 0;
}

static void
put_source6(struct msghdr *msg, const struct datagram_way *way)
{
	struct in6_pktinfo info;

	memset(&info, 0, sizeof(info));
	info.ipi6_ifindex = way->ifindex;
	if (way->source != NULL)
		memcpy(&info.ipi6_addr, way->source->octets, 16);
	put_control(msg, IPPROTO_IPV6, IPV6_PKTINFO, &info, sizeof(info));
}

static int
set_way(int fd, struct msghdr *msg, const struct datagram_way *way)
{
	if (way->to->version == 4)
		return way->source != NULL ? set_source4(fd, msg, way->source) : 0;
	if (way->source != NULL || way->ifindex != 0)
		put_source6(msg, way);
	return 0;
}

int
datagram_send(int fd, const struct datagram_way *way, const void *data, size_t len)
{
	struct sockaddr_storage ss;
	struct iovec iov = {(void *)(uintptr_t)data, len};
	union {
		struct cmsghdr align;
		char space[CONTROL_SIZE];
	} control;
	struct msghdr msg = {.msg_name = &ss, .msg_iov = &iov, .msg_iovlen = 1};

	memset(&control, 0, sizeof(control));
	msg.msg_namelen = addr_to_sockaddr(way->to, way->port, &ss);
	msg.msg_control = &control;
	if (set_way(fd, &msg, way) == -1)
		return -1;
	if (msg.msg_controllen == 0)
		msg.msg_control = NULL;
	return sendmsg(fd, &msg, MSG_DONTWAIT) == -1 ? -1 : 0;
}

/* ---- receiving ---- */

static void
read_control6(const struct cmsghdr *c, struct arrival *a)
{
	struct in6_pktinfo info;
	int hops;

	if (c->cmsg_type == IPV6_PKTINFO) {
		memcpy(&info, CMSG_DATA(c), sizeof(info));
		a->ifindex = (uint32_t)info.ipi6_ifindex;
	} else if (c->cmsg_type == IPV6_HOPLIMIT) {
		memcpy(&hops, CMSG_DATA(c), sizeof(hops));
		a->hops = (uint8_t)hops;
	}
}

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
			read_control6(c, a);
		}
	}
}

/* The sender's address and port; -1: of another family. */
static int
read_sender(const struct sockaddr_storage *from, struct arrival *a)
{
	if (addr_from_sockaddr((const struct sockaddr *)from, &a->from) != 0)
		return -1;
	if (from->ss_family == AF_INET)
		a->port = ntohs(((const struct sockaddr_in *)(const void *)from)->sin_port);
	else
		a->port = ntohs(((const struct sockaddr_in6 *)(const void *)from)->sin6_port);
	return 0;
}

/* One. 1: it is there, 0: nothing is. */
static int
receive(int fd, datagram_each *each, void *arg)
{
	static uint8_t data[DATA_SIZE];
	union {
		struct cmsghdr align;
		char space[CONTROL_SIZE];
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
	if ((msg.msg_flags & MSG_TRUNC) != 0 || read_sender(&from, &a) != 0)
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

void
datagram_drain(int fd, int batches, datagram_each *each, void *arg)
{
	for (int i = 0; i < batches; i++)
		if (datagram_receive(fd, each, arg) < DATAGRAM_BATCH)
			return;
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
