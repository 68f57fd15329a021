/* SPDX-License-Identifier: ISC */
/* Sockets of a link for those who open none: like the sockets of probes they have no way out but
 * the link's, and an error where that has none. */
#include "config.h"

#include "system/system.h"

#include <sys/types.h>
#include <sys/socket.h>

#include <netinet/in.h>

#include <errno.h>
#include <unistd.h>

#include "system/openbsd/links.h"

static int
open_kind(int family, enum socket_kind kind)
{
	const int flags = SOCK_NONBLOCK | SOCK_CLOEXEC;
	const int domain = family == V4 ? AF_INET : AF_INET6;

	switch (kind) {
	case SOCKET_TCP:
		return socket(domain, SOCK_STREAM | flags, IPPROTO_TCP);
	case SOCKET_UDP:
		return socket(domain, SOCK_DGRAM | flags, IPPROTO_UDP);
	case SOCKET_PING: /* there is only the raw one */
	case SOCKET_KIND__END:
		break;
	}
	errno = EOPNOTSUPP;
	return -1;
}

/* The table first: what is bound has it for good. */
static int
set_up(int fd, int table, const struct link_facts *facts, int family)
{
	const struct addr *source = &facts->route[family].source;
	struct sockaddr_storage ss;
	socklen_t len;

	if (setsockopt(fd, SOL_SOCKET, SO_RTABLE, &table, sizeof(table)) == -1)
		return -1;
	if (!addr_is_set(source) || addr_family(source) != family)
		return 0;
	len = addr_to_sockaddr(source, 0, &ss);
	return bind(fd, (const struct sockaddr *)&ss, len);
}

int
sys_link_socket(const struct conf *conf, const struct link_facts *facts, unsigned link, int family,
		enum socket_kind kind)
{
	uint16_t table = link_table(conf, link);
	int fd;

	if (table == 0) {
		errno = ERANGE;
		return -1;
	}
	fd = open_kind(family, kind);
	if (fd != -1 && set_up(fd, table, facts, family) == -1) {
		int saved = errno;

		close(fd);
		errno = saved;
		return -1;
	}
	return fd;
}
