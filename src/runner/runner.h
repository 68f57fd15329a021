/* SPDX-License-Identifier: ISC */
/* The process that runs the programs of "command" targets, each so that what it sends
 * keeps to its link. It decides nothing, and reads nothing of what they write. */
#ifndef UPLINK_RUNNER_H
#define UPLINK_RUNNER_H

/* Runs until the parent ends it. Already confined. The exit status. */
int runner_main(int channel);

#endif
