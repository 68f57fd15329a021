/* SPDX-License-Identifier: ISC */
/* The pid file: its lock, not its existence, says that a daemon runs. */
#include "parent/pidfile.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

static pid_t
read_owner(int fd)
{
	char text[32];
	ssize_t n = pread(fd, text, sizeof(text) - 1, 0);

	if (n <= 0)
		return 0;
	text[n] = '\0';
	return (pid_t)strtol(text, NULL, 10);
}

/* The file may have been removed between open and lock. */
static int
still_there(const char *path, int fd)
{
	struct stat named, opened;

	return stat(path, &named) == 0 && fstat(fd, &opened) == 0 &&
	       named.st_dev == opened.st_dev && named.st_ino == opened.st_ino;
}

int
pidfile_take(const char *path, pid_t *owner)
{
	char text[32];
	int fd, len;

	for (;;) {
		fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0644);
		if (fd < 0)
			return -1;
		if (flock(fd, LOCK_EX | LOCK_NB) != 0)
			break;
		if (still_there(path, fd)) {
			len = snprintf(text, sizeof(text), "%d\n", (int)getpid());
			if (ftruncate(fd, 0) == 0 && pwrite(fd, text, (size_t)len, 0) == len)
				return fd;
			break;
		}
		close(fd);
	}
	if (errno == EWOULDBLOCK) {
		*owner = read_owner(fd);
		close(fd);
		return -2;
	}
	len = errno;
	close(fd);
	errno = len;
	return -1;
}

void
pidfile_remove(const char *path, int fd)
{
	if (fd < 0)
		return;
	unlink(path);
	close(fd);
}
