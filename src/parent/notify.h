/* SPDX-License-Identifier: ISC */
/* Tells a supervisor (systemd) what the daemon is up to, where there is one. */
#ifndef UPLINK_NOTIFY_H
#define UPLINK_NOTIFY_H

#include <stdbool.h>
#include <stdint.h>

/* Takes NOTIFY_SOCKET and the limit of its watchdog from the environment, so that no
 * child has them. True: there is a supervisor. */
bool notify_init(void);
/* "READY=1" and the like, see sd_notify(3). Never waits. */
void notify_supervisor(const char *state);

/* The event loop turns: to be called more often than the supervisor's watchdog asks. */
void notify_alive(uint64_t now_ns);

#endif
