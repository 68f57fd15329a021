/* SPDX-License-Identifier: ISC */
/* Two lines of head, the columns' names, then each link with its targets, and one
 * line of help at the foot. */
#include "config.h"

#include "ctl/top.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ctl/ctl.h"
#include "ctl/format.h"
#include "ctl/spark.h"

enum { HEAD_LINES = 4, FOOT_LINES = 1, FIXED = 36, NAME_MIN = 18 };

/* Where the columns begin. */
struct columns {
	size_t name, health, oper, rtt, loss, rtt_line, loss_line, spark;
};

static size_t
name_columns(size_t columns)
{
	return columns > 80 ? NAME_MIN + (columns - 80) / 4 : NAME_MIN;
}

size_t
top_spark_columns(size_t columns)
{
	size_t used = name_columns(columns) + FIXED + 2;
	size_t spark = columns > used ? (columns - used) / 2 : 0;

	return spark < TOP_SPARK_MAX ? spark : TOP_SPARK_MAX;
}

size_t
top_body_lines(size_t lines)
{
	return lines > HEAD_LINES + FOOT_LINES ? lines - HEAD_LINES - FOOT_LINES : 0;
}

size_t
top_link_lines(const struct top *top, const struct top_link *link)
{
	if (top->hide_targets)
		return 1;
	return 1 + json_array_size(json_object_get(link->targets, "targets"));
}

static struct columns
columns_of(size_t width)
{
	struct columns c = {.name = 0, .spark = top_spark_columns(width)};

	c.health = name_columns(width);
	c.oper = c.health + 9;
	c.rtt = c.oper + 9;
	c.loss = c.rtt + 9;
	c.rtt_line = c.loss + 9;
	c.loss_line = c.rtt_line + c.spark + 1;
	return c;
}

/* Text in a field: cleaned, cut, and with right moved to its right edge. */
static void
put(const struct top_screen *s, size_t line, size_t column, size_t width, enum colour colour,
    bool right, const char *text)
{
	char *clean = screen_clean(text);
	size_t used;

	if (column >= s->columns || line >= s->lines || clean == NULL) {
		free(clean);
		return;
	}
	if (width > s->columns - column)
		width = s->columns - column;
	clean[screen_fit(clean, width)] = '\0';
	used = screen_width(clean);
	s->put(s->arg, line, column + (right && used < width ? width - used : 0), colour, clean);
	free(clean);
}

static enum colour
health_colour(const char *health)
{
	return strcmp(health, "up") == 0 ? GREEN : strcmp(health, "down") == 0 ? RED : YELLOW;
}

static enum colour
oper_colour(const char *oper)
{
	if (strcmp(oper, "active") == 0)
		return GREEN;
	return strcmp(oper, "out") == 0 ? RED : strcmp(oper, "standby") == 0 ? PLAIN : YELLOW;
}

/* ---- sparklines ---- */

struct series {
	long long rtt[TOP_SPARK_MAX], loss[TOP_SPARK_MAX];
	long long rtt_max;
	size_t n;
};

static void
add(struct series *s, size_t at, long long rtt, long long loss)
{
	if (at >= TOP_SPARK_MAX)
		return;
	s->rtt[at] = rtt;
	s->loss[at] = loss;
	if (rtt > s->rtt_max)
		s->rtt_max = rtt;
}

/* The newest n minutes, those that are not known left empty. */
static void
read_minutes(const json_t *history, size_t n, struct series *s)
{
	long long end = ctl_number(history, "end", 0);
	const json_t *m;
	size_t i;

	s->n = n;
	for (i = 0; i < n; i++)
		add(s, i, -1, -1);
	json_array_foreach(json_object_get(history, "minutes"), i, m)
	{
		long long minute = ctl_number(m, "minute", -1);

		if (minute >= 0 && minute < end && end - minute <= (long long)n)
			add(s, n - (size_t)(end - minute), ctl_number(m, "rtt_avg_us", -1),
			    ctl_number(m, "loss_ppm", -1));
	}
}

static void
read_samples(const json_t *samples, size_t n, struct series *s)
{
	size_t all = json_array_size(samples), skip = all > n ? all - n : 0;

	s->n = n;
	for (size_t i = 0; i < n; i++)
		add(s, i, -1, -1);
	for (size_t i = skip; i < all; i++) {
		const json_t *us = json_array_get(samples, i);
		bool answered = json_is_integer(us);

		add(s, n - all + i, answered ? json_integer_value(us) : -1, answered ? 0 : 1000000);
	}
}

static void
put_series(const struct top *top, const struct top_screen *s, const struct columns *c, size_t line,
	   const struct series *series)
{
	char text[TOP_SPARK_MAX * SPARK_CELL + 1];

	put(s, line, c->rtt_line, c->spark, PLAIN, false,
	    spark_line(series->rtt, series->n, series->rtt_max, true, top->blocks, text));
	put(s, line, c->loss_line, c->spark, RED, false,
	    spark_line(series->loss, series->n, 1000000, false, top->blocks, text));
}

/* ---- lines ---- */

static void
put_figures(const struct top_screen *s, const struct columns *c, size_t line, const json_t *row)
{
	char text[FORMAT_LEN];

	put(s, line, c->rtt, 8, PLAIN, true, format_us(ctl_number(row, "rtt_avg_us", -1), text));
	put(s, line, c->loss, 8, ctl_number(row, "loss_ppm", 0) > 0 ? YELLOW : PLAIN, true,
	    format_loss(ctl_number(row, "loss_ppm", -1), text));
}

static void
put_link(const struct top *top, const struct top_screen *s, size_t line, const struct top_link *l)
{
	struct columns c = columns_of(s->columns);
	const char *health = ctl_text(l->link, "health", "?"),
		   *oper = ctl_text(l->link, "oper", "?");
	struct series series = {.n = 0};

	put(s, line, c.name, c.health - 1, BOLD, false, ctl_text(l->link, "link", "?"));
	put(s, line, c.health, 8, health_colour(health), false, health);
	put(s, line, c.oper, 8, oper_colour(oper), false, oper);
	put_figures(s, &c, line, l->link);
	read_minutes(l->history, c.spark, &series);
	put_series(top, s, &c, line, &series);
}

static void
put_target(const struct top *top, const struct top_screen *s, size_t line, const json_t *t)
{
	struct columns c = columns_of(s->columns);
	const char *status = ctl_text(t, "status", "?");
	bool aside = ctl_true(t, "set_aside");
	char text[128];
	struct series series = {.n = 0};

	snprintf(text, sizeof(text), "%s %s", ctl_text(t, "address", "(gateway unknown)"),
		 ctl_text(t, "method", ""));
	put(s, line, 2, c.oper - 3, PLAIN, false, text);
	put(s, line, c.oper, 8, health_colour(aside ? "" : status), false,
	    aside ? "aside" : status);
	put_figures(s, &c, line, t);
	read_samples(json_object_get(t, "samples_us"), c.spark, &series);
	put_series(top, s, &c, line, &series);
}

/* Returns the line after the last. */
static size_t
put_targets(const struct top *top, const struct top_screen *s, size_t line, size_t end,
	    const struct top_link *l)
{
	const json_t *targets = json_object_get(l->targets, "targets"), *t;
	char text[64];
	size_t i;

	json_array_foreach(targets, i, t)
	{
		if (line + 1 == end && i + 1 < json_array_size(targets)) {
			snprintf(text, sizeof(text), "and %zu more targets",
				 json_array_size(targets) - i);
			put(s, line, 2, s->columns, FAINT, false, text);
			return end;
		}
		if (line < end)
			put_target(top, s, line++, t);
	}
	return line;
}

/* ---- head and foot ---- */

static void
put_head(const struct top *top, const struct top_screen *s)
{
	const json_t *g = json_object_get(top->status, "global");
	long long links = ctl_number(g, "links", 0), usable = ctl_number(g, "usable_links", 0);
	const char *site = ctl_text(g, "site", "");
	char text[256], age[FORMAT_LEN], tier[64] = "no link carries traffic";

	if (top->status == NULL)
		return;
	if (ctl_number(g, "active_tier", 0) > 0)
		snprintf(tier, sizeof(tier), "tier %lld carries the traffic",
			 ctl_number(g, "active_tier", 0));
	snprintf(text, sizeof(text), "%s%s%lld of %lld links usable, %s%s", site,
		 site[0] ? ": " : "", usable, links, tier,
		 ctl_true(g, "all_down") ? ": ALL ARE DOWN" : "");
	put(s, 0, 0, s->columns, usable == 0 ? RED : usable < links ? YELLOW : GREEN, false, text);
	snprintf(text, sizeof(text), "uplinkd %s, up %s", ctl_text(g, "version", "?"),
		 format_duration(ctl_number(g, "uptime_s", -1), age));
	put(s, 1, 0, s->columns, FAINT, false, text);
}

static void
put_gone(const struct top *top, const struct top_screen *s)
{
	char text[128], age[FORMAT_LEN];

	if (top->gone_s < 0)
		return;
	snprintf(text, sizeof(text), "uplinkd has not answered for %s, waiting for it; %s",
		 format_duration(top->gone_s, age),
		 top->status ? "what stands here is old" : "nothing is known yet");
	put(s, 1, 0, s->columns, RED, false, text);
}

static void
put_names(const struct top_screen *s)
{
	struct columns c = columns_of(s->columns);
	char text[64];

	put(s, 3, c.name, c.health - 1, BOLD, false, "LINK");
	put(s, 3, c.health, 8, BOLD, false, "HEALTH");
	put(s, 3, c.oper, 8, BOLD, false, "NOW");
	put(s, 3, c.rtt, 8, BOLD, true, "RTT");
	put(s, 3, c.loss, 8, BOLD, true, "LOSS");
	snprintf(text, sizeof(text), c.spark < 20 ? "RTT" : "RTT OF MINUTES, PROBES");
	put(s, 3, c.rtt_line, c.spark, BOLD, false, text);
	snprintf(text, sizeof(text), c.spark < 20 ? "LOSS" : "LOSS OF MINUTES, PROBES");
	put(s, 3, c.loss_line, c.spark, BOLD, false, text);
}

static void
put_foot(const struct top *top, const struct top_screen *s)
{
	char text[160];
	size_t all = json_array_size(json_object_get(top->status, "links"));

	snprintf(text, sizeof(text),
		 "q quit  t targets  up/down scroll (%zu of %zu)  bars: minutes, or probes",
		 all > 0 ? top->first + 1 : 0, all);
	put(s, s->lines - 1, 0, s->columns, FAINT, false, text);
}

void
top_draw(const struct top *top, const struct top_screen *s)
{
	size_t line = HEAD_LINES, end = HEAD_LINES + top_body_lines(s->lines);

	put_head(top, s);
	put_gone(top, s);
	if (s->lines > HEAD_LINES)
		put_names(s);
	for (size_t i = 0; i < top->nlinks && line < end; i++) {
		put_link(top, s, line++, &top->links[i]);
		if (!top->hide_targets)
			line = put_targets(top, s, line, end, &top->links[i]);
	}
	if (s->lines > HEAD_LINES + FOOT_LINES)
		put_foot(top, s);
}
