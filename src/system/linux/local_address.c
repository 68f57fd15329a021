/* SPDX-License-Identifier: ISC */
/* IP_PKTINFO. */
#include "config.h"

#include "system/local_address.h"

#include <sys/types.h>
#include <sys/socket.h>

#include <netinet/in.h>

#include <string.h>

static int
set(int fd, int level, int option)
{
	const int on = 1;

	return setsockopt(fd, level, option, &on, sizeof(on));
}

int
local_address_ask4(int fd)
{
	return set(fd, IPPROTO_IP, IP_PKTINFO);
}

int
local_address_v6_only(int fd)
{
	return set(fd, IPPROTO_IPV6, IPV6_V6ONLY);
}

void
local_address_take4(const struct cmsghdr *c, struct addr *local)
{
	struct in_pktinfo info;

	if (c->cmsg_type != IP_PKTINFO)
		return;
	memcpy(&info, CMSG_DATA(c), sizeof(info));
	local->version = 4;
	memcpy(local->octets, &info.ipi_spec_dst, 4);
}

void
local_address_put4(struct msghdr *msg, const struct addr *local)
{
	struct in_pktinfo info = {0};

	memcpy(&info.ipi_spec_dst, local->octets, 4);
	local_address_put_control(msg, IPPROTO_IP, IP_PKTINFO, &info, sizeof(info));
}
