/* SPDX-License-Identifier: ISC */
/* The channels to worker, SNMP process and hooks. */
#ifndef UPLINK_PEERS_H
#define UPLINK_PEERS_H

#include "engine/model.h"

/* A new channel; m is IPC_CHANNEL, its descriptor is the callee's. */
void peers_channel(struct engine *e, const struct ipc_message *m);

#endif
