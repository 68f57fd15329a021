/* SPDX-License-Identifier: ISC */
/* Sockets of an SNMP agent of its own. A machine with several addresses must answer from the one
 * that was asked, so each datagram carries it both ways. */
#include "config.h"

#include <sys/types.h>
#include <sys/socket.h>
#include <sys/uio.h>

#include <netinet/in.h>

#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "system/local_address.h"
#include "system/system.h"

enum { BACKLOG = 64, BUFFER = 1 << 20 };

union control {
	struct cmsghdr align;
	char space[LOCAL_ADDRESS_SPACE];
};

static void
close_keeping_errno(int fd)
{
	int saved = errno;

	close(fd);
	errno = saved;
}

static int
prepare(int fd, const struct conf_listen *l)
{
	const int on = 1, buffer = BUFFER;

	if (l->family == V6 && local_address_v6_only(fd) == -1)
		return -1;
	if (l->tcp)
		return setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
	/* as much as the system allows */
	(void)setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &buffer, sizeof(buffer));
	(void)setsockopt(fd, SOL_SOCKET, SO_SNDBUF, &buffer, sizeof(buffer));
	return local_address_ask(fd, l->family);
}

int
sys_agent_socket(const struct conf_listen *l)
{
	struct addr any = {.version = l->family == V4 ? 4 : 6};
	struct sockaddr_storage ss;
	socklen_t len = addr_to_sockaddr(addr_is_set(&l->addr) ? &l->addr : &any, l->port, &ss);
	int fd = socket(l->family == V4 ? AF_INET : AF_INET6,
			(l->tcp ? SOCK_STREAM : SOCK_DGRAM) | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);

	if (fd == -1)
		return -1;
	if (prepare(fd, l) == 0 && bind(fd, (const struct sockaddr *)&ss, len) == 0 &&
	    (!l->tcp || listen(fd, BACKLOG) == 0))
		return fd;
	close_keeping_errno(fd);
	return -1;
}

int
sys_sink_socket(int family)
{
	int fd =
	    socket(family == V4 ? AF_INET : AF_INET6, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);

	if (fd == -1 || family == V4 || local_address_v6_only(fd) == 0)
		return fd;
	close_keeping_errno(fd);
	return -1;
}

/* ---- datagrams ---- */

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
	local_address_take(&msg, &path->local);
	return (msg.msg_flags & MSG_TRUNC) != 0 ? 0 : n;
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

	if (path->local.version != 0) {
		memset(&control, 0, sizeof(control));
		msg.msg_control = &control;
		local_address_put(&msg, &path->local);
	}
	return sendmsg(fd, &msg, MSG_DONTWAIT | MSG_NOSIGNAL) == -1 ? -1 : 0;
}
