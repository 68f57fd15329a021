/* SPDX-License-Identifier: ISC */
#ifndef OPENBSD_SYS_SELECT_H
#define OPENBSD_SYS_SELECT_H

#include <sys/types.h>
typedef struct {
	uint32_t fds_bits[32];
} fd_set;

#endif
