/* SPDX-License-Identifier: ISC */
/* The plan: the forwarding that should be, as pure data. The engine makes it,
 * the parent checks and installs it. Links by index only: addresses are the
 * parent's own knowledge. */
#ifndef UPLINK_PLAN_H
#define UPLINK_PLAN_H

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#include "common/addr.h"
#include "common/limits.h"

struct plan_member {
	uint16_t link;   /* index, ascending within a family */
	uint16_t weight; /* of new flows: 1..WEIGHT_MAX; 0: none, but its own flows stay on it */
};

struct plan_family {
	uint16_t count;
	uint16_t reserved;
	struct plan_member members[LINKS_MAX];
};

/* A link that is in no list is out: nothing is sent by it but probes, and its
 * IPv6 source prefix is served by the others. A list without any weight means:
 * keep what is installed. */
struct plan {
	uint64_t serial; /* ever-increasing */
	struct plan_family family[FAMILIES];
};

/* The same links with the same weights. */
static inline bool
plan_family_equal(const struct plan_family *a, const struct plan_family *b)
{
	return a->count == b->count &&
	       memcmp(a->members, b->members, a->count * sizeof(a->members[0])) == 0;
}

#endif
