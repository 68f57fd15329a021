/* SPDX-License-Identifier: ISC */
/* A connection that is opened only to see whether it can be. A socket that was connected can't be
 * again: another one with the same routing table takes the place of its descriptor, which pledge(2)
 * allows as "inet wroute". */
#include "config.h"

#include "system/system.h"

#include <sys/types.h>
#include <sys/socket.h>

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <netinet/tcp_fsm.h>

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "common/clock.h"

void
sys_tcp_prepare(int fd)
{
	(void)fd;
}

/* There is no such filter: the socket's routing table says by which way it sends, not by which
 * interface answers may come. */
int
sys_tcp_keep_to(int fd, uint32_t ifindex)
{
	(void)fd;
	(void)ifindex;
	return 0;
}

uint32_t
sys_tcp_kept_out(int fd)
{
	(void)fd;
	return 0;
}

int
sys_tcp_look(int fd, uint64_t *rtt_ns)
{
	struct tcp_info info;
	int error = 0;
	socklen_t len = sizeof(info), error_len = sizeof(error);

	memset(&info, 0, sizeof(info));
	if (getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &error_len) == -1)
		return errno;
	if (error != 0)
		return error;
	if (getsockopt(fd, IPPROTO_TCP, TCP_INFO, &info, &len) == -1)
		return errno;
	if (info.tcpi_state == TCPS_SYN_SENT)
		return EINPROGRESS;
	if (info.tcpi_state == TCPS_CLOSED)
		return ECONNRESET;
	/* A first segment that was sent twice: what counts is how long it took in all. */
	if (info.tcpi_snd_rexmitpack == 0)
		*rtt_ns = (uint64_t)info.tcpi_rtt * NSEC_PER_USEC;
	return 0;
}

/* With the family and the table of fd; -1 with errno. */
static int
another_like(int fd)
{
	struct sockaddr_storage ss;
	socklen_t len = sizeof(ss);
	int table, other;

	if (getsockname(fd, (struct sockaddr *)&ss, &len) == -1)
		return -1;
	len = sizeof(table);
	if (getsockopt(fd, SOL_SOCKET, SO_RTABLE, &table, &len) == -1)
		return -1;
	other = socket(ss.ss_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, IPPROTO_TCP);
	if (other != -1 && setsockopt(other, SOL_SOCKET, SO_RTABLE, &table, sizeof(table)) == -1) {
		close(other);
		other = -1;
	}
	return other;
}

unsigned
sys_tcp_resent(int fd)
{
	struct tcp_info info;
	socklen_t len = sizeof(info);

	memset(&info, 0, sizeof(info));
	return getsockopt(fd, IPPROTO_TCP, TCP_INFO, &info, &len) == 0 ? info.tcpi_snd_rexmitpack
								       : 0;
}

bool
sys_tcp_first_answered(int fd, uint64_t took_ns)
{
	struct tcp_info info;
	socklen_t len = sizeof(info);

	memset(&info, 0, sizeof(info));
	if (getsockopt(fd, IPPROTO_TCP, TCP_INFO, &info, &len) == -1)
		return false;
	return info.tcpi_snd_rexmitpack == 0 ||
	       (uint64_t)info.tcpi_rtt * NSEC_PER_USEC + NSEC_PER_SEC / 2 >= took_ns;
}

/* It tells of no such counts. */
uint64_t
sys_tcp_octets(int fd, int family)
{
	(void)fd, (void)family;
	return 0;
}

void
sys_tcp_cut(int fd)
{
	const struct linger reset = {1, 0};
	int other = another_like(fd);

	/* without another one the next probe says so */
	(void)setsockopt(fd, SOL_SOCKET, SO_LINGER, &reset, sizeof(reset));
	if (other == -1) {
		shutdown(fd, SHUT_RDWR);
		return;
	}
	(void)dup3(other, fd, O_CLOEXEC);
	close(other);
}
