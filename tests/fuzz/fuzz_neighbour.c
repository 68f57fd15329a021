/* SPDX-License-Identifier: ISC */
/* Any octets as an ARP reply or a neighbour advertisement: the first says which. */
#include "config.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "engine/neighbour.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct arp arp;
	struct advert advert;
	uint8_t *exact;

	if (size == 0)
		return 0;
	/* A copy of its exact size: the sanitizer sees the first octet beyond. */
	size--;
	exact = malloc(size > 0 ? size : 1);
	if (exact == NULL)
		return 0;
	memcpy(exact, data + 1, size);
	if ((data[0] & 1) == 0) {
		if (arp_reply_read(exact, size, &arp) == 0 && size < ARP_SIZE)
			abort();
	} else if (advert_read(exact, size, &advert) == 0 &&
		   (size < 24 || advert.target.version != 6)) {
		abort();
	}
	free(exact);
	return 0;
}
