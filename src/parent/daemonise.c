/* SPDX-License-Identifier: ISC */
/* Into the background. */
#include "config.h"

#include "parent/daemonise.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

/* No word from the daemon: it died. */
static void __attribute__((noreturn)) wait_for_daemon(int fd)
{
	unsigned char status;
	ssize_t n;

	do
		n = read(fd, &status, 1);
	while (n < 0 && errno == EINTR);
	_exit(n == 1 ? status : 1);
}

int
daemonise_streams(void)
{
	int fd;

	do
		fd = open("/dev/null", O_RDWR);
	while (fd >= 0 && fd <= STDERR_FILENO);
	if (fd < 0)
		return -1;
	close(fd);
	return 0;
}

int
daemonise(void)
{
	int ends[2];
	pid_t pid;

	if (pipe2(ends, O_CLOEXEC) != 0)
		return -1;
	pid = fork();
	if (pid < 0) {
		int saved = errno;

		close(ends[0]);
		close(ends[1]);
		errno = saved;
		return -1;
	}
	if (pid > 0) {
		close(ends[1]);
		wait_for_daemon(ends[0]);
	}
	close(ends[0]);
	setsid();
	return ends[1];
}

void
daemonise_report(int fd, int status)
{
	unsigned char octet = (unsigned char)status;
	int null = open("/dev/null", O_RDWR | O_CLOEXEC);

	if (null >= 0) {
		dup2(null, STDIN_FILENO);
		dup2(null, STDOUT_FILENO);
		dup2(null, STDERR_FILENO);
		close(null);
	}
	(void)!chdir("/");
	(void)!write(fd, &octet, 1);
	close(fd);
}
