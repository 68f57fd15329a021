/* SPDX-License-Identifier: ISC */
/* strlcpy(3): copies as much as there is room for, always ends with NUL, and returns how long the
 * whole was. */
#include "config.h"

#include <string.h>

size_t
strlcpy(char *to, const char *from, size_t size)
{
	size_t len = strlen(from);

	if (size > 0) {
		size_t copied = len < size ? len : size - 1;

		memcpy(to, from, copied);
		to[copied] = '\0';
	}
	return len;
}
