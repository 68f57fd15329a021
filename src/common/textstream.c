/* SPDX-License-Identifier: ISC */
#include "config.h"

#include "common/textstream.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#ifdef HAVE_FOPENCOOKIE

enum { ROOM_FIRST = 1024 };

static ssize_t
write_more(void *cookie, const char *octets, size_t n)
{
	struct textstream *s = cookie;

	if (n >= s->room - s->len) { /* one is for the NUL */
		size_t room = s->room;
		char *text;

		while (room <= s->len + n)
			room *= 2;
		text = realloc(s->text, room);
		if (text == NULL) {
			s->failed = 1;
			return 0;
		}
		s->text = text;
		s->room = room;
	}
	memcpy(s->text + s->len, octets, n);
	s->len += n;
	s->text[s->len] = '\0';
	return (ssize_t)n;
}

FILE *
textstream_begin(struct textstream *s)
{
	const cookie_io_functions_t calls = {.write = write_more};

	*s = (struct textstream){.room = ROOM_FIRST, .text = malloc(ROOM_FIRST)};
	if (s->text == NULL)
		return NULL;
	s->text[0] = '\0';
	s->out = fopencookie(s, "w", calls);
	if (s->out != NULL)
		return s->out;
	free(s->text);
	s->text = NULL;
	return NULL;
}

#else

/* The BSDs' own keeps the error. */
FILE *
textstream_begin(struct textstream *s)
{
	*s = (struct textstream){0};
	s->out = open_memstream(&s->text, &s->len);
	return s->out;
}

#endif

char *
textstream_end(struct textstream *s, size_t *len)
{
	int failed;

	if (s->out == NULL) {
		errno = ENOMEM;
		return NULL;
	}
	failed = ferror(s->out) != 0;
	failed |= fclose(s->out) != 0;
	s->out = NULL;
	if (failed || s->failed) {
		free(s->text);
		s->text = NULL;
		errno = ENOMEM;
		return NULL;
	}
	if (len != NULL)
		*len = s->len;
	return s->text;
}
