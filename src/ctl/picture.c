/* SPDX-License-Identifier: ISC */
/* Three panels over one axis of time: RTT, loss, health. The ground is white on
 * purpose: in a dark mail it stays readable. */
#include "config.h"

#include "ctl/picture.h"

#include <string.h>
#include <time.h>

#include "common/names.h"
#include "ctl/format.h"

enum {
	WIDTH = 860,
	HEIGHT = 420,
	LEFT = 70,
	RIGHT = WIDTH - 24,
	RTT_TOP = 82,
	RTT_BOTTOM = 234,
	LOSS_TOP = 254,
	LOSS_BOTTOM = 316,
	HEALTH_TOP = 334,
	HEALTH_BOTTOM = 350,
	TICK_LABELS = 368,
	LEGEND = 400,
};

static const struct {
	const char *colour, *label;
} healths[] = {[0] = {"#ffffff", "no record"},
	       [HEALTH_UNKNOWN] = {"#b4b8bd", "unknown"},
	       [HEALTH_UP] = {"#2f9e5a", "up"},
	       [HEALTH_DEGRADED] = {"#e9a820", "degraded"},
	       [HEALTH_DOWN] = {"#d13438", "down"}};

/* Text for XML: what it has no place for becomes a question mark. */
static void
put_text(FILE *out, const char *text)
{
	for (; *text != '\0'; text++) {
		if (*text == '<')
			fputs("&lt;", out);
		else if (*text == '&')
			fputs("&amp;", out);
		else if (*text == '>')
			fputs("&gt;", out);
		else
			fputc((unsigned char)*text < 0x20 || *text == 0x7f ? '?' : *text, out);
	}
}

static void
put_label(FILE *out, double x, double y, const char *anchor, const char *class, const char *text)
{
	fprintf(out, "<text x=\"%.0f\" y=\"%.0f\"%s%s%s class=\"%s\">", x, y,
		anchor[0] ? " text-anchor=\"" : "", anchor, anchor[0] ? "\"" : "", class);
	put_text(out, text);
	fputs("</text>\n", out);
}

static double
x_of(const struct stretches *s, long long at_s)
{
	double whole = (double)(s->end_s - s->all.start_s);

	return LEFT + (RIGHT - LEFT) * (whole > 0 ? (double)(at_s - s->all.start_s) / whole : 0);
}

static double
x_end(const struct stretches *s, size_t i)
{
	return x_of(s, i + 1 < s->n ? s->row[i + 1].start_s : s->end_s);
}

static double
y_of(long long value, double top_value, int top, int bottom)
{
	return bottom - (double)value / top_value * (bottom - top);
}

/* 1, 2 or 5 times a power of ten: the smallest that is not below. */
static double
round_up(double v)
{
	double power = 1;

	while (power * 10 <= v)
		power *= 10;
	while (power > v)
		power /= 10;
	return v <= power       ? power
	       : v <= 2 * power ? 2 * power
	       : v <= 5 * power ? 5 * power
				: 10 * power;
}

static void
put_line(FILE *out, double x1, double y1, double x2, double y2, const char *class)
{
	fprintf(out, "<line x1=\"%.1f\" y1=\"%.1f\" x2=\"%.1f\" y2=\"%.1f\" class=\"%s\"/>\n", x1,
		y1, x2, y2, class);
}

static void
put_rect(FILE *out, double x1, double y1, double x2, double y2, const char *fill)
{
	fprintf(out, "<rect x=\"%.1f\" y=\"%.1f\" width=\"%.1f\" height=\"%.1f\" fill=\"%s\"/>\n",
		x1, y1, x2 - x1, y2 - y1, fill);
}

/* ---- the ground ---- */

static void
put_head(FILE *out, const char *title, const char *below)
{
	fprintf(out,
		"<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"%d\" height=\"%d\" "
		"viewBox=\"0 0 %d %d\" font-family=\"DejaVu Sans,Verdana,Arial,sans-serif\" "
		"font-size=\"12\">\n<title>",
		WIDTH, HEIGHT, WIDTH, HEIGHT);
	put_text(out, title);
	fputs("</title>\n"
	      "<style>text{fill:#3a4048}.h{font-size:17px;font-weight:bold;fill:#1b1f24}"
	      ".s{fill:#68717c}.g{stroke:#e3e6ea}.a{stroke:#9aa3ad}"
	      ".band{fill:#2f6fb8;fill-opacity:.22}"
	      ".avg{fill:none;stroke:#1f5fa8;stroke-width:1.6}</style>\n"
	      "<defs><pattern id=\"none\" width=\"6\" height=\"6\" patternUnits=\"userSpaceOnUse\" "
	      "patternTransform=\"rotate(45)\"><rect width=\"6\" height=\"6\" fill=\"#f4f5f7\"/>"
	      "<rect width=\"2\" height=\"6\" fill=\"#dde1e6\"/></pattern></defs>\n",
	      out);
	put_rect(out, 0, 0, WIDTH, HEIGHT, "#ffffff");
	put_label(out, LEFT, 28, "", "h", title);
	put_label(out, LEFT, 48, "", "s", below);
}

/* The times at which nothing was recorded, over all panels. */
static void
put_gaps(FILE *out, const struct stretches *s)
{
	for (size_t i = 0; i < s->n; i++) {
		size_t from = i;

		while (i < s->n && s->row[i].recorded == 0)
			i++;
		if (i > from)
			put_rect(out, x_of(s, s->row[from].start_s), RTT_TOP, x_end(s, i - 1),
				 HEALTH_BOTTOM, "url(#none)");
	}
}

static void
put_times(FILE *out, const struct stretches *s)
{
	static const int minutes[] = {1, 2, 5, 10, 15, 30, 60, 120, 180, 240, 360};
	long long whole_s = s->end_s - s->all.start_s;
	size_t i = 0;

	while (i + 1 < sizeof(minutes) / sizeof(minutes[0]) && whole_s / 60 / minutes[i] > 12)
		i++;
	for (long long at = (s->all.start_s + 59) / 60 * 60; at <= s->end_s; at += 60) {
		time_t t = at;
		struct tm tm;
		char text[FORMAT_LEN];

		if (localtime_r(&t, &tm) == NULL || (tm.tm_hour * 60 + tm.tm_min) % minutes[i] != 0)
			continue;
		put_line(out, x_of(s, at), RTT_TOP, x_of(s, at), HEALTH_BOTTOM + 4, "g");
		strftime(text, sizeof(text), "%H:%M", &tm);
		put_label(out, x_of(s, at), TICK_LABELS, "middle", "s", text);
	}
}

/* ---- round-trip time ---- */

static double
put_rtt_axis(FILE *out, long long max_us)
{
	double step = round_up((double)max_us / 4), top = step;
	char text[FORMAT_LEN];

	while (top < (double)max_us)
		top += step;
	for (unsigned line = 0; line * step <= top; line++) {
		double v = line * step;
		double y = y_of((long long)v, top, RTT_TOP, RTT_BOTTOM);

		put_line(out, LEFT, y, RIGHT, y, v > 0 ? "g" : "a");
		if (v == 0)
			snprintf(text, sizeof(text), "0");
		else
			snprintf(text, sizeof(text), "%g ms", v / 1000);
		put_label(out, LEFT - 8, y + 4, "end", "s", text);
	}
	return top;
}

/* The band of stretches [from, to): its upper edge forth, its lower one back. */
static void
put_band(FILE *out, const struct stretches *s, size_t from, size_t to, double top)
{
	fputs("<path class=\"band\" d=\"", out);
	for (size_t i = from; i < to; i++)
		fprintf(out, "%s%.1f,%.1fH%.1f", i == from ? "M" : "L", x_of(s, s->row[i].start_s),
			y_of(s->row[i].rtt_max_us, top, RTT_TOP, RTT_BOTTOM), x_end(s, i));
	for (size_t i = to; i-- > from;)
		fprintf(out, "L%.1f,%.1fH%.1f", x_end(s, i),
			y_of(s->row[i].rtt_min_us, top, RTT_TOP, RTT_BOTTOM),
			x_of(s, s->row[i].start_s));
	fputs("Z\"/>\n<path class=\"avg\" d=\"", out);
	for (size_t i = from; i < to; i++)
		fprintf(out, "%s%.1f,%.1fH%.1f", i == from ? "M" : "L", x_of(s, s->row[i].start_s),
			y_of(s->row[i].rtt_avg_us, top, RTT_TOP, RTT_BOTTOM), x_end(s, i));
	fputs("\"/>\n", out);
}

static void
put_rtt(FILE *out, const struct stretches *s)
{
	double top = put_rtt_axis(out, minutes_rtt_max_us(s));

	put_label(out, LEFT, RTT_TOP - 6, "", "s", "Round-trip time");
	for (size_t i = 0; i < s->n; i++) {
		size_t from = i;

		while (i < s->n && s->row[i].rtt_max_us >= 0)
			i++;
		if (i > from)
			put_band(out, s, from, i, top);
	}
}

/* ---- loss and health ---- */

static void
put_loss(FILE *out, const struct stretches *s)
{
	double top = round_up((double)minutes_loss_max_ppm(s));
	char text[FORMAT_LEN];

	/* Not below 1 %: a single lost probe should not look like an outage. */
	top = top < 10000 ? 10000 : top > 1000000 ? 1000000 : top;
	put_label(out, LEFT, LOSS_TOP - 6, "", "s", "Loss");
	put_line(out, LEFT, LOSS_TOP, RIGHT, LOSS_TOP, "g");
	put_line(out, LEFT, LOSS_BOTTOM, RIGHT, LOSS_BOTTOM, "a");
	snprintf(text, sizeof(text), "%g %%", top / 1e4);
	put_label(out, LEFT - 8, LOSS_TOP + 4, "end", "s", text);
	put_label(out, LEFT - 8, LOSS_BOTTOM + 4, "end", "s", "0");
	for (size_t i = 0; i < s->n; i++) {
		double y = y_of(s->row[i].loss_ppm, top, LOSS_TOP, LOSS_BOTTOM);

		if (s->row[i].loss_ppm <= 0)
			continue;
		if (y > LOSS_BOTTOM - 2)
			y = LOSS_BOTTOM - 2; /* to be seen */
		put_rect(out, x_of(s, s->row[i].start_s), y, x_end(s, i), LOSS_BOTTOM,
			 healths[HEALTH_DOWN].colour);
	}
}

static void
put_health(FILE *out, const struct stretches *s)
{
	put_label(out, LEFT - 8, HEALTH_BOTTOM - 4, "end", "s", "Health");
	for (size_t i = 0; i < s->n;) {
		size_t from = i;
		unsigned health = s->row[from].health;

		while (i < s->n && s->row[i].health == health)
			i++;
		if (health != 0)
			put_rect(out, x_of(s, s->row[from].start_s), HEALTH_TOP, x_end(s, i - 1),
				 HEALTH_BOTTOM, healths[health].colour);
	}
}

static double
put_key(FILE *out, double x, const char *fill, const char *label)
{
	put_rect(out, x, LEGEND - 9, x + 14, LEGEND + 1, fill);
	put_label(out, x + 19, LEGEND, "", "s", label);
	return x + 38 + 6.8 * (double)strlen(label);
}

static void
put_legend(FILE *out)
{
	double x = LEFT;

	put_line(out, x, LEGEND - 4, x + 14, LEGEND - 4, "avg");
	put_label(out, x + 19, LEGEND, "", "s", "average");
	fprintf(out, "<rect x=\"%.1f\" y=\"%d\" width=\"14\" height=\"10\" class=\"band\"/>\n",
		x + 84, LEGEND - 9);
	put_label(out, x + 103, LEGEND, "", "s", "fastest to slowest");
	x += 254;
	for (unsigned v = HEALTH_UP; v <= HEALTH_DOWN; v++)
		x = put_key(out, x, healths[v].colour, healths[v].label);
	x = put_key(out, x, healths[HEALTH_UNKNOWN].colour, healths[HEALTH_UNKNOWN].label);
	put_key(out, x, "url(#none)", healths[0].label);
}

void
picture_history(FILE *out, const struct stretches *s, const char *title, const char *below)
{
	put_head(out, title, below);
	put_gaps(out, s);
	put_times(out, s);
	put_rtt(out, s);
	put_loss(out, s);
	put_health(out, s);
	put_legend(out);
	fputs("</svg>\n", out);
}
