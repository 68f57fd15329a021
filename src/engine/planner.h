/* SPDX-License-Identifier: ISC */
/* From health and orders to duty: which links carry the traffic, and why the
 * others do not. Pure, and the only place that decides it: whoever wants to know
 * what an order would lead to asks the planner with that order in place. */
#ifndef UPLINK_PLANNER_H
#define UPLINK_PLANNER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/names.h"
#include "common/plan.h"

/* What the planner must know of a link. */
struct plan_link {
	uint16_t index;
	uint8_t tier;
	uint8_t admin;          /* enum admin */
	uint8_t health, reason; /* of the link */
	bool held, damped;      /* well, but not to be used yet */
	bool resort;            /* to be used only while no other can carry */
	bool empty;             /* draining and without live flows, or past its deadline */
	struct {
		bool configured;
		bool way_out;   /* interface, carrier, address and gateway are there */
		uint8_t health; /* enum health */
		uint8_t weight; /* of new flows, where it carries */
		bool last;      /* degraded, and to be used only where nothing is better */
		bool leaves;    /* degraded, and to be out unless it is the last way */
		bool installed; /* stands in the kernel's default route now */
	} family[FAMILIES];
};

/* What it decides of a link. */
struct plan_duty {
	uint8_t oper;   /* enum oper */
	uint8_t reason; /* enum reason */
	bool usable;    /* could carry traffic: well and not ordered away */
	bool yielded;   /* ordered to drain, and carries traffic for want of another */
	bool carries[FAMILIES];
};

struct plan_summary {
	uint8_t active_tier; /* of the links that carry, 0: none */
	uint32_t usable;     /* links */
	uint32_t sure;       /* of these: measured to be well, or forced, and not just left there */
	bool all_down;       /* none may carry, and none is still being measured */
};

/* Fills plan (not its serial), duty[0..n-1] and summary. links are in ascending
 * order of index. */
void planner_run(const struct plan_link *links, size_t n, struct plan *plan, struct plan_duty *duty,
		 struct plan_summary *summary);

#endif
