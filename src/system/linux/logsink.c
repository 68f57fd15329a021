/* SPDX-License-Identifier: ISC */
/* Where log lines go: standard error or /dev/log. A line is taken at once or
 * refused; nothing here waits for a reader, a terminal or a full pipe. */
#include "config.h"

#include "system/system.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <sys/un.h>
#include <syslog.h>
#include <time.h>
#include <unistd.h>

static const struct sockaddr_un dev_log = {.sun_family = AF_UNIX, .sun_path = "/dev/log"};

/* O_NONBLOCK belongs to the open file, which the shell and its terminal share:
 * so standard error is opened once more rather than changed. */
static int
open_stderr(void)
{
	int fd = open("/proc/self/fd/2", O_WRONLY | O_NONBLOCK | O_APPEND | O_NOCTTY | O_CLOEXEC);

	/* a socket, or not permitted: send_stderr looks before it writes */
	return fd >= 0 ? fd : fcntl(STDERR_FILENO, F_DUPFD_CLOEXEC, 3);
}

static int
open_syslog(void)
{
	int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);

	if (fd < 0)
		return -1;
	tzset(); /* the zone file is read here, not with the first line */
	/* no reader yet: each line tries again */
	(void)connect(fd, (const struct sockaddr *)&dev_log, sizeof(dev_log));
	return fd;
}

int
sys_log_open(bool to_stderr)
{
	return to_stderr ? open_stderr() : open_syslog();
}

static int
send_stderr(int sink, const char *ident, const char *line, size_t len)
{
	struct iovec iov[] = {
	    {.iov_base = (char *)ident, .iov_len = strlen(ident)},
	    {.iov_base = (char *)": ", .iov_len = 2},
	    {.iov_base = (char *)line, .iov_len = len},
	    {.iov_base = (char *)"\n", .iov_len = 1},
	};
	size_t whole = iov[0].iov_len + 3 + len;
	struct msghdr msg = {.msg_iov = iov, .msg_iovlen = 4};
	ssize_t n = sendmsg(sink, &msg, MSG_DONTWAIT | MSG_NOSIGNAL);

	if (n < 0 && errno == ENOTSOCK) {
		struct pollfd room = {.fd = sink, .events = POLLOUT};

		if (poll(&room, 1, 0) != 1 || (room.revents & POLLOUT) == 0)
			return -1;
		n = writev(sink, iov, 4);
	}
	return n == (ssize_t)whole ? 0 : -1;
}

/* RFC 3164: <PRI>TIMESTAMP TAG[PID]: CONTENT. */
static int
syslog_header(char *buf, size_t size, int level, const char *ident)
{
	char stamp[32];
	struct tm tm;
	time_t now = time(NULL);

	if (localtime_r(&now, &tm) == NULL ||
	    strftime(stamp, sizeof(stamp), "%b %e %H:%M:%S", &tm) == 0)
		return -1;
	return snprintf(buf, size, "<%d>%s %s[%d]: ", LOG_DAEMON | level, stamp, ident,
			(int)getpid());
}

static int
send_syslog(int sink, int level, const char *ident, const char *line, size_t len)
{
	char header[128];
	int n = syslog_header(header, sizeof(header), level, ident);
	struct iovec iov[] = {
	    {.iov_base = header, .iov_len = (size_t)n},
	    {.iov_base = (char *)line, .iov_len = len},
	};
	struct msghdr msg = {.msg_iov = iov, .msg_iovlen = 2};

	if (n < 0 || (size_t)n >= sizeof(header))
		return -1;
	if (sendmsg(sink, &msg, MSG_NOSIGNAL) >= 0)
		return 0;
	if (errno == EAGAIN || errno == ENOBUFS)
		return -1;
	/* the reader was not there, or was restarted and made a new socket */
	if (connect(sink, (const struct sockaddr *)&dev_log, sizeof(dev_log)) != 0)
		return -1;
	return sendmsg(sink, &msg, MSG_NOSIGNAL) >= 0 ? 0 : -1;
}

int
sys_log_send(int sink, bool to_stderr, int level, const char *ident, const char *line, size_t len)
{
	if (sink < 0)
		return -1;
	if (to_stderr)
		return send_stderr(sink, ident, line, len);
	return send_syslog(sink, level, ident, line, len);
}
