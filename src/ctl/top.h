/* SPDX-License-Identifier: ISC */
/* What top shows: lines of fields, made from what the daemon says, for a screen of
 * any size. Pure: the terminal is somebody else's. */
#ifndef UPLINK_CTL_TOP_H
#define UPLINK_CTL_TOP_H

#include <stdbool.h>
#include <stddef.h>

#include <jansson.h>

#include "ctl/screen.h"

enum {
	TOP_SPARK_MAX = 60, /* columns of a sparkline */
	TOP_LINKS_MAX = 512,
};

/* A link on the screen. */
struct top_link {
	const json_t *link;
	json_t *targets, *history; /* answers, or NULL */
};

struct top {
	json_t *status; /* the newest answer, NULL: none yet */
	struct top_link links[TOP_LINKS_MAX];
	size_t nlinks; /* those that were asked for, from `first` on */
	size_t first;  /* of all links, the first on the screen */
	bool hide_targets;
	bool blocks;
	long long gone_s; /* since then the daemon does not answer, -1: it does */
	long long interval_s;
};

/* Where the text goes. Columns and lines from 0; the text is clean and fits. */
struct top_screen {
	size_t columns, lines;
	void (*put)(void *arg, size_t line, size_t column, enum colour colour, const char *text);
	void *arg;
};

/* Columns of the sparklines on a screen so wide: so many samples and minutes are
 * worth asking for. */
size_t top_spark_columns(size_t columns);
/* Lines that are left for links and targets. */
size_t top_body_lines(size_t lines);
/* Lines that a link with its answers takes. */
size_t top_link_lines(const struct top *top, const struct top_link *link);
void top_draw(const struct top *top, const struct top_screen *screen);

#endif
