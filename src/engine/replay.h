/* SPDX-License-Identifier: ISC */
/* uplinkd --replay: recorded samples through the judgement of another
 * configuration, at the recording's own time. It opens nothing and touches nothing
 * but the two streams. */
#ifndef UPLINK_REPLAY_H
#define UPLINK_REPLAY_H

#include <stdio.h>

#include "conf/conf.h"

/* name is the recording's, for messages. conf has its indexes. What would have
 * happened goes to out, what is wrong with the recording to errors. 0, or -1 where it
 * can't be replayed. */
int replay(FILE *in, const char *name, const struct conf *conf, FILE *out, FILE *errors);

#endif
