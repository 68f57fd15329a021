/* SPDX-License-Identifier: ISC */
/* The privileged process: starts the others, owns the kernel's routing, and
 * never takes anything from a network. */
#ifndef UPLINK_PARENT_H
#define UPLINK_PARENT_H

#include "parent/options.h"

/* Runs the daemon until it is told to end. Returns the exit status. */
int parent_main(struct options *options, const char *argv0);

#endif
