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
#include "engine/figures.h"
#include "engine/outliers.h"
#include "engine/pace.h"
#include "engine/keep.h"
#include "engine/probing.h"
#include "engine/publish.h"
#include "engine/recent.h"
#include "engine/rows.h"
#include "engine/sockets.h"
#include "engine/window.h"

struct link *
model_link(struct engine *e, unsigned index)
{
	size_t from = 0, to = e->nlinks;

	while (from < to) {
		size_t middle = from + (to - from) / 2;
		struct link *link = e->links[middle];

		if (link->row.index == index)
			return link;
		if (link->row.index < index)
			from = middle + 1;
		else
			to = middle;
	}
	return NULL;
}

static bool
is_expected(const struct link *link, int family)
{
	const struct conf_route *r = &link->conf->route[family];

	return r->gateway_kind != CONF_GATEWAY_NONE &&
	       (!r->if_there || link->facts.route[family].origin != GATEWAY_NONE);
}

bool
model_counts(const struct link *link, int family)
{
	return is_expected(link, family) ||
	       (link->conf->route[family].gateway_kind != CONF_GATEWAY_NONE &&
		!is_expected(link, family == V4 ? V6 : V4));
}

static void
take_slot(struct engine *e, struct target *t, uint32_t slot)
{
	e->slots[slot] = t;
	t->slot = slot;
	t->window = &e->board->windows[slot];
	t->recent = &e->board->recent[slot];
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
	take_slot(e, t, slot);
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

/* Takes the link's target with the same address and method out of its old list. */
static struct target *
take_target(struct link *link, const struct conf_target *conf)
{
	for (size_t i = 0; i < link->ntargets; i++) {
		struct target *t = link->targets[i];

		if (t != NULL && conf_same_target(&t->conf, conf)) {
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
		if (t == NULL) {
			free(targets);
			return -1;
		}
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

static struct link *
link_new(struct engine *e, const struct conf_link *conf)
{
	struct link *link = calloc(1, sizeof(*link));
	struct moment now = {clock_mono_ns(), clock_wall_ns()};

	if (link == NULL)
		return NULL;
	link->engine = e;
	for (int f = 0; f < FAMILIES; f++)
		link->verdict[f] = (struct verdict){HEALTH_UNKNOWN, REASON_STARTING};
	if (publish_adopt_link(e->board, conf->index, conf->name, &link->row)) {
		link->damping = (struct damping){.penalty = link->row.flap_penalty,
						 .updated_ns = e->global.heartbeat_ns,
						 .suppressed = link->row.flap_until_ns != 0};
		for (int f = 0; f < FAMILIES; f++) {
			link->verdict[f] =
			    (struct verdict){link->row.route[f].health, link->row.route[f].reason};
			link->stood |= link->row.route[f].installed;
		}
	} else {
		/* Gone for a while: it starts afresh, but gives no target index again, and no
		 * time at which it began to count. */
		struct board_link gone = link->row;

		rows_start(&link->row, conf->index, conf->name, now);
		if (gone.removed) {
			link->row.targets_given = gone.targets_given;
			for (int f = 0; f < FAMILIES; f++)
				link->row.route[f].discontinuity_wall_ns =
				    gone.route[f].discontinuity_wall_ns;
		}
		keep_begin_link(e, &link->row);
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
	timers_unset(link->engine->timers, &link->figures_timer);
	sockets_close(link);
	free(link);
}

static int
by_index(const void *a, const void *b)
{
	const struct link *const *x = a, *const *y = b;

	return (*x)->row.index - (*y)->row.index;
}

/* Rows of links that left the configuration while no engine was there to see it. */
static void
end_adopted_links(struct engine *e)
{
	for (unsigned i = 1; i < e->global.link_slots; i++) {
		struct board_link row;

		if (model_link(e, i) != NULL)
			continue;
		board_read(&e->board->links[i], &row, sizeof(row));
		if (row.index == i && !row.removed)
			publish_link_gone(e, &row);
	}
}

/* The target gets the slot in which its row and window are. */
static void
swap_slots(struct engine *e, struct target *t, uint32_t slot)
{
	uint32_t old = t->slot;
	struct target *other = e->slots[slot];

	take_slot(e, t, slot);
	if (other == NULL)
		e->slots[old] = NULL;
	else if (other != t)
		take_slot(e, other, old);
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
			t->outlier = row.set_aside ? OUTLIER_ASIDE : OUTLIER_NO;
			swap_slots(e, t, slot);
			if (!window_valid(t->window))
				window_forget(t->window);
			t->recent->count = recent_count(t->recent);
			break;
		}
		if (e->slots[slot] == NULL)
			publish_target_gone(e, slot);
	}
}

/* Its place in the interval: those of a link are as far from each other as can be, and
 * those of all links stand between them. Where there are many links, those of one that
 * would follow soon anyway leave together: its second probe costs far less than its first. */
static uint32_t
share_ppm(const struct engine *e, size_t link, size_t target)
{
	enum { FEW_LINKS = 16, SOON_MS = 100 };
	uint64_t links = e->nlinks, targets = e->links[link]->ntargets, places = targets;

	if (links > FEW_LINKS)
		places = e->links[link]->targets[target]->conf.probe.interval_ms / SOON_MS;
	if (places == 0)
		places = 1;
	if (places > targets)
		places = targets;
	return (uint32_t)((target * places / targets * links + link) * 1000000 / (links * places));
}

static void
prepare_target(struct engine *e, struct target *t)
{
	if (t->row.index == 0) { /* what stands there was another's */
		window_forget(t->window);
		memset(t->recent, 0, sizeof(*t->recent));
		t->row.since_wall_ns = clock_wall_ns();
	}
	rows_configure_target(t);
	pace_target(t);
	figures_target(t);
	if (t->slot >= e->global.target_slots)
		e->global.target_slots = t->slot + 1;
}

/* The first probes leave within a short while. With very many targets it is longer: each
 * link that is found to be well means a decision about all, besides. */
static uint64_t
first_probes_ns(const struct engine *e)
{
	const uint64_t least = 200 * NSEC_PER_MSEC, each = 50 * NSEC_PER_USEC;
	uint64_t targets = 0;

	for (size_t i = 0; i < e->nlinks; i++)
		targets += e->links[i]->ntargets;
	return targets * each > least ? targets * each : least;
}

/* All are prepared before the first is asked: with very many this takes a while, by which
 * the first probes would be late. */
static void
start_targets(struct engine *e)
{
	uint64_t while_ns = first_probes_ns(e);

	for (size_t i = 0; i < e->nlinks; i++)
		for (size_t k = 0; k < e->links[i]->ntargets; k++)
			prepare_target(e, e->links[i]->targets[k]);
	for (size_t i = 0; i < e->nlinks; i++) {
		/* together: a link is judged by all of its targets from the start */
		uint64_t first_ns = i * while_ns / e->nlinks;

		for (size_t k = 0; k < e->links[i]->ntargets; k++)
			probing_start(e->links[i]->targets[k], first_ns, share_ppm(e, i, k));
	}
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
		publish_link_gone(e, &e->links[i]->row);
		link_free(e->links[i]);
	}
}

static void
tie_targets(struct engine *e)
{
	static struct target *all[TARGETS_MAX];
	size_t n = 0;

	for (size_t slot = 0; slot < TARGETS_MAX; slot++)
		if (e->slots[slot] != NULL)
			all[n++] = e->slots[slot];
	outliers_tie(all, n);
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
		if (link == NULL || load_targets(link, &conf->links[i]) != 0) {
			free(links);
			return -1;
		}
		link->conf = &conf->links[i];
		rows_configure(&link->row, link->conf);
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
	if (first) {
		end_adopted_links(e);
		adopt_targets(e);
	}
	keep_forget(e);
	e->adopted = true;
	tie_targets(e);
	start_targets(e);
	return 0;
}
