/* SPDX-License-Identifier: ISC */
/* Numbers and names that rooms of this folder share. */
#ifndef UPLINK_OPENBSD_LIMITS_H
#define UPLINK_OPENBSD_LIMITS_H

/* The label of every route that the daemon makes: how it knows its own. */
#define OWN_LABEL "uplinkd"
#define OWN_ANCHOR "uplinkd"
/* The tag of what the machine itself sends with a link's address. */
#define OWN_SELF OWN_LABEL "_self"

enum {
	/* Of the daemon's routes: better than what dhcpleased(8), slaacd(8) and route(8) add (8 and
	 * more), so that those stay where they are and take over when the daemon's leave. */
	OWN_PRIORITY = 7,
	MAIN_TABLE = 0,
	TABLE_MAX = 255, /* RT_TABLEID_MAX */
	/* Link N's own table, where the file names no other base that can be. */
	TABLE_BASE = 100,
};

#endif
