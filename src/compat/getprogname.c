/* SPDX-License-Identifier: ISC */
/* getprogname(3), of the GNU C library's own name for it. */
#include "config.h"

#include <errno.h>

const char *
getprogname(void)
{
	return program_invocation_short_name;
}
