/* SPDX-License-Identifier: ISC */
/* What the parent says of the kernel. */
#ifndef UPLINK_HEARD_H
#define UPLINK_HEARD_H

#include "engine/model.h"

/* What is known of a link's interface, addresses and gateways. */
void heard_facts(struct engine *e, const struct link_facts *facts);
/* m is IPC_PROBE_SOCKET; its descriptor is the callee's. */
void heard_probe_socket(struct engine *e, const struct ipc_message *m);
/* A route or rule was not as it should be, and was put right, or could not be. */
void heard_repair(struct engine *e, const struct ipc_repair *r);

#endif
