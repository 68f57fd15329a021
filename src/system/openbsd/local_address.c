/* SPDX-License-Identifier: ISC */
/* IP_RECVDSTADDR and IP_SENDSRCADDR. */
#include "config.h"

#include "system/local_address.h"

#include <sys/types.h>
#include <sys/socket.h>

#include <netinet/in.h>

#include <string.h>

int
local_address_ask4(int fd)
{
	const int on = 1;

	return setsockopt(fd, IPPROTO_IP, IP_RECVDSTADDR, &on, sizeof(on));
}

/* It always is. */
int
local_address_v6_only(int fd)
{
	(void)fd;
	return 0;
}

void
local_address_take4(const struct cmsghdr *c, struct addr *local)
{
	if (c->cmsg_type != IP_RECVDSTADDR)
		return;
	local->version = 4;
	memcpy(local->octets, CMSG_DATA(c), 4);
}

void
local_address_put4(struct msghdr *msg, const struct addr *local)
{
	local_address_put_control(msg, IPPROTO_IP, IP_SENDSRCADDR, local->octets, 4);
}
