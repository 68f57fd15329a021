/* SPDX-License-Identifier: ISC */
/* The ICMP echo codec. Every length is checked before an octet is read. */
#include "config.h"

#include "engine/icmp.h"

#include <string.h>

#include "common/addr.h"

enum { TYPE_REPLY4 = 0, TYPE_REQUEST4 = 8, TYPE_REQUEST6 = 128, TYPE_REPLY6 = 129 };
enum { PROTOCOL_ICMP = 1 };

static const uint8_t magic[4] = {'u', 'p', 'l', 'k'};

static void
put16(uint8_t *p, uint16_t v)
{
	p[0] = (uint8_t)(v >> 8);
	p[1] = (uint8_t)v;
}

static uint16_t
get16(const uint8_t *p)
{
	return (uint16_t)(p[0] << 8 | p[1]);
}

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
icmp_request_write(int family, const struct icmp_echo *echo, uint8_t out[static ICMP_ECHO_SIZE])
{
	memset(out, 0, ICMP_ECHO_SIZE);
	out[0] = family == V6 ? TYPE_REQUEST6 : TYPE_REQUEST4;
	put16(out + 4, echo->id);
	put16(out + 6, echo->sequence);
	memcpy(out + 8, magic, sizeof(magic));
	memcpy(out + 12, &echo->target, 4); /* only this machine reads it back */
	memcpy(out + 16, &echo->nonce, 8);
	if (family == V4)
		put16(out + 2, checksum(out, ICMP_ECHO_SIZE));
	return ICMP_ECHO_SIZE;
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
	if (memcmp(packet + 8, magic, sizeof(magic)) != 0)
		return -1;
	echo->id = get16(packet + 4);
	echo->sequence = get16(packet + 6);
	memcpy(&echo->target, packet + 12, 4);
	memcpy(&echo->nonce, packet + 16, 8);
	return 0;
}
