/* SPDX-License-Identifier: ISC */
/* What has changed, as news. */
#include "config.h"

#include "engine/assess.h"

#include <stdio.h>

#include "engine/explain.h"
#include "engine/figures.h"
#include "engine/outliers.h"

/* Of the same health, but not for the same reason: a line of the log. */
static bool
other_reason(const struct link *link, const struct standing *was)
{
	for (int f = 0; f < FAMILIES; f++)
		if (link->verdict[f].health != was->verdict[f].health ||
		    link->verdict[f].reason != was->verdict[f].reason)
			return true;
	return was->reason != link->row.health_reason;
}

static enum event_type
health_event(const struct board_link *row, const struct standing *was)
{
	if (was->health == row->health)
		return 0;
	if (row->health == HEALTH_DOWN)
		return EVENT_LINK_DOWN;
	if (was->health == HEALTH_DOWN && health_carries(row->health))
		return EVENT_LINK_UP;
	if (row->health == HEALTH_DEGRADED)
		return EVENT_LINK_DEGRADED;
	if (was->health == HEALTH_DEGRADED && row->health == HEALTH_UP)
		return EVENT_LINK_RECOVERED;
	return 0; /* to be measured first is no event */
}

static void
tell_health(const struct link *link, const struct standing *was, news_emit *emit, void *arg)
{
	const struct board_link *row = &link->row;
	char text[EVENT_TEXT_LEN + 1];
	struct event_draft d = {.type = health_event(row, was),
				.link = link,
				.reason = row->health_reason,
				.old_state = was->health,
				.new_state = row->health,
				.after_plan = true};

	if (was->health == row->health && !other_reason(link, was))
		return;
	d.text = explain_health(link, was->verdict, text, sizeof(text));
	if (d.type == EVENT_LINK_DOWN && row->detection_us != RTT_UNKNOWN)
		d.detection_us = row->detection_us;
	if (d.type == EVENT_LINK_UP)
		d.reason = REASON_TARGETS_ANSWER;
	emit(arg, &d);
}

void
assess_explain(const struct link *link, news_emit *emit, void *arg)
{
	char text[EVENT_TEXT_LEN + 1];
	struct event_draft d = {.link = link,
				.reason = link->row.health_reason,
				.old_state = link->row.health,
				.new_state = link->row.health};

	if (link->row.health == HEALTH_UP || link->row.health == HEALTH_UNKNOWN)
		return;
	d.text = explain_health(link, NULL, text, sizeof(text));
	emit(arg, &d);
}

/* A target that was set aside, or counts again while it is still down. */
static void
tell_outlier(const struct target *t, news_emit *emit, void *arg)
{
	bool aside = t->outlier == OUTLIER_ASIDE;
	char address[ADDR_STRLEN], text[160];
	struct event_draft d = {.type = EVENT_TARGET_DOWN,
				.link = t->link,
				.target = t->row.index,
				.reason = aside ? REASON_SET_ASIDE : REASON_TARGETS_LOST,
				.family = t->conf.family == V6 ? 6 : 4,
				.old_state = TARGET_DOWN,
				.new_state = TARGET_DOWN,
				.text = text};

	snprintf(text, sizeof(text),
		 aside ? "%s does not count until it answers again"
		       : "%s counts again: it answers on another link",
		 addr_text(&t->row.addr, address));
	emit(arg, &d);
}

bool
assess_tell_targets(struct link *link, news_emit *emit, void *arg)
{
	bool any = false;

	for (size_t i = 0; i < link->ntargets; i++) {
		struct target *t = link->targets[i];
		bool aside = t->outlier == OUTLIER_ASIDE;

		if (t->row.status != t->judge.status) { /* by no sample: there is no way to it */
			figures_target(t);
			any = true;
		}
		if (aside == (t->row.set_aside != 0))
			continue;
		t->row.set_aside = aside;
		any = true;
		if (t->judge.status == TARGET_DOWN) /* else its answers are the news */
			tell_outlier(t, emit, arg);
	}
	return any;
}

static void
tell_drain(const struct link *link, const struct standing *was, news_emit *emit, void *arg)
{
	const struct board_link *row = &link->row;
	struct event_draft d = {.link = link,
				.reason = row->oper_reason,
				.old_state = was->oper,
				.new_state = row->oper,
				.after_plan = true};

	if (row->admin != ADMIN_DRAIN)
		return;
	if (row->yielded && !was->yielded)
		d.type = EVENT_DRAIN_YIELDED;
	else if (was->yielded && !row->yielded && row->oper != OPER_OUT)
		d.type = EVENT_DRAIN_RESUMED;
	else if (row->oper == OPER_DRAINING && was->oper != OPER_DRAINING &&
		 was->oper != OPER_DRAINED)
		d.type = EVENT_DRAIN_STARTED;
	else if (row->oper == OPER_DRAINED && was->oper != OPER_DRAINED)
		d.type = EVENT_DRAINED;
	else
		return;
	if (d.type == EVENT_DRAIN_RESUMED)
		d.reason = REASON_OTHER_LINK_BACK;
	if (d.type == EVENT_DRAINED)
		d.reason =
		    row->has_live_flows && row->live_flows > 0 ? REASON_DEADLINE : REASON_NO_FLOWS;
	emit(arg, &d);
}

static void
tell_damping(const struct link *link, const struct standing *was, news_emit *emit, void *arg)
{
	char text[64];
	struct event_draft d = {.link = link,
				.reason = REASON_FLAPPING,
				.old_state = was->health,
				.new_state = link->row.health,
				.after_plan = true,
				.text = text};

	if (link->damping.suppressed == was->suppressed)
		return;
	d.type = link->damping.suppressed ? EVENT_LINK_FLAPPING : EVENT_LINK_SETTLED;
	snprintf(text, sizeof(text), "flap penalty %u", link->row.flap_penalty);
	emit(arg, &d);
}

void
assess_tell(const struct link *link, const struct standing *was, news_emit *emit, void *arg)
{
	tell_health(link, was, emit, arg);
	tell_damping(link, was, emit, arg);
	tell_drain(link, was, emit, arg);
}

void
assess_tell_all_down(const struct assessment *a, bool *all_down, news_emit *emit, void *arg)
{
	const struct plan_summary *summary = &a->summary;
	struct event_draft d = {.type = summary->all_down ? EVENT_ALL_DOWN : EVENT_ALL_DOWN_CLEAR,
				.reason = summary->all_down ? REASON_KEPT_LAST_ROUTES
							    : REASON_TARGETS_ANSWER,
				.after_plan = true};

	if (summary->all_down == *all_down)
		return;
	/* Still being measured after all were down is neither. */
	if (!summary->all_down && summary->sure == 0)
		return;
	*all_down = summary->all_down;
	emit(arg, &d);
}
