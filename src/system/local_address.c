/* SPDX-License-Identifier: ISC */
/* IPV6_PKTINFO, which is the same everywhere; IPv4 is each system's. */
#include "config.h"

#include "system/local_address.h"

#include <sys/types.h>
#include <sys/socket.h>
#include <sys/uio.h>

#include <netinet/in.h>

#include <string.h>

int
local_address_ask(int fd, int family)
{
	const int on = 1;

	return family == V4 ? local_address_ask4(fd)
			    : setsockopt(fd, IPPROTO_IPV6, IPV6_RECVPKTINFO, &on, sizeof(on));
}

static void
take6(const struct cmsghdr *c, struct addr *local)
{
	struct in6_pktinfo info;

	if (c->cmsg_type != IPV6_PKTINFO)
		return;
	memcpy(&info, CMSG_DATA(c), sizeof(info));
	local->version = 6;
	local->scope = (uint32_t)info.ipi6_ifindex;
	memcpy(local->octets, &info.ipi6_addr, 16);
}

void
local_address_take(struct msghdr *msg, struct addr *local)
{
	for (struct cmsghdr *c = CMSG_FIRSTHDR(msg); c != NULL; c = CMSG_NXTHDR(msg, c))
		if (c->cmsg_level == IPPROTO_IP)
			local_address_take4(c, local);
		else if (c->cmsg_level == IPPROTO_IPV6)
			take6(c, local);
}

void
local_address_put_control(struct msghdr *msg, int level, int type, const void *data, size_t size)
{
	struct cmsghdr *c;

	msg->msg_controllen = CMSG_SPACE(size);
	c = CMSG_FIRSTHDR(msg);
	c->cmsg_level = level;
	c->cmsg_type = type;
	c->cmsg_len = CMSG_LEN(size);
	memcpy(CMSG_DATA(c), data, size);
}

void
local_address_put(struct msghdr *msg, const struct addr *local)
{
	struct in6_pktinfo info;

	if (local->version == 4) {
		local_address_put4(msg, local);
		return;
	}
	memset(&info, 0, sizeof(info));
	memcpy(&info.ipi6_addr, local->octets, 16);
	if (addr_is_linklocal(local))
		info.ipi6_ifindex = local->scope;
	local_address_put_control(msg, IPPROTO_IPV6, IPV6_PKTINFO, &info, sizeof(info));
}
