/* SPDX-License-Identifier: ISC */
/* The worker: everything that may take its time. It loads the ruleset, reads the
 * counters, cuts and counts flows, and stores what outlives a reboot. Nothing that decides
 * or routes ever waits for it. */
#ifndef UPLINK_WORKER_H
#define UPLINK_WORKER_H

#include <stddef.h>

struct worker_options {
	int parent_channel;    /* of ipc_pair, to the parent */
	const char *state_dir; /* where indexes.json and state.json live */
};

/* The process: returns its exit status, 0 when the parent said so or is gone.
 * log_init must have been called. */
int worker_main(const struct worker_options *options);

/* Stores the text of fd (see sys_text_fd) as DIR/NAME, so that at any time, and
 * after a power cut, either the old or the new one stands there whole. 0, or -1
 * with the reason in error. */
int worker_store(const char *dir, const char *name, int fd, char *error, size_t error_size);

#endif
