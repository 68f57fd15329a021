/* SPDX-License-Identifier: ISC */
/* A process's own matters, by what every system has. */
#include "config.h"

#include "system/system.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <syslog.h>
#include <unistd.h>

#include "system/zeroes.h"

void
sys_allow_path(const char *path, const char *rights)
{
	(void)path;
	(void)rights;
}

const char *
sys_lacks(void)
{
	return NULL;
}

int
sys_confine(enum sys_role role, const char *user, const char **step)
{
	(void)role;
	(void)user;
	*step = "confine";
	errno = ENOSYS;
	return -1;
}

int
sys_limit_calls(enum sys_role role)
{
	(void)role;
	return 0;
}

int
sys_schedule(bool realtime)
{
	(void)realtime;
	return 0;
}

void
sys_realtime(sys_report *report, void *arg)
{
	(void)report;
	(void)arg;
}

int
sys_log_open(bool to_stderr)
{
	return to_stderr ? fcntl(STDERR_FILENO, F_DUPFD_CLOEXEC, 3)
			 : open("/dev/null", O_WRONLY | O_CLOEXEC);
}

int
sys_log_send(int sink, bool to_stderr, int level, const char *ident, const char *line, size_t len)
{
	struct pollfd room = {.fd = sink, .events = POLLOUT};

	if (!to_stderr) {
		syslog(LOG_DAEMON | level, "%.*s", (int)len, line);
		return 0;
	}
	if (poll(&room, 1, 0) != 1)
		return -1;
	return dprintf(sink, "%s: %.*s\n", ident, (int)len, line) < 0 ? -1 : 0;
}

int
sys_boot_id(char buf[static 40])
{
	strlcpy(buf, "none", 40);
	return 0;
}

const char *
sys_own_image(void)
{
	return NULL;
}

/* A file without a name. */
int
sys_text_fd(const char *text, size_t len)
{
	char path[] = "/tmp/uplinkd.XXXXXX";
	int fd = mkstemp(path);

	if (fd == -1)
		return -1;
	unlink(path);
	if (write(fd, text, len) == (ssize_t)len)
		return fd;
	close(fd);
	errno = EIO;
	return -1;
}

int
sys_make_room(int fd, off_t at, off_t len)
{
	(void)fd;
	(void)at;
	(void)len;
	return 0;
}

int
sys_make_zero(int fd, off_t len)
{
	return zeroes_write(fd, len);
}

char *
sys_text_read(int fd, size_t max, size_t *len)
{
	struct stat st;
	char *text;

	if (fstat(fd, &st) == -1 || !S_ISREG(st.st_mode) || st.st_nlink != 0) {
		errno = EINVAL;
		return NULL;
	}
	if ((size_t)st.st_size > max) {
		errno = EFBIG;
		return NULL;
	}
	text = malloc((size_t)st.st_size + 1);
	if (text == NULL || pread(fd, text, (size_t)st.st_size, 0) != st.st_size) {
		free(text);
		return NULL;
	}
	text[st.st_size] = '\0';
	*len = (size_t)st.st_size;
	return text;
}
