/* SPDX-License-Identifier: ISC */
/* Headings and paragraphs of sentences, broken at the width of a terminal. */
#ifndef UPLINK_CTL_PAGE_H
#define UPLINK_CTL_PAGE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#include "ctl/screen.h"

struct page {
	FILE *out;
	bool colours;
	size_t len;
	enum colour colour; /* of the paragraph */
	char paragraph[4096];
};

void page_heading(struct page *p, const char *text);
/* Adds a sentence to the paragraph. */
void page_say(struct page *p, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
/* Makes the paragraph stand out. */
void page_colour(struct page *p, enum colour colour);
/* Ends it: it is written. */
void page_end(struct page *p);

#endif
