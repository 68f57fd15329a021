/* SPDX-License-Identifier: ISC */
/* How many packets and octets an interface has sent and received, from RTM_GETSTATS: needs
 * no privilege, and the kernel answers at once. */
#include "config.h"

#include "system/system.h"

#include <errno.h>
#include <linux/if_link.h>
#include <linux/rtnetlink.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "system/linux/netlink.h"

struct sys_traffic {
	struct mnl_socket *socket;
	uint32_t sequence;
};

struct sys_traffic *
sys_traffic_open(void)
{
	struct sys_traffic *t = calloc(1, sizeof(*t));

	if (t == NULL)
		return NULL;
	t->socket = mnl_socket_open2(NETLINK_ROUTE, SOCK_CLOEXEC | SOCK_NONBLOCK);
	if (t->socket != NULL && mnl_socket_bind(t->socket, 0, MNL_SOCKET_AUTOPID) == 0)
		return t;
	sys_traffic_close(t);
	return NULL;
}

void
sys_traffic_close(struct sys_traffic *t)
{
	if (t->socket != NULL)
		mnl_socket_close(t->socket);
	free(t);
}

static int
ask(struct sys_traffic *t, uint32_t ifindex)
{
	char buf[128];
	struct nlmsghdr *h = mnl_nlmsg_put_header(buf);
	struct if_stats_msg *m;

	h->nlmsg_type = RTM_GETSTATS;
	h->nlmsg_flags = NLM_F_REQUEST;
	h->nlmsg_seq = ++t->sequence;
	m = mnl_nlmsg_put_extra_header(h, sizeof(*m));
	m->family = AF_UNSPEC;
	m->ifindex = ifindex;
	m->filter_mask = IFLA_STATS_FILTER_BIT(IFLA_STATS_LINK_64);
	return mnl_socket_sendto(t->socket, h, h->nlmsg_len) < 0 ? -1 : 0;
}

struct answer {
	struct sys_traffic_count *count;
	bool found;
};

static int
on_attribute(const struct nlattr *attr, void *arg)
{
	struct answer *a = arg;
	struct rtnl_link_stats64 stats;

	if (mnl_attr_get_type(attr) != IFLA_STATS_LINK_64)
		return MNL_CB_OK;
	memset(&stats, 0, sizeof(stats));
	memcpy(&stats, mnl_attr_get_payload(attr),
	       mnl_attr_get_payload_len(attr) < sizeof(stats) ? mnl_attr_get_payload_len(attr)
							      : sizeof(stats));
	/* What is for everybody answers nobody. */
	a->count->received =
	    stats.rx_packets > stats.multicast ? stats.rx_packets - stats.multicast : 0;
	a->count->sent = stats.tx_packets;
	a->count->in_octets = stats.rx_bytes;
	a->count->out_octets = stats.tx_bytes;
	a->found = true;
	return MNL_CB_OK;
}

static int
on_message(const struct nlmsghdr *h, void *arg)
{
	return mnl_attr_parse(h, sizeof(struct if_stats_msg), on_attribute, arg);
}

int
sys_traffic_read(struct sys_traffic *t, uint32_t ifindex, struct sys_traffic_count *count)
{
	char buf[4096];
	struct answer a = {count, false};
	ssize_t n;

	if (ask(t, ifindex) != 0)
		return -1;
	/* Answers to earlier questions, if any, are skipped. */
	while (!a.found && (n = mnl_socket_recvfrom(t->socket, buf, sizeof(buf))) > 0)
		if (mnl_cb_run(buf, netlink_whole(buf, (size_t)n), t->sequence,
			       mnl_socket_get_portid(t->socket), on_message, &a) < 0 &&
		    errno != EPROTO)
			return -1;
	return a.found ? 0 : -1;
}
