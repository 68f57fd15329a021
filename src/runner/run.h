/* SPDX-License-Identifier: ISC */
/* One run of a target's command: from the question to its answer, and to the end of
 * all that the program has started. */
#ifndef UPLINK_RUN_H
#define UPLINK_RUN_H

#include "asker/asker.h"

/* Starts one; it answers by itself, when the program ends or its time is over. */
asker_ask run_start;
/* After SIGCHLD: buries what has ended. */
void run_bury(void);

#endif
