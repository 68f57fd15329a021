/* SPDX-License-Identifier: ISC */
/* The process of the hooks: runs programs on events, and nothing else. Nobody waits for
 * it, and it waits for nobody. */
#ifndef UPLINK_HOOKS_H
#define UPLINK_HOOKS_H

/* Below the daemon's folder in /run: where programs run, and may keep files. */
#define HOOKS_FOLDER "hooks"

/* The process: returns its exit status. channel: of ipc_pair, to the parent. log_init
 * must have been called. */
int hooks_main(int channel, const char *rundir);

#endif
