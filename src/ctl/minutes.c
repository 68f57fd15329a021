/* SPDX-License-Identifier: ISC */
/* Stretches begin at round times of the clock, so that two pictures of one link,
 * taken at different times, have the same ones. */
#include "config.h"

#include "ctl/minutes.h"

#include <stdlib.h>
#include <string.h>

#include "common/names.h"
#include "ctl/ctl.h"
#include "ctl/format.h"

static unsigned
step_for(long long minutes, size_t max)
{
	static const unsigned steps[] = {1, 2, 5, 10, 15, 30, 60, 120, 240, 480, 720, 1440};
	size_t i = 0;

	/* One more than they fill: the first rarely begins at a round time. */
	while (i + 1 < sizeof(steps) / sizeof(steps[0]) &&
	       (size_t)((minutes + steps[i] - 1) / steps[i]) + (steps[i] > 1) > max)
		i++;
	return steps[i];
}

/* HEALTH_UNKNOWN .. HEALTH_DOWN: the larger the worse. */
static unsigned
health_of(const char *label)
{
	for (unsigned v = HEALTH_UNKNOWN; v <= HEALTH_DOWN; v++)
		if (strcmp(health_name(v), label) == 0)
			return v;
	return HEALTH_UNKNOWN;
}

/* Whatever answers: nothing that sums could not hold. */
static long long
count_of(const json_t *m, const char *key)
{
	long long n = ctl_number(m, key, 0);

	return n < 0 || n > UINT32_MAX ? 0 : n;
}

static void
add_minute(struct stretch *s, const json_t *m)
{
	long long answered = count_of(m, "answered"), lost = count_of(m, "lost");
	long long min_us = ctl_number(m, "rtt_min_us", -1),
		  max_us = ctl_number(m, "rtt_max_us", -1);
	unsigned health = health_of(ctl_text(m, "health", "?"));

	s->recorded++;
	if (health > s->health)
		s->health = health;
	if (answered > 0 && ctl_number(m, "rtt_avg_us", -1) >= 0) {
		double sum = (double)s->rtt_avg_us * (double)s->answered +
			     (double)ctl_number(m, "rtt_avg_us", 0) * (double)answered;

		s->rtt_avg_us = (long long)(sum / (double)(s->answered + answered));
		if (s->rtt_min_us < 0 || min_us < s->rtt_min_us)
			s->rtt_min_us = min_us;
		if (max_us > s->rtt_max_us)
			s->rtt_max_us = max_us;
	}
	s->answered += answered;
	s->lost += lost;
	if (s->answered + s->lost > 0)
		s->loss_ppm =
		    (long long)((double)s->lost * 1e6 / (double)(s->answered + s->lost) + 0.5);
}

static void
begin(struct stretch *s, long long start_s)
{
	*s = (struct stretch){.start_s = start_s,
			      .loss_ppm = -1,
			      .rtt_min_us = -1,
			      .rtt_avg_us = 0,
			      .rtt_max_us = -1};
}

/* Where nothing answered there is no average. */
static void
finish(struct stretch *s)
{
	if (s->rtt_max_us < 0)
		s->rtt_avg_us = -1;
}

struct stretches *
minutes_read(const json_t *history, size_t max)
{
	struct stretches *s = calloc(1, sizeof(*s));
	long long first = ctl_number(history, "first", 0), began_s = 0, offset;
	long long end = ctl_number(history, "end", 0), minutes = 0;
	const json_t *m;
	size_t i;

	if (s == NULL)
		return NULL;
	if (first >= 0 && end > first &&
	    format_parse_time(ctl_text(history, "began", ""), &began_s) && began_s >= 0)
		minutes = end - first;
	if (minutes > BOARD_MINUTES)
		minutes = BOARD_MINUTES;
	s->step = step_for(minutes, max);
	offset = began_s / 60 % s->step;
	s->n = (size_t)((minutes + offset + s->step - 1) / s->step);
	s->end_s = began_s + minutes * 60;
	begin(&s->all, began_s);
	for (i = 0; i < s->n; i++)
		begin(&s->row[i],
		      i == 0 ? began_s : began_s + ((long long)i * s->step - offset) * 60);
	json_array_foreach(json_object_get(history, "minutes"), i, m)
	{
		long long at = ctl_number(m, "minute", -1);

		if (at < first || at - first >= minutes)
			continue;
		at -= first;
		add_minute(&s->row[(at + offset) / s->step], m);
		add_minute(&s->all, m);
	}
	for (i = 0; i < s->n; i++)
		finish(&s->row[i]);
	finish(&s->all);
	return s;
}

long long
minutes_rtt_max_us(const struct stretches *s)
{
	return s->all.rtt_max_us > 0 ? s->all.rtt_max_us : 1;
}

long long
minutes_loss_max_ppm(const struct stretches *s)
{
	long long max = 1;

	for (size_t i = 0; i < s->n; i++)
		if (s->row[i].loss_ppm > max)
			max = s->row[i].loss_ppm;
	return max;
}
