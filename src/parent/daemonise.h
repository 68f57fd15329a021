/* SPDX-License-Identifier: ISC */
/* Into the background. The process that was started waits until the daemon says
 * how its start went, and leaves with that as its exit status. */
#ifndef UPLINK_DAEMONISE_H
#define UPLINK_DAEMONISE_H

/* Standard input, output and error that were closed lead nowhere: else what is opened first
 * would get their numbers, and what is printed. 0, or -1 with errno. */
int daemonise_streams(void);
/* Returns only in the daemon: a descriptor for daemonise_report, or -1 with
 * errno (then there was no fork). */
int daemonise(void);
/* Ends the wait with this status and lets go of the terminal. */
void daemonise_report(int fd, int status);

#endif
