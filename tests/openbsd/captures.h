/* SPDX-License-Identifier: ISC */
/* The captured messages of a real kernel, each with the words that stand beside it. */
#ifndef UPLINK_TEST_CAPTURES_H
#define UPLINK_TEST_CAPTURES_H

#include <stddef.h>
#include <stdint.h>

enum { CAPTURES_COUNT = 26 };

struct capture {
	char words[512];
	uint8_t octets[512];
	size_t len;
};

/* Reads them all, as a test: fails where the file is not as it should be. */
void captures_read(struct capture list[CAPTURES_COUNT]);

#endif
