/* SPDX-License-Identifier: ISC */
/* Runs that are due: bounded, in order, and merged where one will do. Pure. */
#ifndef UPLINK_HOOK_QUEUE_H
#define UPLINK_HOOK_QUEUE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/ipc.h"

enum { HOOK_JOBS_MAX = 256 };

struct hook_job {
	unsigned hook;   /* its number in the configuration */
	uint32_t merged; /* earlier events that this run stands for too */
	struct ipc_event event;
};

struct hook_queue {
	struct hook_job jobs[HOOK_JOBS_MAX]; /* oldest first */
	size_t n;
};

/* A run of that hook for the event. One that waits already for the same hook and link
 * takes the newer event and keeps its place. False: the queue was full, and its oldest
 * run was left out for this one. */
bool hook_queue_add(struct hook_queue *q, unsigned hook, const struct ipc_event *event);

/* The oldest run of a hook that is not in busy (a bit each); false: there is none. */
bool hook_queue_take(struct hook_queue *q, uint64_t busy, struct hook_job *job);

/* Another configuration: hook n is now number to[n], or is gone where that is negative. */
void hook_queue_renumber(struct hook_queue *q, const int *to, size_t n);

#endif
