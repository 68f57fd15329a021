/* SPDX-License-Identifier: ISC */
/* The runner's loop. */
#include "config.h"

#include "runner/runner.h"

#include <errno.h>
#include <signal.h>
#include <string.h>
#include <time.h>

#include "asker/asker.h"
#include "common/log.h"
#include "runner/run.h"
#include "system/system.h"

static void
on_child(evutil_socket_t signo, short what, void *arg)
{
	(void)signo, (void)what, (void)arg;
	run_bury();
}

int
runner_main(int channel)
{
	static struct asker a = {.is_own = conf_method_is_runners, .ask = run_start};
	struct event *child;

	if (asker_start(&a, channel) != 0)
		return 1;
	child = evsignal_new(a.base, SIGCHLD, on_child, NULL);
	if (child == NULL || event_add(child, NULL) != 0) {
		log_error("no event loop");
		return 1;
	}
	tzset(); /* opens the zone's file */
	if (sys_limit_calls(SYS_ROLE_RUNNER) != 0) {
		log_error("the runner's system calls can't be limited: %s", strerror(errno));
		return 1;
	}
	asker_run(&a);
	return 0;
}
