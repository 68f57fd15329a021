/* SPDX-License-Identifier: ISC */
/* Whether text from outside may be taken: it must reach logs, terminals, hooks
 * and JSON unharmed. */
#include "config.h"

#include "common/order.h"

/* Length of the well-formed UTF-8 sequence at text (Unicode 15, table 3-7), its
 * code point in *code; 0: malformed. */
static size_t
utf8_sequence(const unsigned char *text, size_t len, uint32_t *code)
{
	size_t need;
	uint32_t smallest;

	if (text[0] < 0x80) {
		*code = text[0];
		return 1;
	}
	if (text[0] >= 0xc2 && text[0] <= 0xdf) {
		need = 2;
		smallest = 0x80;
		*code = text[0] & 0x1f;
	} else if ((text[0] & 0xf0) == 0xe0) {
		need = 3;
		smallest = 0x800;
		*code = text[0] & 0x0f;
	} else if (text[0] >= 0xf0 && text[0] <= 0xf4) {
		need = 4;
		smallest = 0x10000;
		*code = text[0] & 0x07;
	} else {
		return 0;
	}
	if (len < need)
		return 0;
	for (size_t i = 1; i < need; i++) {
		if ((text[i] & 0xc0) != 0x80)
			return 0;
		*code = *code << 6 | (text[i] & 0x3f);
	}
	if (*code < smallest || *code > 0x10ffff || (*code >= 0xd800 && *code <= 0xdfff))
		return 0;
	return need;
}

/* C0, DEL and C1, and the line and paragraph separators and bidirectional
 * controls, which change what a terminal or a mail shows around them. */
static int
is_control(uint32_t code)
{
	return code < 0x20 || (code >= 0x7f && code <= 0x9f) ||
	       (code >= 0x2028 && code <= 0x202e) || (code >= 0x2066 && code <= 0x2069);
}

int
text_ok(const char *text, size_t len)
{
	return len <= TEXT_LEN && text_clean(text, len);
}

int
text_clean(const char *text, size_t len)
{
	const unsigned char *p = (const unsigned char *)text;

	while (len > 0) {
		uint32_t code;
		size_t n = utf8_sequence(p, len, &code);

		if (n == 0 || is_control(code))
			return 0;
		p += n;
		len -= n;
	}
	return 1;
}
