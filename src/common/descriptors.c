/* SPDX-License-Identifier: ISC */
/* The limit of open files, divided. */
#include "common/descriptors.h"

#include <limits.h>
#include <sys/resource.h>

enum { OTHERS = 128, SHARE = 4 }; /* where few are allowed, the others have a quarter */

int
descriptors_end_of_probes(void)
{
	struct rlimit l;
	rlim_t others;

	if (getrlimit(RLIMIT_NOFILE, &l) != 0 || l.rlim_cur > INT_MAX)
		return INT_MAX;
	others = l.rlim_cur / SHARE < OTHERS ? l.rlim_cur / SHARE : OTHERS;
	return (int)(l.rlim_cur - others);
}
