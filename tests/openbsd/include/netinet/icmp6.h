/* SPDX-License-Identifier: ISC */
#ifndef OPENBSD_NETINET_ICMP6_H
#define OPENBSD_NETINET_ICMP6_H

#include <netinet/in.h>
struct icmp6_filter {
	uint32_t icmp6_filt[8];
};
#define ICMP6_FILTER 18
#define ICMP6_DST_UNREACH 1
#define ICMP6_PACKET_TOO_BIG 2
#define ICMP6_TIME_EXCEEDED 3
#define ICMP6_PARAM_PROB 4
#define ICMP6_ECHO_REPLY 129
#define ND_NEIGHBOR_ADVERT 136
void *memset(void *, int, size_t);
#define ICMP6_FILTER_SETBLOCKALL(f) memset(f, 0, sizeof(struct icmp6_filter))
#define ICMP6_FILTER_SETPASS(type, f) ((f)->icmp6_filt[(type) >> 5] |= 1U << ((type)&31))

#endif
