/* SPDX-License-Identifier: ISC */
/* Sending a datagram, and reading of one that came what every system tells alike. */
#include "config.h"

#include "system/datagram_parts.h"

#include <sys/types.h>
#include <sys/socket.h>
#include <sys/uio.h>

#include <netinet/in.h>

#include <string.h>

void
datagram_put_control(struct msghdr *msg, int level, int type, const void *data, size_t len)
{
	struct cmsghdr *c =
	    (struct cmsghdr *)(void *)((char *)msg->msg_control + msg->msg_controllen);

	c->cmsg_level = level;
	c->cmsg_type = type;
	c->cmsg_len = CMSG_LEN(len);
	memcpy(CMSG_DATA(c), data, len);
	msg->msg_controllen += CMSG_SPACE(len);
}

static void
put_source6(struct msghdr *msg, const struct datagram_way *way)
{
	struct in6_pktinfo info;

	memset(&info, 0, sizeof(info));
	info.ipi6_ifindex = way->ifindex;
	if (way->source != NULL)
		memcpy(&info.ipi6_addr, way->source->octets, 16);
	datagram_put_control(msg, IPPROTO_IPV6, IPV6_PKTINFO, &info, sizeof(info));
}

/* An interface may carry several addresses: the link's own is not always the kernel's first
 * choice. */
static int
put_way(int fd, struct msghdr *msg, const struct datagram_way *way)
{
	if (way->to->version == 4)
		return way->source != NULL ? datagram_put_source4(fd, msg, way->source) : 0;
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
		char space[DATAGRAM_CONTROL];
	} control;
	struct msghdr msg = {.msg_name = &ss, .msg_iov = &iov, .msg_iovlen = 1};

	memset(&control, 0, sizeof(control));
	msg.msg_namelen = addr_to_sockaddr(way->to, way->port, &ss);
	msg.msg_control = &control;
	if (put_way(fd, &msg, way) == -1)
		return -1;
	if (msg.msg_controllen == 0)
		msg.msg_control = NULL;
	return sendmsg(fd, &msg, MSG_DONTWAIT) == -1 ? -1 : 0;
}

void
datagram_read_control6(const struct cmsghdr *c, struct arrival *a)
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

int
datagram_read_sender(const struct sockaddr_storage *from, struct arrival *a)
{
	if (addr_from_sockaddr((const struct sockaddr *)from, &a->from) != 0)
		return -1;
	if (a->from.version == 4)
		a->port = ntohs(((const struct sockaddr_in *)(const void *)from)->sin_port);
	else
		a->port = ntohs(((const struct sockaddr_in6 *)(const void *)from)->sin6_port);
	return 0;
}

void
datagram_drain(int fd, int batches, datagram_each *each, void *arg)
{
	for (int i = 0; i < batches; i++)
		if (datagram_receive(fd, each, arg) < DATAGRAM_BATCH)
			return;
}
