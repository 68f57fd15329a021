/* SPDX-License-Identifier: ISC */
/* Raw ICMP sockets that belong to one link: the mark sends every packet to the
 * link's table, and the rule after those says unreachable, so that a link
 * without a way out gives an error at once and never another link's way.
 *
 * Each echo reply of the machine is offered to each of these sockets. A filter
 * in the kernel drops those of other links, so that many sockets stay cheap. */
#include "config.h"

#include "system/system.h"

#include <arpa/inet.h>
#include <errno.h>
#include <linux/filter.h>
#include <linux/icmp.h>
#include <netinet/icmp6.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

enum { RECEIVE_BUFFER = 1 << 20 };

static int
set_int(int fd, int level, int option, int value)
{
	return setsockopt(fd, level, option, &value, sizeof(value));
}

/* Only echo replies with the link's identifier. A raw IPv4 socket sees the IP
 * header, a raw IPv6 one does not. */
static int
filter_replies(int fd, int family, uint16_t id)
{
	struct sock_filter v4[] = {
	    BPF_STMT(BPF_LDX | BPF_B | BPF_MSH, 0),
	    BPF_STMT(BPF_LD | BPF_B | BPF_IND, 0),
	    BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, ICMP_ECHOREPLY, 0, 3),
	    BPF_STMT(BPF_LD | BPF_H | BPF_IND, 4),
	    BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, id, 0, 1),
	    BPF_STMT(BPF_RET | BPF_K, UINT32_MAX),
	    BPF_STMT(BPF_RET | BPF_K, 0),
	};
	struct sock_filter v6[] = {
	    BPF_STMT(BPF_LD | BPF_B | BPF_ABS, 0),
	    BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, ICMP6_ECHO_REPLY, 0, 3),
	    BPF_STMT(BPF_LD | BPF_H | BPF_ABS, 4),
	    BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, id, 0, 1),
	    BPF_STMT(BPF_RET | BPF_K, UINT32_MAX),
	    BPF_STMT(BPF_RET | BPF_K, 0),
	};
	const struct sock_fprog program = {
	    .len = family == V4 ? sizeof(v4) / sizeof(v4[0]) : sizeof(v6) / sizeof(v6[0]),
	    .filter = family == V4 ? v4 : v6,
	};

	return setsockopt(fd, SOL_SOCKET, SO_ATTACH_FILTER, &program, sizeof(program));
}

static int
set_ipv4(int fd)
{
	const struct icmp_filter filter = {.data = ~(1U << ICMP_ECHOREPLY)};

	if (setsockopt(fd, SOL_RAW, ICMP_FILTER, &filter, sizeof(filter)) != 0)
		return -1;
	return set_int(fd, IPPROTO_IP, IP_PKTINFO, 1);
}

static int
set_ipv6(int fd)
{
	struct icmp6_filter filter;

	ICMP6_FILTER_SETBLOCKALL(&filter);
	ICMP6_FILTER_SETPASS(ICMP6_ECHO_REPLY, &filter);
	if (setsockopt(fd, IPPROTO_ICMPV6, ICMP6_FILTER, &filter, sizeof(filter)) != 0)
		return -1;
	if (set_int(fd, IPPROTO_IPV6, IPV6_RECVPKTINFO, 1) != 0)
		return -1;
	return set_int(fd, IPPROTO_IPV6, IPV6_RECVHOPLIMIT, 1);
}

static int
set_up(int fd, const struct conf *conf, unsigned link, int family)
{
	uint32_t mark = conf_probe_mark(conf) | conf_link_mark(conf, link);

	/* the filter first: nothing of another link is to be queued before it */
	if (filter_replies(fd, family, sys_probe_id(link)) != 0)
		return -1;
	if (setsockopt(fd, SOL_SOCKET, SO_MARK, &mark, sizeof(mark)) != 0)
		return -1;
	if (set_int(fd, SOL_SOCKET, SO_TIMESTAMPNS, 1) != 0)
		return -1;
	if (set_int(fd, SOL_SOCKET, SO_RCVBUFFORCE, RECEIVE_BUFFER) != 0)
		return -1;
	return family == V4 ? set_ipv4(fd) : set_ipv6(fd);
}

uint16_t
sys_probe_id(unsigned link)
{
	return (uint16_t)(0x8000 | link);
}

static int
open_socket(int family, unsigned method)
{
	const int flags = SOCK_NONBLOCK | SOCK_CLOEXEC;

	switch (method) {
	case METHOD_ICMP:
		return socket(family == V4 ? AF_INET : AF_INET6, SOCK_RAW | flags,
			      family == V4 ? IPPROTO_ICMP : IPPROTO_ICMPV6);
	}
	errno = EOPNOTSUPP;
	return -1;
}

int
sys_probe_socket(const struct conf *conf, unsigned link, int family, unsigned method)
{
	int fd = open_socket(family, method);

	if (fd < 0)
		return -1;
	if (set_up(fd, conf, link, family) != 0) {
		int saved = errno;

		close(fd);
		errno = saved;
		return -1;
	}
	return fd;
}
