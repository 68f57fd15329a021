/* SPDX-License-Identifier: ISC */
/* One run of a program: started, watched, ended when its time is over, with what it
 * said of itself. */
#ifndef UPLINK_HOOK_PROGRAM_H
#define UPLINK_HOOK_PROGRAM_H

#include <event2/event.h>
#include <stdbool.h>
#include <sys/types.h>

#include "conf/conf.h"
#include "hooks/queue.h"

enum { PROGRAM_SAID_MAX = 400, PROGRAM_END_LEN = 1024 };

struct program {
	pid_t pid; /* 0: no run */
	struct conf_hook hook;
	struct hook_job job;
	uint64_t started_ns;
	bool asked;            /* to end, its time being over */
	int output;            /* what it writes, -1: closed */
	struct event *reader;  /* of output */
	struct event *timeout; /* of the whole run */
	char said[PROGRAM_SAID_MAX + 1];
	size_t said_len;
};

/* Starts it in folder, or in / where that is not there. 0, or -1 with errno: then
 * nothing was started. */
int program_start(struct program *p, struct event_base *base, const struct conf_hook *hook,
		  const struct hook_job *job, const char *folder);
/* It has ended, with that status of waitpid(2): says in text how, logs it and frees the
 * place. True: it went well. */
bool program_ended(struct program *p, int status, char *text, size_t size);
/* Ends it and all that it has started, at once. */
void program_kill(struct program *p);

#endif
