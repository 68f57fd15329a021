/* SPDX-License-Identifier: ISC */
/* Text and tables on a terminal. Whatever the text is, no control character of it
 * reaches the screen, and columns stand under each other as they are seen. */
#ifndef UPLINK_CTL_SCREEN_H
#define UPLINK_CTL_SCREEN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

enum colour { PLAIN, BOLD, GREEN, YELLOW, RED, FAINT };

/* A copy of text with '?' for all that can't be shown in this locale or does more
 * than to be seen. To be freed; NULL without memory. */
char *screen_clean(const char *text);
/* Octets of a clean text that fit into so many columns. */
size_t screen_fit(const char *clean, size_t columns);
/* Columns that a clean text takes. */
size_t screen_width(const char *clean);
/* Cleans and prints it, coloured where colours is true. */
void screen_print(FILE *out, bool colours, enum colour colour, const char *text);

struct table;

/* heads: the columns' names, ended by NULL; one that starts with '>' is aligned to
 * the right. NULL without memory; all functions then do nothing. */
struct table *table_new(const char *const *heads);
void table_free(struct table *t);
/* The next cell, from left to right, row by row. */
void table_cell(struct table *t, enum colour colour, const char *text);
/* The last column goes on below itself where the terminal has so many columns; 0: never. */
void table_wrap(struct table *t, size_t columns);
/* Where a table is wider than so many columns of a terminal (0: it is none), leaves out those
 * of these names, ended by NULL, the first one first, until it fits; never the last one. Below
 * the table it is said which. After all cells. */
void table_fit(struct table *t, size_t columns, const char *const *spare);
void table_print(const struct table *t, FILE *out, bool colours);

#endif
