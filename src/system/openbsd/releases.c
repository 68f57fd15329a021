/* SPDX-License-Identifier: ISC */
/* Single releases. */
#include "config.h"

#include "system/openbsd/releases.h"

#include <stdio.h>

bool
release_skips_last_next_hop(const char *release)
{
	unsigned major, minor;

	/* what can't be read is newer than this program */
	if (sscanf(release, "%u.%u", &major, &minor) != 2)
		return true;
	return major > 7 || (major == 7 && minor >= 8);
}
