/* SPDX-License-Identifier: ISC */
/* Where log lines go: standard error or sendsyslog(2), which waits for nobody and needs no
 * descriptor. A line is taken at once or refused. */
#include "config.h"

#include "system/system.h"

#include <sys/types.h>
#include <sys/uio.h>

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <syslog.h>
#include <time.h>
#include <unistd.h>

enum { LINE_MAX_LEN = 2048 };

/* A sink that is a descriptor for the caller's sake only. */
int
sys_log_open(bool to_stderr)
{
	if (to_stderr)
		return fcntl(STDERR_FILENO, F_DUPFD_CLOEXEC, 3);
	tzset();
	return open("/dev/null", O_WRONLY | O_CLOEXEC);
}

static int
send_stderr(int sink, const char *ident, const char *line, size_t len)
{
	struct iovec iov[] = {
	    {.iov_base = (void *)(uintptr_t)ident, .iov_len = strlen(ident)},
	    {.iov_base = (void *)(uintptr_t) ": ", .iov_len = 2},
	    {.iov_base = (void *)(uintptr_t)line, .iov_len = len},
	    {.iov_base = (void *)(uintptr_t) "\n", .iov_len = 1},
	};
	size_t whole = iov[0].iov_len + 3 + len;
	struct pollfd room = {.fd = sink, .events = POLLOUT};

	if (poll(&room, 1, 0) != 1 || (room.revents & POLLOUT) == 0)
		return -1;
	/* a pipe that can be written to has room for so much, and more would wait */
	if (whole > PIPE_BUF) {
		iov[2].iov_len -= whole - PIPE_BUF;
		whole = PIPE_BUF;
	}
	return writev(sink, iov, 4) == (ssize_t)whole ? 0 : -1;
}

int
sys_log_send(int sink, bool to_stderr, int level, const char *ident, const char *line, size_t len)
{
	char buf[LINE_MAX_LEN];
	int n;

	if (to_stderr)
		return sink < 0 ? -1 : send_stderr(sink, ident, line, len);
	n = snprintf(buf, sizeof(buf), "<%d>%s[%d]: %.*s", LOG_DAEMON | level, ident, (int)getpid(),
		     (int)len, line);
	if (n < 0)
		return -1;
	if ((size_t)n >= sizeof(buf))
		n = sizeof(buf) - 1;
	return sendsyslog(buf, (size_t)n, 0);
}
