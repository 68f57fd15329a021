/* SPDX-License-Identifier: ISC */
/* Made as model.c makes them, but for a site where everything is well connected. */
#include "config.h"

#include "engine/site.h"

#include <stdlib.h>
#include <string.h>

#include "engine/figures.h"
#include "engine/outliers.h"
#include "engine/rows.h"

static const struct addr some_address[FAMILIES] = {
    [V4] = {.version = 4, .plen = 32, .octets = {192, 0, 2, 1}},
    [V6] = {.version = 6, .plen = 128, .octets = {0x20, 0x01, 0x0d, 0xb8}},
};

static void
connect_link(struct link *link)
{
	struct link_facts *facts = &link->facts;

	*facts = (struct link_facts){
	    .link = link->row.index, .carrier = CARRIER_UP, .admin_up = 1, .ifindex = 1};
	for (int f = 0; f < FAMILIES; f++) {
		const struct conf_route *r = &link->conf->route[f];

		if (r->gateway_kind == CONF_GATEWAY_NONE)
			continue;
		facts->route[f].origin =
		    r->gateway_kind == CONF_GATEWAY_STATIC ? GATEWAY_CONFIGURED : GATEWAY_LEARNED;
		facts->route[f].gateway = addr_is_set(&r->gateway) ? r->gateway : some_address[f];
		facts->route[f].source = addr_is_set(&r->source) ? r->source : some_address[f];
	}
	link->facts_known = true;
}

static int
make_targets(struct link *link, struct moment now)
{
	link->targets = calloc(link->conf->ntargets + 1, sizeof(*link->targets));
	if (link->targets == NULL)
		return -1;
	for (size_t i = 0; i < link->conf->ntargets; i++) {
		struct target *t = calloc(1, sizeof(*t));

		if (t == NULL)
			return -1;
		link->targets[link->ntargets++] = t;
		t->window = calloc(1, sizeof(*t->window));
		t->recent = calloc(1, sizeof(*t->recent));
		if (t->window == NULL || t->recent == NULL)
			return -1;
		t->link = link;
		t->conf = link->conf->targets[i];
		t->judge.status = TARGET_UNKNOWN;
		t->row.status_since_ns = now.mono_ns;
		rows_configure_target(t);
		if (t->conf.gateway)
			t->row.addr = link->facts.route[t->conf.family].gateway;
		figures_target(t);
	}
	return 0;
}

static struct link *
make_link(const struct conf_link *conf, struct moment now)
{
	struct link *link = calloc(1, sizeof(*link));

	if (link == NULL)
		return NULL;
	link->conf = conf;
	for (int f = 0; f < FAMILIES; f++)
		link->verdict[f] = (struct verdict){HEALTH_UNKNOWN, REASON_STARTING};
	rows_start(&link->row, conf->index, conf->name, now);
	rows_configure(&link->row, conf);
	connect_link(link);
	return link;
}

static int
tie(struct site *site)
{
	struct target **all;
	size_t n = 0;

	for (size_t i = 0; i < site->nlinks; i++)
		n += site->links[i]->ntargets;
	all = calloc(n + 1, sizeof(struct target *));
	if (all == NULL)
		return -1;
	n = 0;
	for (size_t i = 0; i < site->nlinks; i++)
		for (size_t k = 0; k < site->links[i]->ntargets; k++)
			all[n++] = site->links[i]->targets[k];
	outliers_tie(all, n);
	free(all);
	return 0;
}

static int
by_index(const void *a, const void *b)
{
	const struct link *const *x = a, *const *y = b;

	return (*x)->row.index - (*y)->row.index;
}

struct site *
site_new(const struct conf *conf, struct moment now)
{
	struct site *site = calloc(1, sizeof(*site));

	if (site == NULL)
		return NULL;
	site->conf = conf;
	site->links = calloc(conf->nlinks, sizeof(struct link *));
	for (size_t i = 0; site->links != NULL && i < conf->nlinks; i++) {
		struct link *link = make_link(&conf->links[i], now);

		if (link == NULL)
			break;
		site->links[site->nlinks++] = link;
		if (make_targets(link, now) != 0)
			goto fail;
	}
	if (site->nlinks < conf->nlinks || tie(site) != 0)
		goto fail;
	qsort(site->links, site->nlinks, sizeof(struct link *), by_index);
	return site;
fail:
	site_free(site);
	return NULL;
}

void
site_free(struct site *site)
{
	for (size_t i = 0; i < site->nlinks; i++) {
		for (size_t k = 0; k < site->links[i]->ntargets; k++) {
			free(site->links[i]->targets[k]->window);
			free(site->links[i]->targets[k]->recent);
			free(site->links[i]->targets[k]);
		}
		free(site->links[i]->targets);
		free(site->links[i]);
	}
	free(site->links);
	free(site);
}

struct link *
site_link(const struct site *site, const char *name)
{
	for (size_t i = 0; i < site->nlinks; i++)
		if (strcmp(site->links[i]->row.name, name) == 0)
			return site->links[i];
	return NULL;
}

struct target *
site_target(const struct link *link, const struct addr *addr)
{
	for (size_t i = 0; i < link->ntargets; i++)
		if (!link->targets[i]->conf.gateway &&
		    addr_equal(&link->targets[i]->conf.addr, addr))
			return link->targets[i];
	return NULL;
}

struct target *
site_gateway(const struct link *link, int family)
{
	for (size_t i = 0; i < link->ntargets; i++)
		if (link->targets[i]->conf.gateway && link->targets[i]->conf.family == family)
			return link->targets[i];
	return NULL;
}

bool
site_version_comes(struct link *link, int family)
{
	if (link->facts.route[family].origin != GATEWAY_NONE)
		return false;
	link->facts.route[family].origin = GATEWAY_LEARNED;
	return true;
}

/* No target of it has ever yielded a sample, and all had their time, while the other
 * version has some. */
static bool
is_silent(const struct link *link, int family)
{
	bool any = false;

	for (size_t i = 0; i < link->ntargets; i++) {
		const struct target *t = link->targets[i];

		if (t->conf.family == family && !t->mute)
			return false;
		any |= t->row.received + t->row.lost > 0;
	}
	return any;
}

bool
site_versions_leave(struct site *site)
{
	bool any = false;

	for (size_t i = 0; i < site->nlinks; i++)
		for (int f = 0; f < FAMILIES; f++) {
			struct link *link = site->links[i];
			uint8_t *origin = &link->facts.route[f].origin;

			if (!link->conf->route[f].if_there || *origin == GATEWAY_NONE ||
			    !is_silent(link, f))
				continue;
			*origin = GATEWAY_NONE;
			any = true;
		}
	return any;
}

static void
install(struct site *site)
{
	for (size_t i = 0; i < site->nlinks; i++)
		for (int f = 0; f < FAMILIES; f++) {
			const struct plan_duty *duty = &site->assessment.duties[i];
			bool kept = site->assessment.summary.all_down;
			struct board_route *r = &site->links[i]->row.route[f];

			if (!kept)
				r->installed = duty->carries[f];
		}
}

void
site_decide(struct site *site, struct moment now, bool *all_down, news_emit *emit, void *arg)
{
	struct assessment *a = &site->assessment;

	assess_links(site->links, site->nlinks, now, a);
	assess_take_over(site->links, site->nlinks, now, a);
	install(site);
	for (size_t i = 0; i < site->nlinks; i++) {
		assess_tell(site->links[i], &a->before[i], emit, arg);
		assess_tell_targets(site->links[i], emit, arg);
	}
	assess_tell_all_down(a, all_down, emit, arg);
}
