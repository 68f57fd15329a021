/* SPDX-License-Identifier: ISC */
/* Links and targets: made from the configuration, kept across reloads, found
 * again on the board after a restart. */
#include "config.h"

#include "engine/model.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/clock.h"
#include "common/log.h"
#include "engine/probing.h"
#include "engine/publish.h"
#include "engine/sockets.h"

/* The first probes of a new configuration leave within this time. */
#define START_SPREAD_NS (200 * NSEC_PER_MSEC)

struct link *
model_link(struct engine *e, unsigned index)
{
	for (size_t i = 0; i < e->nlinks; i++)
		if (e->links[i]->row.index == index)
			return e->links[i];
	return NULL;
}

bool
model_configured(const struct link *link, int family)
{
	return link->conf->route[family].gateway_kind != CONF_GATEWAY_NONE;
}

struct target_counts
model_count_targets(const struct link *link, int family)
{
	struct target_counts counts = {0};

	for (size_t i = 0; i < link->ntargets; i++) {
		const struct target *t = link->targets[i];

		if (t->conf.family != family)
			continue;
		if (t->judge.status == TARGET_UP)
			counts.up++;
		else if (t->judge.status == TARGET_DOWN)
			counts.down++;
		else
			counts.unknown++;
	}
	return counts;
}

static int
by_value(const void *a, const void *b)
{
	uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;

	return x < y ? -1 : x > y;
}

/* The lower one of an even number: nothing is exceeded that half of them don't. */
static uint32_t
median(uint32_t *values, size_t n)
{
	if (n == 0)
		return UINT32_MAX;
	qsort(values, n, sizeof(values[0]), by_value);
	return values[(n - 1) / 2];
}

struct measured
model_measured(const struct link *link, int family)
{
	uint32_t loss[LINK_TARGETS_MAX], rtt[LINK_TARGETS_MAX], jitter[LINK_TARGETS_MAX];
	size_t n = 0;

	for (size_t i = 0; i < link->ntargets && n < LINK_TARGETS_MAX; i++) {
		const struct target *t = link->targets[i];

		if (t->conf.family != family || t->judge.status != TARGET_UP)
			continue;
		loss[n] = t->row.loss_ppm;
		rtt[n] = t->row.rtt_avg_us;
		jitter[n++] = t->row.jitter_us;
	}
	return (struct measured){median(loss, n), median(rtt, n), median(jitter, n)};
}

/* How one that is degraded in this IP version takes part. */
static void
plan_quality(const struct link *l, int family, struct plan_link *p)
{
	uint8_t what = l->conf->degraded;
	bool degraded = l->verdict[family].health == HEALTH_DEGRADED;

	p->family[family].last = degraded && what == CONF_DEGRADED_LAST;
	p->family[family].leaves = degraded && what == CONF_DEGRADED_LEAVE;
	p->family[family].weight =
	    degraded && what == CONF_DEGRADED_WEIGHT ? l->conf->degraded_weight : l->conf->weight;
}

void
model_plan_links(const struct engine *e, struct plan_link *out)
{
	for (size_t i = 0; i < e->nlinks; i++) {
		const struct link *l = e->links[i];
		struct plan_link *p = &out[i];

		memset(p, 0, sizeof(*p));
		p->index = l->row.index;
		p->tier = l->conf->tier;
		p->admin = l->row.admin;
		p->health = l->row.health;
		p->reason = l->row.health_reason;
		p->held = l->row.hold_until_ns != 0;
		p->damped = l->damping.suppressed;
		p->empty = l->row.oper == OPER_DRAINED ||
			   (l->row.has_live_flows && l->row.live_flows == 0 &&
			    l->flows_counted_ns > l->row.order_since_ns);
		for (int f = 0; f < FAMILIES; f++) {
			p->family[f].configured = model_configured(l, f);
			p->family[f].way_out = judge_facts(&l->facts, f) == REASON_NONE;
			p->family[f].health = l->verdict[f].health;
			plan_quality(l, f, p);
			p->family[f].installed = l->row.route[f].installed;
		}
	}
}

static struct target *
target_new(struct engine *e, struct link *link, const struct conf_target *conf)
{
	struct target *t = calloc(1, sizeof(*t));
	uint32_t slot = 0;

	while (slot < TARGETS_MAX && e->slots[slot] != NULL)
		slot++;
	if (t == NULL || slot == TARGETS_MAX) {
		free(t);
		return NULL;
	}
	e->slots[slot] = t;
	t->slot = slot;
	t->link = link;
	t->conf = *conf;
	t->judge.status = TARGET_UNKNOWN;
	t->row.status_since_ns = clock_mono_ns();
	return t;
}

static void
target_free(struct target *t)
{
	struct engine *e = t->link->engine;

	probing_stop(t);
	e->slots[t->slot] = NULL;
	publish_target_gone(e, t->slot);
	free(t);
}

static bool
same_target(const struct conf_target *a, const struct conf_target *b)
{
	return a->family == b->family && a->method == b->method && a->port == b->port &&
	       a->gateway == b->gateway && addr_equal(&a->addr, &b->addr);
}

/* Takes the link's target with the same address and method out of its old list. */
static struct target *
take_target(struct link *link, const struct conf_target *conf)
{
	for (size_t i = 0; i < link->ntargets; i++) {
		struct target *t = link->targets[i];

		if (t != NULL && same_target(&t->conf, conf)) {
			link->targets[i] = NULL;
			return t;
		}
	}
	return NULL;
}

static int
load_targets(struct link *link, const struct conf_link *conf)
{
	struct target **targets = calloc(conf->ntargets + 1, sizeof(*targets));

	if (targets == NULL)
		return -1;
	for (size_t i = 0; i < conf->ntargets; i++) {
		struct target *t = take_target(link, &conf->targets[i]);

		if (t == NULL)
			t = target_new(link->engine, link, &conf->targets[i]);
		if (t == NULL)
			return -1;
		t->conf = conf->targets[i];
		targets[i] = t;
	}
	for (size_t i = 0; i < link->ntargets; i++)
		if (link->targets[i] != NULL)
			target_free(link->targets[i]);
	free(link->targets);
	link->targets = targets;
	link->ntargets = conf->ntargets;
	return 0;
}

static void
row_start(struct board_link *row, uint16_t index, const char *name)
{
	uint64_t now = clock_mono_ns(), wall = clock_wall_ns();

	memset(row, 0, sizeof(*row));
	row->index = index;
	memcpy(row->name, name, NAME_LEN + 1);
	row->health = HEALTH_UNKNOWN;
	row->health_reason = REASON_STARTING;
	row->oper = OPER_OUT;
	row->oper_reason = REASON_STARTING;
	row->carrier = CARRIER_UNKNOWN;
	row->admin = ADMIN_AUTO;
	row->actor = ACTOR_DAEMON;
	row->health_since_ns = row->oper_since_ns = now;
	row->health_since_wall_ns = row->oper_since_wall_ns = wall;
	row->detection_us = row->switch_us = RTT_UNKNOWN;
}

static struct link *
link_new(struct engine *e, const struct conf_link *conf)
{
	struct link *link = calloc(1, sizeof(*link));

	if (link == NULL)
		return NULL;
	link->engine = e;
	for (int f = 0; f < FAMILIES; f++)
		link->verdict[f] = (struct verdict){HEALTH_UNKNOWN, REASON_STARTING};
	if (publish_adopt_link(e->board, conf->index, conf->name, &link->row)) {
		link->damping =
		    (struct damping){.penalty = link->row.flap_penalty,
				     .updated_ns = clock_mono_ns(),
				     .suppressed = link->row.oper_reason == REASON_FLAPPING};
		for (int f = 0; f < FAMILIES; f++)
			link->verdict[f] =
			    (struct verdict){link->row.route[f].health, link->row.route[f].reason};
	} else {
		/* Gone for a while: it starts afresh, but gives no target index again. */
		uint16_t given = link->row.removed ? link->row.targets_given : 0;

		row_start(&link->row, conf->index, conf->name);
		link->row.targets_given = given;
	}
	link->row.removed = 0;
	return link;
}

static void
link_free(struct link *link)
{
	for (size_t i = 0; i < link->ntargets; i++)
		target_free(link->targets[i]);
	free(link->targets);
	sockets_close(link);
	free(link);
}

/* What the row says of the configuration. */
static void
row_configure(struct board_link *row, const struct conf_link *conf)
{
	memcpy(row->alias, conf->alias, sizeof(row->alias));
	memcpy(row->ifname, conf->interface, sizeof(row->ifname));
	row->tier = conf->tier;
	row->weight = conf->weight;
	row->gateway_only = conf->gateway_only;
	for (int f = 0; f < FAMILIES; f++) {
		struct board_route *r = &row->route[f];

		r->configured = conf->route[f].gateway_kind != CONF_GATEWAY_NONE;
		if (r->health == 0) {
			r->health = HEALTH_UNKNOWN;
			r->reason = REASON_STARTING;
			r->gateway_origin = GATEWAY_NONE;
		}
	}
}

static int
by_index(const void *a, const void *b)
{
	const struct link *const *x = a, *const *y = b;

	return (*x)->row.index - (*y)->row.index;
}

/* Finds the rows of an earlier engine's targets and takes over window and state. */
static void
adopt_targets(struct engine *e)
{
	for (uint32_t slot = 0; slot < e->global.target_slots; slot++) {
		struct board_target row;
		struct link *link;

		if (!publish_adopt_target(e->board, slot, &row))
			continue;
		link = model_link(e, row.link);
		for (size_t i = 0; link != NULL && i < link->ntargets; i++) {
			struct target *t = link->targets[i];

			if (t->row.index != 0 || t->conf.method != row.method ||
			    t->conf.port != row.port || t->conf.family != row.family ||
			    t->conf.gateway != row.gateway ||
			    (!row.gateway && !addr_equal(&t->conf.addr, &row.addr)))
				continue;
			t->row = row;
			t->judge = (struct target_judge){.status = row.status,
							 .run_failures = row.run_failures,
							 .run_successes = row.run_successes};
			t->window.count = row.window_count;
			t->window.next = row.window_next;
			memcpy(t->window.us, row.window_us, sizeof(t->window.us));
			break;
		}
		if (e->slots[slot] == NULL)
			publish_target_gone(e, slot);
	}
}

/* The row's fixed fields; an index for a target that never had one. */
static void
target_configure(struct target *t)
{
	struct board_target *row = &t->row;

	if (row->index == 0)
		row->index = ++t->link->row.targets_given;
	row->link = t->link->row.index;
	row->method = t->conf.method;
	row->family = t->conf.family;
	row->gateway = t->conf.gateway;
	row->port = t->conf.port;
	if (!t->conf.gateway)
		row->addr = t->conf.addr;
	row->interval_ms = t->conf.probe.interval_ms;
	row->timeout_ms = t->conf.probe.timeout_ms;
	if (t->slot >= t->link->engine->global.target_slots)
		t->link->engine->global.target_slots = t->slot + 1;
}

static int
start_targets(struct engine *e)
{
	size_t n = 0, all = 0;

	for (size_t i = 0; i < e->nlinks; i++)
		all += e->links[i]->ntargets;
	for (size_t i = 0; i < e->nlinks; i++)
		for (size_t k = 0; k < e->links[i]->ntargets; k++) {
			struct target *t = e->links[i]->targets[k];

			target_configure(t);
			if (probing_start(t, START_SPREAD_NS * n++ / all) != 0)
				return -1;
		}
	return 0;
}

/* Ends the links that are not in the new list. */
static void
end_links(struct engine *e, struct link **links, size_t nlinks)
{
	for (size_t i = 0; i < e->nlinks; i++) {
		bool stays = false;

		for (size_t k = 0; k < nlinks; k++)
			stays |= links[k] == e->links[i];
		if (stays)
			continue;
		publish_link_gone(e, e->links[i]->row.index);
		link_free(e->links[i]);
	}
}

int
model_load(struct engine *e, struct conf *conf)
{
	struct link **links = calloc(conf->nlinks + 1, sizeof(*links));
	bool first = !e->adopted;

	if (links == NULL)
		return -1;
	for (size_t i = 0; i < conf->nlinks; i++) {
		struct link *link = model_link(e, conf->links[i].index);

		if (link == NULL)
			link = link_new(e, &conf->links[i]);
		if (link == NULL || load_targets(link, &conf->links[i]) != 0)
			return -1;
		link->conf = &conf->links[i];
		row_configure(&link->row, link->conf);
		if (link->row.index >= e->global.link_slots)
			e->global.link_slots = link->row.index + 1U;
		links[i] = link;
	}
	end_links(e, links, conf->nlinks);
	free(e->links);
	e->links = links;
	e->nlinks = conf->nlinks;
	qsort(e->links, e->nlinks, sizeof(struct link *), by_index);
	conf_free(e->conf);
	e->conf = conf;
	if (first)
		adopt_targets(e);
	e->adopted = true;
	return start_targets(e);
}
