/* SPDX-License-Identifier: ISC */
/* How far the notifications are: see reporter.h. */
#include "config.h"

#include "subagent/reporter.h"

#include <stdlib.h>
#include <string.h>

#include "common/clock.h"
#include "common/log.h"

#define ASK_AGAIN_NS (2 * NSEC_PER_SEC) /* for a replay */

struct reporter {
	struct channel *channel;
	uint64_t (*reconnects)(const void *arg);
	const void *arg;
	struct report slots[SINKS_MAX];
	unsigned nslots;
	bool begun;
	uint64_t sent, lost, suppressed, reconnected; /* by earlier processes */
	uint64_t sets_refused;
	struct ipc_notified told;
	uint64_t told_ns;
};

struct reporter *
reporter_new(struct channel *channel, uint64_t (*reconnects)(const void *arg), const void *arg)
{
	struct reporter *r = calloc(1, sizeof(*r));

	if (r == NULL)
		return NULL;
	r->channel = channel;
	r->reconnects = reconnects;
	r->arg = arg;
	return r;
}

void
reporter_free(struct reporter *r)
{
	free(r);
}

/* To events that are to be read again. 0: none. */
static void
widen(uint64_t *first, uint64_t *last, uint64_t from, uint64_t to)
{
	if (to != 0 && (*first == 0 || from < *first))
		*first = from;
	if (to > *last)
		*last = to;
}

/* As a whole they are where the last of them is. */
static void
sum_up(const struct reporter *r, struct ipc_notified *all)
{
	memset(all, 0, sizeof(*all));
	all->number = UINT64_MAX;
	all->sent = r->sent;
	all->lost = r->lost;
	all->suppressed = r->suppressed;
	all->sets_refused = r->sets_refused;
	all->connected = true;
	for (unsigned i = 0; i < r->nslots; i++) {
		const struct report *s = &r->slots[i];

		all->number = s->mark.number < all->number ? s->mark.number : all->number;
		all->pending = s->pending > all->pending ? s->pending : all->pending;
		all->sent += s->sent;
		all->lost += s->lost;
		all->suppressed += s->suppressed;
		widen(&all->lost_first, &all->lost_last, s->lost_first, s->lost_last);
		widen(&all->doubt_first, &all->doubt_last, s->doubt_first, s->doubt_last);
		all->connected &= s->up;
		all->sinks[i] = s->mark;
	}
	all->reconnects = r->reconnected + (r->reconnects != NULL ? r->reconnects(r->arg) : 0);
	all->log_lost = log_lost();
}

/* What is known already is not said again, but for a replay that nobody writes. */
static void
tell(struct reporter *r)
{
	uint64_t now_ns = clock_mono_ns();
	struct ipc_notified all;

	if (r->nslots == 0)
		return;
	sum_up(r, &all);
	if (memcmp(&all, &r->told, sizeof(all)) == 0 &&
	    ((all.lost_last == 0 && all.doubt_last == 0) || now_ns - r->told_ns < ASK_AGAIN_NS))
		return;
	if (channel_send(r->channel, IPC_NOTIFIED, &all, sizeof(all)) != 0)
		return;
	r->told = all;
	r->told_ns = now_ns;
}

void
reporter_note(struct reporter *r, unsigned slot, const struct report *report)
{
	if (slot >= r->nslots)
		r->nslots = slot + 1;
	r->slots[slot] = *report;
	tell(r);
}

void
reporter_refusal(struct reporter *r)
{
	r->sets_refused++;
	tell(r);
}

void
reporter_begin(struct reporter *r, const struct board_global *g)
{
	if (r->begun)
		return;
	r->begun = true;
	r->sent = g->notifications_sent;
	r->lost = g->notifications_lost;
	r->suppressed = g->notifications_suppressed;
	r->reconnected = g->agentx_reconnects;
}

void
reporter_forget(struct reporter *r)
{
	memset(&r->told, 0, sizeof(r->told));
}
