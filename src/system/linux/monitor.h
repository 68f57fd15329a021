/* SPDX-License-Identifier: ISC */
/* The kernel's events on links, addresses, routes and rules. */
#ifndef UPLINK_LINUX_MONITOR_H
#define UPLINK_LINUX_MONITOR_H

#include <libmnl/libmnl.h>

/* Non-blocking, with a large buffer, without the churn of foreign routes that
 * are no default. NULL with errno. */
struct mnl_socket *monitor_open(void);

/* Hands what is queued to each, up to a bound, so that a storm can't keep the
 * caller. 0 when all was read, 1 when there may be more, or -1 with errno:
 * ENOBUFS where events were lost. */
int monitor_read(struct mnl_socket *socket, void (*each)(void *arg, const struct nlmsghdr *nlh),
		 void *arg);

#endif
