/* SPDX-License-Identifier: ISC */
/* Sending echo requests. The sockets are of no protocol, so that the kernel offers them
 * no packet that comes in: of an ICMP socket it would make a copy of each answer for
 * each of hundreds of links. IPv4 then wants the header with the packet; IPv6 takes the
 * protocol in the place of a port. */
#include "config.h"

#include "system/system.h"

#include <netinet/in.h>
#include <netinet/ip.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/uio.h>

static int
send_message(int fd, struct msghdr msg, const struct addr *to, uint16_t protocol)
{
	struct sockaddr_storage ss;

	msg.msg_namelen = addr_to_sockaddr(to, to->version == 4 ? 0 : protocol, &ss);
	msg.msg_name = &ss;
	return sendmsg(fd, &msg, MSG_DONTWAIT) < 0 ? -1 : 0;
}

/* The kernel fills in length and checksum, and a source where none is given. An
 * identification of its own would cost it a hash for each packet: one that is never
 * fragmented needs none. */
static int
send4(int fd, const struct sys_echo_way *way, const void *packet, size_t len)
{
	struct iphdr ip = {.version = 4,
			   .ihl = sizeof(struct iphdr) / 4,
			   .id = htons(1),
			   .frag_off = htons(IP_DF),
			   .ttl = way->ttl,
			   .protocol = IPPROTO_ICMP};
	struct iovec iov[] = {{&ip, sizeof(ip)}, {(void *)(uintptr_t)packet, len}};
	struct msghdr msg = {.msg_iov = iov, .msg_iovlen = 2};

	memcpy(&ip.daddr, way->to->octets, sizeof(ip.daddr));
	if (way->source != NULL)
		memcpy(&ip.saddr, way->source->octets, sizeof(ip.saddr));
	return send_message(fd, msg, way->to, 0);
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
	struct iovec iov = {(void *)(uintptr_t)packet, len};
	struct msghdr msg = {.msg_iov = &iov, .msg_iovlen = 1, .msg_control = &space};
	const int ttl = way->ttl;

	memset(&space, 0, sizeof(space));
	memcpy(control(&msg, IPV6_HOPLIMIT, sizeof(ttl)), &ttl, sizeof(ttl));
	if (way->source != NULL)
		memcpy(control(&msg, IPV6_PKTINFO, sizeof(struct in6_pktinfo)), way->source->octets,
		       16); /* ipi6_addr comes first */
	return send_message(fd, msg, way->to, IPPROTO_ICMPV6);
}

int
sys_echo_send(int fd, const struct sys_echo_way *way, const void *packet, size_t len)
{
	return way->to->version == 4 ? send4(fd, way, packet, len) : send6(fd, way, packet, len);
}
