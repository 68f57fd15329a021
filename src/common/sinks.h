/* SPDX-License-Identifier: ISC */
/* How far a receiver of notifications has got, by a key that stays the same while its
 * line in the configuration does. */
#ifndef UPLINK_SINKS_H
#define UPLINK_SINKS_H

#include <stdint.h>

struct sink_mark {
	uint32_t key; /* 0: none */
	uint32_t reserved;
	uint64_t number; /* all events up to here are dealt with */
};

#endif
