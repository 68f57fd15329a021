/* SPDX-License-Identifier: ISC */
/* Sockets that belong to one link: the mark sends every packet to the link's table,
 * and the rule after those says unreachable, so that a link without a way out gives
 * an error at once and never another link's way. */
#include "config.h"

#include "system/system.h"

#include <arpa/inet.h>
#include <errno.h>
#include <linux/icmp.h>
#include <linux/if_packet.h>
#include <linux/net_tstamp.h>
#include <net/ethernet.h>
#include <netinet/icmp6.h>
#include <netinet/in.h>
#include <stdio.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "system/linux/probe_filter.h"

enum { RECEIVE_BUFFER = 4 << 20, DNS_PORT = 53, ND_HOPS = 255 };

static int
set_int(int fd, int level, int option, int value)
{
	return setsockopt(fd, level, option, &value, sizeof(value));
}

uint16_t
sys_probe_id(unsigned link)
{
	return (uint16_t)(PROBE_ID | link);
}

/* FNV-1a of what makes this boot and this network namespace. */
uint32_t
sys_probe_token(void)
{
	char boot[40] = "", text[80];
	struct stat ns = {0};
	uint32_t hash = 2166136261;

	(void)sys_boot_id(boot);
	(void)stat("/proc/self/ns/net", &ns);
	snprintf(text, sizeof(text), "%s %llu", boot, (unsigned long long)ns.st_ino);
	for (const char *p = text; *p != '\0'; p++)
		hash = (hash ^ (uint8_t)*p) * 16777619;
	return hash;
}

/* Of which interface a packet came in, and when. */
static int
tell_arrival(int fd, int family)
{
	if (set_int(fd, SOL_SOCKET, SO_TIMESTAMPNS, 1) != 0 ||
	    set_int(fd, SOL_SOCKET, SO_RCVBUFFORCE, RECEIVE_BUFFER) != 0)
		return -1;
	if (family == V4)
		return set_int(fd, IPPROTO_IP, IP_PKTINFO, 1);
	if (set_int(fd, IPPROTO_IPV6, IPV6_RECVPKTINFO, 1) != 0)
		return -1;
	return set_int(fd, IPPROTO_IPV6, IPV6_RECVHOPLIMIT, 1);
}

/* Setting the flag that numbers the stamps, where it was not set, begins at 0. */
int
sys_stamp_sends(int fd)
{
	const int stamps =
	    SOF_TIMESTAMPING_TX_SOFTWARE | SOF_TIMESTAMPING_SOFTWARE | SOF_TIMESTAMPING_OPT_TSONLY;

	if (set_int(fd, SOL_SOCKET, SO_TIMESTAMPING, stamps) != 0)
		return -1;
	return set_int(fd, SOL_SOCKET, SO_TIMESTAMPING, stamps | SOF_TIMESTAMPING_OPT_ID);
}

/* ---- by method ---- */

static int
set_icmp4(int fd)
{
	const struct icmp_filter filter = {
	    .data = ~(1U << ICMP_ECHOREPLY | 1U << ICMP_DEST_UNREACH | 1U << ICMP_TIME_EXCEEDED |
		      1U << ICMP_PARAMETERPROB)};

	return setsockopt(fd, SOL_RAW, ICMP_FILTER, &filter, sizeof(filter));
}

/* These types only, the list ends with 0. */
static int
set_icmp6(int fd, const uint8_t *types)
{
	struct icmp6_filter filter;

	ICMP6_FILTER_SETBLOCKALL(&filter);
	for (; *types != 0; types++)
		ICMP6_FILTER_SETPASS(*types, &filter);
	return setsockopt(fd, IPPROTO_ICMPV6, ICMP6_FILTER, &filter, sizeof(filter));
}

/* See echo.c. */
static int
set_icmp(int fd, int family)
{
	const int checksum_at = 2;

	if (sys_stamp_sends(fd) != 0)
		return -1;
	if (family == V4)
		return 0;
	return set_int(fd, IPPROTO_IPV6, IPV6_HDRINCL, 0) != 0 ||
		       set_int(fd, IPPROTO_IPV6, IPV6_CHECKSUM, checksum_at) != 0 ||
		       set_int(fd, IPPROTO_IPV6, IPV6_DONTFRAG, 1) != 0
		   ? -1
		   : 0;
}

static int
set_echo(int fd, int family)
{
	static const uint8_t types[] = {ICMP6_ECHO_REPLY,     ICMP6_DST_UNREACH,
					ICMP6_PACKET_TOO_BIG, ICMP6_TIME_EXCEEDED,
					ICMP6_PARAM_PROB,     0};

	/* the filter first: nothing of others is to be queued before it */
	if (filter_echo(fd, family, PROBE_ID, PROBE_ID_MASK) != 0 || tell_arrival(fd, family) != 0)
		return -1;
	return family == V4 ? set_icmp4(fd) : set_icmp6(fd, types);
}

/* The port is chosen with the connection: before it, any of the link's addresses
 * can be bound, and another one for the next probe. */
static int
set_tcp(int fd, int family)
{
	if (family == V6 && set_int(fd, IPPROTO_IPV6, IPV6_V6ONLY, 1) != 0)
		return -1;
	return set_int(fd, IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT, 1);
}

static int
set_dns(int fd, int family)
{
	struct sockaddr_in any = {.sin_family = AF_INET};
	struct sockaddr_in6 any6 = {.sin6_family = AF_INET6};

	if (filter_udp_port(fd, DNS_PORT) != 0 || tell_arrival(fd, family) != 0 ||
	    sys_stamp_sends(fd) != 0)
		return -1;
	if (family == V4)
		return set_int(fd, IPPROTO_IP, IP_RECVERR, 1) != 0
			   ? -1
			   : bind(fd, (struct sockaddr *)&any, sizeof(any));
	if (set_int(fd, IPPROTO_IPV6, IPV6_V6ONLY, 1) != 0 ||
	    set_int(fd, IPPROTO_IPV6, IPV6_RECVERR, 1) != 0)
		return -1;
	return bind(fd, (struct sockaddr *)&any6, sizeof(any6));
}

/* The protocol comes last: until then nothing is received. */
static int
set_arp(int fd)
{
	const struct sockaddr_ll all = {.sll_family = AF_PACKET, .sll_protocol = htons(ETH_P_ARP)};

	if (filter_arp_replies(fd) != 0 || set_int(fd, SOL_SOCKET, SO_TIMESTAMPNS, 1) != 0 ||
	    set_int(fd, SOL_PACKET, PACKET_IGNORE_OUTGOING, 1) != 0)
		return -1;
	return bind(fd, (const struct sockaddr *)&all, sizeof(all));
}

static int
set_nd(int fd)
{
	static const uint8_t types[] = {ND_NEIGHBOR_ADVERT, 0};

	if (set_icmp6(fd, types) != 0 || tell_arrival(fd, V6) != 0)
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
		return socket(domain, SOCK_RAW | flags, IPPROTO_RAW);
	case METHOD_TCP:
		return socket(domain, SOCK_STREAM | flags, IPPROTO_TCP);
	case METHOD_DNS:
		return socket(domain, SOCK_DGRAM | flags, IPPROTO_UDP);
	case METHOD_NEIGHBOUR:
		return family == V4 ? socket(AF_PACKET, SOCK_DGRAM | flags, 0)
				    : socket(AF_INET6, SOCK_RAW | flags, IPPROTO_ICMPV6);
	}
	errno = EOPNOTSUPP;
	return -1;
}

static int
set_up(int fd, const struct conf *conf, unsigned link, int family, unsigned method)
{
	uint32_t mark = conf_probe_mark(conf) | conf_link_mark(conf, link);

	if (setsockopt(fd, SOL_SOCKET, SO_MARK, &mark, sizeof(mark)) != 0)
		return -1;
	switch (method) {
	case METHOD_ICMP:
		return set_icmp(fd, family);
	case METHOD_TCP:
		return set_tcp(fd, family);
	case METHOD_DNS:
		return set_dns(fd, family);
	default:
		return family == V4 ? set_arp(fd) : set_nd(fd);
	}
}

static int
close_failed(int fd)
{
	int saved = errno;

	close(fd);
	errno = saved;
	return -1;
}

int
sys_echo_socket(int family)
{
	int fd = socket(family == V4 ? AF_INET : AF_INET6, SOCK_RAW | SOCK_NONBLOCK | SOCK_CLOEXEC,
			family == V4 ? IPPROTO_ICMP : IPPROTO_ICMPV6);

	if (fd >= 0 && set_echo(fd, family) != 0)
		return close_failed(fd);
	return fd;
}

int
sys_probe_socket(const struct conf *conf, unsigned link, int family, unsigned method)
{
	int fd = open_socket(family, method);

	if (fd < 0)
		return -1;
	if (set_up(fd, conf, link, family, method) != 0)
		return close_failed(fd);
	return fd;
}
