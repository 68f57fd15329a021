/* SPDX-License-Identifier: ISC */
/* The routing table of a process, as a variable of the environment. */
#include "openbsd/setrtable.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

enum { TABLES = 256 };

int
setrtable(int table)
{
	static int now; /* a child has it too, where it has cleared its environment */
	char text[16];

	if (now != 0 && now != table) {
		errno = EPERM;
		return -1;
	}
	if (table < 0 || table >= TABLES) {
		errno = EINVAL;
		return -1;
	}
	now = table;
	snprintf(text, sizeof(text), "%d", table);
	return setenv(FAKE_RTABLE, text, 1);
}
