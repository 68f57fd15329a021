/* SPDX-License-Identifier: ISC */
/* uplinkd --replay: what a configuration would have made of recorded samples. */
#ifndef UPLINK_REHEARSE_H
#define UPLINK_REHEARSE_H

#include "parent/options.h"

/* Changes nothing. The exit status: 0 where the recording was replayed. */
int rehearse_main(const struct options *options);

#endif
