/* SPDX-License-Identifier: ISC */
/* The configuration file, read at start and again on demand. */
#ifndef UPLINK_RELOAD_H
#define UPLINK_RELOAD_H

#include "parent/state.h"

/* The first configuration; mistakes go to the log. 0, or -1: none. */
int reload_first(struct parent *p);
/* Reads the file again. A bad one changes nothing; a good one changes what
 * differs. The engine is told either way. */
void reload(struct parent *p);

#endif
