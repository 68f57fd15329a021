/* SPDX-License-Identifier: ISC */
/* Any octets as an echo reply, or as an error: the first says which IP version. What is taken is
 * long enough to have been one, and nothing is read beyond it. */
#include "config.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "common/addr.h"
#include "engine/icmp.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct icmp_echo echo = {0};
	struct icmp_error error;
	uint8_t *exact;
	int family;

	if (size == 0)
		return 0;
	family = data[0] & 1 ? V6 : V4;
	/* A copy of its exact size: the sanitizer sees the first octet beyond. */
	size--;
	exact = malloc(size > 0 ? size : 1);
	if (exact == NULL)
		return 0;
	memcpy(exact, data + 1, size);
	if (icmp_reply_read(family, exact, size, &echo) == 0 && size < ICMP_ECHO_SIZE)
		abort();
	if (icmp_error_read(family, exact, size, &error) == 0 &&
	    (error.error == 0 || size < 8 + 20 + 8 || error.to.version == 0))
		abort();
	free(exact);
	return 0;
}
