/* SPDX-License-Identifier: ISC */
/* A way out for notifications: the AgentX session, or a receiver of their own. */
#ifndef UPLINK_SUBAGENT_OUTLET_H
#define UPLINK_SUBAGENT_OUTLET_H

#include <stdbool.h>
#include <stdint.h>

#include "subagent/codec.h"

struct outlet {
	void *arg;
	bool (*is_up)(const void *arg);
	/* Sends a notification with these variables, which it takes. Returns the number by
	 * which notify_answered will be told of it; 0: not now. */
	uint32_t (*send)(void *arg, netsnmp_variable_list *variables);
	unsigned in_flight_max; /* so many may be without an answer */
	bool confirmed;         /* an answer says that it has arrived, not only that it left */
	uint32_t key;           /* by which it is known across restarts; 0: the only one */
};

#endif
