/* SPDX-License-Identifier: ISC */
/* Counts of processes that begin again at 0, as sums that never fall. */
#include "config.h"

#include "engine/processes.h"

#include "common/log.h"
#include "engine/asked.h"
#include "engine/publish.h"

void
processes_count(uint64_t *total, uint64_t *seen, uint64_t now)
{
	*total += now >= *seen ? now - *seen : now;
	*seen = now;
}

void
processes_log_lost(struct engine *e, enum log_loser by, uint64_t count)
{
	struct board_global *g = &e->global;

	processes_count(&g->log_lost, &g->log_lost_seen[LOST_BY_ENGINE], log_lost());
	processes_count(&g->log_lost, &g->log_lost_seen[by], count);
}

static void
tell_restart(struct engine *e, const char *process)
{
	struct event_draft d = {
	    .type = EVENT_PROCESS_RESTARTED, .reason = REASON_CRASH, .text = process};

	publish_event(e, &d);
}

void
processes_stats(struct engine *e, const struct ipc_stats *s)
{
	struct board_global *g = &e->global;
	bool worker = s->worker_restarts > g->worker_restarts,
	     snmp = s->snmp_restarts > g->snmp_restarts,
	     hooks = s->hooks_restarts > g->hooks_restarts;

	g->engine_restarts = s->engine_restarts;
	g->worker_restarts = s->worker_restarts;
	g->snmp_restarts = s->snmp_restarts;
	g->hooks_restarts = s->hooks_restarts;
	g->prober_restarts = s->prober_restarts;
	g->runner_restarts = s->runner_restarts;
	processes_log_lost(e, LOST_BY_OTHERS, s->log_lost);
	if (worker)
		tell_restart(e, "worker");
	if (snmp)
		tell_restart(e, "snmp");
	if (hooks)
		tell_restart(e, "hooks");
	asked_stats(e, s);
	publish_global(e);
}
