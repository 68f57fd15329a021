/* SPDX-License-Identifier: ISC */
/* What the worker counts: traffic, flows, and what passes its counters by. */
#ifndef UPLINK_COUNTS_H
#define UPLINK_COUNTS_H

#include "engine/model.h"

void counts_traffic(struct engine *e, const struct ipc_counters *c);
void counts_live_flows(struct engine *e, const struct ipc_flows *f);
void counts_flows_killed(struct engine *e, const struct ipc_flows *f);
void counts_bypass(struct engine *e, const struct ipc_bypass *b);

#endif
