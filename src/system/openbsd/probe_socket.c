/* SPDX-License-Identifier: ISC */
/* Sockets that belong to one link: their routing table holds that link's default and nothing else,
 * so that without a way out there is an error at once and never another link's way. */
#include "config.h"

#include "system/system.h"

#include <sys/types.h>
#include <sys/socket.h>

#include <netinet/in.h>

#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "system/datagram.h"
#include "system/openbsd/bpf.h"
#include "system/openbsd/links.h"

enum { ND_HOPS = 255 };

/* Nothing has to be told apart by it here. */
uint32_t
sys_probe_token(void)
{
	return 0x75706c6b;
}

uint16_t
sys_probe_id(unsigned link)
{
	return (uint16_t)(0x8000 | link);
}

/* The kernel stamps what comes in only. */
int
sys_stamp_sends(int fd)
{
	(void)fd;
	errno = EOPNOTSUPP;
	return -1;
}

static int
set_int(int fd, int level, int option, int value)
{
	return setsockopt(fd, level, option, &value, sizeof(value));
}

/* When a packet came in, and with IPv6 by which interface: a pledged process may not ask that for
 * IPv4, nor have types of ICMPv6 filtered. */
static int
tell_arrival(int fd, int family)
{
	if (set_int(fd, SOL_SOCKET, SO_TIMESTAMP, 1) == -1)
		return -1;
	if (family == V4)
		return 0;
	if (set_int(fd, IPPROTO_IPV6, IPV6_RECVPKTINFO, 1) == -1)
		return -1;
	return set_int(fd, IPPROTO_IPV6, IPV6_RECVHOPLIMIT, 1);
}

/* It only sends. The kernel offers what comes in to every socket of the protocol, whatever its
 * table is: the answers for all links are read from one that has none. */
static int
set_up_icmp(int fd)
{
	return shutdown(fd, SHUT_RD);
}

static int
set_up_dns(int fd, int family)
{
	struct sockaddr_in any;
	struct sockaddr_in6 any6;

	memset(&any, 0, sizeof(any));
	any.sin_len = sizeof(any);
	any.sin_family = AF_INET;
	memset(&any6, 0, sizeof(any6));
	any6.sin6_len = sizeof(any6);
	any6.sin6_family = AF_INET6;
	if (tell_arrival(fd, family) == -1)
		return -1;
	return family == V4 ? bind(fd, (struct sockaddr *)&any, sizeof(any))
			    : bind(fd, (struct sockaddr *)&any6, sizeof(any6));
}

/* It hears all of ICMPv6: who reads it looks for advertisements. */
static int
set_up_nd(int fd)
{
	if (tell_arrival(fd, V6) == -1)
		return -1;
	return set_int(fd, IPPROTO_IPV6, IPV6_MULTICAST_HOPS, ND_HOPS);
}

static int
open_socket(int family, unsigned method)
{
	const int flags = SOCK_NONBLOCK | SOCK_CLOEXEC;
	const int domain = family == V4 ? AF_INET : AF_INET6;

	switch (method) {
	case METHOD_ICMP:
		return socket(domain, SOCK_RAW | flags,
			      family == V4 ? IPPROTO_ICMP : IPPROTO_ICMPV6);
	case METHOD_TCP:
		return socket(domain, SOCK_STREAM | flags, IPPROTO_TCP);
	case METHOD_DNS:
		return socket(domain, SOCK_DGRAM | flags, IPPROTO_UDP);
	case METHOD_NEIGHBOUR:
		return socket(AF_INET6, SOCK_RAW | flags, IPPROTO_ICMPV6);
	}
	errno = EOPNOTSUPP;
	return -1;
}

static int
set_up(int fd, uint16_t table, int family, unsigned method)
{
	/* before anything else: what is bound has its table for good */
	if (set_int(fd, SOL_SOCKET, SO_RTABLE, table) == -1)
		return -1;
	switch (method) {
	case METHOD_ICMP:
		return set_up_icmp(fd);
	case METHOD_DNS:
		return set_up_dns(fd, family);
	case METHOD_NEIGHBOUR:
		return set_up_nd(fd);
	}
	return 0;
}

int
sys_echo_send(int fd, const struct sys_echo_way *way, const void *packet, size_t len)
{
	const struct datagram_way to = {.to = way->to, .source = way->source};
	int ttl = way->ttl;

	if (way->to->version == 4 ? set_int(fd, IPPROTO_IP, IP_TTL, ttl) == -1
				  : set_int(fd, IPPROTO_IPV6, IPV6_UNICAST_HOPS, ttl) == -1)
		return -1;
	return datagram_send(fd, &to, packet, len);
}

int
sys_probe_socket(const struct conf *conf, unsigned link, int family, unsigned method)
{
	const struct conf_link *l = conf_link_by_index(conf, link);
	uint16_t table = link_table(conf, link);
	int fd;

	if (l == NULL || table == 0) {
		errno = ERANGE;
		return -1;
	}
	if (method == METHOD_NEIGHBOUR && family == V4)
		return bpf_open_arp(l->interface);
	fd = open_socket(family, method);
	if (fd != -1 && set_up(fd, table, family, method) == -1) {
		int saved = errno;

		close(fd);
		errno = saved;
		return -1;
	}
	return fd;
}
