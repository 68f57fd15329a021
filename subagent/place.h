/* SPDX-License-Identifier: ISC */
/* The socket at which an AgentX master is to be found. Nothing here waits. */
#ifndef UPLINK_SUBAGENT_PLACE_H
#define UPLINK_SUBAGENT_PLACE_H

#include <stdbool.h>
#include <sys/stat.h>

#include "common/limits.h"

struct place {
	char path[PATH_LEN + 1]; /* "": none is configured */
	struct stat socket;      /* what stood there when we connected */
	int trouble;             /* errno of the last attempt, so that each is told once */
};

void place_set(struct place *p, const char *path);
/* A connected, non-blocking socket, or -1: why is logged, with what to do about it. */
int place_connect(struct place *p);
/* Another socket stands there than the one that we are connected to. */
bool place_changed(const struct place *p);

#endif
