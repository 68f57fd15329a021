/* SPDX-License-Identifier: ISC */
/* What top draws: in its place on 80 columns and 24 lines, and never outside of a
 * screen of any size, whatever the daemon says. */
#include "unit.h"

#include <locale.h>
#include <stdio.h>
#include <stdlib.h>

#include "ctl/top.h"

enum { COLUMNS_MAX = 250, LINES_MAX = 60 };

struct grid {
	size_t columns, lines;
	char *text[LINES_MAX]; /* all that was put on a line, joined */
};

static void
put(void *arg, size_t line, size_t column, enum colour colour, const char *text)
{
	struct grid *g = arg;
	char *joined;

	assert_in_range(colour, PLAIN, FAINT);
	assert_true(line < g->lines);
	assert_true(column + screen_width(text) <= g->columns);
	assert_true(asprintf(&joined, "%s%s|", g->text[line] ? g->text[line] : "", text) >= 0);
	free(g->text[line]);
	g->text[line] = joined;
}

static void
draw(const struct top *top, size_t columns, size_t lines, struct grid *g)
{
	struct top_screen s = {.columns = columns, .lines = lines, .put = put, .arg = g};

	memset(g, 0, sizeof(*g));
	g->columns = columns;
	g->lines = lines;
	top_draw(top, &s);
}

static void
wipe(struct grid *g)
{
	for (size_t i = 0; i < LINES_MAX; i++)
		free(g->text[i]);
}

static void
expect(const struct grid *g, size_t line, const char *text)
{
	if (g->text[line] == NULL || strstr(g->text[line], text) == NULL)
		fail_msg("line %zu lacks \"%s\": %s", line, text,
			 g->text[line] ? g->text[line] : "empty");
}

static struct top *
top_of(size_t targets)
{
	struct top *top = calloc(1, sizeof(*top));
	json_t *rows = json_array();

	top->status = json_loads(
	    "{\"global\":{\"site\":\"lyon-3\",\"links\":1,\"usable_links\":1,\"active_tier\":1,"
	    "\"version\":\"0.1.0\",\"uptime_s\":90000},\"links\":[{\"link\":\"t\xc3\xa9l\xc3\xa9 "
	    "\xe8\xa1\x9b\xe6\x98\x9f \\u001b[31m and more than fits\",\"health\":\"up\",\"oper\":"
	    "\"active\",\"rtt_avg_us\":12300,\"loss_ppm\":15000}]}",
	    0, NULL);
	assert_non_null(top->status);
	top->links[0].link = json_array_get(json_object_get(top->status, "links"), 0);
	top->links[0].history = json_loads(
	    "{\"first\":100,\"end\":112,\"minutes\":[{\"minute\":109,\"rtt_avg_us\":5000,"
	    "\"loss_ppm\":0},{\"minute\":111,\"rtt_avg_us\":10000,\"loss_ppm\":500000},"
	    "{\"minute\":999},{\"minute\":-5}]}",
	    0, NULL);
	assert_non_null(top->links[0].history);
	for (size_t i = 0; i < targets; i++)
		json_array_append_new(
		    rows, json_loads("{\"address\":\"2001:db8:1234:5678:9abc:def0:1234:5678\","
				     "\"method\":\"icmp\",\"status\":\"down\",\"samples_us\":[9000,"
				     "null,9000,18000]}",
				     0, NULL));
	top->links[0].targets = json_pack("{s:o}", "targets", rows);
	top->nlinks = 1;
	top->gone_s = -1;
	top->blocks = true;
	return top;
}

static void
top_free(struct top *top)
{
	json_decref(top->links[0].history);
	json_decref(top->links[0].targets);
	json_decref(top->status);
	free(top);
}

static void
all_is_there_in_80_by_24(void **state)
{
	struct top *top = top_of(1);
	struct grid g;

	(void)state;
	draw(top, 80, 24, &g);
	expect(&g, 0, "lyon-3: 1 of 1 links usable, tier 1 carries the traffic");
	expect(&g, 1, "up 1d1h");
	expect(&g, 3, "LINK|HEALTH|NOW|RTT|LOSS|RTT|LOSS|");
	/* 12 columns of bars; the newest minute is the last */
	expect(&g, 4, "|up|active|12.3 ms|1.5 %|         ▄ ▇|           ▄|");
	expect(&g, 5, "|down|-|-|        ▄ ▄▇|         ▇  |");
	expect(&g, 23, "q quit");
	wipe(&g);
	top_free(top);
}

static void
who_is_gone_is_said(void **state)
{
	struct top *top = top_of(1);
	struct grid g;

	(void)state;
	top->gone_s = 12;
	draw(top, 80, 24, &g);
	expect(&g, 1, "uplinkd has not answered for 12s");
	wipe(&g);
	top_free(top);
	top = calloc(1, sizeof(*top));
	draw(top, 80, 24, &g);
	expect(&g, 1, "nothing is known yet");
	wipe(&g);
	free(top);
}

static void
more_targets_than_lines_are_counted(void **state)
{
	struct top *top = top_of(64);
	struct grid g;

	(void)state;
	assert_int_equal(top_link_lines(top, &top->links[0]), 65);
	draw(top, 80, 24, &g);
	expect(&g, 22, "and 47 more targets");
	wipe(&g);
	top->hide_targets = true;
	assert_int_equal(top_link_lines(top, &top->links[0]), 1);
	draw(top, 80, 24, &g);
	assert_null(g.text[5]);
	wipe(&g);
	top_free(top);
}

static void
any_size_will_do(void **state)
{
	struct top *top = top_of(3);
	struct grid g;

	(void)state;
	for (size_t columns = 1; columns <= COLUMNS_MAX; columns++)
		for (size_t lines = 1; lines <= LINES_MAX; lines += 1 + lines / 10) {
			draw(top, columns, lines, &g);
			assert_true(top_spark_columns(columns) <= TOP_SPARK_MAX);
			wipe(&g);
		}
	top_free(top);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(all_is_there_in_80_by_24),
	    cmocka_unit_test(who_is_gone_is_said),
	    cmocka_unit_test(more_targets_than_lines_are_counted),
	    cmocka_unit_test(any_size_will_do),
	};

	setlocale(LC_CTYPE, "C.UTF-8");
	return cmocka_run_group_tests(tests, NULL, NULL);
}
