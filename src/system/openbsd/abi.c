/* SPDX-License-Identifier: ISC */
/* Holds the definitions of rtmsg.h against the system's own: what differs does not compile. */
#include "config.h"

#include <sys/types.h>
#include <sys/socket.h>

#include <net/if.h>
#include <net/if_dl.h>
#include <net/route.h>
#include <netinet/in.h>

#include <stddef.h>

#include "system/openbsd/limits.h"
#include "system/openbsd/rtmsg.h"

#define SAME(ours, theirs) _Static_assert((ours) == (theirs), #ours " is not " #theirs)
#define AT(ours, type, member) SAME(ours, offsetof(struct type, member))

SAME(RTMSG_VERSION, RTM_VERSION);
SAME(RTMSG_ADD, RTM_ADD);
SAME(RTMSG_DELETE, RTM_DELETE);
SAME(RTMSG_CHANGE, RTM_CHANGE);
SAME(RTMSG_GET, RTM_GET);
SAME(RTMSG_NEWADDR, RTM_NEWADDR);
SAME(RTMSG_DELADDR, RTM_DELADDR);
SAME(RTMSG_IFINFO, RTM_IFINFO);
SAME(RTMSG_IFANNOUNCE, RTM_IFANNOUNCE);
SAME(RTMSG_DESYNC, RTM_DESYNC);

SAME(RTMSG_ROUTE_SIZE, sizeof(struct rt_msghdr));
AT(RTMSG_AT_LENGTH, rt_msghdr, rtm_msglen);
AT(RTMSG_AT_VERSION, rt_msghdr, rtm_version);
AT(RTMSG_AT_TYPE, rt_msghdr, rtm_type);
AT(RTMSG_AT_HEADER, rt_msghdr, rtm_hdrlen);
AT(RTMSG_AT_INDEX, rt_msghdr, rtm_index);
AT(RTMSG_AT_TABLE, rt_msghdr, rtm_tableid);
AT(RTMSG_AT_PRIORITY, rt_msghdr, rtm_priority);
AT(RTMSG_AT_ADDRS, rt_msghdr, rtm_addrs);
AT(RTMSG_AT_FLAGS, rt_msghdr, rtm_flags);
AT(RTMSG_AT_FMASK, rt_msghdr, rtm_fmask);
AT(RTMSG_AT_PID, rt_msghdr, rtm_pid);
AT(RTMSG_AT_SEQ, rt_msghdr, rtm_seq);
AT(RTMSG_AT_ERRNO, rt_msghdr, rtm_errno);
AT(RTMSG_AT_INITS, rt_msghdr, rtm_inits);
AT(RTMSG_AT_USE, rt_msghdr, rtm_rmx.rmx_pksent);
AT(RTMSG_AT_REFS, rt_msghdr, rtm_rmx.rmx_refcnt);

AT(RTMSG_AT_INDEX, if_msghdr, ifm_index);
AT(RTMSG_AT_TABLE, if_msghdr, ifm_tableid);
AT(RTMSG_AT_ADDRS, if_msghdr, ifm_addrs);
AT(RTMSG_AT_FLAGS, if_msghdr, ifm_flags);
AT(RTMSG_AT_XFLAGS, if_msghdr, ifm_xflags);
AT(RTMSG_AT_IFTYPE, if_msghdr, ifm_data.ifi_type);
AT(RTMSG_AT_LINK_STATE, if_msghdr, ifm_data.ifi_link_state);
AT(RTMSG_AT_MTU, if_msghdr, ifm_data.ifi_mtu);
AT(RTMSG_AT_RDOMAIN, if_msghdr, ifm_data.ifi_rdomain);
AT(RTMSG_AT_IPACKETS, if_msghdr, ifm_data.ifi_ipackets);
AT(RTMSG_AT_OPACKETS, if_msghdr, ifm_data.ifi_opackets);
AT(RTMSG_AT_IBYTES, if_msghdr, ifm_data.ifi_ibytes);
AT(RTMSG_AT_OBYTES, if_msghdr, ifm_data.ifi_obytes);
AT(RTMSG_AT_IMCASTS, if_msghdr, ifm_data.ifi_imcasts);

SAME(RTMSG_ADDR_SIZE, sizeof(struct ifa_msghdr));
AT(RTMSG_AT_INDEX, ifa_msghdr, ifam_index);
AT(RTMSG_AT_TABLE, ifa_msghdr, ifam_tableid);
AT(RTMSG_AT_ADDRS, ifa_msghdr, ifam_addrs);
AT(RTMSG_AT_METRIC, ifa_msghdr, ifam_metric);

SAME(RTMSG_ANNOUNCE_SIZE, sizeof(struct if_announcemsghdr));
AT(RTMSG_AT_INDEX, if_announcemsghdr, ifan_index);
AT(RTMSG_AT_WHAT, if_announcemsghdr, ifan_what);
AT(RTMSG_AT_NAME, if_announcemsghdr, ifan_name);

SAME(RTMSG_DST, RTA_DST);
SAME(RTMSG_GATEWAY, RTA_GATEWAY);
SAME(RTMSG_NETMASK, RTA_NETMASK);
SAME(RTMSG_IFP, RTA_IFP);
SAME(RTMSG_IFA, RTA_IFA);
SAME(RTMSG_BRD, RTA_BRD);
SAME(RTMSG_LABELLED, RTA_LABEL);
SAME(RTMSG_F_UP, RTF_UP);
SAME(RTMSG_F_GATEWAY, RTF_GATEWAY);
SAME(RTMSG_F_HOST, RTF_HOST);
SAME(RTMSG_F_STATIC, RTF_STATIC);
SAME(RTMSG_F_MPATH, RTF_MPATH);
SAME(RTMSG_ARRIVAL, IFAN_ARRIVAL);
SAME(RTMSG_DEPARTURE, IFAN_DEPARTURE);
SAME(RTMSG_IFF_UP, IFF_UP);
SAME(RTMSG_IFF_LOOPBACK, IFF_LOOPBACK);
SAME(RTMSG_IFF_POINTOPOINT, IFF_POINTOPOINT);
SAME(RTMSG_IFF_RUNNING, IFF_RUNNING);
SAME(RTMSG_LINK_UNKNOWN, LINK_STATE_UNKNOWN);
SAME(RTMSG_LINK_DOWN, LINK_STATE_DOWN);
SAME(RTMSG_LINK_UP, LINK_STATE_UP);
SAME(RTMSG_AF_INET, AF_INET);
SAME(RTMSG_AF_LINK, AF_LINK);
SAME(RTMSG_AF_INET6, AF_INET6);
SAME(RTMSG_LABEL, RTLABEL_LEN);
SAME(RTMSG_NAME, IFNAMSIZ);
SAME(TABLE_MAX, RT_TABLEID_MAX);
