/* SPDX-License-Identifier: ISC */
/* The wire format of OpenBSD's route socket (route(4), RTM_VERSION 5; the same from 7.5 on), as its
 * own definitions: nothing of a system header is used, so that it is built and tested anywhere. On
 * OpenBSD abi.c holds it against <net/route.h>. Pure: octets in, struct out, and back. */
#ifndef UPLINK_OPENBSD_RTMSG_H
#define UPLINK_OPENBSD_RTMSG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "common/addr.h"

enum rtmsg_type {
	RTMSG_ADD = 1,
	RTMSG_DELETE = 2,
	RTMSG_CHANGE = 3,
	RTMSG_GET = 4, /* also each route of a dump */
	RTMSG_NEWADDR = 12,
	RTMSG_DELADDR = 13,
	RTMSG_IFINFO = 14,
	RTMSG_IFANNOUNCE = 15,
	RTMSG_DESYNC = 16, /* the kernel had no room for what it wanted to tell */
};

enum { RTMSG_VERSION = 5, RTMSG_MAX = 2048, RTMSG_NAME = 16, RTMSG_LABEL = 32 };

/* Offsets of the headers, in octets. Those up to the table are the same in all. */
enum {
	RTMSG_AT_LENGTH = 0,
	RTMSG_AT_VERSION = 2,
	RTMSG_AT_TYPE = 3,
	RTMSG_AT_HEADER = 4,
	RTMSG_AT_INDEX = 6,
	RTMSG_AT_TABLE = 8,
	RTMSG_AT_PRIORITY = 10,
	RTMSG_AT_ADDRS = 12,
	RTMSG_AT_FLAGS = 16,
	RTMSG_AT_FMASK = 20,
	RTMSG_AT_PID = 24,
	RTMSG_AT_SEQ = 28,
	RTMSG_AT_ERRNO = 32,
	RTMSG_AT_INITS = 36,
	RTMSG_AT_USE = 40,  /* rt_metrics, packets sent: look-ups */
	RTMSG_AT_REFS = 64, /* rt_metrics, reference count */
	RTMSG_ROUTE_SIZE = 96,
	/* struct if_msghdr: struct if_data begins at 24 */
	RTMSG_AT_XFLAGS = 20,
	RTMSG_AT_IFTYPE = 24,
	RTMSG_AT_LINK_STATE = 27,
	RTMSG_AT_MTU = 28,
	RTMSG_AT_RDOMAIN = 36,
	RTMSG_AT_IPACKETS = 48,
	RTMSG_AT_OPACKETS = 64,
	RTMSG_AT_IBYTES = 88,
	RTMSG_AT_OBYTES = 96,
	RTMSG_AT_IMCASTS = 104,
	RTMSG_IFINFO_LEAST = 112, /* what is read of it; the rest depends on the machine */
	RTMSG_IFINFO_SIZE = 168,
	/* struct ifa_msghdr */
	RTMSG_AT_METRIC = 20,
	RTMSG_ADDR_SIZE = 24,
	/* struct if_announcemsghdr */
	RTMSG_AT_WHAT = 8,
	RTMSG_AT_NAME = 10,
	RTMSG_ANNOUNCE_SIZE = 26,
};

/* Which addresses follow the header, in this order. */
enum {
	RTMSG_DST = 0x1,
	RTMSG_GATEWAY = 0x2,
	RTMSG_NETMASK = 0x4,
	RTMSG_IFP = 0x10,
	RTMSG_IFA = 0x20,
	RTMSG_BRD = 0x80, /* the other end where it is a point-to-point interface */
	RTMSG_LABELLED = 0x400,
};

/* Flags of a route. */
enum {
	RTMSG_F_UP = 0x1,
	RTMSG_F_GATEWAY = 0x2,
	RTMSG_F_HOST = 0x4,
	RTMSG_F_STATIC = 0x800,
	RTMSG_F_MPATH = 0x40000,
};

enum {
	RTMSG_DOWN = 0x80, /* bit of the priority: the route's interface has no link */
	RTMSG_ARRIVAL = 0, /* what of an announcement */
	RTMSG_DEPARTURE = 1,
};

/* Flags of an interface, and its link's state. */
enum {
	RTMSG_IFF_UP = 0x1,
	RTMSG_IFF_LOOPBACK = 0x8,
	RTMSG_IFF_POINTOPOINT = 0x10,
	RTMSG_IFF_RUNNING = 0x40,
	RTMSG_LINK_UNKNOWN = 0,
	RTMSG_LINK_DOWN = 2,
	RTMSG_LINK_UP = 4, /* this or more */
};

enum { RTMSG_AF_INET = 2, RTMSG_AF_LINK = 18, RTMSG_AF_INET6 = 24 };

/* A link-level address: an interface. */
struct rtmsg_link {
	uint16_t index;
	uint8_t type;
	uint8_t lladdr_len; /* 0 or 6 */
	uint8_t lladdr[6];
	char name[RTMSG_NAME + 1];
};

struct rtmsg {
	uint8_t type;
	uint8_t priority; /* of a route, with RTMSG_DOWN */
	uint16_t ifindex;
	uint16_t table; /* of an interface: its routing domain */
	uint32_t addrs; /* which of the addresses below are there */
	uint32_t flags;
	/* a route */
	uint32_t fmask, pid, seq, inits, refs;
	int32_t error;
	uint64_t use;
	struct addr dst;                /* plen from the netmask */
	struct addr gateway;            /* not set: see gateway_link */
	struct rtmsg_link gateway_link; /* index 0: not one */
	struct rtmsg_link ifp;
	struct addr ifa, brd; /* ifa of NEWADDR and DELADDR: plen from the netmask */
	char label[RTMSG_LABEL];
	/* IFINFO */
	uint32_t xflags, mtu, rdomain;
	uint8_t link_state, iftype;
	uint64_t ipackets, opackets, ibytes, obytes, imcasts;
	/* NEWADDR, DELADDR */
	uint32_t metric;
	/* IFANNOUNCE */
	uint16_t what;
	char name[RTMSG_NAME + 1];
};

/* How addresses are padded: to the size of the kernel's long. */
enum { RTMSG_ROUND_32 = 4, RTMSG_ROUND_64 = 8 };

/* Reads the message at the start of buf. Returns its length (what follows is the next one), or -1:
 * it is not well-formed, and neither is what follows it. A type that is not in enum rtmsg_type has
 * nothing but its type filled in. */
ssize_t rtmsg_read(const uint8_t *buf, size_t size, unsigned rounding, struct rtmsg *m);

/* Writes m with the addresses that m->addrs names. Its length, or -1: it does not fit,
 * or a link-local address has an interface index above 65535, which the format can't hold. */
ssize_t rtmsg_write(const struct rtmsg *m, unsigned rounding, uint8_t *buf, size_t size);

/* Whether an interface in that state carries packets. */
bool rtmsg_link_is_up(uint8_t link_state);

#endif
