/* SPDX-License-Identifier: ISC */
/* Runs that are due. A few hundred small rows: an array that is moved up is enough. */
#include "hooks/queue.h"

#include <string.h>

_Static_assert(HOOKS_MAX <= 64, "a bit for every hook");

static void
remove_at(struct hook_queue *q, size_t i)
{
	q->n--;
	memmove(&q->jobs[i], &q->jobs[i + 1], (q->n - i) * sizeof(q->jobs[0]));
}

bool
hook_queue_add(struct hook_queue *q, unsigned hook, const struct ipc_event *event)
{
	bool room = q->n < HOOK_JOBS_MAX;
	struct hook_job *job;

	for (size_t i = 0; i < q->n; i++) {
		job = &q->jobs[i];
		if (job->hook != hook || job->event.link != event->link)
			continue;
		job->event = *event;
		job->merged++;
		return true;
	}
	if (!room)
		remove_at(q, 0);
	job = &q->jobs[q->n++];
	job->hook = hook;
	job->merged = 0;
	job->event = *event;
	return room;
}

bool
hook_queue_take(struct hook_queue *q, uint64_t busy, struct hook_job *job)
{
	for (size_t i = 0; i < q->n; i++) {
		if (busy & (1ULL << q->jobs[i].hook))
			continue;
		*job = q->jobs[i];
		remove_at(q, i);
		return true;
	}
	return false;
}

void
hook_queue_renumber(struct hook_queue *q, const int *to, size_t n)
{
	for (size_t i = 0; i < q->n;) {
		unsigned hook = q->jobs[i].hook;

		if (hook >= n || to[hook] < 0)
			remove_at(q, i);
		else
			q->jobs[i++].hook = (unsigned)to[hook];
	}
}
