/* SPDX-License-Identifier: ISC */
/* A look from outside at what the daemon has in the kernel. It needs no privilege
 * for rules and routes, and never changes anything. */
#include "config.h"

#include <errno.h>
#include <linux/fib_rules.h>
#include <linux/rtnetlink.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "system/linux/flows.h"
#include "system/linux/limits.h"
#include "system/linux/message.h"
#include "system/linux/netlink.h"
#include "system/system.h"

static void
each_rule(void *arg, const struct nlmsghdr *nlh)
{
	const struct nlattr *attr;
	unsigned *rules = arg;

	if (nlh->nlmsg_type != RTM_NEWRULE)
		return;
	mnl_attr_for_each(attr, nlh, sizeof(struct fib_rule_hdr))
	{
		if (mnl_attr_get_type(attr) == FRA_PROTOCOL &&
		    mnl_attr_validate(attr, MNL_TYPE_U8) == 0 &&
		    mnl_attr_get_u8(attr) == OWN_PROTOCOL)
			++*rules;
	}
}

static void
each_route(void *arg, const struct nlmsghdr *nlh)
{
	struct message_route route;
	unsigned *routes = arg;

	if (nlh->nlmsg_type == RTM_NEWROUTE && message_route(nlh, &route) &&
	    route.protocol == OWN_PROTOCOL)
		++*routes;
}

static void
restart(void *arg)
{
	*(unsigned *)arg = 0;
}

static int
count(struct netlink *nl, int family, struct sys_remains *remains)
{
	unsigned rules = 0, routes = 0;
	const struct netlink_reader rule_reader = {each_rule, restart, &rules};
	const struct netlink_reader route_reader = {each_route, restart, &routes};
	const struct fib_rule_hdr frh = {.family = family == V4 ? AF_INET : AF_INET6};
	char buf[256] __attribute__((aligned(8)));
	struct nlmsghdr *nlh = netlink_message(buf, RTM_GETRULE, 0, &frh, sizeof(frh));

	if (netlink_dump(nl, nlh, &rule_reader) != 0 ||
	    message_dump_routes(nl, family, 0, OWN_PROTOCOL, &route_reader) != 0)
		/* A kernel without this IP version has nothing of it. */
		return errno == EOPNOTSUPP || errno == EAFNOSUPPORT ? 0 : -1;
	remains->rules += rules;
	remains->routes += routes;
	return 0;
}

static void
look_for_ruleset(struct sys_remains *remains)
{
	struct sys_flows *f = sys_flows_open();
	uint64_t handle;

	if (f == NULL)
		return;
	remains->ruleset = flows_table_handle(f, &handle) == 0;
	remains->ruleset_seen = remains->ruleset || errno == ENOENT;
	sys_flows_close(f);
}

int
sys_remains(struct sys_remains *remains)
{
	struct netlink *nl = calloc(1, sizeof(*nl));
	int result = -1, saved;

	memset(remains, 0, sizeof(*remains));
	if (nl == NULL)
		return -1;
	if (netlink_open(nl) == 0) {
		result = count(nl, V4, remains) == 0 ? count(nl, V6, remains) : -1;
		saved = errno;
		netlink_close(nl);
		errno = saved;
	}
	saved = errno;
	free(nl);
	look_for_ruleset(remains);
	errno = saved;
	return result;
}
