/* SPDX-License-Identifier: ISC */
/* ARP for IPv4 over Ethernet (RFC 826) and neighbour discovery (RFC 4861) as
 * octets. Pure. The checksum of ICMPv6 is the kernel's, both ways. */
#ifndef UPLINK_NEIGHBOUR_H
#define UPLINK_NEIGHBOUR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/addr.h"

enum { LLADDR_LEN = 6, ARP_SIZE = 28, SOLICIT_SIZE = 24 + 8 };

struct arp {
	uint8_t sender_ll[LLADDR_LEN], target_ll[LLADDR_LEN];
	struct addr sender, target; /* IPv4; not set is written as 0.0.0.0 */
};

/* Who has target? Tell sender. Without the Ethernet header. */
void arp_request_write(const struct arp *arp, uint8_t out[static ARP_SIZE]);
/* Reads a reply: 0, or -1 when it is none. */
int arp_reply_read(const uint8_t *packet, size_t len, struct arp *arp);

/* A neighbour solicitation for that address, with the sender's link-layer address. */
void solicit_write(const struct addr *target, const uint8_t lladdr[static LLADDR_LEN],
		   uint8_t out[static SOLICIT_SIZE]);
/* The group that the owner of the address listens to (RFC 4291, section 2.7.1). */
struct addr solicited_node(const struct addr *target, uint32_t ifindex);

struct advert {
	struct addr target;
	bool solicited;
};

/* Reads a neighbour advertisement, checked as RFC 4861, section 7.1.2, says; the
 * hop limit is the caller's to check. 0 or -1. */
int advert_read(const uint8_t *packet, size_t len, struct advert *advert);

#endif
