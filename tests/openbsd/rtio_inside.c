/* SPDX-License-Identifier: ISC */
/* The calls of rtio.h, answered by a fake kernel within the test itself: what it tells goes through
 * a socketpair, as long as there is room. */
#include "config.h"

#include "openbsd/rtio_inside.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include "system/openbsd/rtio.h"

enum { DUMP_MAX = 1 << 20, OWN_PID = 4711 };

struct fake inside_kernel;
static int telling = -1;

static void
tell(void *arg, const uint8_t *message, size_t len)
{
	(void)arg;
	if (telling >= 0)
		(void)send(telling, message, len, MSG_DONTWAIT | MSG_NOSIGNAL);
}

void
inside_init(void)
{
	fake_init(&inside_kernel, tell, NULL);
}

int
rtio_open(void)
{
	int ends[2];

	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, ends) != 0)
		return -1;
	telling = ends[0];
	return ends[1];
}

void
rtio_close(int fd)
{
	close(fd);
	if (telling >= 0)
		close(telling);
	telling = -1;
}

int
rtio_send(int fd, const uint8_t *message, size_t len)
{
	(void)fd;
	errno = fake_request(&inside_kernel, OWN_PID, message, len);
	return errno == 0 ? 0 : -1;
}

ssize_t
rtio_receive(int fd, uint8_t *message, size_t size)
{
	return recv(fd, message, size, MSG_DONTWAIT);
}

uint8_t *
rtio_dump_interfaces(uint16_t index, size_t *len)
{
	uint8_t *buf = malloc(DUMP_MAX);

	if (buf != NULL)
		*len = fake_dump_interfaces(&inside_kernel, index, buf, DUMP_MAX);
	return buf;
}

uint8_t *
rtio_dump_routes(uint16_t table, int family, size_t *len)
{
	uint8_t *buf = malloc(DUMP_MAX);

	if (buf != NULL)
		*len = fake_dump_routes(&inside_kernel, table, family, buf, DUMP_MAX);
	return buf;
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
	return OWN_PID;
}

int
rtio_multipath(int family)
{
	(void)family;
	return inside_kernel.multipath;
}

int
rtio_forwarding(int family)
{
	(void)family;
	return inside_kernel.forwarding;
}

int
rtio_release(char *buf, size_t size)
{
	return strlcpy(buf, inside_kernel.release, size) < size ? 0 : -1;
}
