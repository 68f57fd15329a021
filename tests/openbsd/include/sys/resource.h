/* SPDX-License-Identifier: ISC */
#ifndef OPENBSD_SYS_RESOURCE_H
#define OPENBSD_SYS_RESOURCE_H

#include <sys/types.h>
#include <sys/time.h>
struct rlimit {
	rlim_t rlim_cur, rlim_max;
};
#define RLIM_INFINITY ((rlim_t)-1 >> 1)
#define RLIMIT_CPU 0
#define RLIMIT_FSIZE 1
#define RLIMIT_DATA 2
#define RLIMIT_CORE 4
#define RLIMIT_MEMLOCK 6
#define RLIMIT_NPROC 7
#define RLIMIT_NOFILE 8
#define PRIO_PROCESS 0
int getrlimit(int, struct rlimit *);
int setrlimit(int, const struct rlimit *);
int setpriority(int, id_t, int);

#endif
