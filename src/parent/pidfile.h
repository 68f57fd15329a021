/* SPDX-License-Identifier: ISC */
/* The pid file: its lock, not its existence, says that a daemon runs. */
#ifndef UPLINK_PIDFILE_H
#define UPLINK_PIDFILE_H

#include <sys/types.h>

/* Locks it and writes this process's id. The descriptor to keep; -1 with errno;
 * -2: another has it, *owner is its id (0: not known). */
int pidfile_take(const char *path, pid_t *owner);
void pidfile_remove(const char *path, int fd);

#endif
