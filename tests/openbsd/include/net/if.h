/* SPDX-License-Identifier: ISC */
#ifndef OPENBSD_NET_IF_H
#define OPENBSD_NET_IF_H

#include <sys/types.h>
#include <sys/socket.h>
#include <sys/time.h>
#define IFNAMSIZ 16
#define IF_NAMESIZE 16
#define IFF_UP 0x1
#define IFF_LOOPBACK 0x8
#define IFF_POINTOPOINT 0x10
#define IFF_RUNNING 0x40
#define LINK_STATE_UNKNOWN 0
#define LINK_STATE_DOWN 2
#define LINK_STATE_UP 4
#define IFAN_ARRIVAL 0
#define IFAN_DEPARTURE 1
struct if_data {
	u_char ifi_type, ifi_addrlen, ifi_hdrlen, ifi_link_state;
	uint32_t ifi_mtu, ifi_metric, ifi_rdomain;
	uint64_t ifi_baudrate, ifi_ipackets, ifi_ierrors, ifi_opackets, ifi_oerrors, ifi_collisions;
	uint64_t ifi_ibytes, ifi_obytes, ifi_imcasts, ifi_omcasts, ifi_iqdrops, ifi_oqdrops;
	uint64_t ifi_noproto;
	uint32_t ifi_capabilities;
	struct timeval ifi_lastchange;
};
struct if_msghdr {
	u_short ifm_msglen;
	u_char ifm_version, ifm_type;
	u_short ifm_hdrlen, ifm_index, ifm_tableid;
	u_char ifm_pad1, ifm_pad2;
	int ifm_addrs, ifm_flags, ifm_xflags;
	struct if_data ifm_data;
};
struct ifa_msghdr {
	u_short ifam_msglen;
	u_char ifam_version, ifam_type;
	u_short ifam_hdrlen, ifam_index, ifam_tableid;
	u_char ifam_pad1, ifam_pad2;
	int ifam_addrs, ifam_flags, ifam_metric;
};
struct if_announcemsghdr {
	u_short ifan_msglen;
	u_char ifan_version, ifan_type;
	u_short ifan_hdrlen, ifan_index, ifan_what;
	char ifan_name[IFNAMSIZ];
};
struct ifreq {
	char ifr_name[IFNAMSIZ];
	union {
		struct sockaddr ifru_addr;
		short ifru_flags;
		int ifru_metric;
	} ifr_ifru;
};
char *if_indextoname(unsigned int, char *);
unsigned int if_nametoindex(const char *);

#endif
