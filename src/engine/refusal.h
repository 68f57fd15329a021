/* SPDX-License-Identifier: ISC */
/* An order that was not taken: where, why, in words, and as an event. */
#ifndef UPLINK_REFUSAL_H
#define UPLINK_REFUSAL_H

#include "engine/model.h"

struct refusal {
	enum order_verdict verdict;
	uint16_t order; /* which of them */
	uint8_t field;
	const struct link *link; /* or NULL */
};

/* In words, with what to do. "" for an order that was taken. */
const char *refusal_text(const struct refusal *r);

/* Counts it, and makes an event of it: not of every one, or somebody who tries again
 * and again would push what really happened out of the ring. wanted is the admin
 * status that was ordered, 0: none. */
void refusal_tell(struct engine *e, const struct refusal *r, unsigned wanted, enum actor actor,
		  uint32_t uid, const char *user);

#endif
