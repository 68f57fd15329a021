/* SPDX-License-Identifier: ISC */
/* The policy rules that should be, as data. */
#ifndef UPLINK_LINUX_RULE_LIST_H
#define UPLINK_LINUX_RULE_LIST_H

#include "system/linux/routing.h"

enum {
	/* links; powers of two: so many rules in a row are walked at most */
	RULES_BLOCK = 8,
	RULES_BLOCKS = 64,
	RULES_MAX = 2 * LINKS_MAX + LINKS_MAX / RULES_BLOCK + LINKS_MAX / RULES_BLOCKS + 8,
};

struct rule {
	uint32_t pref;
	uint32_t mark, mask;
	uint32_t table;        /* 0: none */
	uint32_t target;       /* of a goto: the preference to go on at, else 0 */
	struct addr source;    /* not set: any */
	uint8_t action;        /* FR_ACT_* */
	uint8_t suppress_main; /* bool: ignores default routes */
	uint16_t link;         /* 0: of no single link. Not compared */
};

struct rule_list { /* ascending by pref, no two with the same */
	size_t count;
	struct rule rule[RULES_MAX];
};

/* All of one IP version, by configuration and plan. Pure. */
void rules_want(const struct sys_routing *r, int family, struct rule_list *list);

/* Is the link configured, and with a gateway of that version? */
bool rules_carries(const struct sys_routing *r, unsigned link, int family);

#endif
