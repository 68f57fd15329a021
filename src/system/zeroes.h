/* SPDX-License-Identifier: ISC */
/* Zeroes in a file, where the system has no call for it. */
#ifndef UPLINK_SYSTEM_ZEROES_H
#define UPLINK_SYSTEM_ZEROES_H

#include <sys/types.h>

/* As sys_make_zero. Writes only where something else stands, so that what is sparse stays so. */
int zeroes_write(int fd, off_t len);

#endif
