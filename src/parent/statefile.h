/* SPDX-License-Identifier: ISC */
/* The state file as the parent sees it: text to hand to an engine that finds an empty
 * board. What it says is for the engine to read. */
#ifndef UPLINK_STATEFILE_H
#define UPLINK_STATEFILE_H

#include "parent/state.h"

/* Reads the file where the board is empty; else there is nothing to be had from it. */
void statefile_load(struct parent *p);
/* The next engine is not told of it. */
void statefile_drop(struct parent *p);

#endif
