/* SPDX-License-Identifier: ISC */
/* How often the daemon puts right what someone else changes: two programs that
 * each want another route must not fight at full speed. Pure. */
#ifndef UPLINK_RATION_H
#define UPLINK_RATION_H

#include <stdint.h>

enum { RATION_TAKES = 5 };

struct ration {
	uint64_t taken_ns[RATION_TAKES]; /* a ring; 0: never */
	unsigned next;
	uint64_t last_ns;  /* the newest take */
	uint64_t pause_ns; /* of the last refusal, 0: none of late */
	uint64_t until_ns; /* nothing before */
};

/* Asks for one: 0 and it is taken, or the time from which it makes sense to ask
 * again. Five within 10 s are free, the next waits 5 s, and as long as that goes
 * on the wait doubles up to 60 s; two quiet minutes forget it. */
uint64_t ration_take(struct ration *r, uint64_t now_ns);

#endif
