/* SPDX-License-Identifier: ISC */
/* Sockets of a link for those who can't mark any: like the sockets of probes they have
 * no way out but the link's, and an error where that has none. */
#include "config.h"

#include "system/system.h"

#include <errno.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

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
	case SOCKET_PING:
		return socket(domain, SOCK_DGRAM | flags,
			      family == V4 ? IPPROTO_ICMP : IPPROTO_ICMPV6);
	case SOCKET_KIND__END:
		break;
	}
	errno = EOPNOTSUPP;
	return -1;
}

/* The link's own address where it is known: its interface may have others. The port is
 * left open, so that who gets the socket can still bind it as it likes. A socket for
 * ping has its identifier with its address: there the kernel chooses both. */
static int
bind_source(int fd, const struct link_facts *facts, int family, enum socket_kind kind)
{
	const struct addr *source = &facts->route[family].source;
	struct sockaddr_storage ss;
	socklen_t len;
	int on = 1;

	if (kind == SOCKET_PING || !addr_is_set(source) || addr_family(source) != family)
		return 0;
	len = addr_to_sockaddr(source, 0, &ss);
	if (setsockopt(fd, IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT, &on, sizeof(on)) != 0)
		return -1;
	return bind(fd, (struct sockaddr *)&ss, len);
}

int
sys_link_socket(const struct conf *conf, const struct link_facts *facts, unsigned link, int family,
		enum socket_kind kind)
{
	uint32_t mark = conf_probe_mark(conf) | conf_link_mark(conf, link);
	int fd = open_kind(family, kind);

	if (fd < 0)
		return -1;
	if (setsockopt(fd, SOL_SOCKET, SO_MARK, &mark, sizeof(mark)) != 0 ||
	    bind_source(fd, facts, family, kind) != 0) {
		int saved = errno;

		close(fd);
		errno = saved;
		return -1;
	}
	return fd;
}
