/* SPDX-License-Identifier: ISC */
/* The use of a route (rmx_pksent) from a dump of the main table. The kernel adds to it with
 * each look-up that chooses the route: a flow that keeps its route in its socket, or that pf
 * leads, is counted once or never. So it says nothing of packets. */
#include "config.h"

#include "system/openbsd/lookups.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "system/openbsd/limits.h"
#include "system/openbsd/rtio.h"
#include "system/openbsd/rtmsg.h"

/* The one link whose gateway that is; 0: none, or several, and then it is neither's. */
static unsigned
whose(const struct pf_keys *keys, int family, const struct addr *gateway)
{
	unsigned link = 0;

	for (size_t i = 0; i < keys->n; i++) {
		const struct pf_key *key = &keys->keys[i];

		if (key->former || key->family != family || !addr_equal(&key->gateway, gateway))
			continue;
		if (link != 0)
			return 0;
		link = key->link;
	}
	return link;
}

static bool
is_own(const struct rtmsg *m)
{
	return m->type == RTMSG_GET && strcmp(m->label, OWN_LABEL) == 0 &&
	       (m->priority & (uint8_t)~RTMSG_DOWN) == OWN_PRIORITY && addr_is_set(&m->dst) &&
	       m->dst.plen == 0;
}

static int
read_family(const struct pf_keys *keys, int family, sys_lookups *each, void *arg)
{
	size_t size;
	uint8_t *buf = rtio_dump_routes(MAIN_TABLE, family, &size);
	ssize_t len = 1;

	if (buf == NULL)
		return errno == EAFNOSUPPORT ? 0 : -1;
	for (size_t at = 0; at < size && len > 0; at += (size_t)len) {
		struct rtmsg m;
		unsigned link;

		len = rtmsg_read(buf + at, size - at, rtio_rounding(), &m);
		if (len <= 0 || !is_own(&m))
			continue;
		link = whose(keys, family, &m.gateway);
		if (link != 0)
			each(arg, link, family, m.use);
	}
	free(buf);
	if (len > 0)
		return 0;
	errno = EBADMSG;
	return -1;
}

int
lookups_read(const struct pf_keys *keys, sys_lookups *each, void *arg)
{
	int rc = 0;

	for (int family = 0; family < FAMILIES; family++)
		rc |= read_family(keys, family, each, arg);
	return rc;
}
