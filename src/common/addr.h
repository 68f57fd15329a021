/* SPDX-License-Identifier: ISC */
/* One address of either IP version, small and without padding, so that it can
 * stand in the board and in messages between processes. */
#ifndef UPLINK_ADDR_H
#define UPLINK_ADDR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/socket.h>

/* The two IP versions as array indexes. */
enum { V4 = 0, V6 = 1, FAMILIES = 2 };

struct addr {
	uint8_t version;    /* 4, 6, or 0: no address */
	uint8_t plen;       /* prefix length where it stands for a prefix, else 32 or 128 */
	uint16_t reserved;  /* 0 */
	uint32_t scope;     /* interface index of an IPv6 link-local address, else 0 */
	uint8_t octets[16]; /* network order; IPv4 uses the first four */
};

enum { ADDR_STRLEN = 64 }; /* "fe80::...%" + interface name, with the NUL */

int addr_parse(const char *text, struct addr *a); /* numeric, no %scope; -1: not an address */
int addr_parse_prefix(const char *text, struct addr *a); /* ADDRESS/LEN, host bits must be 0; -1 */
/* Text form in buf (RFC 5952 for IPv6); "-" for no address. Returns buf. */
const char *addr_text(const struct addr *a, char buf[static ADDR_STRLEN]);
bool addr_equal(const struct addr *a, const struct addr *b); /* version, scope and octets */
bool addr_is_set(const struct addr *a);
bool addr_is_linklocal(const struct addr *a);
bool addr_in_prefix(const struct addr *a, const struct addr *prefix);
int addr_family(const struct addr *a); /* V4 or V6; the address must be set */
int addr_af(const struct addr *a);     /* AF_INET or AF_INET6 */
socklen_t addr_to_sockaddr(const struct addr *a, uint16_t port, struct sockaddr_storage *ss);
int addr_from_sockaddr(const struct sockaddr *sa, struct addr *a); /* -1: other family */
size_t addr_size(const struct addr *a);                            /* octets in use: 4 or 16 */

#endif
