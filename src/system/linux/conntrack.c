/* SPDX-License-Identifier: ISC */
/* What both need that cut flows and that count them: a walk through all flows, and
 * the settings of connection tracking. */
#include "config.h"

#include <errno.h>
#include <stdio.h>

#include "system/linux/flows.h"
#include "system/linux/processors.h"

int
flows_walk(struct sys_flows *f, struct mnl_socket *socket, const struct nlmsghdr *request,
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

uint32_t
flows_setting(const char *name, uint32_t otherwise)
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
