/* SPDX-License-Identifier: ISC */
/* Zeroes in a file, by reading and writing. */
#include "config.h"

#include "system/zeroes.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

enum { PIECE = 8192 };

int
zeroes_write(int fd, off_t len)
{
	static const char zeroes[PIECE];
	char buf[PIECE];
	ssize_t n;

	for (off_t at = 0; at < len; at += n) {
		size_t want = len - at < PIECE ? (size_t)(len - at) : PIECE;

		n = pread(fd, buf, want, at);
		if (n > 0 && memcmp(buf, zeroes, (size_t)n) != 0)
			n = pwrite(fd, zeroes, (size_t)n, at);
		if (n == 0)
			errno = EIO; /* it has been cut meanwhile */
		if (n <= 0)
			return -1;
	}
	return 0;
}
