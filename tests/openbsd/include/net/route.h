/* SPDX-License-Identifier: ISC */
#ifndef OPENBSD_NET_ROUTE_H
#define OPENBSD_NET_ROUTE_H

#include <sys/types.h>
struct rt_metrics {
	uint64_t rmx_pksent;
	int64_t rmx_expire;
	u_int rmx_locks, rmx_mtu, rmx_refcnt, rmx_hopcount, rmx_recvpipe, rmx_sendpipe;
	u_int rmx_ssthresh, rmx_rtt, rmx_rttvar, rmx_pad;
};
struct rt_msghdr {
	u_short rtm_msglen;
	u_char rtm_version, rtm_type;
	u_short rtm_hdrlen, rtm_index, rtm_tableid;
	u_char rtm_priority, rtm_mpls;
	int rtm_addrs, rtm_flags, rtm_fmask;
	pid_t rtm_pid;
	int rtm_seq, rtm_errno;
	u_int rtm_inits;
	struct rt_metrics rtm_rmx;
};
#define RTM_VERSION 5
#define RTM_ADD 0x1
#define RTM_DELETE 0x2
#define RTM_CHANGE 0x3
#define RTM_GET 0x4
#define RTM_NEWADDR 0xc
#define RTM_DELADDR 0xd
#define RTM_IFINFO 0xe
#define RTM_IFANNOUNCE 0xf
#define RTM_DESYNC 0x10
#define RTA_DST 0x1
#define RTA_GATEWAY 0x2
#define RTA_NETMASK 0x4
#define RTA_IFP 0x10
#define RTA_IFA 0x20
#define RTA_BRD 0x80
#define RTA_LABEL 0x400
#define RTF_UP 0x1
#define RTF_GATEWAY 0x2
#define RTF_HOST 0x4
#define RTF_STATIC 0x800
#define RTF_MPATH 0x40000
#define RTLABEL_LEN 32
#define RT_TABLEID_MAX 255
#define RTABLE_ANY 0xffffffff
#define ROUTE_MSGFILTER 1
#define ROUTE_TABLEFILTER 2
#define ROUTE_FILTER(m) (1 << (m))

#endif
