/* SPDX-License-Identifier: ISC */
/* The engine process: probes, judges, plans and publishes. It never waits for
 * anything but its own timers and sockets. */
#ifndef UPLINK_ENGINE_H
#define UPLINK_ENGINE_H

#include <stdint.h>

struct sys_traffic;

struct engine_options {
	int parent_channel;          /* to the parent */
	int board_fd;                /* the board, writable */
	struct sys_traffic *traffic; /* the interfaces' counters, or NULL */
	uint32_t probe_token;        /* of sys_probe_token */
};

/* Runs until the parent leaves or says so. Returns the exit status. */
int engine_main(const struct engine_options *options);

#endif
