/* SPDX-License-Identifier: ISC */
/* An answer of HTTP from anybody. It begins with the text that is expected, up to a
 * newline; the rest is read as a whole and octet by octet, with the same verdict. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "http.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static enum http_verdict
read_answer(const struct conf_http *want, const uint8_t *data, size_t size, size_t piece,
	    unsigned *error)
{
	struct http h;

	http_start(&h, want);
	for (size_t i = 0; i < size; i += piece)
		http_take(&h, data + i, size - i < piece ? size - i : piece);
	http_end(&h);
	*error = h.error;
	return h.verdict;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct conf_http want = {.status = 200};
	const uint8_t *end = size > 0 ? memchr(data, '\n', size) : NULL;
	size_t len = end == NULL ? 0 : (size_t)(end - data);
	unsigned whole, single;

	if (len > 0 && len <= CONF_EXPECT_LEN && memchr(data, '\0', len) == NULL)
		memcpy(want.expect, data, len);
	if (end != NULL) {
		size -= len + 1;
		data += len + 1;
	}
	if (read_answer(&want, data, size, size + 1, &whole) !=
		read_answer(&want, data, size, 1, &single) ||
	    whole != single)
		abort();
	return 0;
}
