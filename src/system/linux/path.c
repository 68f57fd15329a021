/* SPDX-License-Identifier: ISC */
/* Asks the kernel which way a packet of a link would take. Sends nothing. */
#include "config.h"

#include "system/linux/routing.h"

#include <errno.h>
#include <linux/rtnetlink.h>
#include <string.h>

#include "system/linux/message.h"

struct answer {
	struct message_route route;
	bool given;
};

static void
each_route(void *arg, const struct nlmsghdr *nlh)
{
	struct answer *answer = arg;

	answer->given = message_route(nlh, &answer->route);
}

int
sys_routing_path(struct sys_routing *r, unsigned link, const struct addr *dst,
		 struct sys_path *path)
{
	struct answer answer = {0};
	const struct netlink_reader reader = {each_route, NULL, &answer};
	const struct rtmsg rtm = {
	    .rtm_family = (uint8_t)addr_af(dst),
	    .rtm_dst_len = (uint8_t)(addr_size(dst) * 8),
	};
	char buf[256] __attribute__((aligned(8)));
	struct nlmsghdr *nlh = netlink_message(buf, RTM_GETROUTE, 0, &rtm, sizeof(rtm));
	const struct view_interface *interface;

	memset(path, 0, sizeof(*path));
	if (r->conf == NULL || link < 1 || link > LINKS_MAX || r->by_index[link] == NULL)
		return ENOENT;
	mnl_attr_put(nlh, RTA_DST, addr_size(dst), dst->octets);
	mnl_attr_put_u32(nlh, RTA_MARK, conf_probe_mark(r->conf) | conf_link_mark(r->conf, link));
	if (dst->scope != 0)
		mnl_attr_put_u32(nlh, RTA_OIF, dst->scope);
	if (netlink_get(&r->command, nlh, &reader) != 0)
		return errno;
	if (!answer.given || (answer.route.type != RTN_UNICAST && answer.route.type != RTN_LOCAL))
		return EHOSTUNREACH;
	path->gateway = answer.route.hop.gateway;
	path->source = answer.route.source;
	path->ifindex = answer.route.hop.ifindex;
	interface = view_interface_by_index(&r->view, path->ifindex);
	if (interface != NULL)
		memcpy(path->ifname, interface->name, sizeof(path->ifname));
	return 0;
}
