/* SPDX-License-Identifier: ISC */
/* Sockets of an SNMP agent of its own. A machine with several addresses must answer from the one
 * that was asked, so each datagram carries it both ways. */
#include "config.h"

#include "system/system.h"

#include <sys/types.h>
#include <sys/socket.h>
#include <sys/uio.h>

#include <netinet/in.h>

#include <errno.h>
#include <string.h>
#include <unistd.h>

enum { BACKLOG = 64, BUFFER = 1 << 20, CONTROL_SIZE = 128 };

union control {
	struct cmsghdr align;
	char space[CONTROL_SIZE];
};

static int
set(int fd, int level, int option, int value)
{
	return setsockopt(fd, level, option, &value, sizeof(value));
}

static int
prepare(int fd, const struct conf_listen *l)
{
	if (l->tcp)
		return set(fd, SOL_SOCKET, SO_REUSEADDR, 1);
	(void)set(fd, SOL_SOCKET, SO_RCVBUF, BUFFER); /* as much as the system allows */
	(void)set(fd, SOL_SOCKET, SO_SNDBUF, BUFFER);
	return l->family == V4 ? set(fd, IPPROTO_IP, IP_RECVDSTADDR, 1)
			       : set(fd, IPPROTO_IPV6, IPV6_RECVPKTINFO, 1);
}

/* IPv6 is IPv6 only, always. */
int
sys_agent_socket(const struct conf_listen *l)
{
	struct addr any = {.version = l->family == V4 ? 4 : 6};
	struct sockaddr_storage ss;
	socklen_t len = addr_to_sockaddr(addr_is_set(&l->addr) ? &l->addr : &any, l->port, &ss);
	int fd = socket(l->family == V4 ? AF_INET : AF_INET6,
			(l->tcp ? SOCK_STREAM : SOCK_DGRAM) | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	int saved;

	if (fd == -1)
		return -1;
	if (prepare(fd, l) == 0 && bind(fd, (const struct sockaddr *)&ss, len) == 0 &&
	    (!l->tcp || listen(fd, BACKLOG) == 0))
		return fd;
	saved = errno;
	close(fd);
	errno = saved;
	return -1;
}

int
sys_sink_socket(int family)
{
	return socket(family == V4 ? AF_INET : AF_INET6, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC,
		      0);
}

/* ---- datagrams ---- */

static void
take_local(struct msghdr *msg, struct sys_peer_path *path)
{
	for (struct cmsghdr *c = CMSG_FIRSTHDR(msg); c != NULL; c = CMSG_NXTHDR(msg, c))
		if (c->cmsg_level == IPPROTO_IP && c->cmsg_type == IP_RECVDSTADDR) {
			path->local.version = 4;
			memcpy(path->local.octets, CMSG_DATA(c), 4);
		} else if (c->cmsg_level == IPPROTO_IPV6 && c->cmsg_type == IPV6_PKTINFO) {
			struct in6_pktinfo info;

			memcpy(&info, CMSG_DATA(c), sizeof(info));
			path->local.version = 6;
			path->local.scope = info.ipi6_ifindex;
			memcpy(path->local.octets, &info.ipi6_addr, 16);
		}
}

ssize_t
sys_datagram_receive(int fd, void *data, size_t size, struct sys_peer_path *path)
{
	struct iovec iov = {data, size};
	union control control;
	struct msghdr msg = {.msg_name = &path->peer,
			     .msg_namelen = sizeof(path->peer),
			     .msg_iov = &iov,
			     .msg_iovlen = 1,
			     .msg_control = &control,
			     .msg_controllen = sizeof(control)};
	ssize_t n;

	memset(path, 0, sizeof(*path));
	n = recvmsg(fd, &msg, MSG_DONTWAIT);
	if (n == -1)
		return -1;
	path->peer_len = msg.msg_namelen;
	take_local(&msg, path);
	return (msg.msg_flags & MSG_TRUNC) != 0 ? 0 : n;
}

/* The control message that makes the datagram leave from that address. */
static void
put_local(struct msghdr *msg, union control *control, const struct addr *local)
{
	bool v4 = local->version == 4;
	struct in6_pktinfo info;
	size_t size = v4 ? 4 : sizeof(info);
	struct cmsghdr *c;

	memset(control, 0, sizeof(*control));
	memset(&info, 0, sizeof(info));
	memcpy(&info.ipi6_addr, local->octets, 16);
	if (addr_is_linklocal(local))
		info.ipi6_ifindex = local->scope;
	msg->msg_control = control;
	msg->msg_controllen = CMSG_SPACE(size);
	c = CMSG_FIRSTHDR(msg);
	c->cmsg_level = v4 ? IPPROTO_IP : IPPROTO_IPV6;
	c->cmsg_type = v4 ? IP_SENDSRCADDR : IPV6_PKTINFO;
	c->cmsg_len = CMSG_LEN(size);
	memcpy(CMSG_DATA(c), v4 ? (const void *)local->octets : (const void *)&info, size);
}

int
sys_datagram_send(int fd, const void *data, size_t size, const struct sys_peer_path *path)
{
	struct iovec iov = {(void *)(uintptr_t)data, size};
	union control control;
	struct msghdr msg = {.msg_name = (void *)(uintptr_t)&path->peer,
			     .msg_namelen = path->peer_len,
			     .msg_iov = &iov,
			     .msg_iovlen = 1};

	if (addr_is_set(&path->local))
		put_local(&msg, &control, &path->local);
	return sendmsg(fd, &msg, MSG_DONTWAIT | MSG_NOSIGNAL) == -1 ? -1 : 0;
}
