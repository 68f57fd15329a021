/* SPDX-License-Identifier: ISC */
/* The codecs that ask a neighbour. Every length is checked before an octet is read. */
#include "config.h"

#include "engine/neighbour.h"

#include <string.h>

enum { OP_REQUEST = 1, OP_REPLY = 2 };
enum { SOLICITATION = 135, ADVERTISEMENT = 136, ADVERT_MIN = 24, SOLICITED = 0x40 };
enum { OPTION_SOURCE_LL = 1 };

/* Ethernet, IPv4, and how long their addresses are. */
static const uint8_t arp_kind[6] = {0, 1, 0x08, 0, LLADDR_LEN, 4};

void
arp_request_write(const struct arp *arp, uint8_t out[static ARP_SIZE])
{
	memset(out, 0, ARP_SIZE);
	memcpy(out, arp_kind, sizeof(arp_kind));
	out[7] = OP_REQUEST;
	memcpy(out + 8, arp->sender_ll, LLADDR_LEN);
	memcpy(out + 14, arp->sender.octets, 4);
	memcpy(out + 24, arp->target.octets, 4);
}

static struct addr
read_address(const uint8_t *octets, int version)
{
	struct addr a = {.version = (uint8_t)version, .plen = version == 4 ? 32 : 128};

	memcpy(a.octets, octets, version == 4 ? 4 : 16);
	return a;
}

int
arp_reply_read(const uint8_t *packet, size_t len, struct arp *arp)
{
	if (len < ARP_SIZE || memcmp(packet, arp_kind, sizeof(arp_kind)) != 0 || packet[6] != 0 ||
	    packet[7] != OP_REPLY)
		return -1;
	memcpy(arp->sender_ll, packet + 8, LLADDR_LEN);
	memcpy(arp->target_ll, packet + 18, LLADDR_LEN);
	arp->sender = read_address(packet + 14, 4);
	arp->target = read_address(packet + 24, 4);
	return 0;
}

void
solicit_write(const struct addr *target, const uint8_t lladdr[static LLADDR_LEN],
	      uint8_t out[static SOLICIT_SIZE])
{
	memset(out, 0, SOLICIT_SIZE);
	out[0] = SOLICITATION;
	memcpy(out + 8, target->octets, 16);
	out[24] = OPTION_SOURCE_LL;
	out[25] = 1; /* of 8 octets */
	memcpy(out + 26, lladdr, LLADDR_LEN);
}

struct addr
solicited_node(const struct addr *target, uint32_t ifindex)
{
	struct addr group = {.version = 6, .plen = 128, .scope = ifindex};

	group.octets[0] = 0xff;
	group.octets[1] = 0x02;
	group.octets[11] = 0x01;
	group.octets[12] = 0xff;
	memcpy(group.octets + 13, target->octets + 13, 3);
	return group;
}

/* Options have a length of their own, which is never 0, and end where the packet does. */
static bool
options_ok(const uint8_t *p, size_t len)
{
	while (len > 0) {
		size_t n;

		if (len < 8)
			return false;
		n = (size_t)p[1] * 8;
		if (n == 0 || n > len)
			return false;
		p += n;
		len -= n;
	}
	return true;
}

int
advert_read(const uint8_t *packet, size_t len, struct advert *advert)
{
	if (len < ADVERT_MIN || packet[0] != ADVERTISEMENT || packet[1] != 0)
		return -1;
	if (packet[8] == 0xff || !options_ok(packet + ADVERT_MIN, len - ADVERT_MIN))
		return -1;
	advert->solicited = (packet[4] & SOLICITED) != 0;
	advert->target = read_address(packet + 8, 6);
	return 0;
}
