/* SPDX-License-Identifier: ISC */
/* Loaded before libc under valgrind, where /proc/self/exe is valgrind's own file for those who
 * stat(2) it: uplinkd then starts its children by the path that it was started by. */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>

int
stat(const char *path, struct stat *st)
{
	if (strcmp(path, "/proc/self/exe") != 0)
		return fstatat(AT_FDCWD, path, st, 0);
	errno = ENOENT;
	return -1;
}
