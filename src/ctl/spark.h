/* SPDX-License-Identifier: ISC */
/* Values as bars of characters. Pure: no I/O. Where the locale has no block
 * characters, ASCII stands for them. */
#ifndef UPLINK_CTL_SPARK_H
#define UPLINK_CTL_SPARK_H

#include <stdbool.h>
#include <stddef.h>

enum { SPARK_CELL = 3 }; /* octets of a character, at most */

/* The locale can show block characters. */
bool spark_blocks(void);

/* One character a value, standing bars from 0 to max; a value below 0 (not known)
 * is a space, 0 the lowest bar where floor is true, else a space. text has room for
 * n * SPARK_CELL + 1 octets. Returns text. */
const char *spark_line(const long long *values, size_t n, long long max, bool floor, bool blocks,
		       char *text);

/* One lying bar of at most width characters; what is not 0 is never nothing. text has
 * room for width * SPARK_CELL + 1 octets. Returns text. */
const char *spark_bar(long long value, long long max, size_t width, bool blocks, char *text);

#endif
