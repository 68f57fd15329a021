/* SPDX-License-Identifier: ISC */
/* When notifications left, so that those that may have left by a dying link can be told
 * again. It takes any number of them, remembers a tenth of a second exactly for some
 * seconds, and a minute for some hours. Pure. */
#ifndef UPLINK_SUBAGENT_DEPARTURES_H
#define UPLINK_SUBAGENT_DEPARTURES_H

#include <stdbool.h>
#include <stdint.h>

enum { DEPARTURES_SLOTS = 128 };

struct departures {
	struct departures_slot {
		uint64_t period;      /* which tenth or minute; 0: none */
		uint64_t first, last; /* lowest and highest number of the events told of in it */
	} tenths[DEPARTURES_SLOTS], minutes[DEPARTURES_SLOTS];
};

/* That of event number left now. now_ns never falls. */
void departures_note(struct departures *d, uint64_t number, uint64_t now_ns);

/* The lowest and highest number that left since then, or a little before. False: none did. */
bool departures_since(const struct departures *d, uint64_t since_ns, uint64_t now_ns,
		      uint64_t *first, uint64_t *last);

#endif
