/* SPDX-License-Identifier: ISC */
#ifndef OPENBSD_SYS_SYSCTL_H
#define OPENBSD_SYS_SYSCTL_H

#include <sys/types.h>
#define CTL_KERN 1
#define CTL_NET 4
#define KERN_BOOTTIME 21
int sysctl(const int *, u_int, void *, size_t *, void *, size_t);

#endif
