/* SPDX-License-Identifier: ISC */
/* Eighths of a character where there are blocks, whole ones where not. */
#include "config.h"

#include "ctl/spark.h"

#include <string.h>
#include <wchar.h>

bool
spark_blocks(void)
{
	mbstate_t state = {0};
	wchar_t c;

	return mbrtowc(&c, "\xe2\x96\x88", 3, &state) == 3 && c == 0x2588 && wcwidth(c) == 1;
}

static void
append(char **to, const char *text)
{
	size_t len = strlen(text);

	memcpy(*to, text, len + 1);
	*to += len;
}

/* Of so many steps, at least one where there is something. */
static size_t
steps_of(long long value, long long max, size_t steps)
{
	double part = max > 0 ? (double)value / (double)max * (double)steps : 0;

	if (value <= 0)
		return 0;
	if (part < 1)
		return 1;
	return part >= (double)steps ? steps : (size_t)(part + 0.5);
}

/* The highest block is left out: bars of two lines under each other would touch. */
const char *
spark_line(const long long *values, size_t n, long long max, bool floor, bool blocks, char *text)
{
	static const char *const standing[] = {" ",
					       "\xe2\x96\x81",
					       "\xe2\x96\x82",
					       "\xe2\x96\x83",
					       "\xe2\x96\x84",
					       "\xe2\x96\x85",
					       "\xe2\x96\x86",
					       "\xe2\x96\x87",
					       "\xe2\x96\x88"};
	static const char *const plain[] = {" ", "_", "_", ".", ".", "-", "=", "*", "#"};
	char *to = text;

	*to = '\0';
	for (size_t i = 0; i < n; i++) {
		size_t step = steps_of(values[i], max, blocks ? 7 : 8);

		if (step == 0 && floor && values[i] == 0)
			step = 1;
		append(&to, blocks ? standing[step] : plain[step]);
	}
	return text;
}

const char *
spark_bar(long long value, long long max, size_t width, bool blocks, char *text)
{
	static const char *const lying[] = {"",
					    "\xe2\x96\x8f",
					    "\xe2\x96\x8e",
					    "\xe2\x96\x8d",
					    "\xe2\x96\x8c",
					    "\xe2\x96\x8b",
					    "\xe2\x96\x8a",
					    "\xe2\x96\x89"};
	size_t steps = steps_of(value, max, width * (blocks ? 8 : 1));
	char *to = text;

	*to = '\0';
	for (size_t i = 0; i < (blocks ? steps / 8 : steps); i++)
		append(&to, blocks ? "\xe2\x96\x88" : "#");
	if (blocks)
		append(&to, lying[steps % 8]);
	return text;
}
