/* SPDX-License-Identifier: ISC */
/* Reads a small regular file whole. */
#include "parent/textfile.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* Reads until the end or until size octets are there. The number, or -1. */
static ssize_t
read_all(int fd, char *buf, size_t size)
{
	size_t got = 0;

	while (got < size) {
		ssize_t n = read(fd, buf + got, size - got);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -1;
		if (n == 0)
			break;
		got += (size_t)n;
	}
	return (ssize_t)got;
}

static bool
is_private(const struct stat *st)
{
	return (st->st_uid == 0 || st->st_uid == geteuid()) &&
	       (st->st_mode & (S_IRWXG | S_IRWXO)) == 0;
}

static char *
read_file(const char *path, bool private, size_t *len, char *error, size_t error_size)
{
	char *text = NULL;
	struct stat st;
	ssize_t n;
	int saved;
	/* Non-blocking: a named pipe in its place must not hold the daemon. */
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);

	if (fd < 0 || fstat(fd, &st) != 0)
		goto fail;
	errno = EINVAL;
	if (!S_ISREG(st.st_mode))
		goto fail;
	errno = EPERM;
	if (private && !is_private(&st))
		goto fail;
	text = malloc(TEXTFILE_MAX + 2);
	if (text == NULL)
		goto fail;
	n = read_all(fd, text, TEXTFILE_MAX + 1);
	if (n < 0)
		goto fail;
	errno = EFBIG;
	if (n > TEXTFILE_MAX)
		goto fail;
	close(fd);
	text[n] = '\0';
	*len = (size_t)n;
	return text;
fail:
	saved = errno;
	snprintf(error, error_size, "%s",
		 saved == EINVAL  ? "not a regular file"
		 : saved == EFBIG ? "larger than 1 MiB"
		 : saved == EPERM && private
		     ? "others may read or change it: it must be root's, with mode 0600"
		     : strerror(saved));
	free(text);
	if (fd >= 0)
		close(fd);
	errno = saved;
	return NULL;
}

char *
textfile_read(const char *path, size_t *len, char *error, size_t error_size)
{
	return read_file(path, false, len, error, error_size);
}

char *
textfile_read_private(const char *path, size_t *len, char *error, size_t error_size)
{
	return read_file(path, true, len, error, error_size);
}

void
textfile_forget(char *text, size_t len)
{
	if (text != NULL)
		explicit_bzero(text, len);
	free(text);
}
