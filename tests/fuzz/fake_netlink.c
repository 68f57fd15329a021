/* SPDX-License-Identifier: ISC */
/* Stands in for libmnl's sockets: pairs of datagram sockets, of which the other end
 * holds what was to be said. */
#include "fake_netlink.h"

#include <errno.h>
#include <linux/netlink.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "system/linux/netlink.h"

enum { PORT = 77, DATAGRAM_MAX = 65536 };

struct mnl_socket {
	int ends[2];
};

static const uint8_t *script;
static size_t script_left;
static struct mnl_socket *newest; /* the one for events is the last that was opened */

void
fake_netlink_says(const uint8_t *data, size_t size)
{
	script = data;
	script_left = size;
	newest = NULL;
}

/* The next piece into datagram: its flags, or -1. */
static int
next_piece(uint8_t *datagram, size_t *len)
{
	int flags;

	if (script_left < 3)
		return -1;
	flags = script[0];
	*len = script[1] | (size_t)script[2] << 8;
	script += 3;
	script_left -= 3;
	if (*len > script_left)
		*len = script_left;
	memcpy(datagram, script, *len);
	script += *len;
	script_left -= *len;
	return flags;
}

/* As answers to that request: what has another number is passed over by all. */
static void
renumber(uint8_t *datagram, size_t len, uint32_t seq)
{
	struct nlmsghdr *nlh = (struct nlmsghdr *)datagram;
	int left = (int)len;

	for (; netlink_ok(nlh, left); nlh = mnl_nlmsg_next(nlh, &left)) {
		nlh->nlmsg_seq = seq;
		nlh->nlmsg_pid = PORT;
	}
}

static void
acknowledge(const struct mnl_socket *s, uint32_t seq)
{
	char buf[64] __attribute__((aligned(8)));
	struct nlmsghdr *nlh = mnl_nlmsg_put_header(buf);

	nlh->nlmsg_type = NLMSG_ERROR;
	nlh->nlmsg_seq = seq;
	nlh->nlmsg_pid = PORT;
	mnl_nlmsg_put_extra_header(nlh, sizeof(struct nlmsgerr));
	(void)send(s->ends[1], buf, nlh->nlmsg_len, MSG_DONTWAIT);
}

static void
answer(const struct mnl_socket *s, const uint32_t *seq)
{
	static uint8_t datagram[DATAGRAM_MAX] __attribute__((aligned(8)));
	size_t len;
	int flags;

	do {
		flags = next_piece(datagram, &len);
		if (flags < 0)
			return;
		if (seq != NULL && (flags & FAKE_AS_IS) == 0)
			renumber(datagram, len, *seq);
		(void)send(s->ends[1], datagram, len, MSG_DONTWAIT);
	} while (flags & FAKE_MORE);
}

void
fake_netlink_tell(void)
{
	if (newest != NULL)
		answer(newest, NULL);
}

/* ---- what libmnl does ---- */

struct mnl_socket *
mnl_socket_open2(int bus, int flags)
{
	struct mnl_socket *s = malloc(sizeof(*s));

	(void)bus;
	(void)flags;
	if (s != NULL && socketpair(AF_UNIX, SOCK_DGRAM | SOCK_NONBLOCK, 0, s->ends) != 0)
		abort();
	newest = s;
	return s;
}

int
mnl_socket_bind(struct mnl_socket *s, unsigned groups, pid_t pid)
{
	(void)s;
	(void)groups;
	(void)pid;
	return 0;
}

int
mnl_socket_get_fd(const struct mnl_socket *s)
{
	return s->ends[0];
}

unsigned
mnl_socket_get_portid(const struct mnl_socket *s)
{
	(void)s;
	return PORT;
}

int
mnl_socket_setsockopt(const struct mnl_socket *s, int type, void *buf, socklen_t len)
{
	(void)s;
	(void)type;
	(void)buf;
	(void)len;
	return 0;
}

/* Its size of a buffer, its filter and how long to wait are the kernel's matter. */
int __wrap_setsockopt(int fd, int level, int option, const void *value, socklen_t len);
int
__wrap_setsockopt(int fd, int level, int option, const void *value, socklen_t len)
{
	(void)fd;
	(void)level;
	(void)option;
	(void)value;
	(void)len;
	return 0;
}

/* Several requests may come at once: each is acknowledged. */
ssize_t
mnl_socket_sendto(const struct mnl_socket *s, const void *request, size_t size)
{
	const struct nlmsghdr *nlh = request;
	int left = (int)size;

	if (size < sizeof(*nlh))
		abort();
	answer(s, &nlh->nlmsg_seq);
	for (; netlink_ok(nlh, left); nlh = mnl_nlmsg_next(nlh, &left))
		acknowledge(s, nlh->nlmsg_seq);
	return (ssize_t)size;
}

ssize_t
mnl_socket_recvfrom(const struct mnl_socket *s, void *buf, size_t size)
{
	ssize_t len = recv(s->ends[0], buf, size, MSG_TRUNC);

	if (len > (ssize_t)size) {
		errno = ENOSPC;
		return -1;
	}
	return len;
}

int
mnl_socket_close(struct mnl_socket *s)
{
	close(s->ends[0]);
	close(s->ends[1]);
	free(s);
	return 0;
}
