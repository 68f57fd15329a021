/* SPDX-License-Identifier: ISC */
/* The files that outlive a reboot. Each is replaced as a whole or not at all. */
#include "config.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "system/system.h"
#include "worker/worker.h"

enum { TEXT_MAX = 1 << 20 }; /* octets; the largest there can be takes half of it */

/* What goes where. */
struct place {
	const char *dir, *name;
	char temporary[64];
	char *error;
	size_t error_size;
};

static int
reason(const struct place *p, const char *name, const char *step)
{
	snprintf(p->error, p->error_size, "%s/%s: %s: %s", p->dir, name, step, strerror(errno));
	return -1;
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
replace(const struct place *p, int dirfd, const char *text, size_t len)
{
	int fd = openat(dirfd, p->temporary,
			O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC, 0600);

	if (fd == -1)
		return reason(p, p->temporary, "open");
	if (write_all(fd, text, len) == -1) {
		reason(p, p->temporary, "write");
		close(fd);
		goto fail;
	}
	if (close(fd) == -1) {
		reason(p, p->temporary, "close");
		goto fail;
	}
	if (renameat(dirfd, p->temporary, dirfd, p->name) == -1) {
		reason(p, p->name, "rename");
		goto fail;
	}
	if (fsync(dirfd) == -1)
		return reason(p, p->name, "fsync of the folder");
	return 0;
fail:
	unlinkat(dirfd, p->temporary, 0);
	return -1;
}

/* The folder, made where it is missing; -1 with the reason. */
static int
open_folder(const struct place *p)
{
	int fd = -1;

	if (mkdir(p->dir, 0755) == 0 || errno == EEXIST)
		fd = open(p->dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd == -1)
		snprintf(p->error, p->error_size, "%s: %s", p->dir, strerror(errno));
	return fd;
}

int
worker_store(const char *dir, const char *name, int fd, char *error, size_t error_size)
{
	struct place p = {.dir = dir, .name = name, .error = error, .error_size = error_size};
	int dirfd, result;
	size_t len;
	char *text = sys_text_read(fd, TEXT_MAX, &len);

	snprintf(p.temporary, sizeof(p.temporary), "%s.new", name);
	if (text != NULL && len == 0) {
		free(text);
		text = NULL;
		errno = EINVAL;
	}
	if (text == NULL)
		return reason(&p, name, "the new text can't be read");
	dirfd = open_folder(&p);
	result = dirfd == -1 ? -1 : replace(&p, dirfd, text, len);
	if (dirfd != -1)
		close(dirfd);
	free(text);
	return result;
}
