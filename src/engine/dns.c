/* SPDX-License-Identifier: ISC */
/* The DNS codec. An answer must repeat the question octet by octet: the query is
 * written again and compared, so that nothing of the packet has to be followed. */
#include "config.h"

#include "engine/dns.h"

#include <ctype.h>
#include <string.h>

#include "engine/octets.h"

enum { HEADER = 12, LABEL_MAX = 63, NAME_MAX_OCTETS = 255, CLASS_IN = 1 };
enum { FLAG_ANSWER = 0x80, OPCODE = 0x78, FLAG_TRUNCATED = 0x02, FLAG_RECURSE = 0x01 };

/* Returns the octets of the name, 0 when it is none. */
static size_t
write_name(const char *name, uint8_t *out)
{
	size_t used = 0;

	if (strcmp(name, ".") == 0)
		name = "";
	while (*name != '\0') {
		size_t len = strcspn(name, ".");

		if (len == 0 || len > LABEL_MAX || used + 1 + len + 1 > NAME_MAX_OCTETS)
			return 0;
		out[used++] = (uint8_t)len;
		memcpy(out + used, name, len);
		used += len;
		name += len;
		if (*name == '.')
			name++;
	}
	out[used++] = 0;
	return used;
}

size_t
dns_query_write(const struct dns_query *q, uint8_t out[static DNS_QUERY_MAX])
{
	size_t name;

	memset(out, 0, HEADER);
	put16(out, q->id);
	out[2] = FLAG_RECURSE;
	put16(out + 4, 1); /* questions */
	name = write_name(q->name, out + HEADER);
	if (name == 0)
		return 0;
	put16(out + HEADER + name, q->type);
	put16(out + HEADER + name + 2, CLASS_IN);
	return HEADER + name + 4;
}

int
dns_id(const uint8_t *packet, size_t len)
{
	return len < 2 ? -1 : get16(packet);
}

/* The lengths of labels are below any letter, so this needs not tell them apart. */
static bool
same_question(const uint8_t *a, const uint8_t *b, size_t len)
{
	for (size_t i = 0; i < len; i++)
		if (a[i] != b[i] && (tolower(a[i]) != tolower(b[i]) || i + 4 >= len))
			return false;
	return true;
}

int
dns_answer_read(const uint8_t *packet, size_t len, const struct dns_query *q,
		struct dns_answer *answer)
{
	uint8_t query[DNS_QUERY_MAX];
	size_t query_len = dns_query_write(q, query);

	if (query_len == 0 || len < query_len || get16(packet) != q->id)
		return -1;
	if ((packet[2] & FLAG_ANSWER) == 0 || (packet[2] & OPCODE) != 0 || get16(packet + 4) != 1)
		return -1;
	if (!same_question(packet + HEADER, query + HEADER, query_len - HEADER))
		return -1;
	answer->rcode = packet[3] & 0x0f;
	answer->truncated = (packet[2] & FLAG_TRUNCATED) != 0;
	return 0;
}
