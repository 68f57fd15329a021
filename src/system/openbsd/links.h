/* SPDX-License-Identifier: ISC */
/* What a link is right now: its configuration met with what the kernel has. Pure. */
#ifndef UPLINK_OPENBSD_LINKS_H
#define UPLINK_OPENBSD_LINKS_H

#include "common/facts.h"
#include "conf/conf.h"
#include "system/openbsd/world.h"

/* The next hop of the link's default routes. */
struct hop {
	bool usable; /* else nothing below counts */
	uint16_t ifindex;
	struct addr gateway;
};

struct link {
	const struct conf_link *conf;
	struct link_facts facts;
	struct hop hop[FAMILIES];
};

void link_derive(struct link *link, const struct world *w);

bool facts_equal(const struct link_facts *a, const struct link_facts *b);

/* The number of the link's own routing table; 0: it can have none, its index is too large. */
uint16_t link_table(const struct conf *conf, unsigned index);

#endif
