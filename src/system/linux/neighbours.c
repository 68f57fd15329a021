/* SPDX-License-Identifier: ISC */
/* The link-layer addresses of gateways that share an interface, from the kernel's
 * neighbour table. Asks nobody else and sends nothing to the network. */
#include "config.h"

#include <linux/neighbour.h>
#include <linux/rtnetlink.h>
#include <net/if.h>
#include <string.h>
#include <sys/time.h>

#include "system/linux/flows.h"
#include "system/linux/netlink.h"
#include "system/system.h"

enum { ANSWER_S = 2, USABLE = NUD_REACHABLE | NUD_STALE | NUD_DELAY | NUD_PROBE | NUD_PERMANENT };

static int
each_neighbour(const struct nlmsghdr *header, void *arg)
{
	const struct ndmsg *neighbour = mnl_nlmsg_get_payload(header);
	const struct nlattr *tb[NDA_MAX + 1] = {NULL};
	struct flows_attributes attributes = {tb, NDA_MAX};
	struct route_facts *route = arg;

	if (mnl_nlmsg_get_payload_len(header) < sizeof(*neighbour))
		return MNL_CB_OK;
	mnl_attr_parse(header, sizeof(*neighbour), flows_attribute, &attributes);
	if (!(neighbour->ndm_state & USABLE) || !tb[NDA_LLADDR] ||
	    mnl_attr_get_payload_len(tb[NDA_LLADDR]) != sizeof(route->lladdr))
		return MNL_CB_OK;
	memcpy(route->lladdr, mnl_attr_get_payload(tb[NDA_LLADDR]), sizeof(route->lladdr));
	route->has_lladdr = true;
	return MNL_CB_OK;
}

static void
ask(struct mnl_socket *socket, unsigned ifindex, const struct addr *gateway,
    struct route_facts *route)
{
	char request[256], answer[8192];
	struct nlmsghdr *header = mnl_nlmsg_put_header(request);
	struct ndmsg *neighbour;
	ssize_t len;

	header->nlmsg_type = RTM_GETNEIGH;
	header->nlmsg_flags = NLM_F_REQUEST | NLM_F_ACK;
	neighbour = mnl_nlmsg_put_extra_header(header, sizeof(*neighbour));
	neighbour->ndm_family = (uint8_t)addr_af(gateway);
	neighbour->ndm_ifindex = (int)ifindex;
	mnl_attr_put(header, NDA_DST, addr_size(gateway), gateway->octets);
	if (mnl_socket_sendto(socket, header, header->nlmsg_len) == -1)
		return;
	/* The answer, then the acknowledgement; or an error instead of both */
	do
		len = mnl_socket_recvfrom(socket, answer, sizeof(answer));
	while (len > 0 && mnl_cb_run(answer, netlink_whole(answer, (size_t)len), 0, 0,
				     each_neighbour, route) > MNL_CB_STOP);
}

static bool
fill(struct mnl_socket *socket, const struct conf *conf, const struct conf_link *link,
     struct link_facts *facts)
{
	unsigned ifindex = facts->ifindex ? facts->ifindex : if_nametoindex(link->interface);
	bool any = false;

	for (unsigned family = V4; family < FAMILIES; family++) {
		const struct conf_route *route = &link->route[family];
		struct route_facts *known = &facts->route[family];
		const struct addr *gateway =
		    route->gateway_kind == CONF_GATEWAY_STATIC ? &route->gateway : &known->gateway;

		if (route->gateway_kind == CONF_GATEWAY_NONE ||
		    !flows_shares_interface(conf, link, family))
			continue;
		any = true;
		if (addr_is_set(gateway))
			ask(socket, ifindex, gateway, known);
	}
	return any;
}

bool
sys_flows_neighbours(const struct conf *conf, struct link_facts *facts, size_t nfacts)
{
	struct mnl_socket *socket = mnl_socket_open2(NETLINK_ROUTE, SOCK_CLOEXEC);
	struct timeval limit = {.tv_sec = ANSWER_S};
	bool any = false;

	if (!socket)
		return true;
	if (mnl_socket_bind(socket, 0, MNL_SOCKET_AUTOPID) == 0 &&
	    setsockopt(mnl_socket_get_fd(socket), SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof(limit)) ==
		0)
		for (size_t i = 0; i < nfacts; i++) {
			const struct conf_link *link = conf_link_by_index(conf, facts[i].link);

			if (link && fill(socket, conf, link, &facts[i]))
				any = true;
		}
	mnl_socket_close(socket);
	return any;
}

/* Marks say whose a flow is. */
int
sys_flows_facts(struct sys_flows *f, const struct conf *conf, const struct link_facts *facts,
		size_t nfacts)
{
	(void)f;
	(void)conf;
	(void)facts;
	(void)nfacts;
	return 0;
}
