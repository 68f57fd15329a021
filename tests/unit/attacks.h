/* SPDX-License-Identifier: ISC */
/* Every message that may not be. The contract stands here once more, so that a change of it in
 * ipc.c alone is a failure. */
#ifndef UPLINK_TEST_ATTACKS_H
#define UPLINK_TEST_ATTACKS_H

#include "unit.h"

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "common/ipc.h"

struct header {
	uint16_t type, version;
	uint32_t length;
};

struct attack {
	struct header header;
	uint32_t octets; /* that really follow */
	unsigned fds;
	uint32_t first; /* the body's first word: a count, where there is one */
	bool no_header;
};

/* A message of that type, as it should be. */
struct attack attack_of_type(enum ipc_type type);

/* The next one that this sender (1 << enum ipc_peer) may not send; false: that was all. n counts
 * them. */
bool next_attack(unsigned *n, unsigned from, struct attack *a);

void launch(int channel, const struct attack *a);

/* How many the process has: what an attack brought along is closed. */
unsigned open_descriptors(pid_t pid);

#endif
