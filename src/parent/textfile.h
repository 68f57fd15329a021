/* SPDX-License-Identifier: ISC */
/* Reads a small regular file whole. */
#ifndef UPLINK_TEXTFILE_H
#define UPLINK_TEXTFILE_H

#include <stdbool.h>
#include <stddef.h>

enum { TEXTFILE_MAX = 1 << 20 };

/* The text, NUL-terminated behind its len octets, to be freed; NULL with errno
 * and a reason in words. Anything but a regular file of at most 1 MiB is refused,
 * without waiting for it. */
char *textfile_read(const char *path, size_t *len, char *error, size_t error_size);

/* The same of a file with secrets: refused where it is not root's (or the caller's
 * own), or where anybody else may read or write it. */
char *textfile_read_private(const char *path, size_t *len, char *error, size_t error_size);
/* Frees it, and leaves no trace of it in memory. NULL: nothing. */
void textfile_forget(char *text, size_t len);

#endif
