/* SPDX-License-Identifier: ISC */
#ifndef OPENBSD_NETINET_IN_H
#define OPENBSD_NETINET_IN_H

#include <sys/types.h>
#include <sys/socket.h>
struct in_addr {
	in_addr_t s_addr;
};
struct in6_addr {
	union {
		uint8_t __u6_addr8[16];
		uint32_t __u6_addr32[4];
	} __u6_addr;
};
#define s6_addr __u6_addr.__u6_addr8
struct sockaddr_in {
	uint8_t sin_len;
	sa_family_t sin_family;
	in_port_t sin_port;
	struct in_addr sin_addr;
	int8_t sin_zero[8];
};
struct sockaddr_in6 {
	uint8_t sin6_len;
	sa_family_t sin6_family;
	in_port_t sin6_port;
	uint32_t sin6_flowinfo;
	struct in6_addr sin6_addr;
	uint32_t sin6_scope_id;
};
struct in6_pktinfo {
	struct in6_addr ipi6_addr;
	unsigned int ipi6_ifindex;
};
#define INET_ADDRSTRLEN 16
#define INET6_ADDRSTRLEN 46
#define INADDR_ANY ((in_addr_t)0)
#define IPPROTO_IP 0
#define IPPROTO_ICMP 1
#define IPPROTO_TCP 6
#define IPPROTO_UDP 17
#define IPPROTO_IPV6 41
#define IPPROTO_ICMPV6 58
#define IP_TTL 4
#define IP_RECVDSTADDR 7
#define IP_SENDSRCADDR IP_RECVDSTADDR
#define IP_RECVIF 30
#define IPV6_UNICAST_HOPS 4
#define IPV6_MULTICAST_HOPS 10
#define IPV6_V6ONLY 27
#define IPV6_RECVPKTINFO 36
#define IPV6_RECVHOPLIMIT 37
#define IPV6_PKTINFO 46
#define IPV6_HOPLIMIT 47
#define IPCTL_FORWARDING 1
#define IPCTL_MULTIPATH 33
uint16_t htons(uint16_t);
uint16_t ntohs(uint16_t);
uint32_t htonl(uint32_t);
uint32_t ntohl(uint32_t);

#endif
