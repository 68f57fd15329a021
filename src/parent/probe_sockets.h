/* SPDX-License-Identifier: ISC */
/* How many probe sockets a link needs. Pure. */
#ifndef UPLINK_PROBE_SOCKETS_H
#define UPLINK_PROBE_SOCKETS_H

#include "common/ipc.h"
#include "conf/conf.h"

struct probe_sockets {
	uint16_t n[PROBE_METHODS][FAMILIES]; /* by enum method */
};

struct probe_sockets probe_sockets_needed(const struct conf_link *link);
/* Those that hear the answers to the probes of all links. */
struct probe_sockets probe_sockets_shared(const struct conf *conf);

#endif
