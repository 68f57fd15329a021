/* SPDX-License-Identifier: ISC */
/* A sample into what is known of its target. */
#include "config.h"

#include "engine/assess.h"

#include <stdio.h>

#include "engine/figures.h"
#include "engine/outliers.h"
#include "engine/recent.h"
#include "engine/verdict.h"
#include "engine/window.h"

/* What the samples of a link say has changed: then all links are to be assessed, which
 * costs with their number, and only then. */
static bool
verdict_moves(const struct target *t, bool changed)
{
	const struct verdict *was = &t->link->verdict[t->conf.family];
	struct verdict v;

	if (!changed && !verdict_has_limits(&t->link->conf->limits))
		return false;
	v = verdict_of(t->link, t->conf.family);
	return v.health != was->health || v.reason != was->reason;
}

/* So many lost in a row are an outage: it is told as such, and says nothing of the
 * line that is back. */
static uint32_t
outage_of(const struct conf_probe *probe)
{
	enum { LEAST = 5 };

	return probe->down_after > LEAST ? probe->down_after : LEAST;
}

struct outcome
assess_sample(struct target *t, const struct sample *s, uint64_t now_ns)
{
	bool answered = s->rtt_us != RTT_UNKNOWN;
	struct outcome o = {.sample = {recent_add(t->recent, s->rtt_us), now_ns},
			    .old_status = t->judge.status};

	window_add(t->window, now_ns, s->rtt_us, outage_of(&t->conf.probe));
	o.changed = judge_sample(&t->judge, &t->conf.probe, answered, s->sent_ns);
	if (answered)
		t->row.received++;
	else
		t->row.lost++;
	if (o.changed)
		t->row.status_since_ns = now_ns;
	figures_target(t);
	o.matters = outliers_sample(t, o.changed, now_ns);
	o.matters |= verdict_moves(t, o.changed);
	return o;
}

void
assess_late(struct target *t, struct sample_id sample, uint32_t rtt_us)
{
	recent_correct(t->recent, sample.number, rtt_us);
	if (window_correct(t->window, sample.at_ns, rtt_us))
		judge_late(&t->judge);
	figures_target(t);
}

bool
assess_target_news(const struct target *t, const struct outcome *o, struct event_draft *d,
		   char *text, size_t size)
{
	bool down = t->judge.status == TARGET_DOWN;
	char address[ADDR_STRLEN];

	/* The first answer of a target is no news: nobody said that it was down. */
	if (!o->changed || (!down && o->old_status != TARGET_DOWN))
		return false;
	snprintf(text, size, "%s", addr_text(&t->row.addr, address));
	*d = (struct event_draft){.type = down ? EVENT_TARGET_DOWN : EVENT_TARGET_UP,
				  .link = t->link,
				  .target = t->row.index,
				  .reason = down ? REASON_TARGETS_LOST : REASON_TARGETS_ANSWER,
				  .family = t->conf.family == V6 ? 6 : 4,
				  .old_state = o->old_status,
				  .new_state = t->judge.status,
				  .text = text};
	return true;
}
