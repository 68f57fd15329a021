/* SPDX-License-Identifier: ISC */
/* Flap damping in the shape of RFC 2439: every fall adds to a penalty that decays
 * by half in each half-life; above one limit the link is suppressed, below another
 * it may be used again. Pure: time is an argument. */
#ifndef UPLINK_DAMPING_H
#define UPLINK_DAMPING_H

#include <stdbool.h>
#include <stdint.h>

#include "conf/conf.h"

enum { DAMPING_PER_FLAP = 1000 };

struct damping {
	double penalty; /* at updated_ns */
	uint64_t updated_ns;
	bool suppressed;
};

/* The penalty at now_ns, not less than updated_ns. */
double damping_penalty(const struct damping *d, const struct conf_flap *limits, uint64_t now_ns);

/* The link has gone down. Returns true when it is suppressed from now on and was
 * not before. */
bool damping_flap(struct damping *d, const struct conf_flap *limits, uint64_t now_ns);

/* Time has passed. Returns true when it is free from now on and was not before. */
bool damping_settle(struct damping *d, const struct conf_flap *limits, uint64_t now_ns);

/* When a suppressed link will be free if it does not fall again; 0: it is free. */
uint64_t damping_free_at(const struct damping *d, const struct conf_flap *limits);

#endif
