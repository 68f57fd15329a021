/* SPDX-License-Identifier: ISC */
/* Soft real-time for a process that must not be late: pages stay once they are
 * there, and its timers come before other programs. Never fails: what is not
 * allowed is reported. */
#include "config.h"

#include "system/system.h"

#include <errno.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>

#include "system/linux/limits.h"
#include "system/linux/processors.h"

static void
tell(sys_report *report, void *arg, const char *what, const char *remedy)
{
	char text[256];

	snprintf(text, sizeof(text), "%s: %s: %s", what, strerror(errno), remedy);
	report(arg, true, text);
}

/* MCL_ONFAULT: the board is large and sparse, only pages in use are locked. The
 * limit counts all of it: under a limit a later mapping, the board's, would fail. */
static int
lock_memory(void)
{
	struct rlimit limit;

	if (getrlimit(RLIMIT_MEMLOCK, &limit) != 0)
		return -1;
	errno = EPERM;
	if (limit.rlim_cur != RLIM_INFINITY)
		return -1;
	return mlockall(MCL_CURRENT | MCL_FUTURE | MCL_ONFAULT);
}

int
sys_schedule(bool realtime)
{
	const struct sched_param param = {.sched_priority = realtime ? REALTIME_PRIORITY : 0};

	return sched_setscheduler(0, realtime ? SCHED_RR : SCHED_OTHER, &param);
}

void
sys_realtime(sys_report *report, void *arg)
{
	const struct sched_param param = {.sched_priority = REALTIME_PRIORITY};

	if (lock_memory() != 0)
		tell(report, arg, "memory is not locked", "raise the limit memlock to unlimited");
	if (sched_setscheduler(0, SCHED_RR | SCHED_RESET_ON_FORK, &param) != 0)
		tell(report, arg, "no real-time scheduling",
		     "raise the limit rtprio, or set realtime no");
	if (processors_leave_last() != 0)
		tell(report, arg, "it runs on all processors",
		     "timers may be late while flows are counted");
	if (prctl(PR_SET_TIMERSLACK, 1UL) != 0)
		tell(report, arg, "timer slack stays", "timers may be 50 us late");
}
