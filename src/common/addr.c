/* SPDX-License-Identifier: ISC */
/* Addresses of both IP versions: text, sockets and comparison. */
#include "config.h"

#include "common/addr.h"

#include <arpa/inet.h>
#include <net/if.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int
addr_parse(const char *text, struct addr *a)
{
	memset(a, 0, sizeof(*a));
	if (inet_pton(AF_INET, text, a->octets) == 1) {
		a->version = 4;
		a->plen = 32;
		return 0;
	}
	if (inet_pton(AF_INET6, text, a->octets) == 1) {
		a->version = 6;
		a->plen = 128;
		return 0;
	}
	memset(a, 0, sizeof(*a));
	return -1;
}

/* No bit behind the prefix length is set. */
static bool
host_bits_zero(const struct addr *a)
{
	for (unsigned bit = a->plen; bit < addr_size(a) * 8; bit++)
		if (a->octets[bit / 8] & (0x80 >> bit % 8))
			return false;
	return true;
}

int
addr_parse_prefix(const char *text, struct addr *a)
{
	char copy[ADDR_STRLEN];
	char *slash, *end;
	unsigned long plen;

	if (strlen(text) >= sizeof(copy))
		return -1;
	strcpy(copy, text);
	slash = strchr(copy, '/');
	if (slash == NULL || slash[1] < '0' || slash[1] > '9')
		return -1;
	*slash = '\0';
	if (addr_parse(copy, a) != 0)
		return -1;
	plen = strtoul(slash + 1, &end, 10);
	if (*end != '\0' || plen > addr_size(a) * 8)
		return -1;
	a->plen = (uint8_t)plen;
	return host_bits_zero(a) ? 0 : -1;
}

const char *
addr_text(const struct addr *a, char buf[static ADDR_STRLEN])
{
	char name[IF_NAMESIZE];
	size_t n;

	if (!addr_is_set(a) || inet_ntop(addr_af(a), a->octets, buf, ADDR_STRLEN) == NULL) {
		strcpy(buf, "-");
		return buf;
	}
	n = strlen(buf);
	if (a->scope != 0) {
		if (if_indextoname(a->scope, name) == NULL)
			snprintf(name, sizeof(name), "%u", a->scope);
		n += (size_t)snprintf(buf + n, ADDR_STRLEN - n, "%%%s", name);
	}
	if (a->plen != addr_size(a) * 8)
		snprintf(buf + n, ADDR_STRLEN - n, "/%u", a->plen);
	return buf;
}

bool
addr_equal(const struct addr *a, const struct addr *b)
{
	if (a->version != b->version)
		return false;
	if (!addr_is_set(a))
		return true;
	return a->scope == b->scope && memcmp(a->octets, b->octets, addr_size(a)) == 0;
}

bool
addr_is_set(const struct addr *a)
{
	return a->version == 4 || a->version == 6;
}

bool
addr_is_linklocal(const struct addr *a)
{
	return a->version == 6 && a->octets[0] == 0xfe && (a->octets[1] & 0xc0) == 0x80;
}

bool
addr_in_prefix(const struct addr *a, const struct addr *prefix)
{
	unsigned whole = prefix->plen / 8, rest = prefix->plen % 8;

	if (!addr_is_set(a) || a->version != prefix->version || prefix->plen > addr_size(a) * 8)
		return false;
	if (memcmp(a->octets, prefix->octets, whole) != 0)
		return false;
	return rest == 0 || (a->octets[whole] ^ prefix->octets[whole]) >> (8 - rest) == 0;
}

int
addr_family(const struct addr *a)
{
	return a->version == 6 ? V6 : V4;
}

int
addr_af(const struct addr *a)
{
	return a->version == 6 ? AF_INET6 : AF_INET;
}

size_t
addr_size(const struct addr *a)
{
	return a->version == 6 ? 16 : 4;
}

socklen_t
addr_to_sockaddr(const struct addr *a, uint16_t port, struct sockaddr_storage *ss)
{
	memset(ss, 0, sizeof(*ss));
	if (a->version == 6) {
		struct sockaddr_in6 *sin6 = (struct sockaddr_in6 *)ss;

		sin6->sin6_family = AF_INET6;
		sin6->sin6_port = htons(port);
		sin6->sin6_scope_id = a->scope;
		memcpy(&sin6->sin6_addr, a->octets, 16);
		return sizeof(*sin6);
	}
	struct sockaddr_in *sin = (struct sockaddr_in *)ss;

	sin->sin_family = AF_INET;
	sin->sin_port = htons(port);
	memcpy(&sin->sin_addr, a->octets, 4);
	return sizeof(*sin);
}

int
addr_from_sockaddr(const struct sockaddr *sa, struct addr *a)
{
	memset(a, 0, sizeof(*a));
	if (sa->sa_family == AF_INET) {
		a->version = 4;
		a->plen = 32;
		memcpy(a->octets, &((const struct sockaddr_in *)sa)->sin_addr, 4);
		return 0;
	}
	if (sa->sa_family == AF_INET6) {
		const struct sockaddr_in6 *sin6 = (const struct sockaddr_in6 *)sa;

		a->version = 6;
		a->plen = 128;
		memcpy(a->octets, &sin6->sin6_addr, 16);
		if (addr_is_linklocal(a))
			a->scope = sin6->sin6_scope_id;
		return 0;
	}
	return -1;
}
