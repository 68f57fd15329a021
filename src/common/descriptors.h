/* SPDX-License-Identifier: ISC */
/* How many descriptors the engine may have, and how many of them probe sockets may take. A message
 * whose descriptor finds no room can't be read, so some are kept free: for clients, channels and
 * the texts that are handed over. */
#ifndef UPLINK_DESCRIPTORS_H
#define UPLINK_DESCRIPTORS_H

/* Probe sockets have numbers below it. Of the limit of this process, which children inherit. */
int descriptors_end_of_probes(void);
/* So many of those below it are the engine's own. */
enum { DESCRIPTORS_OWN = 24 };

#endif
