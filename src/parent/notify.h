/* SPDX-License-Identifier: ISC */
/* Tells a supervisor (systemd) what the daemon is up to, where there is one. */
#ifndef UPLINK_NOTIFY_H
#define UPLINK_NOTIFY_H

#include <stdbool.h>

/* Takes NOTIFY_SOCKET from the environment, so that no child has it. True: there
 * is a supervisor. */
bool notify_init(void);
/* "READY=1" and the like, see sd_notify(3). Never waits. */
void notify_supervisor(const char *state);

#endif
