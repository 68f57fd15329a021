/* SPDX-License-Identifier: ISC */
/* Tells the engine how far the notifications are: over all ways out as one, and of
 * each by its key, so that another process can go on where this one was. */
#ifndef UPLINK_SUBAGENT_REPORTER_H
#define UPLINK_SUBAGENT_REPORTER_H

#include <stdbool.h>
#include <stdint.h>

#include "common/board.h"
#include "subagent/channel.h"

struct reporter;

/* What a notifier has done. */
struct report {
	struct sink_mark mark;
	uint64_t sent, lost, suppressed;
	uint64_t lost_first, lost_last;   /* events that the receiver is to read again; 0: none */
	uint64_t doubt_first, doubt_last; /* the same: told by a link that was dying */
	uint32_t pending;
	bool up;
};

/* NULL without memory. reconnects: how often the session with the master was opened
 * again, or NULL. */
struct reporter *reporter_new(struct channel *channel, uint64_t (*reconnects)(const void *arg),
			      const void *arg);
void reporter_free(struct reporter *r);

/* The counts of an earlier process go on. */
void reporter_begin(struct reporter *r, const struct board_global *g);
/* A SET was refused without asking the engine, which counts those. */
void reporter_refusal(struct reporter *r);
/* A notifier's report; slot is below SINKS_MAX and always the same for it. It is said
 * once each slot up to the highest has one. */
void reporter_note(struct reporter *r, unsigned slot, const struct report *report);
/* Another engine knows nothing yet. */
void reporter_forget(struct reporter *r);

#endif
