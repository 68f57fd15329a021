/* SPDX-License-Identifier: ISC */
/* The sizes that every room agrees on. Each is a bound that is checked where
 * the thing comes in, so that nothing behind it has to grow. */
#ifndef UPLINK_LIMITS_H
#define UPLINK_LIMITS_H

enum {
	LINKS_MAX =
	    1022, /* a link's index is 1..LINKS_MAX: 10 bits of mark, 0 and all ones unused */
	TARGETS_MAX = 16384,   /* over all links */
	LINK_TARGETS_MAX = 64, /* per link */
	NAME_LEN = 32,         /* octets of a link's name, site name: without the NUL */
	TEXT_LEN = 64,         /* octets of alias, owner, comment: without the NUL */
	EVENT_TEXT_LEN = 191,  /* octets of an event's text: without the NUL */
	IFNAME_LEN = 15,       /* octets of an interface name (IFNAMSIZ - 1) */
	PATH_LEN = 107,        /* octets of a unix socket's path (sun_path) */
	WEIGHT_MAX = 255,      /* the kernel's multipath weight is 8 bits: rtnh_hops + 1 */
	TIER_MAX = 255,
	RECENT_SAMPLES = 64, /* samples of a target that are kept one by one */
	HOOKS_MAX = 32,      /* programs that are run on events */
	HOOK_ARGS_MAX = 8,   /* arguments of one */
	INFLIGHT_MAX = 32,   /* probes of one target that may be unanswered at a time */
	SINKS_MAX = 8,       /* receivers of notifications, where there is no AgentX master */
};

#endif
