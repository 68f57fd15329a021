/* SPDX-License-Identifier: ISC */
/* What a manager wants by a SET: its variables, checked one by one (RFC 3416, 4.2.5)
 * and put together as orders, one for each link, that the engine can be asked about. */
#ifndef UPLINK_SUBAGENT_WISH_H
#define UPLINK_SUBAGENT_WISH_H

#include "common/ipc.h"
#include "subagent/codec.h"
#include "subagent/view.h"

enum { WISH_VARIABLES_MAX = SET_ORDERS_MAX * 4 + 1 };

struct wish {
	struct ipc_set set;
	size_t nvariables;
	struct wish_variable { /* which variable of the request said what */
		uint16_t order;
		uint8_t field; /* ORDER_*, 0: the lock */
	} variables[WISH_VARIABLES_MAX];
};

/* Returns an SNMP error, *index the variable at fault, from 1; 0: none. */
int wish_read(struct wish *w, struct view *v, const netsnmp_variable_list *vars, int *index);

/* Which variable the engine means by a refusal, from 1. */
int wish_at_fault(const struct wish *w, const struct ipc_set_answer *a);

#endif
