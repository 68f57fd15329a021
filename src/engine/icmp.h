/* SPDX-License-Identifier: ISC */
/* ICMP and ICMPv6 echo as octets (RFC 792, RFC 4443). Pure. */
#ifndef UPLINK_ICMP_H
#define UPLINK_ICMP_H

#include <stddef.h>
#include <stdint.h>

enum { ICMP_ECHO_SIZE = 8 + 16 }; /* header, then our payload */

struct icmp_echo {
	uint16_t id;
	uint16_t sequence;
	uint32_t target; /* slot of the target in the board */
	uint64_t nonce;  /* only who saw the probe can know it */
};

/* Writes an echo request. family is V4 or V6; the kernel fills in the checksum of
 * ICMPv6. Returns its length. */
size_t icmp_request_write(int family, const struct icmp_echo *echo,
			  uint8_t out[static ICMP_ECHO_SIZE]);

/* Reads an echo reply as a raw socket gives it: with the IP header for V4,
 * without for V6. Returns 0, or -1 when it is not one of ours: too short, another
 * type, a wrong checksum (V4; the kernel has checked that of V6), a fragment. */
int icmp_reply_read(int family, const uint8_t *packet, size_t len, struct icmp_echo *echo);

#endif
