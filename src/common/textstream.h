/* SPDX-License-Identifier: ISC */
/* A stream that becomes a text in memory, whole or not at all. glibc's open_memstream(3)
 * goes on without a word where it gets no memory, and leaves a hole in the text. */
#ifndef UPLINK_TEXTSTREAM_H
#define UPLINK_TEXTSTREAM_H

#include <stddef.h>
#include <stdio.h>

struct textstream {
	FILE *out; /* NULL: no memory */
	char *text;
	size_t len, room;
	int failed;
};

/* Returns where to print, NULL for want of memory. s must stay where it is until the end. */
FILE *textstream_begin(struct textstream *s);
/* The text, for free(3), ended by a NUL that *len (or NULL) does not count. NULL with errno:
 * memory was wanting at some time, or there was no stream at all. */
char *textstream_end(struct textstream *s, size_t *len);

#endif
