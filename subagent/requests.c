/* SPDX-License-Identifier: ISC */
/* A short table, looked through. */
#include "config.h"

#include "subagent/requests.h"

#include <string.h>

#include "common/clock.h"

/* A request is this old while later ones were answered. */
#define UNANSWERED_NS (30 * NSEC_PER_SEC)

uint32_t
requests_add(struct requests *r, enum agentx_command command, uint64_t now_ns)
{
	for (int i = 0; i < REQUESTS_MAX; i++) {
		if (r->waiting[i].packet != 0)
			continue;
		if (++r->last == 0)
			r->last = 1;
		r->waiting[i] = (struct request){r->last, command, now_ns};
		return r->last;
	}
	return 0;
}

enum agentx_command
requests_answered(struct requests *r, uint32_t packet)
{
	for (int i = 0; i < REQUESTS_MAX; i++)
		if (r->waiting[i].packet != 0 && r->waiting[i].packet == packet) {
			r->waiting[i].packet = 0;
			return r->waiting[i].command;
		}
	return 0;
}

bool
requests_waiting(const struct requests *r, enum agentx_command command)
{
	for (int i = 0; i < REQUESTS_MAX; i++)
		if (r->waiting[i].packet != 0 && r->waiting[i].command == command)
			return true;
	return false;
}

bool
requests_ignored(const struct requests *r, uint64_t now_ns, uint64_t heard_ns)
{
	for (int i = 0; i < REQUESTS_MAX; i++) {
		const struct request *q = &r->waiting[i];

		if (q->packet != 0 && now_ns - q->at_ns > UNANSWERED_NS &&
		    heard_ns > q->at_ns + NSEC_PER_SEC)
			return true;
	}
	return false;
}

void
requests_clear(struct requests *r)
{
	memset(r->waiting, 0, sizeof(r->waiting));
}
