/* SPDX-License-Identifier: ISC */
/* A connection that is opened only to see whether it can be: its state and the time
 * of its handshake, as the kernel has them. */
#include "config.h"

#include "system/system.h"

#include <errno.h>
#include <linux/sock_diag.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <string.h>
#include <sys/socket.h>

#include "common/clock.h"
#include "system/linux/probe_filter.h"

void
sys_tcp_prepare(int fd)
{
	int no = 0;

	/* No hurry with the last segment of the handshake: the reset comes before it. */
	(void)setsockopt(fd, IPPROTO_TCP, TCP_QUICKACK, &no, sizeof(no));
}

int
sys_tcp_keep_to(int fd, uint32_t ifindex)
{
	return filter_interface(fd, ifindex);
}

uint32_t
sys_tcp_kept_out(int fd)
{
	uint32_t info[SK_MEMINFO_VARS] = {0};
	socklen_t len = sizeof(info);

	return getsockopt(fd, SOL_SOCKET, SO_MEMINFO, info, &len) == 0 ? info[SK_MEMINFO_DROPS] : 0;
}

int
sys_tcp_look(int fd, uint64_t *rtt_ns)
{
	struct tcp_info info;
	int error = 0;
	socklen_t len = sizeof(info), error_len = sizeof(error);

	memset(&info, 0, sizeof(info));
	if (getsockopt(fd, IPPROTO_TCP, TCP_INFO, &info, &len) != 0 ||
	    getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &error_len) != 0)
		return errno;
	if (error == 0 && info.tcpi_state == TCP_SYN_SENT)
		return EINPROGRESS;
	if (error == 0 && info.tcpi_state == TCP_CLOSE)
		return ECONNRESET;
	/* A first segment that was sent twice: what counts is how long it took in all. */
	if (info.tcpi_total_retrans == 0)
		*rtt_ns = info.tcpi_rtt * NSEC_PER_USEC;
	return error;
}

unsigned
sys_tcp_resent(int fd)
{
	struct tcp_info info;
	socklen_t len = sizeof(info);

	memset(&info, 0, sizeof(info));
	return getsockopt(fd, IPPROTO_TCP, TCP_INFO, &info, &len) == 0 ? info.tcpi_total_retrans
								       : 0;
}

/* With timestamps (RFC 7323) the answer tells which of them it is for, and the kernel's
 * round-trip time is that of the right one. The first is sent again after a second. */
bool
sys_tcp_first_answered(int fd, uint64_t took_ns)
{
	struct tcp_info info;
	socklen_t len = sizeof(info);

	memset(&info, 0, sizeof(info));
	if (getsockopt(fd, IPPROTO_TCP, TCP_INFO, &info, &len) != 0)
		return false;
	return info.tcpi_total_retrans == 0 ||
	       info.tcpi_rtt * NSEC_PER_USEC + NSEC_PER_SEC / 2 >= took_ns;
}

/* The socket keeps its mark, and takes the next connection. */
void
sys_tcp_cut(int fd)
{
	const struct sockaddr none = {.sa_family = AF_UNSPEC};

	(void)connect(fd, &none, sizeof(none));
}
