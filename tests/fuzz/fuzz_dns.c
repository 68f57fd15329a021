/* SPDX-License-Identifier: ISC */
/* Any octets as the answer to a query. What is taken repeats the question; that
 * what follows is rubbish is nobody's business. */
#include "config.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "engine/dns.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct dns_query query = {.id = 0xbeef, .type = 1, .name = "www.example.net"};
	struct dns_answer answer;
	uint8_t wire[DNS_QUERY_MAX];
	size_t len = dns_query_write(&query, wire);
	/* A copy of its exact size: the sanitizer sees the first octet beyond. */
	uint8_t *exact = malloc(size > 0 ? size : 1);

	if (exact == NULL)
		return 0;
	memcpy(exact, data, size);
	if (dns_answer_read(exact, size, &query, &answer) == 0 &&
	    (size < len || dns_id(exact, size) != 0xbeef || answer.rcode > 15 ||
	     strncasecmp((const char *)exact + 13, (const char *)wire + 13, 3) != 0))
		abort();
	free(exact);
	return 0;
}
