/* SPDX-License-Identifier: ISC */
/* uplinkd -n: what is wrong with the configuration, and what it would do. */
#ifndef UPLINK_INSPECT_H
#define UPLINK_INSPECT_H

#include "parent/options.h"

/* Changes nothing. The exit status: 0 where the daemon would take the file. */
int inspect_main(const struct options *options);

#endif
