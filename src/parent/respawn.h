/* SPDX-License-Identifier: ISC */
/* When a child that died is started again: at once, unless it keeps dying. Pure:
 * time comes in, a delay goes out. */
#ifndef UPLINK_RESPAWN_H
#define UPLINK_RESPAWN_H

#include <stdbool.h>
#include <stdint.h>

struct respawn {
	uint64_t death_ns[2]; /* the two before this one, newest first; 0: none */
	uint64_t delay_ns;    /* of the back-off in force, 0: none */
};

struct respawn_verdict {
	uint64_t delay_ns; /* wait so long, 0: start it at once */
	bool keeps_dying;  /* this was the third death within 10 s: once for each row of deaths */
};

/* The child that was started at started_ns has died. Three deaths within 10 s
 * start a back-off of 1 s that doubles up to 60 s; a life of 10 s ends it. */
struct respawn_verdict respawn_died(struct respawn *r, uint64_t started_ns, uint64_t now_ns);

#endif
