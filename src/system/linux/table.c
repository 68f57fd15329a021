/* SPDX-License-Identifier: ISC */
/* What the kernel holds of table inet uplinkd: whether it is there, which objects it
 * has, and whether someone else has changed it. Only ever reads. */
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
note_object(struct flows_seen *held, const struct nlattr *name_attr, bool chain)
{
	const char *name = flows_get_str(name_attr);
	enum flows_object kind;
	unsigned link;

	if (flows_object_parse(name, strlen(name), &kind, &link) &&
	    flows_object_is_chain(kind) == chain)
		held->seen[kind][link] = true;
	return MNL_CB_OK;
}

static int
each_counter(const struct nlmsghdr *header, void *arg)
{
	const struct nlattr *tb[NFTA_OBJ_MAX + 1] = {NULL};
	struct flows_attributes attributes = {tb, NFTA_OBJ_MAX};

	mnl_attr_parse(header, sizeof(struct nfgenmsg), flows_attribute, &attributes);
	return note_object(arg, tb[NFTA_OBJ_NAME], false);
}

static int
each_chain(const struct nlmsghdr *header, void *arg)
{
	const struct nlattr *tb[NFTA_CHAIN_MAX + 1] = {NULL};
	struct flows_attributes attributes = {tb, NFTA_CHAIN_MAX};

	mnl_attr_parse(header, sizeof(struct nfgenmsg), flows_attribute, &attributes);
	/* older kernels hand out the chains of every table */
	if (!tb[NFTA_CHAIN_TABLE] || strcmp(flows_get_str(tb[NFTA_CHAIN_TABLE]), FLOWS_TABLE) != 0)
		return MNL_CB_OK;
	return note_object(arg, tb[NFTA_CHAIN_NAME], true);
}

/* Those without a name are their rules'. */
static bool
is_plain_name(const char *name)
{
	size_t len =
	    strspn(name, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ_0123456789");

	return len > 0 && name[len] == '\0' && len < FLOWS_SET_NAME_LEN;
}

static int
each_set(const struct nlmsghdr *header, void *arg)
{
	const struct nlattr *tb[NFTA_SET_MAX + 1] = {NULL};
	struct flows_attributes attributes = {tb, NFTA_SET_MAX};
	struct flows_seen *held = arg;
	const char *name;
	uint32_t flags;

	mnl_attr_parse(header, sizeof(struct nfgenmsg), flows_attribute, &attributes);
	name = flows_get_str(tb[NFTA_SET_NAME]);
	flags = ntohl(flows_get_u32(tb[NFTA_SET_FLAGS]));
	if (held->nsets == FLOWS_SETS_MAX || (flags & NFT_SET_ANONYMOUS) != 0 ||
	    strcmp(flows_get_str(tb[NFTA_SET_TABLE]), FLOWS_TABLE) != 0 || !is_plain_name(name))
		return MNL_CB_OK;
	held->sets[held->nsets].is_map = (flags & (NFT_SET_MAP | NFT_SET_OBJECT)) != 0;
	strcpy(held->sets[held->nsets].name, name);
	held->nsets++;
	return MNL_CB_OK;
}

static int
each_table(const struct nlmsghdr *header, void *arg)
{
	const struct nlattr *tb[NFTA_TABLE_MAX + 1] = {NULL};
	struct flows_attributes attributes = {tb, NFTA_TABLE_MAX};
	uint64_t *handle = arg;

	mnl_attr_parse(header, sizeof(struct nfgenmsg), flows_attribute, &attributes);
	if (tb[NFTA_TABLE_HANDLE])
		*handle = be64toh(flows_get_u64(tb[NFTA_TABLE_HANDLE]));
	return MNL_CB_OK;
}

int
flows_table_handle(struct sys_flows *f, uint64_t *handle)
{
	struct nlmsghdr *request = flows_netfilter_request(
	    f, NFNL_SUBSYS_NFTABLES, NFT_MSG_GETTABLE, NLM_F_ACK, NFPROTO_INET);

	*handle = 0;
	mnl_attr_put_strz(request, NFTA_TABLE_NAME, FLOWS_TABLE);
	return flows_talk_one(f, f->netfilter, request, each_table, handle);
}

static int
look_at_objects(struct sys_flows *f, struct flows_seen *held, bool *exists)
{
	struct nlmsghdr *request;
	uint64_t handle;

	memset(held, 0, sizeof(*held));
	*exists = flows_table_handle(f, &handle) == 0;
	if (!*exists)
		return errno == ENOENT ? 0 : -1;
	request = flows_netfilter_request(f, NFNL_SUBSYS_NFTABLES, NFT_MSG_GETOBJ, NLM_F_DUMP,
					  NFPROTO_INET);
	mnl_attr_put_strz(request, NFTA_OBJ_TABLE, FLOWS_TABLE);
	mnl_attr_put_u32(request, NFTA_OBJ_TYPE, htonl(NFT_OBJECT_COUNTER));
	if (flows_talk_one(f, f->netfilter, request, each_counter, held) == -1)
		return -1;
	request = flows_netfilter_request(f, NFNL_SUBSYS_NFTABLES, NFT_MSG_GETCHAIN, NLM_F_DUMP,
					  NFPROTO_INET);
	mnl_attr_put_strz(request, NFTA_CHAIN_TABLE, FLOWS_TABLE);
	if (flows_talk_one(f, f->netfilter, request, each_chain, held) == -1)
		return -1;
	request = flows_netfilter_request(f, NFNL_SUBSYS_NFTABLES, NFT_MSG_GETSET, NLM_F_DUMP,
					  NFPROTO_INET);
	mnl_attr_put_strz(request, NFTA_SET_TABLE, FLOWS_TABLE);
	return flows_talk_one(f, f->netfilter, request, each_set, held);
}

int
flows_kernel_objects(struct sys_flows *f, struct flows_seen *held, bool *exists)
{
	int result = -1;

	errno = EINTR;
	for (int i = 0; i < FLOWS_DUMP_TRIES && result == -1 && errno == EINTR; i++)
		result = look_at_objects(f, held, exists);
	return result;
}

/* ---- changes by others ---- */

static int
each_generation(const struct nlmsghdr *header, void *arg)
{
	const struct nlattr *tb[NFTA_GEN_MAX + 1] = {NULL};
	struct flows_attributes attributes = {tb, NFTA_GEN_MAX};
	uint32_t *generation = arg;

	mnl_attr_parse(header, sizeof(struct nfgenmsg), flows_attribute, &attributes);
	if (tb[NFTA_GEN_ID])
		*generation = ntohl(flows_get_u32(tb[NFTA_GEN_ID]));
	return MNL_CB_OK;
}

int
flows_generation(struct sys_flows *f, uint32_t *generation)
{
	struct nlmsghdr *request = flows_netfilter_request(f, NFNL_SUBSYS_NFTABLES, NFT_MSG_GETGEN,
							   NLM_F_ACK, NFPROTO_UNSPEC);

	*generation = 0;
	return flows_talk_one(f, f->netfilter, request, each_generation, generation);
}

static int
each_rule(const struct nlmsghdr *header, void *arg)
{
	const struct nlattr *tb[NFTA_RULE_MAX + 1] = {NULL};
	struct flows_attributes attributes = {tb, NFTA_RULE_MAX};
	uint64_t *shape = arg;

	mnl_attr_parse(header, sizeof(struct nfgenmsg), flows_attribute, &attributes);
	if (tb[NFTA_RULE_TABLE] && tb[NFTA_RULE_HANDLE] &&
	    strcmp(flows_get_str(tb[NFTA_RULE_TABLE]), FLOWS_TABLE) == 0)
		*shape = (*shape ^ be64toh(flows_get_u64(tb[NFTA_RULE_HANDLE]))) * 0x100000001b3ULL;
	return MNL_CB_OK;
}

/* A number that changes with the rules: each has a handle that is never used again
 * within the table. */
static int
read_shape(struct sys_flows *f, uint64_t *shape)
{
	int result = -1;

	errno = EINTR;
	for (int i = 0; i < FLOWS_DUMP_TRIES && result == -1 && errno == EINTR; i++) {
		struct nlmsghdr *request = flows_netfilter_request(
		    f, NFNL_SUBSYS_NFTABLES, NFT_MSG_GETRULE, NLM_F_DUMP, NFPROTO_INET);

		*shape = 0xcbf29ce484222325ULL;
		mnl_attr_put_strz(request, NFTA_RULE_TABLE, FLOWS_TABLE);
		result = flows_talk_one(f, f->netfilter, request, each_rule, shape);
	}
	return result;
}

bool
flows_table_loaded(struct sys_flows *f, uint32_t before)
{
	uint32_t after;

	if (read_shape(f, &f->shape) == -1 || flows_generation(f, &after) == -1) {
		f->shape = 0;
		return true;
	}
	f->generation = after;
	return after == before + 1;
}

bool
sys_ruleset_intact(struct sys_flows *f)
{
	uint32_t generation;
	uint64_t handle, shape;

	if (flows_table_handle(f, &handle) == -1)
		return errno != ENOENT;
	if (f->shape == 0 || flows_generation(f, &generation) == -1 || generation == f->generation)
		return true;
	if (read_shape(f, &shape) == -1)
		return true; /* changing right now: look again next time */
	f->generation = generation;
	return shape == f->shape;
}
