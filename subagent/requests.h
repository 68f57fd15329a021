/* SPDX-License-Identifier: ISC */
/* What we have asked of the master and not been answered yet. Pure. */
#ifndef UPLINK_SUBAGENT_REQUESTS_H
#define UPLINK_SUBAGENT_REQUESTS_H

#include <stdbool.h>
#include <stdint.h>

#include "subagent/codec.h"

enum { REQUESTS_MAX = 16 }; /* without an answer at a time */

struct requests {
	uint32_t last; /* number given */
	struct request {
		uint32_t packet; /* 0: free */
		enum agentx_command command;
		uint64_t at_ns;
	} waiting[REQUESTS_MAX];
};

/* Gives a number to a request and remembers it. 0: too many have no answer. */
uint32_t requests_add(struct requests *r, enum agentx_command command, uint64_t now_ns);
/* That one is answered, and forgotten. What it was; 0: nothing that we wait for. */
enum agentx_command requests_answered(struct requests *r, uint32_t packet);
bool requests_waiting(const struct requests *r, enum agentx_command command);
/* One is so old, and the master has spoken since: it answers, but not everything. */
bool requests_ignored(const struct requests *r, uint64_t now_ns, uint64_t heard_ns);
void requests_clear(struct requests *r); /* nothing is waited for; numbers go on */

#endif
