/* SPDX-License-Identifier: ISC */
/* DNS queries and answers as octets (RFC 1035). Pure. Of an answer only the header
 * and the question are read, and a name there is never followed elsewhere. */
#ifndef UPLINK_DNS_H
#define UPLINK_DNS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { DNS_QUERY_MAX = 12 + 255 + 4 };

struct dns_query {
	uint16_t id;
	uint16_t type;
	const char *name; /* labels with dots between them; "." or "": the root */
};

struct dns_answer {
	uint8_t rcode;  /* RFC 6895, section 2.3 */
	bool truncated; /* there is more, which does not fit */
};

/* Writes a query with recursion desired. Returns its length, 0 when the name is none. */
size_t dns_query_write(const struct dns_query *q, uint8_t out[static DNS_QUERY_MAX]);

/* The identifier of a message, or -1 when it is too short. */
int dns_id(const uint8_t *packet, size_t len);

/* Reads the answer to q: 0, or -1 when it is none: too short, a query, another id,
 * not exactly one question, or not this one (letters in either case). */
int dns_answer_read(const uint8_t *packet, size_t len, const struct dns_query *q,
		    struct dns_answer *answer);

#endif
