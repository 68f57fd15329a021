/* SPDX-License-Identifier: ISC */
/* Suspicion from traffic: much goes out on an interface and next to nothing comes
 * back. It decides nothing: it only makes the probes ask at once. Pure: time and
 * counters are arguments. */
#ifndef UPLINK_SUSPICION_H
#define UPLINK_SUSPICION_H

#include <stdbool.h>
#include <stdint.h>

enum {
	SUSPICION_SNAPSHOTS = 64,
	SUSPICION_POLL_MS = 25, /* so that they reach back 1.6 s */
};

struct traffic_snapshot {
	uint64_t at_ns;
	uint64_t received, sent; /* packets, as the interface counts them */
};

struct suspicion {
	struct traffic_snapshot ring[SUSPICION_SNAPSHOTS];
	uint32_t next, count;
	uint64_t not_before_ns; /* it was wrong lately: no other until then */
	uint64_t backoff_ns;
};

/* The interface's counters now. Counters that went back start afresh. */
void suspicion_add(struct suspicion *s, uint64_t now_ns, uint64_t received, uint64_t sent);

/* For the whole of the last window_ns flows have sent (5 packets or more) and at
 * most a twentieth of that came in. False while it does not know that far back, or
 * before it may be raised again. */
bool suspicion_raised(const struct suspicion *s, uint64_t window_ns, uint64_t now_ns);

/* It was raised: not again for a while, longer each time (1 s .. 1 min) until
 * there was none for as long. */
void suspicion_spent(struct suspicion *s, uint64_t now_ns);

#endif
