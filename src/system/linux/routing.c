/* SPDX-License-Identifier: ISC */
/* The face of routing towards the parent: configuration and plan in, facts and
 * what was read back out. The order of every change is such that no packet is
 * ever without a way: additions before removals. */
#include "config.h"

#include "system/linux/routing.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "system/linux/events.h"
#include "system/linux/monitor.h"
#include "system/linux/routes.h"
#include "system/linux/rules.h"

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
	char what[96];
	va_list ap;

	r->failures++;
	if (r->error_number == 0) {
		r->error_number = error;
		va_start(ap, fmt);
		vsnprintf(what, sizeof(what), fmt, ap);
		va_end(ap);
		if (r->error != NULL)
			snprintf(r->error, r->error_size, "%s: %s%s%s%s", what, strerror(error),
				 r->command.reason[0] != '\0' ? " (" : "", r->command.reason,
				 r->command.reason[0] != '\0' ? ")" : "");
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
	if (netlink_open(&r->command) == 0 && (r->events = monitor_open()) != NULL)
		return r;
	sys_routing_close(r);
	return NULL;
}

void
sys_routing_close(struct sys_routing *r)
{
	int saved = errno;

	if (r == NULL)
		return;
	netlink_close(&r->command);
	if (r->events != NULL)
		mnl_socket_close(r->events);
	view_free(&r->view);
	free(r->links);
	free(r);
	errno = saved;
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
	}
	return 0;
}

/* What can't be read as a whole leaves the mirror as it is: a part of it would say that links
 * are gone. */
static int
load_view(struct sys_routing *r)
{
	struct view fresh = {0};

	if (view_load_interfaces(&fresh, &r->command) != 0 ||
	    view_load_addresses(&fresh, &r->command) != 0 ||
	    view_load_defaults(&fresh, &r->command) != 0) {
		routing_failed(r, "reading interfaces, addresses and routes");
		view_free(&fresh);
		return -1;
	}
	view_free(&r->view);
	r->view = fresh;
	r->seen = true;
	return 0;
}

/* A rule is made when its table is filled, a table is emptied when no rule leads
 * to it any more. */
static void
sync_family(struct sys_routing *r, int family)
{
	struct rules_result result;

	if (r->planned[family])
		default_ensure(r, family, false, NULL);
	routes_sync(r, family, false);
	rules_sync(r, family, &result);
	routes_sync(r, family, true);
}

int
sys_routing_configure(struct sys_routing *r, const struct conf *conf, char *error,
		      size_t error_size)
{
	unsigned failures = r->failures;
	bool loaded;

	routing_note_errors(r, error, error_size);
	if (take_links(r, conf) != 0) {
		routing_failed(r, "taking the configuration");
		return -1;
	}
	loaded = load_view(r) == 0;
	for (size_t i = 0; i < r->nlinks; i++)
		link_derive(&r->links[i], &r->view);
	for (int family = 0; loaded && family < FAMILIES; family++)
		sync_family(r, family);
	/* before anything was seen, no link is known to be gone */
	for (size_t i = 0; r->seen && i < r->nlinks; i++)
		r->hooks.facts(r->hooks.arg, &r->links[i].facts);
	errno = r->error_number;
	routing_note_errors(r, NULL, 0);
	return failures == r->failures ? 0 : -1;
}

/* ---- events ---- */

int
sys_routing_fd(const struct sys_routing *r)
{
	return mnl_socket_get_fd(r->events);
}

struct reading {
	struct sys_routing *r;
	struct batch batch;
};

static void
each_event(void *arg, const struct nlmsghdr *nlh)
{
	struct reading *reading = arg;

	events_note(reading->r, &reading->batch, nlh);
}

int
sys_routing_read(struct sys_routing *r)
{
	struct reading reading = {.r = r};

	if (monitor_read(r->events, each_event, &reading) < 0)
		return -1;
	if (r->view.error != 0) {
		errno = r->view.error;
		return -1;
	}
	return events_settle(r, &reading.batch);
}

int
sys_routing_resync(struct sys_routing *r)
{
	struct batch batch;

	routing_note_errors(r, NULL, 0);
	if (load_view(r) != 0)
		return -1;
	events_everything(&batch);
	return events_settle(r, &batch);
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

static const struct plan_member *
member_of(const struct plan_family *f, unsigned link)
{
	for (unsigned i = 0; i < f->count; i++)
		if (f->members[i].link == link)
			return &f->members[i];
	return NULL;
}

/* The weight that a next hop in the kernel gives to one link: a plain route has
 * none, and two links may be one next hop. */
static uint16_t
weight_of(const struct sys_routing *r, int family, const struct link *link,
	  const struct nexthops *have, const struct nexthop *hop)
{
	const struct plan_member *planned = member_of(&r->plan[family], link->conf->index);
	unsigned sharing = 0;

	if (planned == NULL || planned->weight == 0 || planned->weight == hop->weight)
		return hop->weight;
	if (have->count == 1)
		return planned->weight;
	for (unsigned i = 0; i < r->plan[family].count; i++) {
		const struct link *other = r->by_index[r->plan[family].members[i].link];

		if (other != NULL && hop_equal(&other->hop[family], &link->hop[family]))
			sharing++;
	}
	return sharing > 1 ? planned->weight : hop->weight;
}

static bool
is_usable_hop(const struct sys_routing *r, int family, const struct nexthop *hop)
{
	for (size_t i = 0; i < r->nlinks; i++) {
		const struct hop *usable = &r->links[i].hop[family];

		if (usable->usable && usable->ifindex == hop->ifindex &&
		    addr_equal(&usable->gateway, &hop->gateway))
			return true;
	}
	return false;
}

/* What stands there since before the link's gateway or address was lost. A gateway that was
 * learned is not known any more. */
static const struct nexthop *
nexthop_outlived(const struct sys_routing *r, int family, const struct link *link,
		 const struct nexthops *have)
{
	const struct conf_route *conf = &link->conf->route[family];

	if (link->hop[family].usable || conf->gateway_kind == CONF_GATEWAY_NONE)
		return NULL;
	for (unsigned i = 0; i < have->count; i++) {
		const struct nexthop *hop = &have->hop[i];

		if (hop->ifindex == link->facts.ifindex &&
		    (conf->gateway_kind != CONF_GATEWAY_STATIC ||
		     addr_equal(&link->facts.route[family].gateway, &hop->gateway)) &&
		    !is_usable_hop(r, family, hop))
			return hop;
	}
	return NULL;
}

/* The weight of a link that the default does not lead to, but what belongs to it
 * is led to its table; -1: nothing is. */
static int
weight_of_its_own(const struct sys_routing *r, int family, const struct link *link,
		  const bool *source)
{
	const struct plan_member *planned = member_of(&r->plan[family], link->conf->index);

	if (!link->hop[family].usable || link->facts.carrier == CARRIER_DOWN)
		return -1;
	if (family == V6 && !source[link->conf->index])
		return -1;
	/* an earlier run's rule does not say which weight it was */
	if (!r->planned[family])
		return family == V6 ? link->conf->weight : -1;
	if (planned == NULL || (family == V4 && planned->weight != 0))
		return -1;
	return planned->weight;
}

static void
read_back(struct sys_routing *r, int family, const bool *source, struct plan_family *installed)
{
	static struct nexthops have;

	installed->count = 0;
	r->outlived[family] = false;
	if (default_read(r, family, &have) != 0) {
		routing_failed(r, "reading back the %s default", family_name(family));
		return;
	}
	for (unsigned index = 1; index <= LINKS_MAX; index++) {
		const struct link *link = r->by_index[index];
		const struct nexthop *hop;
		int weight;

		if (link == NULL)
			continue;
		hop = nexthop_of(&have, &link->hop[family]);
		if (hop == NULL) {
			hop = nexthop_outlived(r, family, link, &have);
			r->outlived[family] |= hop != NULL;
		}
		if (hop != NULL && !hop->dead)
			weight = weight_of(r, family, link, &have, hop);
		else
			weight = weight_of_its_own(r, family, link, source);
		if (weight >= 0)
			installed->members[installed->count++] = (struct plan_member){
			    .link = (uint16_t)index,
			    .weight = (uint16_t)weight,
			};
	}
	r->told[family] = *installed;
}

/* What was wanted and is not there is a failure even where no request failed. */
static void
compare(struct sys_routing *r, int family, const struct plan_family *installed)
{
	const struct plan_family *plan = &r->plan[family];

	for (unsigned i = 0; i < plan->count; i++) {
		const struct plan_member *m = member_of(installed, plan->members[i].link);

		if (plan->members[i].weight == 0 ||
		    (m != NULL && m->weight == plan->members[i].weight))
			continue;
		errno = ENETUNREACH;
		routing_failed(r, "%s default: link %u is not in it", family_name(family),
			       plan->members[i].link);
	}
}

int
sys_routing_apply(struct sys_routing *r, const struct plan *plan, struct plan *installed,
		  struct sys_apply_counts *counts)
{
	struct rules_result rules = {0};
	bool given[FAMILIES];

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
		default_ensure(r, family, false, counts);
	}
	if (r->carried[V6] && r->planned[V6])
		rules_sync(r, V6, &rules);
	else if (r->carried[V6])
		rules_read_sources(r, rules.source);
	counts->adds += rules.adds;
	counts->deletes += rules.deletes;
	for (int family = 0; family < FAMILIES; family++) {
		read_back(r, family, rules.source, &installed->family[family]);
		if (given[family])
			compare(r, family, &installed->family[family]);
	}
	return r->error_number;
}

bool
sys_routing_stands_otherwise(struct sys_routing *r, struct plan *installed)
{
	static struct plan_family before[FAMILIES];
	const bool outlived[FAMILIES] = {r->outlived[V4], r->outlived[V6]};
	bool source[LINKS_MAX + 1] = {false}, otherwise = false;

	memset(installed, 0, sizeof(*installed));
	if (r->conf == NULL || (!outlived[V4] && !outlived[V6]))
		return false;
	memcpy(before, r->told, sizeof(before));
	routing_note_errors(r, NULL, 0);
	if (r->carried[V6])
		rules_read_sources(r, source);
	for (int family = 0; family < FAMILIES; family++) {
		read_back(r, family, source, &installed->family[family]);
		otherwise |= !plan_family_equal(&before[family], &r->told[family]);
		/* the kernel brings back next hops that it had only given up for a while */
		r->outlived[family] |= outlived[family];
	}
	if (r->error_number != 0)
		memcpy(r->told, before, sizeof(before));
	return otherwise && r->error_number == 0;
}

int
sys_routing_repair(struct sys_routing *r)
{
	routing_note_errors(r, NULL, 0);
	if (r->conf == NULL)
		return 0;
	for (int family = 0; family < FAMILIES; family++)
		sync_family(r, family);
	return r->error_number;
}

int
sys_routing_release(struct sys_routing *r)
{
	routing_note_errors(r, NULL, 0);
	forget_links(r);
	memset(r->planned, 0, sizeof(r->planned));
	for (int family = 0; family < FAMILIES; family++) {
		/* first the way to the tables: main's routes take over */
		rules_release(r, family);
		routes_release(r, family);
	}
	return r->error_number;
}
