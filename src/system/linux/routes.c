/* SPDX-License-Identifier: ISC */
/* The links' own tables: compared with what they should hold, completed, cleaned.
 * A route without the daemon's protocol id is never changed. */
#include "config.h"

#include "system/linux/routes.h"

#include <errno.h>
#include <linux/rtnetlink.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "system/linux/limits.h"
#include "system/linux/message.h"

/* A route to be removed: what identifies it. */
struct leftover {
	struct addr dst;
	uint32_t table, metric;
	uint8_t type, tos;
};

struct scan {
	const struct sys_routing *r;
	int family;
	bool keep_default; /* the plan's default is not this scan's matter */
	bool nothing_wanted;
	bool stands[LINKS_MAX + 1]; /* the link's table holds what it should */
	struct leftover *leftovers;
	size_t nleftovers, room;
	bool failed;
};

/* ---- what is there ---- */

const struct link *
routes_link_of_table(const struct sys_routing *r, uint32_t table)
{
	uint32_t link;

	if (r->conf == NULL)
		return NULL;
	link = table - r->conf->table_base;
	return link >= 1 && link <= LINKS_MAX ? r->by_index[link] : NULL;
}

static bool
is_own_default(const struct message_route *route)
{
	return route->dst.plen == 0 && route->tos == 0 && route->metric == OWN_METRIC &&
	       route->type == RTN_UNICAST;
}

static bool
is_as_wanted(const struct message_route *route, const struct hop *hop)
{
	return hop->usable && is_own_default(route) && route->multipath == NULL &&
	       route->hop.ifindex == hop->ifindex &&
	       addr_equal(&route->hop.gateway, &hop->gateway) &&
	       addr_equal(&route->source, &hop->source);
}

static void
keep_leftover(struct scan *s, const struct message_route *route)
{
	if (s->nleftovers == s->room) {
		size_t room = s->room == 0 ? 64 : s->room * 2;
		struct leftover *grown = reallocarray(s->leftovers, room, sizeof(*grown));

		if (grown == NULL) {
			s->failed = true;
			return;
		}
		s->leftovers = grown;
		s->room = room;
	}
	s->leftovers[s->nleftovers++] = (struct leftover){
	    .dst = route->dst,
	    .table = route->table,
	    .metric = route->metric,
	    .type = route->type,
	    .tos = route->tos,
	};
}

static void
each_route(void *arg, const struct nlmsghdr *nlh)
{
	struct scan *s = arg;
	const struct link *link;
	struct message_route route;

	if (!message_route(nlh, &route) || route.family != s->family ||
	    route.protocol != OWN_PROTOCOL)
		return;
	if (s->keep_default && route.table == s->r->conf->table_base && is_own_default(&route))
		return;
	link = s->nothing_wanted ? NULL : routes_link_of_table(s->r, route.table);
	if (link == NULL)
		keep_leftover(s, &route);
	else if (is_as_wanted(&route, &link->hop[s->family]))
		s->stands[link->conf->index] = true;
	else if (!link->hop[s->family].usable || !is_own_default(&route))
		keep_leftover(s, &route);
	/* else it differs and will be replaced in its place */
}

static void
restart(void *arg)
{
	struct scan *s = arg;

	memset(s->stands, 0, sizeof(s->stands));
	s->nleftovers = 0;
	s->failed = false;
}

/* table 0: all of them. */
static int
scan(struct sys_routing *r, struct scan *s, uint32_t table)
{
	const struct netlink_reader reader = {each_route, restart, s};

	return message_dump_routes(&r->command, s->family, table, OWN_PROTOCOL, &reader);
}

/* ---- changing ---- */

static int
put_hop(struct sys_routing *r, const struct link *link, int family)
{
	const struct hop *hop = &link->hop[family];
	const struct rtmsg rtm = {
	    .rtm_family = family == V4 ? AF_INET : AF_INET6,
	    .rtm_protocol = OWN_PROTOCOL,
	    .rtm_type = RTN_UNICAST,
	    .rtm_scope = addr_is_set(&hop->gateway) ? RT_SCOPE_UNIVERSE : RT_SCOPE_LINK,
	    .rtm_flags = hop->onlink ? RTNH_F_ONLINK : 0,
	};
	char buf[256] __attribute__((aligned(8))) = {0};
	struct nlmsghdr *nlh =
	    netlink_message(buf, RTM_NEWROUTE, NLM_F_CREATE | NLM_F_REPLACE, &rtm, sizeof(rtm));

	mnl_attr_put_u32(nlh, RTA_TABLE, r->conf->table_base + link->conf->index);
	mnl_attr_put_u32(nlh, RTA_PRIORITY, OWN_METRIC);
	mnl_attr_put_u32(nlh, RTA_OIF, hop->ifindex);
	message_put_gateway(nlh, family, &hop->gateway);
	if (addr_is_set(&hop->source))
		mnl_attr_put(nlh, RTA_PREFSRC, addr_size(&hop->source), hop->source.octets);
	return netlink_request(&r->command, nlh);
}

static void
complete(struct sys_routing *r, const struct scan *s, const struct link *link)
{
	if (!link->hop[s->family].usable || s->stands[link->conf->index])
		return;
	if (put_hop(r, link, s->family) != 0)
		routing_failed(r, "%s route of link %s", family_name(s->family), link->conf->name);
}

static int
delete_route(struct sys_routing *r, int family, const struct leftover *l)
{
	const struct rtmsg rtm = {
	    .rtm_family = family == V4 ? AF_INET : AF_INET6,
	    .rtm_dst_len = l->dst.plen,
	    .rtm_tos = l->tos,
	    .rtm_protocol = OWN_PROTOCOL,
	    .rtm_type = l->type,
	    .rtm_scope = RT_SCOPE_NOWHERE, /* any */
	};
	char buf[256] __attribute__((aligned(8))) = {0};
	struct nlmsghdr *nlh = netlink_message(buf, RTM_DELROUTE, 0, &rtm, sizeof(rtm));

	mnl_attr_put_u32(nlh, RTA_TABLE, l->table);
	if (l->dst.plen != 0)
		mnl_attr_put(nlh, RTA_DST, addr_size(&l->dst), l->dst.octets);
	if (l->metric != 0)
		mnl_attr_put_u32(nlh, RTA_PRIORITY, l->metric);
	return netlink_request(&r->command, nlh);
}

static void
delete_leftovers(struct sys_routing *r, const struct scan *s)
{
	for (size_t i = 0; i < s->nleftovers; i++)
		/* ESRCH: gone in the meantime */
		if (delete_route(r, s->family, &s->leftovers[i]) != 0 && errno != ESRCH)
			routing_failed(r, "removing an old %s route of table %u",
				       family_name(s->family), s->leftovers[i].table);
	if (s->failed) {
		errno = ENOMEM;
		routing_failed(r, "removing old %s routes", family_name(s->family));
	}
}

static int
finish(struct sys_routing *r, struct scan *s, int rc, bool clean, unsigned failures_before)
{
	if (rc != 0)
		routing_failed(r, "reading the %s routes", family_name(s->family));
	else if (clean)
		delete_leftovers(r, s);
	free(s->leftovers);
	return failures_before == r->failures ? 0 : -1;
}

int
routes_sync(struct sys_routing *r, int family, bool clean)
{
	/* where no link carries this version any more no plan will replace the default */
	struct scan s = {.r = r, .family = family, .keep_default = r->carried[family]};
	unsigned before = r->failures;
	int rc = scan(r, &s, 0);

	for (size_t i = 0; rc == 0 && i < r->nlinks; i++)
		complete(r, &s, &r->links[i]);
	return finish(r, &s, rc, clean, before);
}

int
routes_sync_link(struct sys_routing *r, const struct link *link, int family)
{
	struct scan s = {.r = r, .family = family, .keep_default = true};
	unsigned before = r->failures;
	int rc = scan(r, &s, r->conf->table_base + link->conf->index);

	if (rc == 0)
		complete(r, &s, link);
	return finish(r, &s, rc, true, before);
}

int
routes_check(struct sys_routing *r, int family, routing_missing *missing, void *arg)
{
	struct scan s = {.r = r, .family = family, .keep_default = true};
	char text[80];
	int rc = scan(r, &s, 0);

	for (size_t i = 0; rc == 0 && i < r->nlinks; i++) {
		unsigned link = r->links[i].conf->index;

		if (!r->links[i].hop[family].usable || s.stands[link])
			continue;
		snprintf(text, sizeof(text), "%s default in table %u was removed or changed",
			 family_name(family), r->conf->table_base + link);
		missing(arg, link, family, text);
	}
	free(s.leftovers);
	return rc;
}

int
routes_release(struct sys_routing *r, int family)
{
	struct scan s = {.r = r, .family = family, .nothing_wanted = true};
	unsigned before = r->failures;

	return finish(r, &s, scan(r, &s, 0), true, before);
}

bool
routes_own(const struct sys_routing *r, const struct message_route *route)
{
	return r->conf != NULL &&
	       (route->protocol == OWN_PROTOCOL || route->table == r->conf->table_base ||
		routes_link_of_table(r, route->table) != NULL);
}
