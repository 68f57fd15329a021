/* SPDX-License-Identifier: ISC */
/* Judge, then plan. Time stands still within. */
#include "config.h"

#include "engine/assess.h"

#include <string.h>

#include "common/clock.h"
#include "engine/outliers.h"
#include "engine/verdict.h"

#define MUTE_LEAST_NS (5 * NSEC_PER_SEC)

/* ---- judging ---- */

/* Where nothing can leave. An IP version that is not missed begins anew when it comes:
 * a target that answered before it left must not be down then. */
static void
forget_answers(struct link *link, int family, uint64_t now_ns)
{
	bool counts = model_counts(link, family);

	for (size_t i = 0; i < link->ntargets; i++) {
		struct target *t = link->targets[i];
		uint8_t before = t->judge.status;

		if (t->conf.family != family)
			continue;
		if (counts)
			judge_no_way(&t->judge);
		else
			judge_anew(&t->judge);
		if (t->judge.status != before)
			t->row.status_since_ns = now_ns;
	}
}

/* By then a target that can be asked has yielded a first sample: whoever asks in our
 * place may have been replaced meanwhile. */
static uint64_t
mute_at(const struct target *t)
{
	const struct conf_probe *p = &t->conf.probe;
	uint64_t since_ns = t->link->way_since_ns[t->conf.family];

	if (t->row.status_since_ns > since_ns)
		since_ns = t->row.status_since_ns;
	return since_ns + (p->interval_ms + p->timeout_ms) * NSEC_PER_MSEC + MUTE_LEAST_NS;
}

/* Nothing is known of it, not even a loss. */
static bool
never_measured(const struct target *t)
{
	return t->judge.status == TARGET_UNKNOWN && t->judge.run_failures == 0 &&
	       t->link->way_since_ns[t->conf.family] != 0;
}

/* A target that never yields a sample must not keep its link unknown for ever. Once it
 * is known it counts. */
static void
note_mute(struct link *link, int family, uint64_t now_ns)
{
	bool way = judge_facts(&link->facts, family) == REASON_NONE;

	if (!way)
		link->way_since_ns[family] = 0;
	else if (link->way_since_ns[family] == 0)
		link->way_since_ns[family] = now_ns;
	for (size_t i = 0; i < link->ntargets; i++) {
		struct target *t = link->targets[i];

		if (t->conf.family != family)
			continue;
		if (t->judge.status != TARGET_UNKNOWN || !way)
			t->mute = false;
		else if (never_measured(t) && now_ns >= mute_at(t))
			t->mute = true;
	}
}

static struct verdict
judge(struct link *link, uint64_t now_ns)
{
	bool configured[FAMILIES];

	for (int f = 0; f < FAMILIES; f++) {
		if (judge_facts(&link->facts, f) != REASON_NONE)
			forget_answers(link, f, now_ns);
		note_mute(link, f, now_ns);
		configured[f] = model_counts(link, f);
		link->verdict[f] = verdict_of(link, f);
		link->row.route[f].health = link->verdict[f].health;
		link->row.route[f].reason = link->verdict[f].reason;
	}
	return judge_link(link->verdict, configured);
}

/* It is to carry nothing, in any IP version: down, or degraded and to leave. */
static bool
is_out(const struct link *link)
{
	if (link->row.health != HEALTH_DEGRADED)
		return link->row.health == HEALTH_DOWN;
	if (link->conf->degraded != CONF_DEGRADED_LEAVE)
		return false;
	for (int f = 0; f < FAMILIES; f++)
		if (model_counts(link, f) && link->verdict[f].health == HEALTH_UP)
			return false;
	return true;
}

/* The time since the last change goes to the state that ends. */
static void
account_time(struct board_link *row, uint64_t now_ns)
{
	uint64_t spent = now_ns - row->health_since_ns;

	if (health_carries(row->health))
		row->up_ns += spent;
	else if (row->health == HEALTH_DOWN)
		row->down_ns += spent;
}

/* It counts for the link being down. */
static bool
has_failed(const struct target *t)
{
	return t->judge.status == TARGET_DOWN && t->outlier == OUTLIER_NO &&
	       t->judge.run_lost_ns != 0;
}

/* From the first lost probe of this fault. A target that failed long before the last
 * one did has failed for a reason of its own: one fault shows on all within the time
 * from one probe to the next. */
static uint32_t
detection_us(const struct link *link, uint64_t now_ns)
{
	uint64_t newest = 0, first, interval_ns = 0;

	for (size_t i = 0; i < link->ntargets; i++) {
		const struct target *t = link->targets[i];

		if (!has_failed(t))
			continue;
		if (t->judge.run_lost_ns > newest)
			newest = t->judge.run_lost_ns;
		if (t->conf.probe.interval_ms * NSEC_PER_MSEC > interval_ns)
			interval_ns = t->conf.probe.interval_ms * NSEC_PER_MSEC;
	}
	first = newest;
	for (size_t i = 0; i < link->ntargets; i++) {
		uint64_t lost_ns = link->targets[i]->judge.run_lost_ns;

		if (has_failed(link->targets[i]) && lost_ns < first &&
		    lost_ns + interval_ns >= newest)
			first = lost_ns;
	}
	if (first == 0 || (now_ns - first) / NSEC_PER_USEC >= RTT_UNKNOWN)
		return RTT_UNKNOWN;
	return (uint32_t)((now_ns - first) / NSEC_PER_USEC);
}

static void
change_health(struct link *link, struct verdict v, struct moment now)
{
	struct board_link *row = &link->row;
	bool carried = health_carries(row->health), carries = health_carries(v.health);

	if (carried != carries && row->health != HEALTH_UNKNOWN)
		row->transitions++;
	if (v.health == HEALTH_DOWN)
		row->detection_us =
		    v.reason == REASON_TARGETS_LOST ? detection_us(link, now.mono_ns) : RTT_UNKNOWN;
	account_time(row, now.mono_ns);
	row->health = v.health;
	row->health_since_ns = now.mono_ns;
	row->health_since_wall_ns = now.wall_ns;
}

/* It fell, or it is back and held for a while. */
static void
change_use(struct link *link, bool out, uint64_t now_ns)
{
	if (out) {
		if (link->was_in)
			damping_flap(&link->damping, &link->conf->flap, now_ns);
		link->was_in = false;
		link->row.hold_until_ns = 0;
	} else if (health_carries(link->row.health) && link->conf->hold_ms != 0) {
		link->row.hold_until_ns = now_ns + link->conf->hold_ms * NSEC_PER_MSEC;
	}
}

bool
assess_decay(struct link *link, uint64_t now_ns)
{
	uint32_t before = link->row.flap_penalty;

	if (link->damping.penalty == 0 && before == 0)
		return false;
	link->row.flap_penalty =
	    (uint32_t)damping_penalty(&link->damping, &link->conf->flap, now_ns);
	return link->row.flap_penalty != before;
}

static void
judge_one(struct link *link, struct moment now)
{
	struct board_link *row = &link->row;
	bool was_out = is_out(link);
	struct verdict v;

	if (!was_out && health_carries(row->health))
		link->was_in = true;
	v = judge(link, now.mono_ns);
	if (v.health != row->health)
		change_health(link, v, now);
	row->health_reason = v.reason;
	if (is_out(link) != was_out)
		change_use(link, !was_out, now.mono_ns);
	if (row->hold_until_ns != 0 && now.mono_ns >= row->hold_until_ns)
		row->hold_until_ns = 0;
	damping_settle(&link->damping, &link->conf->flap, now.mono_ns);
	row->flap_until_ns = damping_free_at(&link->damping, &link->conf->flap);
	assess_decay(link, now.mono_ns);
}

void
assess_links(struct link **links, size_t n, struct moment now, struct assessment *a)
{
	for (size_t i = 0; i < n; i++) {
		struct link *link = links[i];

		a->before[i] = (struct standing){.verdict = {link->verdict[V4], link->verdict[V6]},
						 .health = link->row.health,
						 .reason = link->row.health_reason,
						 .oper = link->row.oper,
						 .yielded = link->row.yielded != 0,
						 .suppressed = link->damping.suppressed};
	}
	/* All targets before the first link: they are judged by each other. */
	for (size_t i = 0; i < n; i++)
		outliers_judge_link(links[i], now.mono_ns);
	for (size_t i = 0; i < n; i++)
		judge_one(links[i], now);
	assess_views(links, n, now.mono_ns, a->views);
	planner_run(a->views, n, &a->plan, a->duties, &a->summary);
}

/* ---- planning ---- */

/* How one that is degraded in this IP version takes part. */
static void
view_quality(const struct link *l, int family, struct plan_link *p)
{
	uint8_t what = l->conf->degraded;
	bool degraded = l->verdict[family].health == HEALTH_DEGRADED;

	p->family[family].last = degraded && what == CONF_DEGRADED_LAST;
	p->family[family].leaves = degraded && what == CONF_DEGRADED_LEAVE;
	p->family[family].weight =
	    degraded && what == CONF_DEGRADED_WEIGHT ? l->conf->degraded_weight : l->conf->weight;
}

/* When a link that drains is drained, whatever is still alive on it; 0: never. */
static uint64_t
drain_deadline(const struct link *l)
{
	if (l->row.oper != OPER_DRAINING || l->conf->drain_deadline_s == 0)
		return 0;
	return l->row.oper_since_ns + l->conf->drain_deadline_s * NSEC_PER_SEC;
}

/* Without marks no flow keeps to the link: the others take them over at once. */
static bool
drain_is_over(const struct link *l, uint64_t now_ns)
{
	uint64_t deadline = drain_deadline(l);

	if (!l->conf->keeps_flows || (deadline != 0 && now_ns >= deadline))
		return true;
	return l->row.has_live_flows && l->row.live_flows == 0 &&
	       l->flows_counted_ns > l->row.order_since_ns;
}

/* What has outlived its gateway or address is no reason to do without another link. */
static bool
stands_with_its_gateway(const struct link *l, int family)
{
	const struct route_facts *facts = &l->facts.route[family];

	return l->row.route[family].installed && l->facts.admin_up &&
	       facts->origin != GATEWAY_NONE && addr_is_set(&facts->source);
}

void
assess_views(struct link **links, size_t n, uint64_t now_ns, struct plan_link *out)
{
	for (size_t i = 0; i < n; i++) {
		const struct link *l = links[i];
		struct plan_link *p = &out[i];

		memset(p, 0, sizeof(*p));
		p->index = l->row.index;
		p->tier = l->conf->tier;
		p->admin = l->row.admin;
		p->health = l->row.health;
		p->reason = l->row.health_reason;
		p->held = l->row.hold_until_ns != 0;
		p->damped = l->damping.suppressed;
		p->resort = l->conf->last_resort;
		p->empty = l->row.oper == OPER_DRAINED || drain_is_over(l, now_ns);
		for (int f = 0; f < FAMILIES; f++) {
			p->family[f].configured = model_counts(l, f);
			p->family[f].way_out = judge_facts(&l->facts, f) == REASON_NONE;
			p->family[f].health = l->verdict[f].health;
			view_quality(l, f, p);
			p->family[f].installed = stands_with_its_gateway(l, f);
		}
	}
}

static void
take_duty(struct link *link, const struct plan_duty *duty, struct moment now)
{
	struct board_link *row = &link->row;

	row->oper_reason = duty->reason;
	row->usable = duty->usable;
	row->yielded = duty->yielded;
	if (row->oper == duty->oper)
		return;
	/* Its flows can't come back here by themselves: cut them, once the others
	 * carry, so that they begin anew there. */
	row->cut = duty->oper == OPER_OUT && link->conf->kill_flows ? CUT_WANTED : CUT_NONE;
	row->oper = duty->oper;
	row->oper_since_ns = now.mono_ns;
	row->oper_since_wall_ns = now.wall_ns;
}

void
assess_take_over(struct link **links, size_t n, struct moment now, const struct assessment *a)
{
	for (size_t i = 0; i < n; i++)
		take_duty(links[i], &a->duties[i], now);
}

/* ---- time ---- */

static void
sooner(uint64_t *at, uint64_t candidate)
{
	if (candidate != 0 && candidate < *at)
		*at = candidate;
}

uint64_t
assess_due(struct link **links, size_t n)
{
	uint64_t at = UINT64_MAX;

	for (size_t i = 0; i < n; i++) {
		sooner(&at, links[i]->row.hold_until_ns);
		sooner(&at, links[i]->row.order_expires_ns);
		sooner(&at, links[i]->row.flap_until_ns);
		sooner(&at, drain_deadline(links[i]));
		for (size_t k = 0; k < links[i]->ntargets; k++) {
			const struct target *t = links[i]->targets[k];

			if (t->outlier == OUTLIER_WAIT)
				sooner(&at, outliers_wait_until(t));
			if (never_measured(t) && !t->mute)
				sooner(&at, mute_at(t));
		}
	}
	return at;
}
