/* SPDX-License-Identifier: ISC */
/* How far the notifications are: see reporter.h. */
#include "config.h"

#include "subagent/reporter.h"

#include <stdlib.h>
#include <string.h>

#include "common/log.h"

struct reporter {
	struct channel *channel;
	uint64_t (*reconnects)(const void *arg);
	const void *arg;
	struct report slots[SINKS_MAX];
	unsigned nslots;
	struct ipc_notified told;
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

/* As a whole they are where the last of them is. */
static void
sum_up(const struct reporter *r, struct ipc_notified *all)
{
	memset(all, 0, sizeof(*all));
	all->number = UINT64_MAX;
	all->connected = true;
	for (unsigned i = 0; i < r->nslots; i++) {
		const struct report *s = &r->slots[i];

		all->number = s->number < all->number ? s->number : all->number;
		all->pending = s->pending > all->pending ? s->pending : all->pending;
		all->sent += s->sent;
		all->lost += s->lost;
		all->connected &= s->up;
		all->sinks[i] = (struct sink_mark){.key = s->key, .number = s->number};
	}
	all->reconnects = r->reconnects != NULL ? r->reconnects(r->arg) : 0;
	all->log_lost = log_lost();
}

void
reporter_note(struct reporter *r, unsigned slot, const struct report *report)
{
	struct ipc_notified all;

	if (slot >= r->nslots)
		r->nslots = slot + 1;
	r->slots[slot] = *report;
	sum_up(r, &all);
	if (memcmp(&all, &r->told, sizeof(all)) != 0 &&
	    channel_send(r->channel, IPC_NOTIFIED, &all, sizeof(all)) == 0)
		r->told = all;
}

void
reporter_forget(struct reporter *r)
{
	memset(&r->told, 0, sizeof(r->told));
}
