/* SPDX-License-Identifier: ISC */
/* How many probe sockets a link gets. Pure. */
#ifndef UPLINK_PROBE_SOCKETS_H
#define UPLINK_PROBE_SOCKETS_H

#include "common/ipc.h"
#include "conf/conf.h"

struct probe_sockets {
	uint16_t n[PROBE_METHODS][FAMILIES]; /* by enum method */
};

/* left_out: of a thousand sockets for TCP. One of a kind is always there. */
struct probe_sockets probe_sockets_needed(const struct conf_link *link, unsigned left_out);
/* How many are to be left out so that room is enough for the sockets of all links. Those of a link
 * are shared by its targets, which need all of them at a time only when it is in doubt. */
unsigned probe_sockets_left_out(const struct conf *conf, unsigned room);
/* Those that hear the answers to the probes of all links. */
struct probe_sockets probe_sockets_shared(const struct conf *conf);

#endif
