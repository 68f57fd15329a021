/* SPDX-License-Identifier: ISC */
/* Which child hangs: none is waited for, and one that does not start, answer, read or
 * leave in its time is killed. Its successor is children.c's business. */
#include "parent/watch.h"

#include "common/clock.h"
#include "parent/child.h"
#include "parent/stats.h"

#define READY_LIMIT_NS (10 * NSEC_PER_SEC)
#define FULL_LIMIT_NS (2 * NSEC_PER_SEC)
enum { TICKS_PER_SECOND = 4, STILL_TICKS_MAX = 3 * TICKS_PER_SECOND };

static void
watch_heartbeat(struct parent *p, struct child *engine)
{
	uint64_t beat;

	if (p->board == NULL || !engine->ready)
		return;
	beat = __atomic_load_n(&p->board->global.heartbeat_ns, __ATOMIC_RELAXED);
	if (beat != p->heartbeat_ns) {
		p->heartbeat_ns = beat;
		p->heartbeat_still = 0;
	} else if (++p->heartbeat_still >= STILL_TICKS_MAX) {
		child_kill(engine, "has had no heartbeat for 3 s");
	}
}

/* Asks once a second whether it still turns its loop. The parent's own ticks are counted, so
 * that a parent which was stopped itself blames nobody. */
static void
watch_answers(struct child *c)
{
	unsigned limit_s = c->answers_within_s;

	if (limit_s == 0 || (c->speaks && !c->ready))
		return;
	if (!c->asked)
		c->asked = c->parent->ticks % TICKS_PER_SECOND == 0 &&
			   ipc_send(c->channel, IPC_PING, NULL, 0, -1) == 0;
	else if (++c->silent_ticks > limit_s * TICKS_PER_SECOND)
		child_kill(c, "has not answered for %u s", limit_s);
}

static void
not_ready(struct child *c)
{
	struct parent *p = c->parent;

	child_kill(c, "was not ready within 10 s");
	if (p->tell_start != NULL && c->role == IPC_PEER_ENGINE)
		p->tell_start(p, 1);
}

void
watch_children(struct parent *p)
{
	uint64_t now = clock_mono_ns();

	for (unsigned role = IPC_PEER_ENGINE; role < CHILDREN_END; role++) {
		struct child *c = &p->children[role];

		if (c->pid == 0 || c->killed)
			continue;
		if (c->speaks && !c->ready && now - c->started_ns > READY_LIMIT_NS)
			not_ready(c);
		else if (c->leave_by_ns != 0 && now > c->leave_by_ns)
			child_kill(c, "did not leave within 1 s");
		else if (c->full_since_ns != 0 && now - c->full_since_ns > FULL_LIMIT_NS)
			child_kill(c, "has read nothing for 2 s");
		else if (role == IPC_PEER_ENGINE)
			watch_heartbeat(p, c);
		else
			watch_answers(c);
	}
	if (++p->ticks % TICKS_PER_SECOND == 0)
		stats_tell(p);
}
