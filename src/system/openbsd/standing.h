/* SPDX-License-Identifier: ISC */
/* What should stand in the kernel's tables, and the steps from what does. Pure. */
#ifndef UPLINK_OPENBSD_STANDING_H
#define UPLINK_OPENBSD_STANDING_H

#include "system/openbsd/routing.h"

/* A default route that should be, in the main table or in a link's own. */
struct want {
	uint16_t table, link;
	uint8_t family;
	struct addr gateway;
};

struct step {
	bool add; /* else remove */
	struct want route;
};

enum { WANTS_MAX = 2 * FAMILIES * LINKS_MAX };

/* Fills wants (WANTS_MAX) and returns how many. */
size_t standing_wants(const struct sys_routing *r, struct want *wants);

/* The steps, additions first; with only_missing, additions only. To be freed; NULL with *count 0:
 * none, or no memory (errno). */
struct step *standing_steps(const struct sys_routing *r, bool only_missing, size_t *count);

/* Whether a route stands as wanted, by whomever it was made. */
bool standing_has(const struct sys_routing *r, const struct want *want);

/* What the main table has for a family, as a plan. */
void standing_installed(const struct sys_routing *r, int family, struct plan_family *installed);

/* The link's route that stands there since before its gateway or address was lost. A gateway that
 * was learned is not known any more. NULL: none. */
const struct world_route *standing_outlived(const struct sys_routing *r, int family,
					    const struct link *link);

/* The request that makes or removes the route. */
void standing_request(const struct step *step, struct rtmsg *m);

#endif
