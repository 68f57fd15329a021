/* SPDX-License-Identifier: ISC */
/* Small questions to the system that need no state: which boot is this, who is at the other end,
 * hand this text to another process. */
#include "config.h"

#include "system/system.h"

#include <sys/types.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/sysctl.h>
#include <sys/time.h>

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "system/zeroes.h"

/* The time of the boot. A clock that is set moves it, and the state of before is not used then: too
 * careful, but never wrong. Asked once, as a pledged process may not. */
int
sys_boot_id(char buf[static 40])
{
	const int mib[] = {CTL_KERN, KERN_BOOTTIME};
	static struct timeval boot;
	size_t len = sizeof(boot);

	if (boot.tv_sec == 0 && sysctl(mib, 2, &boot, &len, NULL, 0) == -1)
		return -1;
	snprintf(buf, 40, "%lld", (long long)boot.tv_sec);
	return 0;
}

const char *
sys_own_image(void)
{
	return NULL;
}

static int
write_all(int fd, const char *text, size_t len)
{
	while (len > 0) {
		ssize_t n = write(fd, text, len);

		if (n == -1) {
			if (errno == EINTR)
				continue;
			return -1;
		}
		text += n;
		len -= (size_t)n;
	}
	return 0;
}

/* A file without a name that can only be read; it has one for a moment. */
static int
text_file(const char *text, size_t len)
{
	char path[] = "/tmp/uplinkd.XXXXXXXXXX";
	int writable = mkostemp(path, O_CLOEXEC), fd = -1, saved;

	if (writable == -1)
		return -1;
	if (write_all(writable, text, len) == 0)
		fd = open(path, O_RDONLY | O_CLOEXEC);
	saved = errno;
	unlink(path);
	close(writable);
	errno = saved;
	return fd;
}

/* A process that may touch no file sends its text ahead: all of it, and then the end. */
static int
text_socket(const char *text, size_t len)
{
	int ends[2], size = (int)len + 4096, saved;
	ssize_t n;

	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, ends) == -1)
		return -1;
	(void)setsockopt(ends[0], SOL_SOCKET, SO_SNDBUF, &size, sizeof(size));
	(void)setsockopt(ends[1], SOL_SOCKET, SO_RCVBUF, &size, sizeof(size));
	n = send(ends[0], text, len, MSG_DONTWAIT | MSG_NOSIGNAL);
	saved = n == -1 ? errno : ENOBUFS;
	close(ends[0]);
	if (n == (ssize_t)len)
		return ends[1];
	close(ends[1]);
	errno = saved;
	return -1;
}

int
sys_text_fd(const char *text, size_t len)
{
	/* only the engine has no file system: it runs as its own user */
	return geteuid() == 0 ? text_file(text, len) : text_socket(text, len);
}

static ssize_t
read_some(int fd, char *text, size_t len, size_t at)
{
	ssize_t n;

	do
		n = pread(fd, text, len, (off_t)at);
	while (n == -1 && errno == EINTR);
	if (n == -1 && errno == ESPIPE)
		n = recv(fd, text, len, MSG_DONTWAIT);
	return n;
}

/* Regular, nameless and read-only; or the end of a pair whose other end is closed. */
static int
usable(int fd, struct stat *st)
{
	int flags = fcntl(fd, F_GETFL);

	if (flags == -1 || fstat(fd, st) == -1)
		return -1;
	if (S_ISSOCK(st->st_mode) ||
	    (S_ISREG(st->st_mode) && st->st_nlink == 0 && (flags & O_ACCMODE) == O_RDONLY))
		return 0;
	errno = EINVAL;
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
	size_t got = 0, room;
	ssize_t n = 1;
	char *text;

	if (usable(fd, &st) == -1) {
		errno = EINVAL;
		return NULL;
	}
	if (S_ISREG(st.st_mode) && (uintmax_t)st.st_size > max) {
		errno = EFBIG;
		return NULL;
	}
	room = S_ISREG(st.st_mode) ? (size_t)st.st_size : max;
	text = malloc(room + 1);
	while (text != NULL && got < room && (n = read_some(fd, text + got, room - got, got)) > 0)
		got += (size_t)n;
	if (text == NULL || n == -1 || (S_ISREG(st.st_mode) && got < room)) {
		/* more is to come: somebody could keep us waiting */
		if (n == -1 && errno == EAGAIN)
			errno = EINVAL;
		free(text);
		return NULL;
	}
	text[got] = '\0';
	*len = got;
	return text;
}

int
sys_peer(int fd, uid_t *uid, gid_t *gid)
{
	return getpeereid(fd, uid, gid);
}
