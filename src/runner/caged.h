/* SPDX-License-Identifier: ISC */
/* One program as a child of the runner: in a process group of its own, caged to a link,
 * within limits, with an environment of a few words. */
#ifndef UPLINK_CAGED_H
#define UPLINK_CAGED_H

#include <sys/types.h>

#include "common/addr.h"
#include "conf/conf.h"

struct caged {
	pid_t pid;    /* also the number of its process group */
	int channel;  /* says how it starts; see caged_cage */
	int lifeline; /* the runner's end: when it closes, the whole group is killed */
};

/* Starts it. 0, or -1 with errno. When that fails within the child, it ends with status
 * CAGED_FAILED, and caged_cage says why. */
enum { CAGED_FAILED = 127 };
struct caged_task {
	const struct conf *conf;
	const struct conf_link *link;
	const struct conf_target *target;
	const struct addr *to;
};
int caged_start(struct caged *p, const struct caged_task *task);

/* channel is readable: the cage (see sys_cage_take), which comes first; or -1 with errno,
 * EPIPE: it runs, and nothing more will come; EAGAIN: nothing yet; else why it does not. */
int caged_cage(const struct caged *p);

#endif
