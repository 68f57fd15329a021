/* SPDX-License-Identifier: ISC */
/* How often children were started again, and how many log lines were lost: the engine
 * publishes it. */
#include "parent/stats.h"

#include <string.h>

#include "common/log.h"
#include "parent/handover.h"

/* True when they differ from what the engine was told. */
static bool
refresh(struct parent *p)
{
	const struct child *worker = &p->children[IPC_PEER_WORKER];
	struct ipc_stats now = {
	    .engine_restarts = p->children[IPC_PEER_ENGINE].restarts,
	    .worker_restarts = worker->restarts,
	    .snmp_restarts = p->children[IPC_PEER_SNMP].restarts,
	    .hooks_restarts = p->children[IPC_PEER_HOOKS].restarts,
	    .prober_restarts = p->children[IPC_PEER_PROBER].restarts,
	    .runner_restarts = p->children[IPC_PEER_RUNNER].restarts,
	    .log_lost = log_lost() + worker->log_lost_before + worker->log_lost,
	};

	if (memcmp(&now, &p->stats, sizeof(now)) == 0)
		return false;
	p->stats = now;
	return true;
}

void
stats_tell(struct parent *p)
{
	if (refresh(p))
		handover_stats(&p->children[IPC_PEER_ENGINE]);
}
