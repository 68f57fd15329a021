/* SPDX-License-Identifier: ISC */
/* What a connection has cost, as the kernel counts it. A file of its own: the struct of
 * <netinet/tcp.h> has no room for it. */
#include "config.h"

#include "system/system.h"

#include <linux/tcp.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>

enum { TCP_HEADER = 32 }; /* with its timestamps */

uint64_t
sys_tcp_octets(int fd, int family)
{
	struct tcp_info info;
	socklen_t len = sizeof(info);
	uint64_t header = TCP_HEADER + (family == V4 ? 20 : 40);

	memset(&info, 0, sizeof(info));
	if (getsockopt(fd, IPPROTO_TCP, TCP_INFO, &info, &len) != 0)
		return 0;
	/* and the segments by which it will be closed */
	return info.tcpi_bytes_sent + info.tcpi_bytes_received +
	       header * ((uint64_t)info.tcpi_segs_in + info.tcpi_segs_out + 3);
}
