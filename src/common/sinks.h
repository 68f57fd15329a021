/* SPDX-License-Identifier: ISC */
/* How far a receiver of notifications has got, by a key that stays the same while its
 * line in the configuration does. */
#ifndef UPLINK_SINKS_H
#define UPLINK_SINKS_H

#include <stdint.h>

struct sink_mark {
	uint32_t key;    /* 0: none, or the only one */
	uint32_t held;   /* notifications that the limit keeps back */
	uint64_t number; /* all events up to here are dealt with, but for those */
	uint64_t
	    held_first; /* the first event of which the limit has left something untold; 0: none */
};

#endif
