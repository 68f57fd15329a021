/* SPDX-License-Identifier: ISC */
/* Cuts the flows of one link, by their mark. It never touches a flow whose mark is
 * not exactly that of the link.
 *
 * The flows of others, which pass through, are cut first and with one request: until
 * then every packet of theirs is lost. The router's own, which the ruleset marks,
 * come after them, because their sockets have to be found. */
#include "config.h"

#include <arpa/inet.h>
#include <errno.h>
#include <linux/netfilter/nfnetlink.h>
#include <linux/netfilter/nfnetlink_conntrack.h>
#include <string.h>

#include "system/linux/flows.h"
#include "system/system.h"

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

static int
request_by_mark(struct sys_flows *f, unsigned type, uint16_t flags, uint32_t mark, uint32_t mask,
		mnl_cb_t each, void *arg)
{
	struct nlmsghdr *request =
	    flows_netfilter_request(f, NFNL_SUBSYS_CTNETLINK, type, flags, AF_UNSPEC);

	mnl_attr_put_u32(request, CTA_MARK, htonl(mark));
	mnl_attr_put_u32(request, CTA_MARK_MASK, htonl(mask));
	return flags & NLM_F_DUMP ? flows_walk(f, f->netfilter, request, each, arg)
				  : flows_talk_one(f, f->netfilter, request, each, arg);
}

/* The kernel does not say how many it has deleted, and walking through all flows
 * to count them first would take as long as tens of packets: so it is by how much
 * the number of all flows falls, which others that begin or end meanwhile, within
 * a fraction of a millisecond, can falsify a little. */
static int64_t
kill_passing(struct sys_flows *f, uint32_t mark, uint32_t mask)
{
	int64_t before = flows_setting("count", 0), after;

	if (request_by_mark(f, IPCTNL_MSG_CT_DELETE, NLM_F_ACK, mark, mask, NULL, NULL) == -1)
		return -1;
	after = flows_setting("count", 0);
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
