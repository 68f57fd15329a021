/* SPDX-License-Identifier: ISC */
/* The face of routing towards the parent: configuration and plan in, facts and what was read back
 * out. Additions come before removals, so that no packet is ever without a way. */
#include "config.h"

#include "system/openbsd/routing.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "system/openbsd/limits.h"
#include "system/openbsd/rtio.h"
#include "system/openbsd/standing.h"

const char *
family_name(int family)
{
	return family == V4 ? "IPv4" : "IPv6";
}

void
routing_note_errors(struct sys_routing *r, char *text, size_t size)
{
	r->error = text;
	r->error_size = size;
	r->error_number = 0;
	if (text != NULL && size > 0)
		text[0] = '\0';
}

void
routing_failed(struct sys_routing *r, const char *fmt, ...)
{
	int error = errno;
	char what[128];
	va_list ap;

	r->failures++;
	if (r->error_number == 0) {
		r->error_number = error;
		va_start(ap, fmt);
		vsnprintf(what, sizeof(what), fmt, ap);
		va_end(ap);
		if (r->error != NULL)
			snprintf(r->error, r->error_size, "%s: %s", what, strerror(error));
	}
	errno = error;
}

/* ---- opening ---- */

struct sys_routing *
sys_routing_open(const struct sys_routing_hooks *hooks)
{
	struct sys_routing *r = calloc(1, sizeof(*r));

	if (r == NULL)
		return NULL;
	r->hooks = *hooks;
	r->fd = rtio_open();
	if (r->fd >= 0)
		return r;
	free(r);
	return NULL;
}

void
sys_routing_close(struct sys_routing *r)
{
	if (r == NULL)
		return;
	rtio_close(r->fd);
	settle_forget(r);
	world_free(&r->world);
	free(r->links);
	free(r);
}

int
sys_routing_fd(const struct sys_routing *r)
{
	return r->fd;
}

/* ---- steps ---- */

/* Somebody else's route is in the place of ours: it leads to the same gateway. */
static bool
stands_anyway(struct sys_routing *r, const struct step *step)
{
	if (!standing_has(r, &step->route))
		(void)talk_read_routes(r, false);
	return standing_has(r, &step->route);
}

/* What is refused because it is so already is no failure. */
static int
take_step(struct sys_routing *r, const struct step *step)
{
	char gateway[ADDR_STRLEN];
	struct rtmsg m;
	int error;

	standing_request(step, &m);
	error = talk_request(r, &m);
	if (step->add && error == EEXIST && stands_anyway(r, step))
		error = 0;
	if (!step->add && error == ESRCH) {
		world_route_forget(&r->world, step->route.table, &step->route.gateway,
				   OWN_PRIORITY);
		error = 0;
	}
	if (error == 0)
		return 0;
	errno = error;
	routing_failed(r, "%s the %s default by %s in table %u", step->add ? "adding" : "removing",
		       family_name(step->route.family), addr_text(&step->route.gateway, gateway),
		       step->route.table);
	return -1;
}

/* Nothing is removed where something could not be added: it may be the only way. */
static void
take_steps(struct sys_routing *r, struct sys_apply_counts *counts)
{
	struct sys_apply_counts done = {0};
	bool failed[FAMILIES] = {false, false};
	size_t n;
	struct step *steps = standing_steps(r, false, &n);

	if (steps == NULL)
		routing_failed(r, "thinking of what to do");
	for (size_t i = 0; i < n; i++) {
		const struct want *route = &steps[i].route;

		if (!steps[i].add && route->table == MAIN_TABLE && failed[route->family])
			continue;
		if (take_step(r, &steps[i]) != 0)
			failed[route->family] |= steps[i].add && route->table == MAIN_TABLE;
		else if (route->table == MAIN_TABLE)
			*(steps[i].add ? &done.adds : &done.deletes) += 1;
	}
	free(steps);
	if (counts != NULL)
		*counts = done;
}

/* ---- configuration ---- */

static void
forget_links(struct sys_routing *r)
{
	free(r->links);
	r->links = NULL;
	r->nlinks = 0;
	r->conf = NULL;
	memset(r->by_index, 0, sizeof(r->by_index));
	memset(r->carried, 0, sizeof(r->carried));
}

static int
take_links(struct sys_routing *r, const struct conf *conf)
{
	struct link *links = calloc(conf->nlinks + 1, sizeof(*links));

	if (links == NULL)
		return -1;
	forget_links(r);
	r->conf = conf;
	r->links = links;
	r->nlinks = conf->nlinks;
	for (size_t i = 0; i < r->nlinks; i++) {
		links[i].conf = &conf->links[i];
		r->by_index[conf->links[i].index] = &links[i];
		for (int family = 0; family < FAMILIES; family++)
			r->carried[family] |=
			    conf->links[i].route[family].gateway_kind != CONF_GATEWAY_NONE;
		if (link_table(conf, conf->links[i].index) == 0) {
			errno = ERANGE;
			routing_failed(r,
				       "link \"%s\": index %u is too large for a routing table of "
				       "its own, and it can't be probed",
				       conf->links[i].name, conf->links[i].index);
		}
	}
	return 0;
}

int
sys_routing_configure(struct sys_routing *r, const struct conf *conf, char *error,
		      size_t error_size)
{
	unsigned failures = r->failures;

	routing_note_errors(r, error, error_size);
	settle_forget(r);
	if (take_links(r, conf) != 0) {
		routing_failed(r, "taking the configuration");
		return -1;
	}
	if (talk_read_interfaces(r) != 0 || talk_read_routes(r, true) != 0) {
		routing_failed(r, "reading interfaces, addresses and routes");
	} else {
		for (size_t i = 0; i < r->nlinks; i++)
			link_derive(&r->links[i], &r->world);
		take_steps(r, NULL);
	}
	for (size_t i = 0; i < r->nlinks; i++)
		r->hooks.facts(r->hooks.arg, &r->links[i].facts);
	/* what was told between the steps */
	(void)settle(r);
	errno = r->error_number;
	routing_note_errors(r, NULL, 0);
	return failures == r->failures ? 0 : -1;
}

/* ---- messages ---- */

int
sys_routing_read(struct sys_routing *r)
{
	if (talk_listen(r) != 0)
		return -1;
	return settle(r);
}

int
sys_routing_resync(struct sys_routing *r)
{
	r->batch.reread_all = true;
	return settle(r);
}

/* ---- plan ---- */

static bool
family_valid(const struct plan_family *f)
{
	if (f->count > LINKS_MAX)
		return false;
	for (unsigned i = 0; i < f->count; i++) {
		const struct plan_member *m = &f->members[i];

		if (m->link < 1 || m->link > LINKS_MAX || m->weight > WEIGHT_MAX)
			return false;
		if (i > 0 && f->members[i - 1].link >= m->link)
			return false;
	}
	return true;
}

static bool
has_weight(const struct plan_family *f)
{
	for (unsigned i = 0; i < f->count; i++)
		if (f->members[i].weight != 0)
			return true;
	return false;
}

/* What was wanted and is not there is a failure even where no request failed. */
static void
compare(struct sys_routing *r, int family, const struct plan_family *installed)
{
	const struct plan_family *plan = &r->plan[family];

	for (unsigned i = 0, k = 0; i < plan->count; i++) {
		if (plan->members[i].weight == 0)
			continue;
		while (k < installed->count && installed->members[k].link < plan->members[i].link)
			k++;
		if (k < installed->count && installed->members[k].link == plan->members[i].link)
			continue;
		errno = ENETUNREACH;
		routing_failed(r, "%s default: link %u is not in it", family_name(family),
			       plan->members[i].link);
	}
}

static void
read_back(struct sys_routing *r, int family, struct plan_family *installed)
{
	standing_installed(r, family, installed);
	r->told[family] = *installed;
	r->outlived[family] = false;
	for (size_t i = 0; i < r->nlinks; i++)
		r->outlived[family] |= standing_outlived(r, family, &r->links[i]) != NULL;
}

int
sys_routing_apply(struct sys_routing *r, const struct plan *plan, struct plan *installed,
		  struct sys_apply_counts *counts)
{
	bool given[FAMILIES];
	int error;

	memset(counts, 0, sizeof(*counts));
	memset(installed, 0, sizeof(*installed));
	if (r->conf == NULL || !family_valid(&plan->family[V4]) || !family_valid(&plan->family[V6]))
		return EINVAL;
	routing_note_errors(r, NULL, 0);
	for (int family = 0; family < FAMILIES; family++) {
		given[family] = has_weight(&plan->family[family]) && r->carried[family];
		if (!given[family])
			continue;
		r->plan[family] = plan->family[family];
		r->planned[family] = true;
	}
	/* what the kernel has told meanwhile may have changed the links */
	if (talk_listen(r) != 0 || settle(r) != 0)
		routing_failed(r, "reading what the kernel tells");
	take_steps(r, counts);
	error = r->error_number;
	(void)settle(r);
	for (int family = 0; family < FAMILIES; family++) {
		read_back(r, family, &installed->family[family]);
		if (given[family])
			compare(r, family, &installed->family[family]);
	}
	return error != 0 ? error : r->error_number;
}

bool
sys_routing_stands_otherwise(struct sys_routing *r, struct plan *installed)
{
	static struct plan_family before[FAMILIES];
	const bool outlived[FAMILIES] = {r->outlived[V4], r->outlived[V6]};
	bool otherwise = false;

	memset(installed, 0, sizeof(*installed));
	if (r->conf == NULL || (!outlived[V4] && !outlived[V6]))
		return false;
	memcpy(before, r->told, sizeof(before));
	for (int family = 0; family < FAMILIES; family++) {
		read_back(r, family, &installed->family[family]);
		otherwise |= !plan_family_equal(&before[family], &r->told[family]);
		/* the kernel brings back a route that it had only given up for a while */
		r->outlived[family] |= outlived[family];
	}
	return otherwise;
}

int
sys_routing_repair(struct sys_routing *r)
{
	routing_note_errors(r, NULL, 0);
	if (r->conf == NULL)
		return 0;
	take_steps(r, NULL);
	(void)settle(r);
	return r->error_number;
}

int
sys_routing_release(struct sys_routing *r)
{
	struct step *steps;
	size_t n = 0;

	routing_note_errors(r, NULL, 0);
	forget_links(r);
	memset(r->planned, 0, sizeof(r->planned));
	if (talk_read_routes(r, true) != 0) {
		routing_failed(r, "reading the routes");
		return r->error_number;
	}
	/* nothing is wanted now, and nothing is kept */
	steps = standing_steps(r, false, &n);
	for (size_t i = 0; i < n; i++)
		(void)take_step(r, &steps[i]);
	free(steps);
	settle_forget(r);
	return r->error_number;
}
