/* SPDX-License-Identifier: ISC */
/* How many packets and octets an interface has sent and received, from the kernel's list of
 * interfaces. */
#include "config.h"

#include <errno.h>
#include <stdlib.h>

#include "system/openbsd/rtio.h"
#include "system/openbsd/rtmsg.h"
#include "system/system.h"

struct sys_traffic {
	char nothing; /* the list is asked for without a socket */
};

struct sys_traffic *
sys_traffic_open(void)
{
	return calloc(1, sizeof(struct sys_traffic));
}

void
sys_traffic_close(struct sys_traffic *t)
{
	free(t);
}

int
sys_traffic_read(struct sys_traffic *t, const struct link_facts *facts, bool fresh,
		 struct sys_traffic_count *count)
{
	uint32_t ifindex = facts->ifindex;
	size_t len;
	uint8_t *buf;
	struct rtmsg m;
	bool found;

	(void)t;
	(void)fresh; /* always is */
	errno = ENXIO;
	if (ifindex == 0 || ifindex > UINT16_MAX)
		return -1;
	buf = rtio_dump_interfaces((uint16_t)ifindex, &len);
	if (buf == NULL)
		return -1;
	found = rtmsg_read(buf, len, rtio_rounding(), &m) > 0 && m.type == RTMSG_IFINFO;
	free(buf);
	if (!found)
		return -1;
	/* What is for everybody answers nobody. */
	count->received = m.ipackets > m.imcasts ? m.ipackets - m.imcasts : 0;
	count->sent = m.opackets;
	count->in_octets = m.ibytes;
	count->out_octets = m.obytes;
	return 0;
}
