/* SPDX-License-Identifier: ISC */
/* For a process that must not be late: its memory stays, and it comes before other programs. Never
 * fails: what is not allowed is reported. */
#include "config.h"

#include "system/system.h"

#include <sys/types.h>
#include <sys/mman.h>
#include <sys/resource.h>

#include <errno.h>
#include <stdio.h>
#include <string.h>

static void
tell(sys_report *report, void *arg, const char *what, const char *remedy)
{
	char text[256];

	snprintf(text, sizeof(text), "%s: %s: %s", what, strerror(errno), remedy);
	report(arg, true, text);
}

/* The right to a better priority stays with root, and each child asks for itself. */
int
sys_schedule(bool realtime)
{
	(void)realtime;
	return 0;
}

void
sys_realtime(sys_report *report, void *arg)
{
	const struct rlimit all = {RLIM_INFINITY, RLIM_INFINITY};

	(void)setrlimit(RLIMIT_MEMLOCK, &all);
	if (mlockall(MCL_CURRENT | MCL_FUTURE) == -1)
		tell(report, arg, "memory is not locked",
		     "raise memorylocked of the class daemon in login.conf");
	if (setpriority(PRIO_PROCESS, 0, -20) == -1)
		tell(report, arg, "no better priority", "set realtime no");
}
