/* SPDX-License-Identifier: ISC */
/* Reading routing messages. The kernel is trusted to be the kernel, but every
 * length is checked. */
#include "config.h"

#include "system/linux/message.h"

#include <errno.h>
#include <linux/rtnetlink.h>
#include <string.h>

void
message_addr(const struct nlattr *attr, int af, struct addr *a)
{
	memset(a, 0, sizeof(*a));
	if (af != AF_INET && af != AF_INET6)
		return;
	if (mnl_attr_get_payload_len(attr) != (af == AF_INET ? 4 : 16))
		return;
	a->version = af == AF_INET ? 4 : 6;
	a->plen = af == AF_INET ? 32 : 128;
	memcpy(a->octets, mnl_attr_get_payload(attr), addr_size(a));
}

/* A next hop of another family than the route's. */
static void
via_addr(const struct nlattr *attr, struct addr *a)
{
	const struct rtvia *via = mnl_attr_get_payload(attr);
	size_t len = mnl_attr_get_payload_len(attr);

	memset(a, 0, sizeof(*a));
	if (len != sizeof(*via) + sizeof(a->octets) || via->rtvia_family != AF_INET6)
		return;
	a->version = 6;
	a->plen = 128;
	memcpy(a->octets, via->rtvia_addr, sizeof(a->octets));
}

void
message_put_gateway(struct nlmsghdr *nlh, int family, const struct addr *gateway)
{
	struct {
		uint16_t family;
		uint8_t octets[sizeof(gateway->octets)];
	} via = {.family = AF_INET6};

	if (!addr_is_set(gateway))
		return;
	if (addr_family(gateway) == family) {
		mnl_attr_put(nlh, RTA_GATEWAY, addr_size(gateway), gateway->octets);
		return;
	}
	memcpy(via.octets, gateway->octets, sizeof(via.octets));
	mnl_attr_put(nlh, RTA_VIA, sizeof(via), &via);
}

static uint32_t
get_u32(const struct nlattr *attr)
{
	return mnl_attr_validate(attr, MNL_TYPE_U32) == 0 ? mnl_attr_get_u32(attr) : 0;
}

/* RFC 4191's two bits: 1 high, 0 medium, 3 low. */
static uint8_t
rank_preference(const struct nlattr *attr)
{
	if (mnl_attr_validate(attr, MNL_TYPE_U8) != 0)
		return 1;
	switch (mnl_attr_get_u8(attr)) {
	case 1:
		return 0;
	case 3:
		return 2;
	}
	return 1;
}

static void
set_scope(struct message_hop *hop)
{
	if (addr_is_linklocal(&hop->gateway))
		hop->gateway.scope = hop->ifindex;
}

bool
message_route(const struct nlmsghdr *nlh, struct message_route *route)
{
	const struct rtmsg *rtm = mnl_nlmsg_get_payload(nlh);
	const struct nlattr *attr;

	memset(route, 0, sizeof(*route));
	if (mnl_nlmsg_get_payload_len(nlh) < sizeof(*rtm) ||
	    (rtm->rtm_family != AF_INET && rtm->rtm_family != AF_INET6))
		return false;
	route->family = rtm->rtm_family == AF_INET ? V4 : V6;
	route->type = rtm->rtm_type;
	route->protocol = rtm->rtm_protocol;
	route->tos = rtm->rtm_tos;
	route->table = rtm->rtm_table;
	route->preference = 1;
	route->dst.version = route->family == V4 ? 4 : 6;
	route->hop.weight = 1;
	route->hop.flags = (uint8_t)rtm->rtm_flags;
	mnl_attr_for_each(attr, nlh, sizeof(*rtm))
	{
		switch (mnl_attr_get_type(attr)) {
		case RTA_TABLE:
			route->table = get_u32(attr);
			break;
		case RTA_DST:
			message_addr(attr, rtm->rtm_family, &route->dst);
			break;
		case RTA_PRIORITY:
			route->metric = get_u32(attr);
			break;
		case RTA_PREFSRC:
			message_addr(attr, rtm->rtm_family, &route->source);
			break;
		case RTA_PREF:
			route->preference = rank_preference(attr);
			break;
		case RTA_OIF:
			route->hop.ifindex = get_u32(attr);
			break;
		case RTA_GATEWAY:
			message_addr(attr, rtm->rtm_family, &route->hop.gateway);
			break;
		case RTA_VIA:
			via_addr(attr, &route->hop.gateway);
			break;
		case RTA_MULTIPATH:
			route->multipath = attr;
			break;
		}
	}
	route->dst.plen = rtm->rtm_dst_len;
	set_scope(&route->hop);
	return true;
}

static void
parse_hop(const struct rtnexthop *rtnh, int af, struct message_hop *hop)
{
	const struct nlattr *attr = (const struct nlattr *)RTNH_DATA(rtnh);
	size_t len = rtnh->rtnh_len - RTNH_LENGTH(0);

	memset(hop, 0, sizeof(*hop));
	hop->ifindex = (uint32_t)rtnh->rtnh_ifindex;
	hop->weight = (uint16_t)(rtnh->rtnh_hops + 1);
	hop->flags = rtnh->rtnh_flags;
	mnl_attr_for_each_payload(attr, len)
	{
		if (mnl_attr_get_type(attr) == RTA_GATEWAY)
			message_addr(attr, af, &hop->gateway);
		else if (mnl_attr_get_type(attr) == RTA_VIA)
			via_addr(attr, &hop->gateway);
	}
	set_scope(hop);
}

void
message_hops(const struct nlmsghdr *nlh, const struct message_route *route, message_each_hop *each,
	     void *arg)
{
	const struct rtmsg *rtm = mnl_nlmsg_get_payload(nlh);
	const struct rtnexthop *rtnh;
	struct message_hop hop;
	int left;

	if (route->multipath == NULL) {
		if (route->hop.ifindex != 0)
			each(arg, route, &route->hop);
		return;
	}
	rtnh = mnl_attr_get_payload(route->multipath);
	left = (int)mnl_attr_get_payload_len(route->multipath);
	while (RTNH_OK(rtnh, left) && rtnh->rtnh_len >= RTNH_LENGTH(0)) {
		parse_hop(rtnh, rtm->rtm_family, &hop);
		each(arg, route, &hop);
		left -= (int)RTNH_ALIGN(rtnh->rtnh_len);
		rtnh = RTNH_NEXT(rtnh);
	}
}

int
message_dump_routes(struct netlink *nl, int family, uint32_t table, uint8_t protocol,
		    const struct netlink_reader *reader)
{
	const struct rtmsg rtm = {
	    .rtm_family = family == V4 ? AF_INET : AF_INET6,
	    .rtm_protocol = protocol,
	};
	char buf[256] __attribute__((aligned(8)));
	struct nlmsghdr *nlh = netlink_message(buf, RTM_GETROUTE, 0, &rtm, sizeof(rtm));

	if (table != 0)
		mnl_attr_put_u32(nlh, RTA_TABLE, table);
	if (netlink_dump(nl, nlh, reader) == 0)
		return 0;
	if (errno == ENOENT && table != 0)
		return 0;
	return -1;
}
