/* SPDX-License-Identifier: ISC */
/* Sending echo requests. The sockets are of no protocol, so that the kernel offers them
 * no packet that comes in: of an ICMP socket it would make a copy of each answer for
 * each of hundreds of links. IPv4 then wants the header with the packet; IPv6 takes the
 * protocol in the place of a port. */
#include "config.h"

#include "system/system.h"

#include <errno.h>
#include <netinet/in.h>
#include <netinet/ip.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/uio.h>

enum { PACKET_MAX = 9216 };

static uint32_t
address4(const struct addr *a)
{
	uint32_t address;

	memcpy(&address, a->octets, sizeof(address));
	return address;
}

/* The kernel fills in length and checksum, and a source where none is given. An
 * identification of its own would cost it a hash for each packet: one that is never
 * fragmented needs none. One piece of memory and no control data are the least that it
 * has to look at. */
static int
send4(int fd, const struct sys_echo_way *way, const void *packet, size_t len)
{
	const struct iphdr ip = {.version = 4,
				 .ihl = sizeof(struct iphdr) / 4,
				 .id = htons(1),
				 .frag_off = htons(IP_DF),
				 .ttl = way->ttl,
				 .protocol = IPPROTO_ICMP,
				 .saddr = way->source != NULL ? address4(way->source) : 0,
				 .daddr = address4(way->to)};
	uint8_t whole[sizeof(ip) + PACKET_MAX];
	struct sockaddr_storage to;
	socklen_t to_len = addr_to_sockaddr(way->to, 0, &to);
	ssize_t n;

	if (len > PACKET_MAX) {
		errno = EMSGSIZE;
		return -1;
	}
	memcpy(whole, &ip, sizeof(ip));
	memcpy(whole + sizeof(ip), packet, len);
	n = sendto(fd, whole, sizeof(ip) + len, MSG_DONTWAIT, (struct sockaddr *)&to, to_len);
	return n < 0 ? -1 : 0;
}

/* The next control message of that length; its data. */
static void *
control(struct msghdr *msg, int type, size_t len)
{
	struct cmsghdr *c = (struct cmsghdr *)((char *)msg->msg_control + msg->msg_controllen);

	c->cmsg_level = IPPROTO_IPV6;
	c->cmsg_type = type;
	c->cmsg_len = CMSG_LEN(len);
	msg->msg_controllen += CMSG_SPACE(len);
	return CMSG_DATA(c);
}

static int
send6(int fd, const struct sys_echo_way *way, const void *packet, size_t len)
{
	union {
		struct cmsghdr align;
		char space[CMSG_SPACE(sizeof(struct in6_pktinfo)) + CMSG_SPACE(sizeof(int))];
	} space;
	struct sockaddr_storage to;
	struct iovec iov = {(void *)(uintptr_t)packet, len};
	struct msghdr msg = {
	    .msg_name = &to, .msg_iov = &iov, .msg_iovlen = 1, .msg_control = &space};
	const int ttl = way->ttl;

	memset(&space, 0, sizeof(space));
	memcpy(control(&msg, IPV6_HOPLIMIT, sizeof(ttl)), &ttl, sizeof(ttl));
	if (way->source != NULL)
		memcpy(control(&msg, IPV6_PKTINFO, sizeof(struct in6_pktinfo)), way->source->octets,
		       16); /* ipi6_addr comes first */
	msg.msg_namelen = addr_to_sockaddr(way->to, IPPROTO_ICMPV6, &to);
	return sendmsg(fd, &msg, MSG_DONTWAIT) < 0 ? -1 : 0;
}

int
sys_echo_send(int fd, const struct sys_echo_way *way, const void *packet, size_t len)
{
	return way->to->version == 4 ? send4(fd, way, packet, len) : send6(fd, way, packet, len);
}
