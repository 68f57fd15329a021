/* SPDX-License-Identifier: ISC */
/* What the kernel says of one link: the parent's knowledge, told to engine and
 * worker whenever it changes. */
#ifndef UPLINK_FACTS_H
#define UPLINK_FACTS_H

#include <stdint.h>

#include "common/addr.h"
#include "common/limits.h"

struct route_facts {
	struct addr gateway; /* next hop; not set: none known */
	struct addr source;  /* what packets of the daemon carry; not set: no usable address */
	struct addr prefix;  /* IPv6: the provider's prefix; not set: unknown */
	uint8_t origin;      /* enum gateway_origin */
	uint8_t direct;      /* bool: no next hop is needed, the device has one other end */
	uint8_t has_lladdr;  /* bool: lladdr is valid. Only the worker knows it */
	uint8_t lladdr[6];   /* the gateway's link-layer address, on Ethernet */
	uint8_t reserved[3];
};

struct link_facts {
	uint16_t link;
	uint8_t carrier;  /* enum carrier; CARRIER_UNKNOWN where the interface can't tell */
	uint8_t admin_up; /* bool: IFF_UP */
	uint32_t ifindex; /* 0: no such interface */
	uint32_t mtu;     /* of the interface, where the ruleset needs it; 0: not known */
	char ifname[IFNAME_LEN + 1];
	struct route_facts route[FAMILIES];
};

#endif
