/* SPDX-License-Identifier: ISC */
/* Hosts are told of prefixes by rad(8), which is told by a program on events
 * (contrib/hooks/rad-deprecate): an advertisement beside it would have to come from an address
 * that no interface has, and a pledged process can't ask for that. */
#include "config.h"

#include <errno.h>

#include "system/system.h"

bool
sys_can_advertise(void)
{
	return false;
}

int
sys_advertise(struct sys_routing *r, const char *ifname, const struct addr *prefix, bool preferred)
{
	(void)r;
	(void)ifname;
	(void)prefix;
	(void)preferred;
	return EOPNOTSUPP;
}
