/* SPDX-License-Identifier: ISC */
#include "unit.h"

#include "judged.h"

#include <stdio.h>

#include "common/clock.h"

struct site *site;
uint64_t now_ns;
char told[64][EVENT_TEXT_LEN + 64];
size_t ntold;

static struct conf *conf;
static bool all_down;

static void
keep(void *arg, const struct event_draft *d)
{
	(void)arg;
	if (ntold < ARRAY_LEN(told))
		snprintf(told[ntold++], sizeof(told[0]), "%s %s: %s",
			 d->type ? event_type_name(d->type) : "-", reason_name(d->reason),
			 d->text ? d->text : "");
}

void
begin(const char *text)
{
	now_ns = 100 * NSEC_PER_SEC;
	conf = must_read(text);
	site = site_new(conf, (struct moment){now_ns, 0});
	assert_non_null(site);
	ntold = 0;
	all_down = false;
}

void
end(void)
{
	site_free(site);
	conf_free(conf);
}

void
decide_now(void)
{
	site_decide(site, (struct moment){now_ns, 0}, &all_down, keep, NULL);
}

void
sample(struct target *t, uint32_t rtt_us)
{
	struct sample s = {now_ns, rtt_us};
	struct moment now = {now_ns + 1000, 0};

	if (assess_sample(t, &s, now.mono_ns).matters)
		site_decide(site, now, &all_down, keep, NULL);
}

void
samples(struct link *link, int family, unsigned n, uint32_t rtt_us)
{
	for (; n > 0; n--, now_ns += NSEC_PER_SEC)
		for (size_t i = 0; i < link->ntargets; i++)
			if (link->targets[i]->conf.family == family)
				sample(link->targets[i], rtt_us);
}

void
expect_told(const char *line)
{
	for (size_t i = 0; i < ntold; i++)
		if (strcmp(told[i], line) == 0)
			return;
	for (size_t i = 0; i < ntold; i++)
		print_error("%s\n", told[i]);
	fail_msg("not told: %s", line);
}
