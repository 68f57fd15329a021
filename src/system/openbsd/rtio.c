/* SPDX-License-Identifier: ISC */
/* The calls to OpenBSD's kernel. After pledge(2) no new route socket can be opened and net.inet.ip
 * can't be read: sys_routing_open and sys_settings come before it. */
#include "config.h"

#include "system/openbsd/rtio.h"

#include <sys/socket.h>
#include <sys/sysctl.h>
#include <sys/utsname.h>

#include <net/if.h>
#include <net/route.h>
#include <netinet/in.h>
#include <netinet6/in6_var.h>

#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/addr.h"
#include "system/openbsd/bpf.h"
#include "system/openbsd/echo_socket.h"

enum { RECEIVE_BUFFER = 1 << 20, GROWN_MEANWHILE = 8 };

static int
set_up(int fd)
{
	const unsigned types =
	    ROUTE_FILTER(RTM_ADD) | ROUTE_FILTER(RTM_DELETE) | ROUTE_FILTER(RTM_CHANGE) |
	    ROUTE_FILTER(RTM_GET) | ROUTE_FILTER(RTM_NEWADDR) | ROUTE_FILTER(RTM_DELADDR) |
	    ROUTE_FILTER(RTM_IFINFO) | ROUTE_FILTER(RTM_IFANNOUNCE) | ROUTE_FILTER(RTM_DESYNC);
	const unsigned all = RTABLE_ANY;
	const int buffer = RECEIVE_BUFFER;

	if (setsockopt(fd, AF_ROUTE, ROUTE_MSGFILTER, &types, sizeof(types)) == -1 ||
	    setsockopt(fd, AF_ROUTE, ROUTE_TABLEFILTER, &all, sizeof(all)) == -1)
		return -1;
	/* less room only means that the kernel says DESYNC earlier */
	(void)setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &buffer, sizeof(buffer));
	return 0;
}

int
rtio_open(void)
{
	int fd = socket(AF_ROUTE, SOCK_RAW | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);

	if (fd == -1 || set_up(fd) == 0)
		return fd;
	rtio_close(fd);
	return -1;
}

void
rtio_close(int fd)
{
	int saved = errno;

	close(fd);
	errno = saved;
}

int
rtio_send(int fd, const uint8_t *message, size_t len)
{
	ssize_t n;

	do
		n = write(fd, message, len);
	while (n == -1 && errno == EINTR);
	return n == -1 ? -1 : 0;
}

ssize_t
rtio_receive(int fd, uint8_t *message, size_t size)
{
	ssize_t n;

	do
		n = read(fd, message, size);
	while (n == -1 && errno == EINTR);
	if (n == 0) {
		errno = EAGAIN;
		return -1;
	}
	return n;
}

/* It may grow between the question how large it is and the answer. */
static uint8_t *
dump(const int *mib, u_int miblen, size_t *len)
{
	uint8_t *buf = NULL;

	for (int i = 0; i < GROWN_MEANWHILE; i++) {
		uint8_t *grown;

		*len = 0;
		if (sysctl(mib, miblen, NULL, len, NULL, 0) == -1)
			break;
		grown = realloc(buf, *len + 1);
		if (grown == NULL)
			break;
		buf = grown;
		if (sysctl(mib, miblen, buf, len, NULL, 0) == 0)
			return buf;
		if (errno != ENOMEM)
			break;
	}
	free(buf);
	return NULL;
}

uint8_t *
rtio_dump_interfaces(uint16_t index, size_t *len)
{
	const int mib[] = {CTL_NET, PF_ROUTE, 0, AF_UNSPEC, NET_RT_IFLIST, index};

	return dump(mib, sizeof(mib) / sizeof(mib[0]), len);
}

uint8_t *
rtio_dump_routes(uint16_t table, int family, size_t *len)
{
	const int mib[] = {CTL_NET,     PF_ROUTE, 0,    family == V4 ? AF_INET : AF_INET6,
			   NET_RT_DUMP, 0,        table};

	return dump(mib, sizeof(mib) / sizeof(mib[0]), len);
}

void
rtio_prepare(const struct conf *conf)
{
	bpf_open_all(conf);
	echo_open_all();
}

unsigned
rtio_rounding(void)
{
	return sizeof(long);
}

uint32_t
rtio_pid(void)
{
	return (uint32_t)getpid();
}

static int
is_set(const int mib[4])
{
	int value;
	size_t len = sizeof(value);

	if (sysctl(mib, 4, &value, &len, NULL, 0) == -1)
		return -1;
	return value != 0;
}

int
rtio_multipath(int family)
{
	static const int mib[FAMILIES][4] = {
	    {CTL_NET, PF_INET, IPPROTO_IP, IPCTL_MULTIPATH},
	    {CTL_NET, PF_INET6, IPPROTO_IPV6, IPV6CTL_MULTIPATH},
	};

	return is_set(mib[family]);
}

int
rtio_forwarding(int family)
{
	static const int mib[FAMILIES][4] = {
	    {CTL_NET, PF_INET, IPPROTO_IP, IPCTL_FORWARDING},
	    {CTL_NET, PF_INET6, IPPROTO_IPV6, IPV6CTL_FORWARDING},
	};

	return is_set(mib[family]);
}

int
rtio_release(char *buf, size_t size)
{
	struct utsname name;

	if (uname(&name) == -1)
		return -1;
	return strlcpy(buf, name.release, size) < size ? 0 : -1;
}
