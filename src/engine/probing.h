/* SPDX-License-Identifier: ISC */
/* Probing: timers, sockets, and what came back. Turns packets into samples. */
#ifndef UPLINK_PROBING_H
#define UPLINK_PROBING_H

#include "engine/model.h"

/* Starts, or after a change of its settings restarts, the target's timers. The
 * first probe leaves within spread_ns, so that not all leave at once. */
int probing_start(struct target *t, uint64_t spread_ns);
/* Ends the timers; probes on their way are forgotten. */
void probing_stop(struct target *t);
/* Takes over the link's socket for that family (and closes the old one). */
int probing_set_socket(struct link *link, int family, int fd);
void probing_close_sockets(struct link *link);

#endif
