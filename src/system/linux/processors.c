/* SPDX-License-Identifier: ISC */
/* What takes long inside the kernel, such as a walk through all flows (4 to 30 ms), can't be
 * preempted there by anybody, and who wakes up on that processor waits for its end, of
 * whatever priority it is. So the last processor is left to such work: who must be in time
 * keeps off it. With one processor nothing can be done. */
#include "config.h"

#include "system/linux/processors.h"

#include <stdbool.h>

/* The last processor that this process may run on; false where it is the only one. */
static bool
find_last(const cpu_set_t *all, cpu_set_t *last)
{
	int cpu = CPU_SETSIZE - 1;

	if (CPU_COUNT(all) < 2)
		return false;
	while (!CPU_ISSET(cpu, all))
		cpu--;
	CPU_ZERO(last);
	CPU_SET(cpu, last);
	return true;
}

int
processors_leave_last(void)
{
	cpu_set_t all, last;

	/* more of them than fit into the set: there is room for everybody */
	if (sched_getaffinity(0, sizeof(all), &all) != 0 || !find_last(&all, &last))
		return 0;
	CPU_XOR(&all, &all, &last);
	return sched_setaffinity(0, sizeof(all), &all);
}

void
processors_take_last(cpu_set_t *before)
{
	cpu_set_t last;

	if (sched_getaffinity(0, sizeof(*before), before) != 0)
		CPU_ZERO(before);
	else if (find_last(before, &last))
		(void)sched_setaffinity(0, sizeof(last), &last);
}

void
processors_take_back(const cpu_set_t *before)
{
	if (CPU_COUNT(before) > 1)
		(void)sched_setaffinity(0, sizeof(*before), before);
}
