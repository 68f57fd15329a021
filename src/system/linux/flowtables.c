/* SPDX-License-Identifier: ISC */
/* Flow tables of others: what is in one takes a short cut past the ruleset, and is not
 * counted. They are only ever looked at. */
#include "config.h"

#include <arpa/inet.h>
#include <linux/netfilter.h>
#include <linux/netfilter/nf_tables.h>
#include <linux/netfilter/nfnetlink.h>
#include <stdio.h>
#include <string.h>

#include "system/linux/flows.h"
#include "system/system.h"

static const char *
table_family(unsigned family)
{
	switch (family) {
	case NFPROTO_INET:
		return "inet";
	case NFPROTO_IPV4:
		return "ip";
	case NFPROTO_IPV6:
		return "ip6";
	}
	return "?";
}

static bool
is_of_a_link(const struct conf *conf, const char *device)
{
	for (size_t i = 0; i < conf->nlinks; i++)
		if (strcmp(conf->links[i].interface, device) == 0)
			return true;
	return false;
}

/* The first device of the flow table that is a link's interface, or NULL. */
static const char *
find_device(const struct conf *conf, const struct nlattr *hook)
{
	const struct nlattr *tb[NFTA_FLOWTABLE_HOOK_MAX + 1] = {NULL}, *device;
	struct flows_attributes attributes = {tb, NFTA_FLOWTABLE_HOOK_MAX};

	mnl_attr_parse_nested(hook, flows_attribute, &attributes);
	if (!tb[NFTA_FLOWTABLE_HOOK_DEVS])
		return NULL;
	mnl_attr_for_each_nested(device, tb[NFTA_FLOWTABLE_HOOK_DEVS])
	{
		if (mnl_attr_get_type(device) == NFTA_DEVICE_NAME &&
		    mnl_attr_validate(device, MNL_TYPE_NUL_STRING) == 0 &&
		    is_of_a_link(conf, mnl_attr_get_str(device)))
			return mnl_attr_get_str(device);
	}
	return NULL;
}

int
flows_note_bypass(const struct nlmsghdr *header, void *arg)
{
	const struct nlattr *tb[NFTA_FLOWTABLE_MAX + 1] = {NULL};
	struct flows_attributes attributes = {tb, NFTA_FLOWTABLE_MAX};
	const struct nfgenmsg *general = mnl_nlmsg_get_payload(header);
	struct flows_bypass *bypass = arg;
	const char *device;

	if (mnl_nlmsg_get_payload_len(header) < sizeof(*general))
		return MNL_CB_OK;
	mnl_attr_parse(header, sizeof(*general), flows_attribute, &attributes);
	if (bypass->text[0] != '\0' || !tb[NFTA_FLOWTABLE_TABLE] || !tb[NFTA_FLOWTABLE_NAME] ||
	    !tb[NFTA_FLOWTABLE_HOOK])
		return MNL_CB_OK;
	device = find_device(bypass->conf, tb[NFTA_FLOWTABLE_HOOK]);
	if (device)
		snprintf(bypass->text, sizeof(bypass->text), "flowtable %s of table %s %s, on %s",
			 flows_get_str(tb[NFTA_FLOWTABLE_NAME]),
			 table_family(general->nfgen_family),
			 flows_get_str(tb[NFTA_FLOWTABLE_TABLE]), device);
	return MNL_CB_OK;
}

const char *
sys_bypass(struct sys_flows *f, const struct conf *conf)
{
	struct nlmsghdr *request;
	uint32_t generation;

	if (flows_generation(f, &generation) == -1 ||
	    (generation == f->bypass_generation && conf == f->bypass.conf))
		return f->bypass.text;
	f->bypass_generation = generation;
	f->bypass = (struct flows_bypass){.conf = conf};
	request = flows_netfilter_request(f, NFNL_SUBSYS_NFTABLES, NFT_MSG_GETFLOWTABLE, NLM_F_DUMP,
					  NFPROTO_UNSPEC);
	/* a kernel without flow tables has none */
	flows_talk_one(f, f->netfilter, request, flows_note_bypass, &f->bypass);
	return f->bypass.text;
}
