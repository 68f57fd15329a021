/* SPDX-License-Identifier: ISC */
/* How the other processes fare: their restarts, and the log lines that were lost. */
#ifndef UPLINK_PROCESSES_H
#define UPLINK_PROCESSES_H

#include "engine/model.h"

enum log_loser { LOST_BY_ENGINE, LOST_BY_OTHERS, LOST_BY_SNMP };

/* Adds what has come since a process last said its count, which begins at 0 with each
 * process: the sum never falls. */
void processes_count(uint64_t *total, uint64_t *seen, uint64_t now);
/* So many log lines that one of them has lost since it began. */
void processes_log_lost(struct engine *e, enum log_loser by, uint64_t count);
/* What the parent counts. Tells of restarts. */
void processes_stats(struct engine *e, const struct ipc_stats *s);

#endif
