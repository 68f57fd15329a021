/* SPDX-License-Identifier: ISC */
/* The file of captures: a line of words that begins with "# ", a line of hex, an empty line. */
#include "../unit/unit.h"

#include "openbsd/captures.h"

#include <stdio.h>

static size_t
from_hex(const char *text, uint8_t *out, size_t size)
{
	size_t len = 0;
	unsigned octet;

	while (sscanf(text, "%2x", &octet) == 1) {
		assert_true(len < size);
		out[len++] = (uint8_t)octet;
		text += 2;
	}
	assert_true(*text == '\n' || *text == '\0');
	return len;
}

void
captures_read(struct capture list[CAPTURES_COUNT])
{
	FILE *f = fopen(CAPTURES, "r");
	char line[2048], words[512] = "";
	size_t n = 0;

	assert_non_null(f);
	while (fgets(line, sizeof(line), f) != NULL) {
		if (line[0] == '#') {
			snprintf(words, sizeof(words), "%.*s", (int)strcspn(line + 2, "\n"),
				 line + 2);
		} else if (line[0] != '\n') {
			assert_true(n < CAPTURES_COUNT);
			memcpy(list[n].words, words, sizeof(words));
			list[n].len = from_hex(line, list[n].octets, sizeof(list[n].octets));
			n++;
		}
	}
	assert_int_equal(n, CAPTURES_COUNT);
	fclose(f);
}
