/* SPDX-License-Identifier: ISC */
/* A program of another's can't be kept to a link here: it would have to be told its routing table,
 * and could choose another. The method "command" says so. */
#include "config.h"

#include "system/system.h"

#include <errno.h>

int
sys_cage_enter(void)
{
	errno = ENOSYS;
	return -1;
}

int
sys_cage_follow(int lifeline)
{
	(void)lifeline;
	return 0;
}

int
sys_cage_take(int cage, struct sys_cage_wish *wish)
{
	(void)cage;
	(void)wish;
	errno = ENOSYS;
	return -1;
}

void
sys_cage_give(int cage, const struct sys_cage_wish *wish, int fd, int error)
{
	(void)cage;
	(void)wish;
	(void)fd;
	(void)error;
}
