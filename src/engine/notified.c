/* SPDX-License-Identifier: ISC */
/* Notes how far notifications have got, and tells once of those that were lost, or may be. The
 * sender is not trusted: it can neither move that place past the last event nor fill
 * the ring. */
#include "config.h"

#include "engine/notified.h"

#include <string.h>

#include "common/clock.h"
#include "engine/processes.h"
#include "engine/publish.h"

/* The SNMP side asks until it sees that it was told; what it says is not believed
 * more often than this. */
#define APART_NS NSEC_PER_SEC

static void
note_lost_notifications(struct engine *e, const struct ipc_notified *n)
{
	struct board_global *g = &e->global;
	uint64_t now = clock_mono_ns();

	if (n->lost_last == 0 || n->lost_last > g->events_last || n->lost_first > n->lost_last ||
	    n->lost_last <= g->replay_last || now - e->replayed_ns < APART_NS)
		return;
	e->replayed_ns = now;
	g->replay_last = n->lost_last;
	publish_replay(e, n->lost_first, n->lost_last, REASON_NOT_NOTIFIED);
}

/* What may have left by a link that was dying. During an outage its end tells of it. */
static void
note_doubt(struct engine *e, const struct ipc_notified *n)
{
	struct board_global *g = &e->global;
	uint64_t now = clock_mono_ns();

	if (n->doubt_last == 0 || n->doubt_last > g->events_last ||
	    n->doubt_first > n->doubt_last ||
	    (g->doubt_first <= n->doubt_first && g->doubt_last >= n->doubt_last) ||
	    (g->outage_first != 0 && !g->all_down) || now - e->doubted_ns < APART_NS)
		return;
	e->doubted_ns = now;
	g->doubt_first = n->doubt_first;
	g->doubt_last = n->doubt_last;
	if (g->outage_first == 0)
		publish_replay(e, n->doubt_first, n->doubt_last, REASON_NO_PATH);
	else if (n->doubt_first < g->outage_first)
		g->outage_first = n->doubt_first;
	publish_global(e);
}

void
notified_take(struct engine *e, const struct ipc_notified *n)
{
	struct board_global *g = &e->global;

	if (n->number > g->notified && n->number <= g->events_last)
		g->notified = n->number;
	memcpy(g->notified_by, n->sinks, sizeof(g->notified_by));
	g->notifications_sent = n->sent;
	g->notifications_lost = n->lost;
	g->notifications_pending = n->pending;
	g->agentx_reconnects = n->reconnects;
	g->agentx_connected = n->connected != 0;
	g->notifications_suppressed = n->suppressed;
	processes_count(&g->sets_refused, &g->sets_refused_seen, n->sets_refused);
	processes_log_lost(e, LOST_BY_SNMP, n->log_lost);
	publish_global(e);
	note_lost_notifications(e, n);
	note_doubt(e, n);
}
