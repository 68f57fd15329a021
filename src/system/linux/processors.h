/* SPDX-License-Identifier: ISC */
/* Which processors are for what must be in time, and which for what takes long. */
#ifndef UPLINK_LINUX_PROCESSORS_H
#define UPLINK_LINUX_PROCESSORS_H

#include <sched.h>

/* The calling process keeps off the last of its processors. 0, or -1 with errno. */
int processors_leave_last(void);

/* The calling process does long work on the last of its processors, until it takes back
 * those that it had before. */
void processors_take_last(cpu_set_t *before);
void processors_take_back(const cpu_set_t *before);

#endif
