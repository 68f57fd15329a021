/* SPDX-License-Identifier: ISC */
/* Reads what the ruleset has counted: one dump of the table's counters over
 * netlink, far cheaper than asking nft(8). Nothing is changed or reset. */
#include "config.h"

#include <arpa/inet.h>
#include <endian.h>
#include <errno.h>
#include <linux/netfilter.h>
#include <linux/netfilter/nf_tables.h>
#include <linux/netfilter/nfnetlink.h>
#include <string.h>

#include "system/linux/flows.h"
#include "system/system.h"

static int
each_counter(const struct nlmsghdr *header, void *arg)
{
	const struct nlattr *tb[NFTA_OBJ_MAX + 1] = {NULL}, *data[NFTA_COUNTER_MAX + 1] = {NULL};
	struct flows_attributes object = {tb, NFTA_OBJ_MAX}, values = {data, NFTA_COUNTER_MAX};
	struct sys_flows *f = arg;
	struct flows_counter *counter;
	enum flows_object kind;
	const char *name;
	unsigned link;

	mnl_attr_parse(header, sizeof(struct nfgenmsg), flows_attribute, &object);
	if (!tb[NFTA_OBJ_NAME] || !tb[NFTA_OBJ_DATA])
		return MNL_CB_OK;
	name = flows_get_str(tb[NFTA_OBJ_NAME]);
	if (!flows_object_parse(name, strlen(name), &kind, &link) || kind > FLOWS_NEW6)
		return MNL_CB_OK;
	mnl_attr_parse_nested(tb[NFTA_OBJ_DATA], flows_attribute, &values);
	if (!data[NFTA_COUNTER_PACKETS] || !data[NFTA_COUNTER_BYTES])
		return MNL_CB_OK;
	counter = &f->counters[kind][link];
	counter->present = true;
	counter->packets = be64toh(flows_get_u64(data[NFTA_COUNTER_PACKETS]));
	counter->octets = be64toh(flows_get_u64(data[NFTA_COUNTER_BYTES]));
	return MNL_CB_OK;
}

static int
dump(struct sys_flows *f)
{
	for (int tries = 0; tries < FLOWS_DUMP_TRIES; tries++) {
		struct nlmsghdr *request = flows_netfilter_request(
		    f, NFNL_SUBSYS_NFTABLES, NFT_MSG_GETOBJ, NLM_F_DUMP, NFPROTO_INET);

		memset(f->counters, 0, sizeof(f->counters));
		mnl_attr_put_strz(request, NFTA_OBJ_TABLE, FLOWS_TABLE);
		mnl_attr_put_u32(request, NFTA_OBJ_TYPE, htonl(NFT_OBJECT_COUNTER));
		if (flows_talk_one(f, f->netfilter, request, each_counter, f) == 0)
			return 0;
		if (errno != EINTR)
			break;
	}
	return -1;
}

int
sys_counters_read(struct sys_flows *f, sys_counter *each, void *arg)
{
	uint64_t before, after;

	/* Values of one table must not be told with the number of another. */
	do {
		if (flows_table_handle(f, &before) == -1 || dump(f) == -1 ||
		    flows_table_handle(f, &after) == -1)
			return -1;
	} while (before != after);
	f->table_handle = after;
	for (unsigned link = 1; link <= LINKS_MAX; link++)
		for (int family = V4; family < FAMILIES; family++) {
			const struct flows_counter *use = &f->counters[FLOWS_USE4 + family][link];

			if (use->present)
				each(arg, link, family, use->packets, use->octets,
				     f->counters[FLOWS_NEW4 + family][link].packets);
		}
	return 0;
}

/* The kernel counts no look-ups of routes; of nexthop objects it can, but each replacement
 * begins again at 0. */
int
sys_lookups_read(struct sys_flows *f, sys_lookups *each, void *arg)
{
	(void)f;
	(void)each;
	(void)arg;
	errno = EOPNOTSUPP;
	return -1;
}

uint32_t
sys_counters_epoch(const struct sys_flows *f)
{
	return (uint32_t)f->table_handle;
}
