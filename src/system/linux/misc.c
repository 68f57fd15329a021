/* SPDX-License-Identifier: ISC */
/* Small questions to the system that need no state: which boot is this, who is
 * at the other end, hand this text to another process. */
#include "config.h"

#include "system/system.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "system/zeroes.h"

int
sys_boot_id(char buf[static 40])
{
	int fd = open("/proc/sys/kernel/random/boot_id", O_RDONLY | O_CLOEXEC);
	ssize_t n;

	if (fd < 0)
		return -1;
	n = read(fd, buf, 39);
	close(fd);
	if (n <= 0)
		return -1;
	buf[n] = '\0';
	buf[strcspn(buf, "\n")] = '\0';
	return 0;
}

const char *
sys_own_image(void)
{
	return "/proc/self/exe";
}

static int
write_all(int fd, const char *text, size_t len)
{
	while (len > 0) {
		ssize_t n = write(fd, text, len);

		if (n < 0) {
			if (errno == EINTR)
				continue;
			return -1;
		}
		text += n;
		len -= (size_t)n;
	}
	return 0;
}

/* What makes it a text that nobody can change any more. */
static const int seals = F_SEAL_SEAL | F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE;

int
sys_text_fd(const char *text, size_t len)
{
	int fd = memfd_create("uplinkd-text", MFD_CLOEXEC | MFD_ALLOW_SEALING);

	if (fd < 0)
		return -1;
	if (write_all(fd, text, len) != 0 || fcntl(fd, F_ADD_SEALS, seals) != 0 ||
	    lseek(fd, 0, SEEK_SET) != 0) {
		int saved = errno;

		close(fd);
		errno = saved;
		return -1;
	}
	return fd;
}

int
sys_make_room(int fd, off_t at, off_t len)
{
	int result;

	do
		result = fallocate(fd, 0, at, len);
	while (result != 0 && errno == EINTR);
	return result != 0 && errno == EOPNOTSUPP ? 0 : result;
}

int
sys_make_zero(int fd, off_t len)
{
	int result;

	if (len == 0)
		return 0;
	do
		result = fallocate(fd, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, 0, len);
	while (result != 0 && errno == EINTR);
	return result != 0 && errno == EOPNOTSUPP ? zeroes_write(fd, len) : result;
}

char *
sys_text_read(int fd, size_t max, size_t *len)
{
	struct stat st;
	size_t size, got = 0;
	ssize_t n = 1;
	char *text;

	if (fcntl(fd, F_GET_SEALS) != seals || fstat(fd, &st) != 0) {
		errno = EINVAL;
		return NULL;
	}
	size = (size_t)st.st_size;
	if (size > max) {
		errno = EFBIG;
		return NULL;
	}
	text = malloc(size + 1);
	while (text != NULL && got < size && n > 0) {
		n = pread(fd, text + got, size - got, (off_t)got);
		if (n > 0)
			got += (size_t)n;
		else if (n < 0 && errno == EINTR)
			n = 1;
	}
	if (text == NULL || got < size) {
		free(text);
		return NULL;
	}
	text[size] = '\0';
	*len = size;
	return text;
}

int
sys_peer(int fd, uid_t *uid, gid_t *gid)
{
	struct ucred cred;
	socklen_t len = sizeof(cred);

	if (getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &cred, &len) != 0)
		return -1;
	*uid = cred.uid;
	*gid = cred.gid;
	return 0;
}
