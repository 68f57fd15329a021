/* SPDX-License-Identifier: ISC */
/* Flows by their mark: cuts those of one link, counts the live ones of all. It
 * never touches a flow whose mark is not exactly that of the link.
 *
 * The flows of others, which pass through, are cut first and with one request: until
 * then every packet of theirs is lost. The router's own, which the ruleset marks,
 * come after them, because their sockets have to be found. */
#include "config.h"

#include <arpa/inet.h>
#include <errno.h>
#include <linux/netfilter/nf_conntrack_common.h>
#include <linux/netfilter/nf_conntrack_tcp.h>
#include <linux/netfilter/nfnetlink.h>
#include <linux/netfilter/nfnetlink_conntrack.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>

#include "system/linux/flows.h"
#include "system/linux/processors.h"
#include "system/system.h"

/* ---- cutting ---- */

struct kill_walk {
	struct flows_sockets *sockets;
	int64_t flows;
};

static bool
tuple_addresses(const struct nlattr *nest, struct flows_tuple *tuple)
{
	const struct nlattr *ip[CTA_IP_MAX + 1] = {NULL}, *src, *dst;
	struct flows_attributes attributes = {ip, CTA_IP_MAX};
	size_t size;

	mnl_attr_parse_nested(nest, flows_attribute, &attributes);
	tuple->family = ip[CTA_IP_V4_SRC] ? V4 : V6;
	size = tuple->family == V4 ? 4 : 16;
	src = tuple->family == V4 ? ip[CTA_IP_V4_SRC] : ip[CTA_IP_V6_SRC];
	dst = tuple->family == V4 ? ip[CTA_IP_V4_DST] : ip[CTA_IP_V6_DST];
	if (!src || !dst || mnl_attr_get_payload_len(src) != size ||
	    mnl_attr_get_payload_len(dst) != size)
		return false;
	memcpy(tuple->local, mnl_attr_get_payload(src), size);
	memcpy(tuple->remote, mnl_attr_get_payload(dst), size);
	return true;
}

/* The conversation as its first host sees it. False where it has no ports. */
static bool
tuple_read(const struct nlattr *nest, struct flows_tuple *tuple)
{
	const struct nlattr *parts[CTA_TUPLE_MAX + 1] = {NULL}, *proto[CTA_PROTO_MAX + 1] = {NULL};
	struct flows_attributes outer = {parts, CTA_TUPLE_MAX}, inner = {proto, CTA_PROTO_MAX};

	memset(tuple, 0, sizeof(*tuple));
	if (!nest)
		return false;
	mnl_attr_parse_nested(nest, flows_attribute, &outer);
	if (!parts[CTA_TUPLE_IP] || !parts[CTA_TUPLE_PROTO])
		return false;
	mnl_attr_parse_nested(parts[CTA_TUPLE_PROTO], flows_attribute, &inner);
	if (!proto[CTA_PROTO_NUM] || !proto[CTA_PROTO_SRC_PORT] || !proto[CTA_PROTO_DST_PORT])
		return false;
	tuple->protocol = flows_get_u8(proto[CTA_PROTO_NUM]);
	tuple->local_port = flows_get_u16(proto[CTA_PROTO_SRC_PORT]);
	tuple->remote_port = flows_get_u16(proto[CTA_PROTO_DST_PORT]);
	return tuple_addresses(parts[CTA_TUPLE_IP], tuple);
}

/* A socket that opened the flow sees its original tuple, one that was called sees
 * the other end of the answers: address translation is between them. */
static int
each_doomed(const struct nlmsghdr *header, void *arg)
{
	const struct nlattr *tb[CTA_MAX + 1] = {NULL};
	struct flows_attributes attributes = {tb, CTA_MAX};
	struct kill_walk *walk = arg;
	struct flows_tuple tuple;

	walk->flows++;
	mnl_attr_parse(header, sizeof(struct nfgenmsg), flows_attribute, &attributes);
	if (walk->sockets && tuple_read(tb[CTA_TUPLE_ORIG], &tuple))
		flows_sockets_pick(walk->sockets, &tuple);
	if (walk->sockets && tuple_read(tb[CTA_TUPLE_REPLY], &tuple))
		flows_sockets_pick(walk->sockets, &tuple);
	return MNL_CB_OK;
}

/* Through all flows of the machine, where it holds up nobody who has to be in time. */
static int
walk_flows(struct sys_flows *f, struct mnl_socket *socket, const struct nlmsghdr *request,
	   mnl_cb_t each, void *arg)
{
	cpu_set_t before;
	int result, saved;

	processors_take_last(&before);
	result = flows_talk_one(f, socket, request, each, arg);
	saved = errno;
	processors_take_back(&before);
	errno = saved;
	return result;
}

static int
request_by_mark(struct sys_flows *f, unsigned type, uint16_t flags, uint32_t mark, uint32_t mask,
		mnl_cb_t each, void *arg)
{
	struct nlmsghdr *request =
	    flows_netfilter_request(f, NFNL_SUBSYS_CTNETLINK, type, flags, AF_UNSPEC);

	mnl_attr_put_u32(request, CTA_MARK, htonl(mark));
	mnl_attr_put_u32(request, CTA_MARK_MASK, htonl(mask));
	return flags & NLM_F_DUMP ? walk_flows(f, f->netfilter, request, each, arg)
				  : flows_talk_one(f, f->netfilter, request, each, arg);
}

static uint32_t
read_number(const char *name, uint32_t otherwise)
{
	char path[96];
	unsigned value;
	FILE *file;

	snprintf(path, sizeof(path), "/proc/sys/net/netfilter/nf_conntrack_%s", name);
	file = fopen(path, "re");
	if (!file)
		return otherwise;
	if (fscanf(file, "%u", &value) != 1)
		value = otherwise;
	fclose(file);
	return value;
}

/* The kernel does not say how many it has deleted, and walking through all flows
 * to count them first would take as long as tens of packets: so it is by how much
 * the number of all flows falls, which others that begin or end meanwhile, within
 * a fraction of a millisecond, can falsify a little. */
static int64_t
kill_passing(struct sys_flows *f, uint32_t mark, uint32_t mask)
{
	int64_t before = read_number("count", 0), after;

	if (request_by_mark(f, IPCTNL_MSG_CT_DELETE, NLM_F_ACK, mark, mask, NULL, NULL) == -1)
		return -1;
	after = read_number("count", 0);
	return before > after ? before - after : 0;
}

static int64_t
kill_own(struct sys_flows *f, uint32_t mark, uint32_t mask)
{
	struct kill_walk walk = {.sockets = flows_sockets_read(f)};
	int64_t result = -1;

	if (request_by_mark(f, IPCTNL_MSG_CT_GET, NLM_F_DUMP, mark, mask, each_doomed, &walk) == -1)
		goto done;
	/* While the mark is still there, what a dying socket sends leaves by its
	 * own link and not, with a foreign source, by another. */
	if (walk.sockets)
		flows_sockets_destroy(f, walk.sockets);
	if (request_by_mark(f, IPCTNL_MSG_CT_DELETE, NLM_F_ACK, mark, mask, NULL, NULL) == 0)
		result = walk.flows;
done:
	flows_sockets_free(walk.sockets);
	return result;
}

int64_t
sys_flows_kill(struct sys_flows *f, const struct conf *conf, unsigned link)
{
	uint32_t mark, mask = conf->mark_mask;
	int64_t passing, own;

	if (link < 1 || link > LINKS_MAX) {
		errno = EINVAL;
		return -1;
	}
	mark = conf_link_mark(conf, link);
	passing = kill_passing(f, mark, mask);
	if (passing == -1)
		return -1;
	own = kill_own(f, mark | conf_probe_mark(conf), mask);
	return own == -1 ? -1 : passing + own;
}

/* ---- counting ---- */

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
	t->tcp[TCP_CONNTRACK_SYN_SENT] = read_number("tcp_timeout_syn_sent", 120);
	t->tcp[TCP_CONNTRACK_SYN_SENT2] = t->tcp[TCP_CONNTRACK_SYN_SENT];
	t->tcp[TCP_CONNTRACK_SYN_RECV] = read_number("tcp_timeout_syn_recv", 60);
	t->tcp[TCP_CONNTRACK_ESTABLISHED] = read_number("tcp_timeout_established", 432000);
	t->tcp[TCP_CONNTRACK_FIN_WAIT] = read_number("tcp_timeout_fin_wait", 120);
	t->tcp[TCP_CONNTRACK_CLOSE_WAIT] = read_number("tcp_timeout_close_wait", 60);
	t->tcp[TCP_CONNTRACK_LAST_ACK] = read_number("tcp_timeout_last_ack", 30);
	t->tcp_unacknowledged = read_number("tcp_timeout_unacknowledged", 300);
	t->tcp_retransmitted = read_number("tcp_timeout_max_retrans", 300);
	t->udp = read_number("udp_timeout", 30);
	t->udp_stream = read_number("udp_timeout_stream", 120);
	t->icmp = read_number("icmp_timeout", 30);
	t->icmpv6 = read_number("icmpv6_timeout", 30);
	t->generic = read_number("generic_timeout", 600);
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
	result = walk_flows(f, socket, request, each_flow, &walk);
	saved = walk.given_up ? EINTR : errno;
	mnl_socket_close(socket);
	errno = saved;
	return walk.given_up ? -1 : result;
}
