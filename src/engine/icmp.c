/* SPDX-License-Identifier: ISC */
/* The ICMP echo codec. Every length is checked before an octet is read. */
#include "config.h"

#include "engine/icmp.h"

#include <errno.h>
#include <string.h>

#include "common/addr.h"
#include "engine/octets.h"

enum { TYPE_REPLY4 = 0, TYPE_REQUEST4 = 8, TYPE_REQUEST6 = 128, TYPE_REPLY6 = 129 };
enum { UNREACHABLE4 = 3, TIME_EXCEEDED4 = 11, PARAMETER4 = 12 };
enum { UNREACHABLE6 = 1, TOO_BIG6 = 2, TIME_EXCEEDED6 = 3, PARAMETER6 = 4 };
enum { PROTOCOL_ICMP = 1, PROTOCOL_ICMP6 = 58, HEADER = 8, IP6_HEADER = 40 };

/* RFC 1071. */
static uint16_t
checksum(const uint8_t *p, size_t len)
{
	uint32_t sum = 0;

	for (; len > 1; p += 2, len -= 2)
		sum += get16(p);
	if (len > 0)
		sum += (uint32_t)p[0] << 8;
	while (sum >> 16)
		sum = (sum & 0xffff) + (sum >> 16);
	return (uint16_t)~sum;
}

size_t
icmp_request_write(int family, const struct icmp_echo *echo, uint8_t *out)
{
	size_t data = echo->size > ICMP_DATA_MIN ? echo->size : ICMP_DATA_MIN;

	memset(out, 0, HEADER + data);
	out[0] = family == V6 ? TYPE_REQUEST6 : TYPE_REQUEST4;
	put16(out + 4, echo->id);
	put16(out + 6, echo->sequence);
	put32(out + 8, echo->token);
	memcpy(out + 12, &echo->target, 4); /* only this machine reads it back */
	memcpy(out + 16, &echo->nonce, 8);
	if (family == V4)
		put16(out + 2, checksum(out, HEADER + data));
	return HEADER + data;
}

/* Our data, after the header of the echo. */
static void
read_data(const uint8_t *data, struct icmp_echo *echo)
{
	echo->token = get32(data);
	memcpy(&echo->target, data + 4, 4);
	memcpy(&echo->nonce, data + 8, 8);
}

/* Steps over the IPv4 header; -1 when it is none, or of a fragment. */
static int
skip_ip4(const uint8_t **packet, size_t *len)
{
	size_t header;

	if (*len < 20 || (*packet)[0] >> 4 != 4 || (*packet)[9] != PROTOCOL_ICMP)
		return -1;
	header = (size_t)((*packet)[0] & 0x0f) * 4;
	if (header < 20 || header > *len || (get16(*packet + 6) & 0x3fff) != 0)
		return -1;
	*packet += header;
	*len -= header;
	return 0;
}

int
icmp_reply_read(int family, const uint8_t *packet, size_t len, struct icmp_echo *echo)
{
	if (family == V4 && skip_ip4(&packet, &len) != 0)
		return -1;
	if (len < ICMP_ECHO_SIZE || packet[0] != (family == V6 ? TYPE_REPLY6 : TYPE_REPLY4) ||
	    packet[1] != 0)
		return -1;
	if (family == V4 && checksum(packet, len) != 0)
		return -1;
	echo->id = get16(packet + 4);
	echo->sequence = get16(packet + 6);
	echo->size = len - HEADER < UINT16_MAX ? (uint16_t)(len - HEADER) : UINT16_MAX;
	read_data(packet + HEADER, echo);
	return 0;
}

/* ---- errors ---- */

/* RFC 1122 3.2.2.1, in the words of the system; 0: not about a way or a host. */
static int
error4(uint8_t type, uint8_t code)
{
	static const int unreachable[] = {ENETUNREACH,  EHOSTUNREACH, ENOPROTOOPT, ECONNREFUSED,
					  EMSGSIZE,     EOPNOTSUPP,   ENETUNREACH, EHOSTDOWN,
					  ENETUNREACH,  EACCES,       EACCES,      ENETUNREACH,
					  EHOSTUNREACH, EACCES,       EACCES,      EACCES};

	if (type == UNREACHABLE4)
		return code < sizeof(unreachable) / sizeof(unreachable[0]) ? unreachable[code]
									   : EHOSTUNREACH;
	if (type == TIME_EXCEEDED4)
		return EHOSTUNREACH;
	return type == PARAMETER4 ? EPROTO : 0;
}

/* RFC 4443, section 3. */
static int
error6(uint8_t type, uint8_t code)
{
	static const int unreachable[] = {ENETUNREACH,  EACCES, EHOSTUNREACH, EHOSTUNREACH,
					  ECONNREFUSED, EACCES, EACCES};

	switch (type) {
	case UNREACHABLE6:
		return code < sizeof(unreachable) / sizeof(unreachable[0]) ? unreachable[code]
									   : EHOSTUNREACH;
	case TOO_BIG6:
		return EMSGSIZE;
	case TIME_EXCEEDED6:
		return EHOSTUNREACH;
	case PARAMETER6:
		return EPROTO;
	}
	return 0;
}

/* The IP header of what is quoted: where it went, and what follows it. */
static int
read_quoted_ip(int family, const uint8_t **packet, size_t *len, struct addr *to)
{
	const uint8_t *ip = *packet;
	size_t header = IP6_HEADER;

	memset(to, 0, sizeof(*to));
	if (family == V4) {
		if (skip_ip4(packet, len) != 0)
			return -1;
		to->version = 4;
		to->plen = 32;
		memcpy(to->octets, ip + 16, 4);
		return 0;
	}
	if (*len < header || ip[0] >> 4 != 6 || ip[6] != PROTOCOL_ICMP6)
		return -1;
	to->version = 6;
	to->plen = 128;
	memcpy(to->octets, ip + 24, 16);
	*packet += header;
	*len -= header;
	return 0;
}

int
icmp_error_read(int family, const uint8_t *packet, size_t len, struct icmp_error *error)
{
	memset(error, 0, sizeof(*error));
	if (family == V4 && skip_ip4(&packet, &len) != 0)
		return -1;
	if (len < HEADER || (family == V4 && checksum(packet, len) != 0))
		return -1;
	error->error = family == V4 ? error4(packet[0], packet[1]) : error6(packet[0], packet[1]);
	packet += HEADER;
	len -= HEADER;
	if (error->error == 0 || read_quoted_ip(family, &packet, &len, &error->to) != 0)
		return -1;
	if (len < HEADER || packet[0] != (family == V4 ? TYPE_REQUEST4 : TYPE_REQUEST6))
		return -1;
	error->echo.id = get16(packet + 4);
	error->echo.sequence = get16(packet + 6);
	if (len < ICMP_ECHO_SIZE)
		return 0;
	error->quoted = true;
	read_data(packet + HEADER, &error->echo);
	return 0;
}
