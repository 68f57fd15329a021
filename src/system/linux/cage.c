/* SPDX-License-Identifier: ISC */
/* Keeps a foreign program to a link, without its help and without any privilege: the
 * kernel hands each socket(2) of IPv4 or IPv6 to the runner (seccomp's user
 * notification), which puts a socket into the program that the parent has marked. The
 * program can't take the mark off, since that needs a capability, and there is no other
 * way to a socket: other domains that reach a network are refused, and so is io_uring,
 * which makes its sockets past this filter.
 *
 * All that the program starts has the same filter, and stays in its process group, so
 * that one signal ends it. */
#include "config.h"

#include "system/system.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <unistd.h>

#ifdef HAVE_SECCOMP

#include <linux/seccomp.h>
#include <netinet/in.h>
#include <seccomp.h>
#include <stddef.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

/* Local ones, by which nothing leaves the machine. */
static int
allow_local_sockets(scmp_filter_ctx f)
{
	const struct scmp_arg_cmp inet = SCMP_A0_32(SCMP_CMP_EQ, AF_INET, 0);
	const struct scmp_arg_cmp inet6 = SCMP_A0_32(SCMP_CMP_EQ, AF_INET6, 0);
	int error = seccomp_rule_add_array(f, SCMP_ACT_NOTIFY, SCMP_SYS(socket), 1, &inet);

	if (!error)
		error = seccomp_rule_add_array(f, SCMP_ACT_NOTIFY, SCMP_SYS(socket), 1, &inet6);
	for (int domain = 0; domain < AF_MAX && !error; domain++) {
		const struct scmp_arg_cmp it = SCMP_A0_32(SCMP_CMP_EQ, (uint32_t)domain, 0);

		if (domain != AF_INET && domain != AF_INET6 && domain != AF_UNIX &&
		    domain != AF_NETLINK)
			error = seccomp_rule_add_array(f, SCMP_ACT_ERRNO(EAFNOSUPPORT),
						       SCMP_SYS(socket), 1, &it);
	}
	return error;
}

static int
refuse(scmp_filter_ctx f, const char *name, int with)
{
	int nr = seccomp_syscall_resolve_name(name);

	return nr == __NR_SCMP_ERROR ? 0
				     : seccomp_rule_add(f, SCMP_ACT_ERRNO((uint32_t)with), nr, 0);
}

int
sys_cage_enter(const struct conf *conf, unsigned link)
{
	scmp_filter_ctx f = seccomp_init(SCMP_ACT_ALLOW);
	int error = f == NULL ? -ENOMEM : 0, fd = -1;

	(void)conf, (void)link; /* of which link its sockets are the runner knows */
	if (!error)
		error = allow_local_sockets(f);
	if (!error)
		error = refuse(f, "setsid", EPERM);
	if (!error)
		error = refuse(f, "setpgid", EPERM);
	if (!error)
		error = refuse(f, "io_uring_setup", ENOSYS);
	if (!error)
		error = seccomp_load(f);
	if (!error)
		fd = seccomp_notify_fd(f);
	/* the context closes what it gave out: the caller keeps its own */
	if (fd >= 0)
		fd = fcntl(fd, F_DUPFD_CLOEXEC, 0);
	if (!error && fd < 0)
		error = -errno;
	if (f != NULL)
		seccomp_release(f);
	if (error) {
		errno = -error;
		return -1;
	}
	return fd;
}

/* What may be had: TCP, UDP, and the kernel's own way to ping. */
static int
read_wish(const struct seccomp_data *call, struct sys_cage_wish *wish)
{
	int domain = (int)call->args[0], type = (int)call->args[1], protocol = (int)call->args[2];
	int plain = type & ~(SOCK_NONBLOCK | SOCK_CLOEXEC);

	wish->family = domain == AF_INET ? V4 : V6;
	wish->nonblocking = type & SOCK_NONBLOCK;
	wish->close_on_exec = type & SOCK_CLOEXEC;
	if (plain == SOCK_STREAM && (protocol == 0 || protocol == IPPROTO_TCP))
		wish->kind = SOCKET_TCP;
	else if (plain == SOCK_DGRAM && (protocol == 0 || protocol == IPPROTO_UDP))
		wish->kind = SOCKET_UDP;
	else if (plain == SOCK_DGRAM &&
		 protocol == (domain == AF_INET ? IPPROTO_ICMP : IPPROTO_ICMPV6))
		wish->kind = SOCKET_PING;
	else
		return plain == SOCK_RAW ? EPERM : EPROTONOSUPPORT;
	return 0;
}

static void
answer(int cage, uint64_t id, int error)
{
	struct seccomp_notif_resp r = {.id = id, .error = -error};

	(void)ioctl(cage, SECCOMP_IOCTL_NOTIF_SEND, &r); /* who wished may be gone */
}

int
sys_cage_take(int cage, struct sys_cage_wish *wish)
{
	struct seccomp_notif n;
	int error;

	memset(&n, 0, sizeof(n));
	if (ioctl(cage, SECCOMP_IOCTL_NOTIF_RECV, &n) != 0)
		return errno == ENOENT || errno == EINTR ? 0 : -1;
	wish->id = n.id;
	error = read_wish(&n.data, wish);
	if (error != 0)
		answer(cage, n.id, error);
	return error == 0;
}

void
sys_cage_give(int cage, const struct sys_cage_wish *wish, int fd, int error)
{
	struct seccomp_notif_addfd add = {.id = wish->id,
					  .flags = SECCOMP_ADDFD_FLAG_SEND,
					  .srcfd = (uint32_t)fd,
					  .newfd_flags = wish->close_on_exec ? O_CLOEXEC : 0};

	if (fd >= 0 && !wish->nonblocking && fcntl(fd, F_SETFL, 0) != 0) {
		error = errno;
		fd = -1;
	}
	if (fd < 0)
		answer(cage, wish->id, error);
	else if (ioctl(cage, SECCOMP_IOCTL_NOTIF_ADDFD, &add) < 0 && errno != ENOENT)
		answer(cage, wish->id, errno);
}

#else

int
sys_cage_enter(const struct conf *conf, unsigned link)
{
	(void)conf, (void)link;
	errno = ENOSYS;
	return -1;
}

int
sys_cage_take(int cage, struct sys_cage_wish *wish)
{
	(void)cage, (void)wish;
	errno = ENOSYS;
	return -1;
}

void
sys_cage_give(int cage, const struct sys_cage_wish *wish, int fd, int error)
{
	(void)cage, (void)wish, (void)fd, (void)error;
}

#endif

int
sys_cage_follow(int lifeline)
{
	int flags = fcntl(lifeline, F_GETFL);

	if (fcntl(lifeline, F_SETOWN, -getpid()) != 0 || fcntl(lifeline, F_SETSIG, SIGKILL) != 0)
		return -1;
	return fcntl(lifeline, F_SETFL, flags | O_ASYNC) == -1 ? -1 : 0;
}
