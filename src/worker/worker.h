/* SPDX-License-Identifier: ISC */
/* The worker: everything that may take its time. It loads the ruleset, reads the
 * counters, cuts and counts flows, and stores the index map. Nothing that decides
 * or routes ever waits for it. */
#ifndef UPLINK_WORKER_H
#define UPLINK_WORKER_H

#include <stddef.h>

struct worker_options {
	int parent_channel;    /* of ipc_pair, to the parent */
	const char *state_dir; /* where indexes.json lives */
};

/* The process: returns its exit status, 0 when the parent said so or is gone.
 * log_init must have been called. */
int worker_main(const struct worker_options *options);

/* Stores the index map that can be read from fd as DIR/indexes.json, so that at
 * any time, and after a power cut, either the old or the new one stands there
 * whole. 0, or -1 with the reason in error. */
int worker_store_indexes(const char *dir, int fd, char *error, size_t error_size);

#endif
