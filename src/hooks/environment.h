/* SPDX-License-Identifier: ISC */
/* What a program is told of an event: UPLINKD_... in its environment. Pure. The list in
 * uplinkd.conf(5) is checked against it. */
#ifndef UPLINK_HOOK_ENVIRONMENT_H
#define UPLINK_HOOK_ENVIRONMENT_H

#include "hooks/queue.h"

enum { HOOK_VARIABLES_MAX = 40 };

struct hook_environment {
	char *list[HOOK_VARIABLES_MAX + 1]; /* "NAME=value", to be freed; ends with NULL */
	size_t n;
};

/* A variable whose value is unknown, or not of the matter, is not there. 0, or -1 for
 * want of memory. */
int hook_environment_make(struct hook_environment *env, const struct hook_job *job);
void hook_environment_free(struct hook_environment *env);

#endif
