/* SPDX-License-Identifier: ISC */
/* What is known of single releases. Pure. */
#ifndef UPLINK_OPENBSD_RELEASES_H
#define UPLINK_OPENBSD_RELEASES_H

#include <stdbool.h>

/* Whether its multipath never takes the last next hop: with two, all flows go by the first. So it
 * is from 7.8 on (a loop in sys/net/rtable.c since July 2025), and 7.7 was right. */
bool release_skips_last_next_hop(const char *release);

#endif
