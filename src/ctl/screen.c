/* SPDX-License-Identifier: ISC */
/* The locale says what a character is and how wide; it is asked one at a time. */
#include "config.h"

#include "ctl/screen.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <wchar.h>

/* Of the characters that a locale calls printable, some still change what stands
 * around them: line and paragraph separators and directional controls. */
static bool
is_safe(wchar_t c)
{
	return wcwidth(c) >= 0 && !(c >= 0x200b && c <= 0x200f) && !(c >= 0x2028 && c <= 0x202e) &&
	       !(c >= 0x2060 && c <= 0x206f) && c != 0xfeff;
}

/* The next character: its length in octets, safe or not. */
static size_t
next_character(const char *text, size_t left, bool *safe, int *width)
{
	mbstate_t state = {0};
	wchar_t c;
	size_t n = mbrtowc(&c, text, left, &state);

	if (n == 0 || n > left) {
		/* Not of this locale: one mark for it, not one per octet. */
		for (n = 1; n < left && ((unsigned char)text[n] & 0xc0) == 0x80;)
			n++;
		*safe = false;
		return n;
	}
	*safe = is_safe(c);
	*width = *safe ? wcwidth(c) : 1;
	return n;
}

char *
screen_clean(const char *text)
{
	size_t left = strlen(text);
	char *clean = malloc(left + 1), *to = clean;

	if (clean == NULL)
		return NULL;
	while (left > 0) {
		bool safe;
		int width;
		size_t n = next_character(text, left, &safe, &width);

		if (safe) {
			memcpy(to, text, n);
			to += n;
		} else {
			*to++ = '?';
		}
		text += n;
		left -= n;
	}
	*to = '\0';
	return clean;
}

size_t
screen_width(const char *clean)
{
	size_t left = strlen(clean), total = 0;

	while (left > 0) {
		bool safe;
		int width = 1;
		size_t n = next_character(clean, left, &safe, &width);

		total += (size_t)width;
		clean += n;
		left -= n;
	}
	return total;
}

size_t
screen_fit(const char *clean, size_t columns)
{
	size_t left = strlen(clean), total = 0, octets = 0;

	while (left > 0) {
		bool safe;
		int width = 1;
		size_t n = next_character(clean + octets, left, &safe, &width);

		total += (size_t)width;
		if (total > columns)
			break;
		octets += n;
		left -= n;
	}
	return octets;
}

static const char *
colour_code(enum colour colour)
{
	static const char *const codes[] = {
	    [PLAIN] = "",          [BOLD] = "\033[1m",   [GREEN] = "\033[32m",
	    [YELLOW] = "\033[33m", [RED] = "\033[1;31m", [FAINT] = "\033[2m"};
	return codes[colour];
}

static void
print_part(FILE *out, bool colours, enum colour colour, const char *clean, size_t octets)
{
	bool coloured = colours && colour != PLAIN && octets > 0;

	fputs(coloured ? colour_code(colour) : "", out);
	fwrite(clean, 1, octets, out);
	fputs(coloured ? "\033[0m" : "", out);
}

static void
print_clean(FILE *out, bool colours, enum colour colour, const char *clean)
{
	print_part(out, colours, colour, clean, strlen(clean));
}

void
screen_print(FILE *out, bool colours, enum colour colour, const char *text)
{
	char *clean = screen_clean(text);

	if (clean != NULL)
		print_clean(out, colours, colour, clean);
	free(clean);
}

struct cell {
	char *text;
	size_t width;
	enum colour colour;
};

struct column {
	bool left_out; /* for want of room */
	const char *head;
	bool right;
	size_t width;
};

struct table {
	struct column *columns;
	size_t ncolumns;
	struct cell *cells;
	size_t ncells, size;
	size_t wrap;
};

/* With less room than this nothing is gained by lines below each other. */
enum { WRAP_MIN = 12 };

struct table *
table_new(const char *const *heads)
{
	struct table *t = calloc(1, sizeof(*t));

	if (t == NULL)
		return NULL;
	while (heads[t->ncolumns] != NULL)
		t->ncolumns++;
	t->columns = calloc(t->ncolumns + 1, sizeof(t->columns[0]));
	if (t->columns == NULL) {
		free(t);
		return NULL;
	}
	for (size_t i = 0; i < t->ncolumns; i++) {
		struct column *c = &t->columns[i];

		c->right = heads[i][0] == '>';
		c->head = heads[i] + c->right;
		c->width = screen_width(c->head);
	}
	return t;
}

void
table_free(struct table *t)
{
	if (t == NULL)
		return;
	for (size_t i = 0; i < t->ncells; i++)
		free(t->cells[i].text);
	free(t->cells);
	free(t->columns);
	free(t);
}

void
table_cell(struct table *t, enum colour colour, const char *text)
{
	struct column *column;
	struct cell cell = {.colour = colour};

	if (t == NULL)
		return;
	if (t->ncells == t->size) {
		size_t size = t->size ? 2 * t->size : 64;
		struct cell *cells = realloc(t->cells, size * sizeof(cells[0]));

		if (cells == NULL)
			return;
		t->cells = cells;
		t->size = size;
	}
	cell.text = screen_clean(text);
	if (cell.text == NULL)
		return;
	cell.width = screen_width(cell.text);
	column = &t->columns[t->ncells % t->ncolumns];
	if (column->width < cell.width)
		column->width = cell.width;
	t->cells[t->ncells++] = cell;
}

static void
spaces(FILE *out, size_t n)
{
	while (n-- > 0)
		fputc(' ', out);
}

/* Octets of the words that fit, or of what fits of a longer one. */
static size_t
words_that_fit(const char *text, size_t columns)
{
	size_t fit = screen_fit(text, columns), end = fit;

	while (end > 0 && text[end] != ' ')
		end--;
	return end > 0 ? end : fit;
}

/* The last cell of a row, from column at on. */
static void
print_last(FILE *out, bool colours, const struct table *t, const struct cell *cell, size_t at)
{
	size_t room = t->wrap >= at + WRAP_MIN ? t->wrap - at : SIZE_MAX;
	const char *rest = cell->text;

	while (screen_width(rest) > room) {
		size_t octets = words_that_fit(rest, room);

		print_part(out, colours, cell->colour, rest, octets);
		fputc('\n', out);
		spaces(out, at);
		rest += octets;
		rest += strspn(rest, " ");
	}
	print_clean(out, colours, cell->colour, rest);
	fputc('\n', out);
}

static size_t
start_of(const struct table *t, size_t column)
{
	size_t at = 0;

	for (size_t i = 0; i < column; i++)
		if (!t->columns[i].left_out)
			at += t->columns[i].width + 2;
	return at;
}

/* Spaces are only written before something, never at the end of a line: *owed. */
static void
print_cell(FILE *out, bool colours, const struct table *t, size_t column, const struct cell *cell,
	   size_t *owed)
{
	const struct column *c = &t->columns[column];
	size_t pad = c->width - cell->width;

	if (c->left_out)
		return;
	if (c->right)
		*owed += pad;
	if (cell->width > 0) {
		spaces(out, *owed);
		*owed = 0;
	}
	if (column + 1 == t->ncolumns) {
		print_last(out, colours, t, cell, start_of(t, column));
		*owed = 0;
	} else {
		print_clean(out, colours, cell->colour, cell->text);
		*owed += 2 + (c->right ? 0 : pad);
	}
}

void
table_wrap(struct table *t, size_t columns)
{
	if (t != NULL)
		t->wrap = columns;
}

static bool
is_too_wide(const struct table *t, size_t columns)
{
	size_t last = t->columns[t->ncolumns - 1].width;

	if (t->wrap != 0 && last > WRAP_MIN)
		last = WRAP_MIN;
	return start_of(t, t->ncolumns - 1) + last > columns;
}

void
table_fit(struct table *t, size_t columns, const char *const *spare)
{
	if (t == NULL || t->ncolumns == 0 || columns == 0)
		return;
	for (; *spare != NULL && is_too_wide(t, columns); spare++)
		for (size_t i = 0; i + 1 < t->ncolumns; i++)
			if (strcmp(t->columns[i].head, *spare) == 0)
				t->columns[i].left_out = true;
}

static void
print_left_out(const struct table *t, FILE *out, bool colours)
{
	char line[256] = "";
	size_t len = 0;

	for (size_t i = 0; i < t->ncolumns && len < sizeof(line); i++)
		if (t->columns[i].left_out)
			len += (size_t)snprintf(
			    line + len, sizeof(line) - len, "%s%s",
			    len > 0 ? ", " : "not here for want of room: ", t->columns[i].head);
	if (len == 0)
		return;
	screen_print(out, colours, FAINT, line);
	fputc('\n', out);
}

void
table_print(const struct table *t, FILE *out, bool colours)
{
	size_t owed = 0;

	if (t == NULL || t->ncolumns == 0)
		return;
	for (size_t i = 0; i < t->ncolumns; i++) {
		struct cell head = {.text = (char *)(uintptr_t)t->columns[i].head,
				    .width = screen_width(t->columns[i].head),
				    .colour = BOLD};

		print_cell(out, colours, t, i, &head, &owed);
	}
	for (size_t i = 0; i < t->ncells; i++)
		print_cell(out, colours, t, i % t->ncolumns, &t->cells[i], &owed);
	print_left_out(t, out, colours);
}
