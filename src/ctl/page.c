/* SPDX-License-Identifier: ISC */
/* A paragraph is collected and written as a whole, indented by two. */
#include "config.h"

#include "ctl/page.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

enum { INDENT = 2, PAGE_WIDTH = 78 };

void
page_heading(struct page *p, const char *text)
{
	page_end(p);
	fputc('\n', p->out);
	screen_print(p->out, p->colours, BOLD, text);
	fputc('\n', p->out);
}

void
page_say(struct page *p, const char *fmt, ...)
{
	size_t size = sizeof(p->paragraph);
	va_list ap;
	int n;

	if (p->len > 0 && p->len + 1 < size)
		p->paragraph[p->len++] = ' ';
	va_start(ap, fmt);
	n = vsnprintf(p->paragraph + p->len, size - p->len, fmt, ap);
	va_end(ap);
	p->len += n > 0 ? (size_t)n : 0;
	if (p->len >= size)
		p->len = size - 1;
}

void
page_colour(struct page *p, enum colour colour)
{
	p->colour = colour;
}

/* A word, on this line or the next. */
static void
put_word(struct page *p, const char *word, size_t *at)
{
	size_t width = screen_width(word);

	if (*at > INDENT && *at + 1 + width > PAGE_WIDTH) {
		fputc('\n', p->out);
		*at = 0;
	}
	if (*at == 0)
		*at = (size_t)fprintf(p->out, "%*s", INDENT, "");
	else
		*at += (size_t)fprintf(p->out, " ");
	screen_print(p->out, p->colours, p->colour, word);
	*at += width;
}

void
page_end(struct page *p)
{
	char *clean = screen_clean(p->paragraph), *rest = clean, *word;
	size_t at = 0;

	if (p->len > 0 && clean != NULL) {
		while ((word = strsep(&rest, " ")) != NULL)
			put_word(p, word, &at);
		fputc('\n', p->out);
	}
	free(clean);
	p->len = 0;
	p->paragraph[0] = '\0';
	p->colour = PLAIN;
}
