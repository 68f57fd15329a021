/* SPDX-License-Identifier: ISC */
/* IP_RECVDSTADDR, IP_SENDSRCADDR and IPV6_PKTINFO. */
#include "config.h"

#include <sys/types.h>
#include <sys/socket.h>
#include <sys/uio.h>

#include <netinet/in.h>

#include <string.h>

#include "system/local_address.h"

static int
set(int fd, int level, int option)
{
	const int on = 1;

	return setsockopt(fd, level, option, &on, sizeof(on));
}

int
local_address_ask(int fd, int family)
{
	return family == V4 ? set(fd, IPPROTO_IP, IP_RECVDSTADDR)
			    : set(fd, IPPROTO_IPV6, IPV6_RECVPKTINFO);
}

/* It always is. */
int
local_address_v6_only(int fd)
{
	(void)fd;
	return 0;
}

void
local_address_take(struct msghdr *msg, struct addr *local)
{
	for (struct cmsghdr *c = CMSG_FIRSTHDR(msg); c != NULL; c = CMSG_NXTHDR(msg, c))
		if (c->cmsg_level == IPPROTO_IP && c->cmsg_type == IP_RECVDSTADDR) {
			local->version = 4;
			memcpy(local->octets, CMSG_DATA(c), 4);
		} else if (c->cmsg_level == IPPROTO_IPV6 && c->cmsg_type == IPV6_PKTINFO) {
			struct in6_pktinfo info;

			memcpy(&info, CMSG_DATA(c), sizeof(info));
			local->version = 6;
			local->scope = info.ipi6_ifindex;
			memcpy(local->octets, &info.ipi6_addr, 16);
		}
}

void
local_address_put(struct msghdr *msg, const struct addr *local)
{
	bool v4 = local->version == 4;
	struct in6_pktinfo info;
	size_t size = v4 ? 4 : sizeof(info);
	struct cmsghdr *c;

	memset(&info, 0, sizeof(info));
	memcpy(&info.ipi6_addr, local->octets, 16);
	if (addr_is_linklocal(local))
		info.ipi6_ifindex = local->scope;
	msg->msg_controllen = CMSG_SPACE(size);
	c = CMSG_FIRSTHDR(msg);
	c->cmsg_level = v4 ? IPPROTO_IP : IPPROTO_IPV6;
	c->cmsg_type = v4 ? IP_SENDSRCADDR : IPV6_PKTINFO;
	c->cmsg_len = CMSG_LEN(size);
	memcpy(CMSG_DATA(c), v4 ? (const void *)local->octets : (const void *)&info, size);
}
