/* SPDX-License-Identifier: ISC */
/* Datagrams with their control data, and what the error queue tells of them. */
#include "config.h"

#include "system/datagram_parts.h"

#include <linux/errqueue.h>
#include <netinet/in.h>
#include <stdbool.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <time.h>

#include "common/clock.h"

int
datagram_put_source4(int fd, struct msghdr *msg, const struct addr *source)
{
	struct in_pktinfo info = {0};

	(void)fd;
	memcpy(&info.ipi_spec_dst, source->octets, 4);
	datagram_put_control(msg, IPPROTO_IP, IP_PKTINFO, &info, sizeof(info));
	return 0;
}

/* ---- receiving ---- */

static uint64_t
wall(const struct timespec *ts)
{
	return (uint64_t)ts->tv_sec * NSEC_PER_SEC + (uint64_t)ts->tv_nsec;
}

static void
read_control(struct msghdr *msg, struct arrival *a)
{
	for (struct cmsghdr *c = CMSG_FIRSTHDR(msg); c != NULL; c = CMSG_NXTHDR(msg, c)) {
		if (c->cmsg_level == SOL_SOCKET && c->cmsg_type == SCM_TIMESTAMPNS) {
			struct timespec ts;

			memcpy(&ts, CMSG_DATA(c), sizeof(ts));
			a->wall_ns = wall(&ts);
		} else if (c->cmsg_level == IPPROTO_IP && c->cmsg_type == IP_PKTINFO) {
			struct in_pktinfo info;

			memcpy(&info, CMSG_DATA(c), sizeof(info));
			a->ifindex = (uint32_t)info.ipi_ifindex;
		} else if (c->cmsg_level == IPPROTO_IPV6) {
			datagram_read_control6(c, a);
		}
	}
}

int
datagram_receive(int fd, datagram_each *each, void *arg)
{
	static uint8_t data[DATAGRAM_BATCH][DATAGRAM_DATA];
	static char controls[DATAGRAM_BATCH][DATAGRAM_CONTROL];
	struct mmsghdr msgs[DATAGRAM_BATCH];
	struct iovec iov[DATAGRAM_BATCH];
	struct sockaddr_storage from[DATAGRAM_BATCH];
	int n;

	memset(msgs, 0, sizeof(msgs));
	for (int i = 0; i < DATAGRAM_BATCH; i++) {
		iov[i] = (struct iovec){data[i], sizeof(data[i])};
		msgs[i].msg_hdr = (struct msghdr){.msg_name = &from[i],
						  .msg_namelen = sizeof(from[i]),
						  .msg_iov = &iov[i],
						  .msg_iovlen = 1,
						  .msg_control = controls[i],
						  .msg_controllen = sizeof(controls[i])};
	}
	n = recvmmsg(fd, msgs, DATAGRAM_BATCH, MSG_DONTWAIT, NULL);
	for (int i = 0; i < n; i++) {
		struct arrival a = {0};

		if ((msgs[i].msg_hdr.msg_flags & MSG_TRUNC) ||
		    datagram_read_sender(&from[i], &a) != 0)
			continue;
		read_control(&msgs[i].msg_hdr, &a);
		each(arg, data[i], msgs[i].msg_len, &a);
	}
	return n;
}

/* ---- what became of what was sent ---- */

struct told {
	struct sock_extended_err error; /* ee_errno 0: nothing */
	uint64_t wall_ns;
};

static void
read_told(struct msghdr *msg, struct told *told)
{
	struct timespec stamps[3]; /* software, nothing, hardware */

	memset(told, 0, sizeof(*told));
	for (struct cmsghdr *c = CMSG_FIRSTHDR(msg); c != NULL; c = CMSG_NXTHDR(msg, c))
		if ((c->cmsg_level == IPPROTO_IP && c->cmsg_type == IP_RECVERR) ||
		    (c->cmsg_level == IPPROTO_IPV6 && c->cmsg_type == IPV6_RECVERR)) {
			memcpy(&told->error, CMSG_DATA(c), sizeof(told->error));
		} else if (c->cmsg_level == SOL_SOCKET && c->cmsg_type == SCM_TIMESTAMPING) {
			memcpy(stamps, CMSG_DATA(c), sizeof(stamps));
			told->wall_ns = wall(&stamps[0]);
		}
}

struct sent {
	uint8_t data[64];
	_Alignas(struct cmsghdr) char control[DATAGRAM_CONTROL];
	struct sockaddr_storage to;
	struct iovec iov;
};

static struct msghdr
room_for(struct sent *s)
{
	s->iov = (struct iovec){s->data, sizeof(s->data)};
	return (struct msghdr){.msg_name = &s->to,
			       .msg_namelen = sizeof(s->to),
			       .msg_iov = &s->iov,
			       .msg_iovlen = 1,
			       .msg_control = s->control,
			       .msg_controllen = sizeof(s->control)};
}

/* Whether it is an error. */
static bool
take_sent(struct mmsghdr *msg, const struct sent *s, datagram_stamp *stamp, datagram_each *error,
	  void *arg)
{
	struct arrival a = {0};
	struct told told;

	read_told(&msg->msg_hdr, &told);
	if (told.error.ee_origin == SO_EE_ORIGIN_TIMESTAMPING) {
		stamp(arg, told.error.ee_data, told.wall_ns);
		return false;
	}
	a.error = (int)told.error.ee_errno;
	if (a.error != 0 && error != NULL && msg->msg_hdr.msg_namelen > 0 &&
	    datagram_read_sender(&s->to, &a) == 0)
		error(arg, s->data, msg->msg_len, &a);
	return true;
}

int
datagram_sent(int fd, int most, datagram_stamp *stamp, datagram_each *error, void *arg)
{
	struct sent sent[DATAGRAM_BATCH];
	struct mmsghdr msgs[DATAGRAM_BATCH];
	int n, errors = 0;

	if (most > DATAGRAM_BATCH)
		most = DATAGRAM_BATCH;
	for (int i = 0; i < most; i++)
		msgs[i] = (struct mmsghdr){.msg_hdr = room_for(&sent[i])};
	n = recvmmsg(fd, msgs, (unsigned)most, MSG_ERRQUEUE | MSG_DONTWAIT, NULL);
	for (int i = 0; i < n && i < most; i++)
		errors += take_sent(&msgs[i], &sent[i], stamp, error, arg);
	return errors;
}
