/* SPDX-License-Identifier: ISC */
/* Wants and steps. Nothing that does not carry the daemon's label is ever removed, and a route of
 * somebody else's that is the same as a wanted one is as good. */
#include "config.h"

#include "system/openbsd/standing.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "system/openbsd/limits.h"

/* ---- wants ---- */

/* IPv6 traffic carries its provider's prefix, and another provider drops it: flows may be spread
 * only where every member rewrites the source. */
static bool
may_spread(const struct sys_routing *r, int family)
{
	const struct plan_family *plan = &r->plan[family];

	if (family == V4)
		return true;
	for (unsigned i = 0; i < plan->count; i++) {
		const struct link *link = r->by_index[plan->members[i].link];

		if (plan->members[i].weight != 0 && link != NULL && link->hop[V6].usable &&
		    link->conf->route[V6].nat == CONF_NAT_NONE)
			return false;
	}
	return true;
}

static void
add_want(struct want *wants, size_t *n, uint16_t table, const struct link *link, int family)
{
	/* two links by one gateway are one route */
	for (size_t i = 0; i < *n; i++)
		if (wants[i].table == table &&
		    addr_equal(&wants[i].gateway, &link->hop[family].gateway))
			return;
	wants[(*n)++] = (struct want){.table = table,
				      .link = link->conf->index,
				      .family = (uint8_t)family,
				      .gateway = link->hop[family].gateway};
}

static void
want_members(const struct sys_routing *r, int family, struct want *wants, size_t *n)
{
	const struct plan_family *plan = &r->plan[family];
	bool spread = may_spread(r, family);

	for (unsigned i = 0; r->planned[family] && i < plan->count; i++) {
		const struct link *link = r->by_index[plan->members[i].link];

		if (plan->members[i].weight == 0 || link == NULL || !link->hop[family].usable)
			continue;
		add_want(wants, n, MAIN_TABLE, link, family);
		if (!spread)
			return;
	}
}

size_t
standing_wants(const struct sys_routing *r, struct want *wants)
{
	size_t n = 0;

	for (int family = 0; family < FAMILIES; family++)
		want_members(r, family, wants, &n);
	for (size_t i = 0; i < r->nlinks; i++)
		for (int family = 0; family < FAMILIES; family++) {
			uint16_t table = link_table(r->conf, r->links[i].conf->index);

			if (r->links[i].hop[family].usable && table != 0)
				add_want(wants, &n, table, &r->links[i], family);
		}
	return n;
}

bool
standing_has(const struct sys_routing *r, const struct want *want)
{
	return world_route_find(&r->world, want->table, &want->gateway, OWN_PRIORITY) != NULL;
}

/* ---- steps ---- */

static bool
is_wanted(const struct want *wants, size_t n, const struct world_route *route)
{
	for (size_t i = 0; i < n; i++)
		if (wants[i].table == route->table &&
		    addr_equal(&wants[i].gateway, &route->gateway))
			return true;
	return false;
}

/* A member of the plan that just can't be used: its route leaves with the next plan. */
static bool
of_a_member(const struct sys_routing *r, const struct world_route *route)
{
	const struct plan_family *plan = &r->plan[route->family];

	for (unsigned i = 0; i < plan->count; i++) {
		const struct link *link = r->by_index[plan->members[i].link];

		if (plan->members[i].weight != 0 && link != NULL &&
		    !link->hop[route->family].usable &&
		    addr_equal(&link->facts.route[route->family].gateway, &route->gateway))
			return true;
	}
	return false;
}

/* Failing static: what an earlier run left stays until there is a plan, and what the last plan
 * made stays while nothing of it can be used. */
static bool
is_kept(const struct sys_routing *r, const struct want *wants, size_t n,
	const struct world_route *route)
{
	if (route->table != MAIN_TABLE || !r->carried[route->family])
		return false;
	if (!r->planned[route->family] || of_a_member(r, route))
		return true;
	for (size_t i = 0; i < n; i++)
		if (wants[i].table == MAIN_TABLE && wants[i].family == route->family)
			return false;
	return true;
}

struct step *
standing_steps(const struct sys_routing *r, bool only_missing, size_t *count)
{
	static struct want wants[WANTS_MAX];
	size_t nwants = standing_wants(r, wants), n = 0;
	struct step *steps = calloc(nwants + r->world.nroutes + 1, sizeof(*steps));

	*count = 0;
	if (steps == NULL)
		return NULL;
	for (size_t i = 0; i < nwants; i++)
		if (!standing_has(r, &wants[i]))
			steps[n++] = (struct step){true, wants[i]};
	for (size_t i = 0; !only_missing && i < r->world.nroutes; i++) {
		const struct world_route *route = &r->world.routes[i];

		if (route->own && route->priority == OWN_PRIORITY &&
		    !is_wanted(wants, nwants, route) && !is_kept(r, wants, nwants, route))
			steps[n++] = (struct step){
			    .route = {.table = route->table,
				      .family = route->family,
				      .gateway = route->gateway},
			};
	}
	*count = n;
	return steps;
}

void
standing_request(const struct step *step, struct rtmsg *m)
{
	memset(m, 0, sizeof(*m));
	m->type = step->add ? RTMSG_ADD : RTMSG_DELETE;
	m->table = step->route.table;
	m->priority = OWN_PRIORITY;
	m->flags = RTMSG_F_UP | RTMSG_F_GATEWAY | RTMSG_F_STATIC;
	m->addrs = RTMSG_DST | RTMSG_GATEWAY | RTMSG_NETMASK;
	m->dst.version = step->route.family == V4 ? 4 : 6;
	m->gateway = step->route.gateway;
	if (!step->add)
		return;
	m->flags |= RTMSG_F_MPATH;
	m->addrs |= RTMSG_LABELLED;
	strlcpy(m->label, OWN_LABEL, sizeof(m->label));
}

/* ---- what stands ---- */

static const struct plan_member *
member_of(const struct plan_family *f, unsigned link)
{
	for (unsigned i = 0; i < f->count; i++)
		if (f->members[i].link == link)
			return &f->members[i];
	return NULL;
}

static bool
is_usable_gateway(const struct sys_routing *r, int family, const struct addr *gateway)
{
	for (size_t i = 0; i < r->nlinks; i++)
		if (r->links[i].hop[family].usable &&
		    addr_equal(&r->links[i].hop[family].gateway, gateway))
			return true;
	return false;
}

const struct world_route *
standing_outlived(const struct sys_routing *r, int family, const struct link *link)
{
	const struct conf_route *conf = &link->conf->route[family];

	if (link->hop[family].usable || conf->gateway_kind == CONF_GATEWAY_NONE)
		return NULL;
	for (size_t i = 0; i < r->world.nroutes; i++) {
		const struct world_route *route = &r->world.routes[i];

		if (route->table == MAIN_TABLE && route->family == family && route->own &&
		    route->priority == OWN_PRIORITY && route->ifindex == link->facts.ifindex &&
		    (conf->gateway_kind != CONF_GATEWAY_STATIC ||
		     addr_equal(&link->facts.route[family].gateway, &route->gateway)) &&
		    !is_usable_gateway(r, family, &route->gateway))
			return route;
	}
	return NULL;
}

static int
weight_outlived(const struct sys_routing *r, int family, const struct link *link)
{
	const struct plan_member *planned = member_of(&r->plan[family], link->conf->index);
	const struct world_route *route = standing_outlived(r, family, link);

	if (route == NULL || route->down)
		return -1;
	return planned != NULL && planned->weight != 0 ? planned->weight : link->conf->weight;
}

/* The kernel's routes have no weight: pf(4) has them. -1: the link has no route. */
static int
weight_of(const struct sys_routing *r, int family, const struct link *link, bool spread)
{
	const struct plan_member *planned = member_of(&r->plan[family], link->conf->index);
	const struct world_route *route;

	if (!link->hop[family].usable)
		return weight_outlived(r, family, link);
	route = world_route_find(&r->world, MAIN_TABLE, &link->hop[family].gateway, OWN_PRIORITY);
	if (route != NULL && route->down)
		return -1;
	if (route != NULL && (planned == NULL || planned->weight != 0))
		return planned != NULL ? planned->weight : link->conf->weight;
	/* what belongs to it is led to it by pf: its own flows, or its prefix */
	if (planned != NULL && r->planned[family] && link->facts.carrier != CARRIER_DOWN &&
	    (planned->weight == 0 || !spread))
		return planned->weight;
	return -1;
}

void
standing_installed(const struct sys_routing *r, int family, struct plan_family *installed)
{
	bool spread = may_spread(r, family);

	installed->count = 0;
	for (unsigned index = 1; index <= LINKS_MAX; index++) {
		int weight;

		if (r->by_index[index] == NULL)
			continue;
		weight = weight_of(r, family, r->by_index[index], spread);
		if (weight >= 0)
			installed->members[installed->count++] = (struct plan_member){
			    .link = (uint16_t)index,
			    .weight = (uint16_t)weight,
			};
	}
}
