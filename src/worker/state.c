/* SPDX-License-Identifier: ISC */
/* The file that outlives a reboot: which index belongs to which name. It is
 * replaced as a whole or not at all. */
#include "config.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "worker/worker.h"

enum { INDEXES_MAX = 1 << 20 }; /* octets; the largest map takes a tenth */

static const char file_name[] = "indexes.json", temporary_name[] = "indexes.json.new";

static int
reason(char *error, size_t error_size, const char *dir, const char *name, const char *step)
{
	snprintf(error, error_size, "%s/%s: %s: %s", dir, name, step, strerror(errno));
	return -1;
}

static int
read_all(int fd, char **text, size_t *len)
{
	char *buf = malloc(INDEXES_MAX);
	ssize_t got = 1;

	*len = 0;
	while (buf && *len < INDEXES_MAX && got > 0) {
		got = pread(fd, buf + *len, INDEXES_MAX - *len, (off_t)*len);
		if (got == -1 && errno == EINTR)
			got = 1;
		else if (got > 0)
			*len += (size_t)got;
	}
	if (!buf || got == -1 || *len == 0 || *len == INDEXES_MAX) {
		if (buf && got != -1)
			errno = *len == 0 ? ENODATA : EFBIG;
		free(buf);
		return -1;
	}
	*text = buf;
	return 0;
}

static int
write_all(int fd, const char *text, size_t len)
{
	while (len > 0) {
		ssize_t put = write(fd, text, len);

		if (put == -1 && errno == EINTR)
			continue;
		if (put == -1)
			return -1;
		text += put;
		len -= (size_t)put;
	}
	return fsync(fd);
}

static int
replace(int dirfd, const char *dir, const char *text, size_t len, char *error, size_t error_size)
{
	int fd = openat(dirfd, temporary_name,
			O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC, 0600);

	if (fd == -1)
		return reason(error, error_size, dir, temporary_name, "open");
	if (write_all(fd, text, len) == -1) {
		reason(error, error_size, dir, temporary_name, "write");
		close(fd);
		goto fail;
	}
	if (close(fd) == -1) {
		reason(error, error_size, dir, temporary_name, "close");
		goto fail;
	}
	if (renameat(dirfd, temporary_name, dirfd, file_name) == -1) {
		reason(error, error_size, dir, file_name, "rename");
		goto fail;
	}
	if (fsync(dirfd) == -1)
		return reason(error, error_size, dir, file_name, "fsync of the folder");
	return 0;
fail:
	unlinkat(dirfd, temporary_name, 0);
	return -1;
}

int
worker_store_indexes(const char *dir, int fd, char *error, size_t error_size)
{
	char *text;
	size_t len;
	int dirfd, result;

	if (read_all(fd, &text, &len) == -1)
		return reason(error, error_size, dir, file_name, "the new map can't be read");
	if (mkdir(dir, 0755) == -1 && errno != EEXIST) {
		snprintf(error, error_size, "%s: %s", dir, strerror(errno));
		free(text);
		return -1;
	}
	dirfd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (dirfd == -1) {
		snprintf(error, error_size, "%s: %s", dir, strerror(errno));
		free(text);
		return -1;
	}
	result = replace(dirfd, dir, text, len, error, error_size);
	close(dirfd);
	free(text);
	return result;
}
