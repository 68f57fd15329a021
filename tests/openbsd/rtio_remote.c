/* SPDX-License-Identifier: ISC */
/* The calls of rtio.h, answered by the process that plays OpenBSD's kernel. Both connections are
 * made before the daemon is confined. */
#include "config.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <sys/un.h>
#include <unistd.h>

#include "openbsd/fake_wire.h"
#include "system/openbsd/rtio.h"
#include "system/openbsd/rtmsg.h"

static int calls = -1;

static int
connect_as(uint8_t kind, int flags)
{
	const char *folder = getenv(FAKE_FOLDER);
	struct sockaddr_un to = {.sun_family = AF_UNIX};
	int fd, size = FAKE_PACKET * 2;

	if (folder == NULL) {
		errno = ENOENT;
		return -1;
	}
	snprintf(to.sun_path, sizeof(to.sun_path), "%s/kernel.sock", folder);
	fd = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC | flags, 0);
	if (fd < 0)
		return -1;
	(void)setsockopt(fd, SOL_SOCKET, SO_SNDBUF, &size, sizeof(size));
	if (connect(fd, (struct sockaddr *)&to, sizeof(to)) == 0 &&
	    send(fd, &kind, 1, MSG_NOSIGNAL) == 1)
		return fd;
	close(fd);
	return -1;
}

/* One request, one answer. The length of that, or -1. */
static ssize_t
ask(const struct fake_ask *question, const uint8_t *more, size_t more_len, void *answer,
    size_t size)
{
	struct iovec out[] = {{(void *)(uintptr_t)question, sizeof(*question)},
			      {(void *)(uintptr_t)more, more_len}};
	struct msghdr request = {.msg_iov = out, .msg_iovlen = 2};
	struct iovec in = {answer, size};
	struct msghdr reply = {.msg_iov = &in, .msg_iovlen = 1};

	if (calls < 0)
		calls = connect_as(FAKE_CALLS, 0);
	if (calls < 0 || sendmsg(calls, &request, MSG_NOSIGNAL) < 0)
		return -1;
	return recvmsg(calls, &reply, 0);
}

static int
ask_number(uint8_t what, int family)
{
	const struct fake_ask question = {.what = what, .family = (uint8_t)family};
	int32_t number;

	return ask(&question, NULL, 0, &number, sizeof(number)) == sizeof(number) ? number : -1;
}

int
rtio_open(void)
{
	return connect_as(FAKE_LISTENS, SOCK_NONBLOCK);
}

void
rtio_close(int fd)
{
	close(fd);
}

int
rtio_send(int fd, const uint8_t *message, size_t len)
{
	const struct fake_ask question = {.what = FAKE_SEND, .pid = rtio_pid()};
	int32_t error;

	(void)fd;
	if (ask(&question, message, len, &error, sizeof(error)) != sizeof(error)) {
		errno = EPIPE;
		return -1;
	}
	errno = error;
	return error == 0 ? 0 : -1;
}

ssize_t
rtio_receive(int fd, uint8_t *message, size_t size)
{
	struct iovec iov = {message, size};
	struct msghdr msg = {.msg_iov = &iov, .msg_iovlen = 1};
	ssize_t n = recvmsg(fd, &msg, MSG_DONTWAIT);

	if (n == 0) {
		errno = EPIPE;
		return -1;
	}
	return n;
}

static uint8_t *
dump(const struct fake_ask *question, size_t *len)
{
	uint8_t *buf = malloc(FAKE_PACKET);
	ssize_t n = buf == NULL ? -1 : ask(question, NULL, 0, buf, FAKE_PACKET);

	if (n <= 0) {
		free(buf);
		errno = EPIPE;
		return NULL;
	}
	*len = n == 1 ? 0 : (size_t)n;
	return buf;
}

uint8_t *
rtio_dump_interfaces(uint16_t index, size_t *len)
{
	const struct fake_ask question = {.what = FAKE_INTERFACES, .number = index};

	return dump(&question, len);
}

uint8_t *
rtio_dump_routes(uint16_t table, int family, size_t *len)
{
	const struct fake_ask question = {
	    .what = FAKE_ROUTES, .family = (uint8_t)family, .number = table};

	return dump(&question, len);
}

void
rtio_prepare(const struct conf *conf)
{
	(void)conf;
}

unsigned
rtio_rounding(void)
{
	return RTMSG_ROUND_64;
}

uint32_t
rtio_pid(void)
{
	return (uint32_t)getpid();
}

int
rtio_multipath(int family)
{
	return ask_number(FAKE_MULTIPATH, family);
}

int
rtio_forwarding(int family)
{
	return ask_number(FAKE_FORWARDING, family);
}

int
rtio_release(char *buf, size_t size)
{
	const struct fake_ask question = {.what = FAKE_RELEASE};
	ssize_t n = ask(&question, NULL, 0, buf, size - 1);

	if (n <= 0)
		return -1;
	buf[n] = '\0';
	return 0;
}
