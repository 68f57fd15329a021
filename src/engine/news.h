/* SPDX-License-Identifier: ISC */
/* What is to be told: an event before it has a number and a time. */
#ifndef UPLINK_NEWS_H
#define UPLINK_NEWS_H

#include <stdbool.h>
#include <stdint.h>

#include "common/names.h"

struct link;

/* What is 0 is unknown or not of the matter. The number, times and the link's
 * values are filled in when it is published. */
struct event_draft {
	enum event_type type;    /* 0: no event, only a line of the log */
	const struct link *link; /* or NULL */
	unsigned target;
	enum reason reason;
	enum actor actor; /* 0: ACTOR_DAEMON */
	uint32_t uid;
	const char *user; /* of SNMP, or NULL */
	unsigned family;  /* 4, 6, 0 */
	unsigned old_state, new_state;
	uint32_t detection_us, switch_us; /* 0: not measured */
	uint64_t flows_killed;
	uint64_t replay_first, replay_last; /* of EVENT_EVENTS_REPLAY */
	bool after_plan;  /* its notification waits for the newest plan to be read back */
	const char *text; /* or NULL */
};

typedef void news_emit(void *arg, const struct event_draft *draft);

#endif
