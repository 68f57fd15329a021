/* SPDX-License-Identifier: ISC */
/* The two sockets that hear the answers to all links' echo requests. What they need to be told of
 * the kernel, a pledged process may not ask for (IP_RECVIF, ICMP6_FILTER: it would be killed). So
 * the parent makes them before it is pledged, and each engine gets another descriptor of the
 * same. */
#include "config.h"

#include "system/openbsd/echo_socket.h"

#include <sys/types.h>
#include <sys/socket.h>

#include <netinet/icmp6.h>
#include <netinet/in.h>

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#include "system/system.h"

static int sockets[FAMILIES] = {-1, -1};

static int
set_int(int fd, int level, int option, int value)
{
	return setsockopt(fd, level, option, &value, sizeof(value));
}

static int
set_up4(int fd)
{
	return set_int(fd, IPPROTO_IP, IP_RECVIF, 1);
}

static int
set_up6(int fd)
{
	static const uint8_t types[] = {ICMP6_ECHO_REPLY, ICMP6_DST_UNREACH, ICMP6_PACKET_TOO_BIG,
					ICMP6_TIME_EXCEEDED, ICMP6_PARAM_PROB};
	struct icmp6_filter filter;

	ICMP6_FILTER_SETBLOCKALL(&filter);
	for (size_t i = 0; i < sizeof(types); i++)
		ICMP6_FILTER_SETPASS(types[i], &filter);
	if (setsockopt(fd, IPPROTO_ICMPV6, ICMP6_FILTER, &filter, sizeof(filter)) == -1)
		return -1;
	if (set_int(fd, IPPROTO_IPV6, IPV6_RECVPKTINFO, 1) == -1)
		return -1;
	return set_int(fd, IPPROTO_IPV6, IPV6_RECVHOPLIMIT, 1);
}

static int
open_one(int family)
{
	const int flags = SOCK_NONBLOCK | SOCK_CLOEXEC;
	int fd = family == V4 ? socket(AF_INET, SOCK_RAW | flags, IPPROTO_ICMP)
			      : socket(AF_INET6, SOCK_RAW | flags, IPPROTO_ICMPV6);

	if (fd == -1)
		return -1;
	if (set_int(fd, SOL_SOCKET, SO_TIMESTAMP, 1) == 0 &&
	    (family == V4 ? set_up4(fd) : set_up6(fd)) == 0)
		return fd;
	close(fd);
	return -1;
}

void
echo_open_all(void)
{
	for (int family = 0; family < FAMILIES; family++)
		if (sockets[family] == -1)
			sockets[family] = open_one(family);
}

/* What an engine before has left in it is not an answer to this one's requests, which have
 * numbers of their own. */
int
sys_echo_socket(int family)
{
	if (sockets[family] == -1) {
		errno = EPERM;
		return -1;
	}
	return fcntl(sockets[family], F_DUPFD_CLOEXEC, 3);
}
