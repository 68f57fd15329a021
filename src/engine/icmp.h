/* SPDX-License-Identifier: ISC */
/* ICMP and ICMPv6 echo as octets (RFC 792, RFC 4443). Pure. */
#ifndef UPLINK_ICMP_H
#define UPLINK_ICMP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/addr.h"

enum {
	ICMP_DATA_MIN = 16,                 /* what an echo carries of ours */
	ICMP_ECHO_SIZE = 8 + ICMP_DATA_MIN, /* with its header: the shortest */
	ICMP_ECHO_MAX = 9000,               /* the longest */
};

struct icmp_echo {
	uint16_t id;
	uint16_t sequence;
	uint32_t token;  /* of this daemon */
	uint32_t target; /* slot of the target in the board */
	uint64_t nonce;  /* only who saw the probe can know it */
	uint16_t size;   /* octets of data; less than ICMP_DATA_MIN: as many as that */
};

/* Writes an echo request; out has room for its header and its data. family is V4 or
 * V6; the kernel fills in the checksum of ICMPv6. Returns its length. */
size_t icmp_request_write(int family, const struct icmp_echo *echo, uint8_t *out);

/* Reads an echo reply as a raw socket gives it: with the IP header for V4,
 * without for V6. Returns 0, or -1 when it is not one of ours: too short, another
 * type, a wrong checksum (V4; the kernel has checked that of V6), a fragment. */
int icmp_reply_read(int family, const uint8_t *packet, size_t len, struct icmp_echo *echo);

/* What a router or host on the way says of one of our requests. */
struct icmp_error {
	int error;             /* errno: ENETUNREACH, EHOSTUNREACH, EMSGSIZE ... */
	struct addr to;        /* where the request went */
	struct icmp_echo echo; /* id and sequence; the rest where it was quoted */
	bool quoted;           /* so much was quoted that target and nonce are known */
};

/* Reads an error message that quotes an echo request, in the same form. 0 or -1. */
int icmp_error_read(int family, const uint8_t *packet, size_t len, struct icmp_error *error);

#endif
