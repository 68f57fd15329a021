/* SPDX-License-Identifier: ISC */
/* The plan's default: one multipath route in a table of its own, replaced as a
 * whole. A plain route where there is one next hop. */
#include "config.h"

#include "system/linux/routes.h"

#include <errno.h>
#include <linux/rtnetlink.h>
#include <string.h>

#include "system/linux/limits.h"
#include "system/linux/message.h"

enum { WEIGHT_TOP = 256 }; /* rtnh_hops is 8 bits of weight - 1 */

static bool
same_hop(const struct nexthop *a, uint32_t ifindex, const struct addr *gateway)
{
	return a->ifindex == ifindex && addr_equal(&a->gateway, gateway);
}

static struct nexthop *
find_hop(struct nexthops *set, uint32_t ifindex, const struct addr *gateway)
{
	for (unsigned i = 0; i < set->count; i++)
		if (same_hop(&set->hop[i], ifindex, gateway))
			return &set->hop[i];
	return NULL;
}

const struct nexthop *
nexthop_of(const struct nexthops *set, const struct hop *hop)
{
	if (!hop->usable)
		return NULL;
	return find_hop((struct nexthops *)set, hop->ifindex, &hop->gateway);
}

/* Two links with one gateway are one next hop: the kernel refuses it twice (IPv6). */
static void
add_hop(struct nexthops *set, const struct hop *hop, unsigned weight)
{
	struct nexthop *known = find_hop(set, hop->ifindex, &hop->gateway);

	if (known != NULL) {
		unsigned sum = known->weight + weight;

		known->weight = (uint16_t)(sum > WEIGHT_TOP ? WEIGHT_TOP : sum);
		return;
	}
	set->hop[set->count++] = (struct nexthop){
	    .ifindex = hop->ifindex,
	    .weight = (uint16_t)weight,
	    .onlink = hop->onlink,
	    .gateway = hop->gateway,
	};
}

/* IPv6 traffic carries its provider's prefix, and another provider drops it:
 * flows may be spread only where every member rewrites the source. The kernel
 * takes no bare device among several, either. */
static bool
may_spread(const struct sys_routing *r, int family)
{
	const struct plan_family *plan = &r->plan[family];

	if (family == V4)
		return true;
	for (unsigned i = 0; i < plan->count; i++) {
		const struct link *link = r->by_index[plan->members[i].link];

		if (plan->members[i].weight == 0 || link == NULL || !link->hop[V6].usable)
			continue;
		if (link->conf->route[V6].nat == CONF_NAT_NONE ||
		    !addr_is_set(&link->hop[V6].gateway))
			return false;
	}
	return true;
}

void
default_want(const struct sys_routing *r, int family, struct nexthops *want)
{
	const struct plan_family *plan = &r->plan[family];
	bool spread = may_spread(r, family);

	want->count = 0;
	for (unsigned i = 0; i < plan->count; i++) {
		const struct link *link = r->by_index[plan->members[i].link];

		if (plan->members[i].weight == 0 || link == NULL || !link->hop[family].usable)
			continue;
		add_hop(want, &link->hop[family], plan->members[i].weight);
		if (!spread)
			break;
	}
	if (want->count == 1)
		want->hop[0].weight = 1; /* a plain route has none */
}

/* ---- reading ---- */

struct reading {
	const struct sys_routing *r;
	struct nexthops *have;
	int family;
};

static void
each_hop(void *arg, const struct message_route *route, const struct message_hop *hop)
{
	struct nexthops *have = arg;

	(void)route;
	if (have->count == LINKS_MAX)
		return;
	have->hop[have->count++] = (struct nexthop){
	    .ifindex = hop->ifindex,
	    .weight = hop->weight,
	    .dead = (hop->flags & RTNH_F_DEAD) != 0,
	    .gateway = hop->gateway,
	};
}

static void
each_route(void *arg, const struct nlmsghdr *nlh)
{
	const struct reading *reading = arg;
	struct message_route route;

	if (message_route(nlh, &route) && route.family == reading->family &&
	    route.protocol == OWN_PROTOCOL && route.table == reading->r->conf->table_base &&
	    route.dst.plen == 0 && route.metric == OWN_METRIC && route.type == RTN_UNICAST)
		message_hops(nlh, &route, each_hop, reading->have);
}

static void
restart(void *arg)
{
	const struct reading *reading = arg;

	reading->have->count = 0;
}

int
default_read(struct sys_routing *r, int family, struct nexthops *have)
{
	struct reading reading = {r, have, family};
	const struct netlink_reader reader = {each_route, restart, &reading};

	return message_dump_routes(&r->command, family, r->conf->table_base, OWN_PROTOCOL, &reader);
}

/* ---- writing ---- */

static void
put_multipath(struct nlmsghdr *nlh, int family, const struct nexthops *want)
{
	struct nlattr *nest = mnl_attr_nest_start(nlh, RTA_MULTIPATH);

	for (unsigned i = 0; i < want->count; i++) {
		const struct nexthop *hop = &want->hop[i];
		uint32_t start = nlh->nlmsg_len;
		struct rtnexthop *rtnh = mnl_nlmsg_get_payload_tail(nlh);

		memset(rtnh, 0, sizeof(*rtnh));
		nlh->nlmsg_len += sizeof(*rtnh);
		message_put_gateway(nlh, family, &hop->gateway);
		rtnh->rtnh_len = (uint16_t)(nlh->nlmsg_len - start);
		rtnh->rtnh_hops = (uint8_t)(hop->weight - 1);
		rtnh->rtnh_ifindex = (int)hop->ifindex;
		rtnh->rtnh_flags = hop->onlink ? RTNH_F_ONLINK : 0;
	}
	mnl_attr_nest_end(nlh, nest);
}

static int
replace(struct sys_routing *r, int family, const struct nexthops *want)
{
	const struct nexthop *only = want->count == 1 ? &want->hop[0] : NULL;
	const struct rtmsg rtm = {
	    .rtm_family = family == V4 ? AF_INET : AF_INET6,
	    .rtm_protocol = OWN_PROTOCOL,
	    .rtm_type = RTN_UNICAST,
	    .rtm_scope =
		only != NULL && !addr_is_set(&only->gateway) ? RT_SCOPE_LINK : RT_SCOPE_UNIVERSE,
	    .rtm_flags = only != NULL && only->onlink ? RTNH_F_ONLINK : 0,
	};
	/* 32 octets a next hop: header, attribute, family and address */
	static char buf[256 + LINKS_MAX * 32] __attribute__((aligned(8)));
	struct nlmsghdr *nlh =
	    netlink_message(buf, RTM_NEWROUTE, NLM_F_CREATE | NLM_F_REPLACE, &rtm, sizeof(rtm));

	mnl_attr_put_u32(nlh, RTA_TABLE, r->conf->table_base);
	mnl_attr_put_u32(nlh, RTA_PRIORITY, OWN_METRIC);
	if (only != NULL) {
		mnl_attr_put_u32(nlh, RTA_OIF, only->ifindex);
		message_put_gateway(nlh, family, &only->gateway);
	} else {
		put_multipath(nlh, family, want);
	}
	return netlink_request(&r->command, nlh);
}

/* ---- comparing ---- */

/* How many next hops of a are not so in b. */
static uint32_t
count_missing(const struct nexthops *a, const struct nexthops *b)
{
	uint32_t missing = 0;

	for (unsigned i = 0; i < a->count; i++) {
		const struct nexthop *hop =
		    find_hop((struct nexthops *)b, a->hop[i].ifindex, &a->hop[i].gateway);

		if (hop == NULL || hop->weight != a->hop[i].weight)
			missing++;
	}
	return missing;
}

int
default_ensure(struct sys_routing *r, int family, bool only_missing,
	       struct sys_apply_counts *counts)
{
	static struct nexthops want, have;
	uint32_t adds, deletes;

	default_want(r, family, &want);
	if (want.count == 0)
		return 0;
	if (default_read(r, family, &have) != 0) {
		routing_failed(r, "reading the %s default", family_name(family));
		return -1;
	}
	adds = count_missing(&want, &have);
	deletes = count_missing(&have, &want);
	if (adds == 0 && (deletes == 0 || only_missing))
		return 0;
	if (replace(r, family, &want) != 0) {
		routing_failed(r, "%s default over %u links", family_name(family), want.count);
		return -1;
	}
	if (counts != NULL) {
		counts->adds += adds;
		counts->deletes += deletes;
	}
	return 0;
}

/* A member of the plan that can't be used just now, and whose next hop will leave
 * with the next plan. */
static bool
on_its_way_out(const struct sys_routing *r, int family, const struct nexthop *hop)
{
	const struct plan_family *plan = &r->plan[family];

	for (unsigned i = 0; i < plan->count; i++) {
		const struct link *link = r->by_index[plan->members[i].link];

		if (link != NULL && !link->hop[family].usable &&
		    (link->facts.ifindex == hop->ifindex ||
		     addr_equal(&link->facts.route[family].gateway, &hop->gateway)))
			return true;
	}
	return false;
}

bool
default_stands(struct sys_routing *r, int family)
{
	static struct nexthops want, have;

	default_want(r, family, &want);
	if (want.count == 0 || default_read(r, family, &have) != 0)
		return true;
	if (count_missing(&want, &have) != 0)
		return false;
	for (unsigned i = 0; i < have.count; i++)
		if (find_hop(&want, have.hop[i].ifindex, &have.hop[i].gateway) == NULL &&
		    !have.hop[i].dead && !on_its_way_out(r, family, &have.hop[i]))
			return false;
	return true;
}
