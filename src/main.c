/* SPDX-License-Identifier: ISC */
/* uplinkd: one binary, four roles. The parent starts the others from it, with a
 * role on the command line and their channel at a fixed descriptor. */
#include <errno.h>
#include <string.h>

#include "common/log.h"
#include "engine/engine.h"
#include "hooks/hooks.h"
#include "parent/child.h"
#include "parent/inspect.h"
#include "parent/options.h"
#include "parent/parent.h"
#include "parent/rehearse.h"
#include "parent/suggest.h"
#include "runner/runner.h"
#include "system/system.h"
#include "worker/worker.h"

static void
report(void *arg, bool problem, const char *text)
{
	(void)arg;
	if (problem)
		log_warn("%s", text);
	else
		log_debug("%s", text);
}

static int
engine(const struct options *o)
{
	struct engine_options options = {.parent_channel = CHILD_CHANNEL_FD,
					 .board_fd = CHILD_BOARD_FD};
	const char *step = "";

	log_init("uplinkd-engine", o->foreground, o->verbose);
	if (o->realtime)
		sys_realtime(report, NULL);
	options.traffic = sys_traffic_open();
	options.probe_token = sys_probe_token();
	if (sys_confine(SYS_ROLE_ENGINE, USER_ENGINE, &step) != 0) {
		log_error("confinement: %s: %s", step, strerror(errno));
		return 1;
	}
	return engine_main(&options);
}

static int
worker(const struct options *o)
{
	const struct worker_options options = {CHILD_CHANNEL_FD, o->statedir};

	log_init("uplinkd-worker", o->foreground, o->verbose);
	return worker_main(&options); /* confines itself when its sockets are open */
}

static int
hooks(const struct options *o)
{
	log_init("uplinkd-hooks", o->foreground, o->verbose);
	return hooks_main(CHILD_CHANNEL_FD, o->rundir); /* confines itself */
}

static int
runner(const struct options *o)
{
	const char *step = "";

	log_init("uplinkd-runner", o->foreground, o->verbose);
	if (sys_confine(SYS_ROLE_RUNNER, USER_PROBE, &step) != 0) {
		log_error("confinement: %s: %s", step, strerror(errno));
		return 1;
	}
	return runner_main(CHILD_CHANNEL_FD);
}

/* A test build has a main of its own, in which more is said on the command line. */
#ifndef UPLINKD_MAIN
#define UPLINKD_MAIN main
#else
int UPLINKD_MAIN(int argc, char **argv);
#endif

int
UPLINKD_MAIN(int argc, char **argv)
{
	struct options o;
	int status = 1;

	switch (options_parse(argc, argv, &o)) {
	case OPTIONS_DONE:
		return 0;
	case OPTIONS_WRONG:
		return 2;
	case OPTIONS_RUN:
		break;
	}
	if (o.role == ROLE_ENGINE)
		status = engine(&o);
	else if (o.role == ROLE_WORKER)
		status = worker(&o);
	else if (o.role == ROLE_HOOKS)
		status = hooks(&o);
	else if (o.role == ROLE_RUNNER)
		status = runner(&o);
	else
		status = o.suggest  ? suggest_main()
			 : o.replay ? rehearse_main(&o)
			 : o.check  ? inspect_main(&o)
				    : parent_main(&o, argv[0]);
	options_free(&o);
	return status;
}
