/* SPDX-License-Identifier: ISC */
/* What the kernel tells the parent: facts of the links, and what someone else
 * did to the daemon's routes. */
#ifndef UPLINK_PARENT_KERNEL_H
#define UPLINK_PARENT_KERNEL_H

#include "parent/state.h"

/* Opens the kernel's routing and its events. 0, or -1 with errno. */
int kernel_open(struct parent *p);
/* Makes what the configuration asks for, and says what can't be. */
void kernel_configure(struct parent *p);
/* Now and then: what the kernel could not be asked is tried again. */
void kernel_tick(struct parent *p);
/* Sets what failover needs of the kernel's settings, and says so in the log. */
void kernel_settings(struct parent *p);
/* Tells engine and worker, and whom it concerns on the LAN, what p->installed has. */
void kernel_tell_installed(struct parent *p, const struct sys_apply_counts *counts);

void kernel_close(struct parent *p);

#endif
