/* SPDX-License-Identifier: ISC */
/* history: how a link did in the last minutes or hours, to look at or to send. */
#include "config.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "common/names.h"
#include "ctl/client.h"
#include "ctl/ctl.h"
#include "ctl/format.h"
#include "ctl/minutes.h"
#include "ctl/picture.h"
#include "ctl/screen.h"
#include "ctl/spark.h"

enum { LINES = 60, BAR = 12, TEXT_SIZE = 512 };

static const char *
local_time(long long s, const char *format, char buf[static FORMAT_LEN])
{
	struct tm tm;
	time_t t = s;

	if (localtime_r(&t, &tm) == NULL || strftime(buf, FORMAT_LEN, format, &tm) == 0)
		snprintf(buf, FORMAT_LEN, "?");
	return buf;
}

/* "fibre (contract 4711) at lyon-3" */
static void
title_of(const json_t *history, char *text, size_t size)
{
	const char *alias = ctl_text(history, "alias", ""), *site = ctl_text(history, "site", "");

	snprintf(text, size, "%s%s%s%s%s%s", ctl_text(history, "link", "?"), alias[0] ? " (" : "",
		 alias, alias[0] ? ")" : "", site[0] ? " at " : "", site);
}

/* When, and what came of it all. */
static void
sum_up(const struct stretches *s, char *text, size_t size)
{
	char from[FORMAT_LEN], to[FORMAT_LEN], loss[FORMAT_LEN], min[FORMAT_LEN], avg[FORMAT_LEN],
	    max[FORMAT_LEN];
	const struct stretch *all = &s->all;
	int len =
	    snprintf(text, size, "%s to %s: ", local_time(all->start_s, "%Y-%m-%d %H:%M", from),
		     local_time(s->end_s, "%H:%M %Z", to));

	if (len < 0 || (size_t)len >= size)
		return;
	if (all->answered + all->lost == 0)
		snprintf(text + len, size - (size_t)len, "nothing was measured");
	else if (all->answered == 0)
		snprintf(text + len, size - (size_t)len, "all of %lld probes lost", all->lost);
	else
		snprintf(text + len, size - (size_t)len,
			 "%lld of %lld probes lost (%s), RTT %s to %s, average %s", all->lost,
			 all->answered + all->lost, format_loss(all->loss_ppm, loss),
			 format_us(all->rtt_min_us, min), format_us(all->rtt_max_us, max),
			 format_us(all->rtt_avg_us, avg));
}

static enum colour
health_colour(unsigned health)
{
	return health == HEALTH_UP     ? GREEN
	       : health == HEALTH_DOWN ? RED
	       : health == 0           ? FAINT
				       : YELLOW;
}

static void
add_stretch(struct table *t, const struct stretch *s, long long rtt_max_us, bool blocks)
{
	char text[FORMAT_LEN], bar[BAR * SPARK_CELL + 1];

	table_cell(t, PLAIN, local_time(s->start_s, "%H:%M", text));
	table_cell(t, health_colour(s->health), s->health ? health_name(s->health) : "no record");
	table_cell(t, PLAIN, format_us(s->rtt_min_us, text));
	table_cell(t, PLAIN, format_us(s->rtt_avg_us, text));
	table_cell(t, PLAIN, format_us(s->rtt_max_us, text));
	table_cell(t, PLAIN, spark_bar(s->rtt_avg_us, rtt_max_us, BAR, blocks, bar));
	table_cell(t, s->loss_ppm > 0 ? YELLOW : PLAIN, format_loss(s->loss_ppm, text));
	table_cell(t, RED, spark_bar(s->loss_ppm, 1000000, BAR, blocks, bar));
}

static void
print_text(const struct ctl *ctl, const json_t *history, const struct stretches *s)
{
	static const char *const heads[] = {"FROM", "WORST", ">MIN", ">AVG", ">MAX",
					    "AVG",  ">LOSS", "LOSS", NULL};
	bool blocks = spark_blocks();
	char text[TEXT_SIZE];
	struct table *t;
	long long max_us = 1;

	title_of(history, text, sizeof(text));
	screen_print(stdout, ctl->colour, BOLD, text);
	sum_up(s, text, sizeof(text));
	printf("\n%s\n", text);
	if (s->all.recorded == 0)
		return;
	if (s->step > 1)
		printf("a line is %u minutes\n", s->step);
	fputc('\n', stdout);
	for (size_t i = 0; i < s->n; i++)
		if (s->row[i].rtt_avg_us > max_us)
			max_us = s->row[i].rtt_avg_us;
	t = table_new(heads);
	for (size_t i = 0; i < s->n; i++)
		add_stretch(t, &s->row[i], max_us, blocks);
	table_print(t, stdout, ctl->colour);
	table_free(t);
}

static void
draw(const json_t *history, const struct stretches *s)
{
	char title[TEXT_SIZE], below[TEXT_SIZE];

	title_of(history, title, sizeof(title));
	sum_up(s, below, sizeof(below));
	picture_history(stdout, s, title, below);
}

static enum ctl_exit
show(const struct ctl *ctl, const json_t *history)
{
	bool picture = ctl->value[CTL_SVG] != NULL;
	struct stretches *s = minutes_read(history, picture ? PICTURE_STRETCHES : LINES);

	if (s == NULL) {
		ctl_complain("out of memory");
		return CTL_FAILED;
	}
	if (picture)
		draw(history, s);
	else
		print_text(ctl, history, s);
	free(s);
	return CTL_OK;
}

enum ctl_exit
ctl_history(const struct ctl *ctl)
{
	json_t *arguments, *result;
	enum ctl_exit status;
	long long minutes = 60;

	if (ctl->value[CTL_MINUTES] && !ctl_option_number(ctl, CTL_MINUTES, &minutes))
		return CTL_USAGE;
	if (minutes < 1 || minutes > BOARD_MINUTES) {
		ctl_complain("--minutes is 1 to %d", BOARD_MINUTES);
		return CTL_USAGE;
	}
	if (ctl->json && ctl->value[CTL_SVG]) {
		ctl_complain("either --json or --svg");
		return CTL_USAGE;
	}
	arguments = json_pack("{s:s,s:I}", "link", ctl->word[0], "minutes", (json_int_t)minutes);
	status = client_ask(ctl, "history", arguments, &result);
	if (status != CTL_OK)
		return status;
	if (ctl->json)
		ctl_print_json(ctl, result);
	else
		status = show(ctl, result);
	json_decref(result);
	return status;
}
