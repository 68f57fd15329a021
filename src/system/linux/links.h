/* SPDX-License-Identifier: ISC */
/* What a link is right now: its configuration met with what the kernel has. */
#ifndef UPLINK_LINUX_LINKS_H
#define UPLINK_LINUX_LINKS_H

#include "common/facts.h"
#include "conf/conf.h"
#include "system/linux/view.h"

/* The default route that the link's own table should hold. */
struct hop {
	bool usable; /* else the table should be empty, and nothing below counts */
	bool onlink; /* the gateway is in no prefix of the interface */
	uint32_t ifindex;
	struct addr gateway; /* not set: the device itself */
	struct addr source;  /* where the configuration names one, else not set */
};

struct link {
	const struct conf_link *conf;
	struct link_facts facts;
	struct hop hop[FAMILIES];
};

/* Fills facts and hops from conf and the view. Pure. */
void link_derive(struct link *link, const struct view *view);

bool hop_equal(const struct hop *a, const struct hop *b);
bool facts_equal(const struct link_facts *a, const struct link_facts *b);

#endif
