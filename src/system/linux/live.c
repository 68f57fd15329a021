/* SPDX-License-Identifier: ISC */
/* Counts the live flows of every link, by their mark: those of which a packet was
 * seen lately. It changes nothing, and gives way to whoever is in a hurry. */
#include "config.h"

#include <arpa/inet.h>
#include <errno.h>
#include <linux/netfilter/nf_conntrack_common.h>
#include <linux/netfilter/nf_conntrack_tcp.h>
#include <linux/netfilter/nfnetlink.h>
#include <linux/netfilter/nfnetlink_conntrack.h>
#include <netinet/in.h>
#include <string.h>

#include "system/linux/flows.h"
#include "system/system.h"

enum { HURRY_EVERY = 256 }; /* flows: some tenths of a millisecond */

/* How long a flow may be silent before the kernel forgets it, seconds, by what it
 * is. A packet sets the rest back to that, so the difference is the silence. */
struct timeouts {
	uint32_t tcp[TCP_CONNTRACK_MAX];
	uint32_t tcp_unacknowledged, tcp_retransmitted;
	uint32_t udp, udp_stream, icmp, icmpv6, generic;
};

struct count_walk {
	const struct timeouts *timeouts;
	uint32_t mask, shift_unit; /* of the link's bits, and the value of the lowest */
	uint32_t idle_s[LINKS_MAX + 1];
	uint64_t *counts;
	sys_hurry *hurry;
	void *hurry_arg;
	unsigned seen;
	bool given_up;
};

static void
timeouts_read(struct timeouts *t)
{
	memset(t, 0, sizeof(*t));
	t->tcp[TCP_CONNTRACK_SYN_SENT] = flows_setting("tcp_timeout_syn_sent", 120);
	t->tcp[TCP_CONNTRACK_SYN_SENT2] = t->tcp[TCP_CONNTRACK_SYN_SENT];
	t->tcp[TCP_CONNTRACK_SYN_RECV] = flows_setting("tcp_timeout_syn_recv", 60);
	t->tcp[TCP_CONNTRACK_ESTABLISHED] = flows_setting("tcp_timeout_established", 432000);
	t->tcp[TCP_CONNTRACK_FIN_WAIT] = flows_setting("tcp_timeout_fin_wait", 120);
	t->tcp[TCP_CONNTRACK_CLOSE_WAIT] = flows_setting("tcp_timeout_close_wait", 60);
	t->tcp[TCP_CONNTRACK_LAST_ACK] = flows_setting("tcp_timeout_last_ack", 30);
	t->tcp_unacknowledged = flows_setting("tcp_timeout_unacknowledged", 300);
	t->tcp_retransmitted = flows_setting("tcp_timeout_max_retrans", 300);
	t->udp = flows_setting("udp_timeout", 30);
	t->udp_stream = flows_setting("udp_timeout_stream", 120);
	t->icmp = flows_setting("icmp_timeout", 30);
	t->icmpv6 = flows_setting("icmpv6_timeout", 30);
	t->generic = flows_setting("generic_timeout", 600);
}

/* What the kernel set the rest to at the last packet: the smallest of the values
 * that it may have been. 0: the flow is over. */
static uint32_t
tcp_full(const struct timeouts *t, unsigned state, uint32_t rest)
{
	uint32_t full = state < TCP_CONNTRACK_MAX ? t->tcp[state] : 0;

	if (full == 0)
		return 0;
	if (rest <= t->tcp_unacknowledged && t->tcp_unacknowledged < full)
		full = t->tcp_unacknowledged;
	if (rest <= t->tcp_retransmitted && t->tcp_retransmitted < full)
		full = t->tcp_retransmitted;
	return full;
}

static unsigned
tcp_state(const struct nlattr *info)
{
	const struct nlattr *kind[CTA_PROTOINFO_MAX + 1] = {NULL},
						      *tcp[CTA_PROTOINFO_TCP_MAX + 1] = {NULL};
	struct flows_attributes outer = {kind, CTA_PROTOINFO_MAX},
				inner = {tcp, CTA_PROTOINFO_TCP_MAX};

	if (!info)
		return TCP_CONNTRACK_NONE;
	mnl_attr_parse_nested(info, flows_attribute, &outer);
	if (!kind[CTA_PROTOINFO_TCP])
		return TCP_CONNTRACK_NONE;
	mnl_attr_parse_nested(kind[CTA_PROTOINFO_TCP], flows_attribute, &inner);
	return flows_get_u8(tcp[CTA_PROTOINFO_TCP_STATE]); /* TCP_CONNTRACK_NONE is 0 */
}

static uint8_t
protocol_of(const struct nlattr *tuple)
{
	const struct nlattr *parts[CTA_TUPLE_MAX + 1] = {NULL}, *proto[CTA_PROTO_MAX + 1] = {NULL};
	struct flows_attributes outer = {parts, CTA_TUPLE_MAX}, inner = {proto, CTA_PROTO_MAX};

	if (!tuple)
		return 0;
	mnl_attr_parse_nested(tuple, flows_attribute, &outer);
	if (!parts[CTA_TUPLE_PROTO])
		return 0;
	mnl_attr_parse_nested(parts[CTA_TUPLE_PROTO], flows_attribute, &inner);
	return flows_get_u8(proto[CTA_PROTO_NUM]);
}

static uint32_t
full_timeout(const struct timeouts *t, const struct nlattr *const *tb, uint32_t status,
	     uint32_t rest)
{
	switch (protocol_of(tb[CTA_TUPLE_ORIG])) {
	case IPPROTO_TCP:
		return tcp_full(t, tcp_state(tb[CTA_PROTOINFO]), rest);
	case IPPROTO_UDP:
		return status & IPS_ASSURED || rest > t->udp ? t->udp_stream : t->udp;
	case IPPROTO_ICMP:
		return t->icmp;
	case IPPROTO_ICMPV6:
		return t->icmpv6;
	default:
		return t->generic;
	}
}

static bool
is_live(const struct count_walk *walk, const struct nlattr *const *tb, unsigned link)
{
	uint32_t status = ntohl(flows_get_u32(tb[CTA_STATUS]));
	uint32_t rest, full;

	if (!tb[CTA_TIMEOUT]) /* in a flow table, which holds only busy ones */
		return status & (IPS_OFFLOAD | IPS_HW_OFFLOAD);
	rest = ntohl(flows_get_u32(tb[CTA_TIMEOUT]));
	full = full_timeout(walk->timeouts, tb, status, rest);
	return full > 0 && (rest >= full || full - rest <= walk->idle_s[link]);
}

static int
each_flow(const struct nlmsghdr *header, void *arg)
{
	const struct nlattr *tb[CTA_MAX + 1] = {NULL};
	struct flows_attributes attributes = {tb, CTA_MAX};
	struct count_walk *walk = arg;
	uint32_t link;

	if (walk->hurry && ++walk->seen % HURRY_EVERY == 0 && walk->hurry(walk->hurry_arg)) {
		walk->given_up = true;
		return MNL_CB_STOP;
	}
	mnl_attr_parse(header, sizeof(struct nfgenmsg), flows_attribute, &attributes);
	link = (ntohl(flows_get_u32(tb[CTA_MARK])) & walk->mask) / walk->shift_unit;
	if (link >= 1 && link <= LINKS_MAX && is_live(walk, tb, link))
		walk->counts[link]++;
	return MNL_CB_OK;
}

int
sys_flows_count(struct sys_flows *f, const struct conf *conf, uint64_t *counts, sys_hurry *hurry,
		void *arg)
{
	struct timeouts timeouts;
	struct count_walk walk = {
	    .timeouts = &timeouts, .counts = counts, .hurry = hurry, .hurry_arg = arg};
	/* One of its own, because a walk that is given up ends with its socket */
	struct mnl_socket *socket = flows_open_socket(NETLINK_NETFILTER);
	struct nlmsghdr *request;
	int result, saved;

	memset(counts, 0, (LINKS_MAX + 1) * sizeof(*counts));
	if (!socket)
		return -1;
	timeouts_read(&timeouts);
	for (size_t i = 0; i < conf->nlinks; i++)
		walk.idle_s[conf->links[i].index] = conf->links[i].drain_idle_s;
	walk.mask = conf_link_mark_mask(conf);
	walk.shift_unit = walk.mask & -walk.mask;
	request = flows_netfilter_request(f, NFNL_SUBSYS_CTNETLINK, IPCTNL_MSG_CT_GET, NLM_F_DUMP,
					  AF_UNSPEC);
	result = flows_walk(f, socket, request, each_flow, &walk);
	saved = walk.given_up ? EINTR : errno;
	mnl_socket_close(socket);
	errno = saved;
	return walk.given_up ? -1 : result;
}
