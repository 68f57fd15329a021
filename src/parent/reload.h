/* SPDX-License-Identifier: ISC */
/* The configuration file, read at start and again on demand. */
#ifndef UPLINK_RELOAD_H
#define UPLINK_RELOAD_H

#include "parent/state.h"

/* The first configuration. 0, or -1: it is not taken; mistakes are in the log and
 * the first one, for a person, in mistake. */
int reload_first(struct parent *p, char *mistake, size_t size);
/* Reads the file again. A bad one changes nothing; a good one changes what
 * differs. The engine is told either way. */
void reload(struct parent *p);

#endif
