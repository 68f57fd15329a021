/* SPDX-License-Identifier: ISC */
/* Numbers that rooms of this folder share. */
#ifndef UPLINK_LINUX_LIMITS_H
#define UPLINK_LINUX_LIMITS_H

enum {
	/* rtm_protocol and FRA_PROTOCOL of all that the daemon makes: how it knows its own */
	OWN_PROTOCOL = 77,
	/* of its routes: not the 0 of others, so that a replace never meets a foreign route */
	OWN_METRIC = 77,
	REALTIME_PRIORITY = 10, /* SCHED_RR: above normal programs, below the kernel's threads */
};

#endif
