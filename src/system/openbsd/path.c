/* SPDX-License-Identifier: ISC */
/* Asks the kernel which way a packet of a link would take. Sends nothing. */
#include "config.h"

#include <errno.h>
#include <string.h>

#include "system/openbsd/routing.h"

int
sys_routing_path(struct sys_routing *r, unsigned link, const struct addr *dst,
		 struct sys_path *path)
{
	struct rtmsg m = {.type = RTMSG_GET, .flags = RTMSG_F_UP | RTMSG_F_HOST};
	int error;

	memset(path, 0, sizeof(*path));
	if (r->conf == NULL || link < 1 || link > LINKS_MAX || r->by_index[link] == NULL)
		return ENOENT;
	m.table = link_table(r->conf, link);
	if (m.table == 0)
		return ERANGE;
	m.addrs = RTMSG_DST | RTMSG_IFP | RTMSG_IFA;
	m.dst = *dst;
	error = talk_request(r, &m);
	if (error != 0)
		return error == ESRCH ? EHOSTUNREACH : error;
	if (!r->answered)
		return EAGAIN;
	path->gateway = r->answer.gateway;
	path->source = r->answer.ifa;
	path->ifindex = r->answer.ifindex;
	strlcpy(path->ifname, r->answer.ifp.name, sizeof(path->ifname));
	return 0;
}
