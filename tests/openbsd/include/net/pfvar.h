/* SPDX-License-Identifier: ISC */
#ifndef OPENBSD_NET_PFVAR_H
#define OPENBSD_NET_PFVAR_H

#include <sys/cdefs.h>
#include <sys/types.h>
#include <netinet/in.h>
enum { PF_INOUT, PF_IN, PF_OUT, PF_FWD };
enum { PF_NOPFROUTE, PF_ROUTETO, PF_DUPTO, PF_REPLYTO };
enum { PF_SK_WIRE, PF_SK_STACK, PF_SK_BOTH };
enum { PFTM_MAX = 28 };
struct pf_addr {
	union {
		struct in_addr v4;
		struct in6_addr v6;
		uint32_t addr32[4];
	} pfa;
};
struct pfsync_state_scrub {
	uint16_t pfss_flags;
	uint8_t pfss_ttl, scrub_flag;
	uint32_t pfss_ts_mod;
} __packed;
struct pfsync_state_peer {
	struct pfsync_state_scrub scrub;
	uint32_t seqlo, seqhi, seqdiff;
	uint16_t max_win, mss;
	uint8_t state, wscale, pad[6];
} __packed;
struct pfsync_state_key {
	struct pf_addr addr[2];
	uint16_t port[2];
	uint16_t rdomain;
	sa_family_t af;
	uint8_t pad;
};
struct pfsync_state {
	uint64_t id;
	char ifname[16];
	struct pfsync_state_key key[2];
	struct pfsync_state_peer src, dst;
	struct pf_addr rt_addr;
	uint32_t rule, anchor, nat_rule, creation, expire;
	uint32_t packets[2][2], bytes[2][2];
	uint32_t creatorid;
	int32_t rtableid[2];
	uint16_t max_mss;
	sa_family_t af;
	uint8_t proto, direction, log, rt, timeout, sync_flags, updates, min_ttl, set_tos;
	uint16_t state_flags;
	uint8_t set_prio[2];
} __packed;
struct pfioc_states {
	size_t ps_len;
	union {
		caddr_t psu_buf;
		struct pfsync_state *psu_states;
	} ps_u;
};
#define ps_buf ps_u.psu_buf
#define ps_states ps_u.psu_states
struct pf_state_cmp {
	uint64_t id;
	uint32_t creatorid;
	uint8_t direction, pad[3];
};
struct pfioc_state_kill {
	struct pf_state_cmp psk_pfcmp;
	sa_family_t psk_af;
	int psk_proto;
	char psk_ifname[16];
	char psk_label[64];
	u_int psk_killed;
	uint16_t psk_rdomain;
};
struct pfioc_tm {
	int timeout, seconds;
};
#define DIOCGETSTATES _IOWR('D', 25, struct pfioc_states)
#define DIOCGETTIMEOUT _IOWR('D', 30, struct pfioc_tm)
#define DIOCKILLSTATES _IOWR('D', 41, struct pfioc_state_kill)

#endif
