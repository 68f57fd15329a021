/* SPDX-License-Identifier: ISC */
/* The event socket: opens it and empties it. Decides nothing, never waits. */
#include "config.h"

#include "system/linux/monitor.h"

#include <arpa/inet.h>
#include <errno.h>
#include <linux/filter.h>
#include <linux/rtnetlink.h>
#include <stddef.h>
#include <sys/socket.h>

#include "system/linux/limits.h"
#include "system/linux/netlink.h"

enum {
	RECEIVE_BUFFER = 8 << 20,
	READ_MAX = 4096, /* datagrams in a call */
};

/* A router with a full table sees many route changes a second: only those of a
 * default route or of the daemon's own are let through. */
static int
filter_routes(int fd)
{
	const uint32_t type = offsetof(struct nlmsghdr, nlmsg_type);
	const uint32_t dst_len = sizeof(struct nlmsghdr) + offsetof(struct rtmsg, rtm_dst_len);
	const uint32_t protocol = sizeof(struct nlmsghdr) + offsetof(struct rtmsg, rtm_protocol);
	struct sock_filter program[] = {
	    /* a filter reads in network order */
	    BPF_STMT(BPF_LD | BPF_H | BPF_ABS, type),
	    BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, htons(RTM_NEWROUTE), 1, 0),
	    BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, htons(RTM_DELROUTE), 0, 4),
	    BPF_STMT(BPF_LD | BPF_B | BPF_ABS, dst_len),
	    BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, 0, 2, 0),
	    BPF_STMT(BPF_LD | BPF_B | BPF_ABS, protocol),
	    BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, OWN_PROTOCOL, 0, 1),
	    BPF_STMT(BPF_RET | BPF_K, UINT32_MAX),
	    BPF_STMT(BPF_RET | BPF_K, 0),
	};
	const struct sock_fprog fprog = {
	    .len = sizeof(program) / sizeof(program[0]),
	    .filter = program,
	};

	return setsockopt(fd, SOL_SOCKET, SO_ATTACH_FILTER, &fprog, sizeof(fprog));
}

static int
join(struct mnl_socket *socket)
{
	static const int groups[] = {
	    RTNLGRP_LINK,       RTNLGRP_IPV4_IFADDR, RTNLGRP_IPV6_IFADDR, RTNLGRP_IPV4_ROUTE,
	    RTNLGRP_IPV6_ROUTE, RTNLGRP_IPV4_RULE,   RTNLGRP_IPV6_RULE,
	};

	for (size_t i = 0; i < sizeof(groups) / sizeof(groups[0]); i++) {
		int group = groups[i];

		if (mnl_socket_setsockopt(socket, NETLINK_ADD_MEMBERSHIP, &group, sizeof(group)) !=
		    0)
			return -1;
	}
	return 0;
}

struct mnl_socket *
monitor_open(void)
{
	struct mnl_socket *s = mnl_socket_open2(NETLINK_ROUTE, SOCK_CLOEXEC | SOCK_NONBLOCK);
	const int size = RECEIVE_BUFFER;
	int fd, saved;

	if (s == NULL)
		return NULL;
	fd = mnl_socket_get_fd(s);
	if (setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &size, sizeof(size)) == 0 &&
	    filter_routes(fd) == 0 && mnl_socket_bind(s, 0, MNL_SOCKET_AUTOPID) == 0 &&
	    join(s) == 0)
		return s;
	saved = errno;
	mnl_socket_close(s);
	errno = saved;
	return NULL;
}

int
monitor_read(struct mnl_socket *socket, void (*each)(void *arg, const struct nlmsghdr *nlh),
	     void *arg)
{
	static char buf[65536] __attribute__((aligned(8)));

	for (int i = 0; i < READ_MAX; i++) {
		ssize_t n = recv(mnl_socket_get_fd(socket), buf, sizeof(buf), 0);
		const struct nlmsghdr *nlh = (const struct nlmsghdr *)buf;
		int left = (int)n;

		if (n < 0 && errno == EAGAIN)
			return 0;
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -1;
		for (; netlink_ok(nlh, left); nlh = mnl_nlmsg_next(nlh, &left))
			each(arg, nlh);
	}
	return 1;
}
