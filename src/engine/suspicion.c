/* SPDX-License-Identifier: ISC */
/* A ring of counters, and the question whether anything comes back. */
#include "config.h"

#include "engine/suspicion.h"

#include <string.h>

#include "common/clock.h"

enum { SENT_LEAST = 5, ANSWERED_PART = 20 };
#define BACKOFF_LEAST_NS NSEC_PER_SEC
#define BACKOFF_MOST_NS (60 * NSEC_PER_SEC)

/* age 0: the newest. */
static const struct traffic_snapshot *
snapshot(const struct suspicion *s, uint32_t age)
{
	return &s->ring[(s->next - 1 - age) % SUSPICION_SNAPSHOTS];
}

void
suspicion_add(struct suspicion *s, uint64_t now_ns, uint64_t received, uint64_t sent)
{
	if (s->count > 0 && (received < snapshot(s, 0)->received || sent < snapshot(s, 0)->sent))
		s->count = 0;
	s->ring[s->next++ % SUSPICION_SNAPSHOTS] =
	    (struct traffic_snapshot){.at_ns = now_ns, .received = received, .sent = sent};
	if (s->count < SUSPICION_SNAPSHOTS)
		s->count++;
}

bool
suspicion_raised(const struct suspicion *s, uint64_t window_ns, uint64_t now_ns)
{
	uint32_t age = 0;
	uint64_t sent, received;

	if (now_ns < s->not_before_ns || s->count == 0)
		return false;
	while (age < s->count && now_ns - snapshot(s, age)->at_ns < window_ns)
		age++;
	if (age == s->count)
		return false;
	sent = snapshot(s, 0)->sent - snapshot(s, age)->sent;
	received = snapshot(s, 0)->received - snapshot(s, age)->received;
	return sent >= SENT_LEAST && received * ANSWERED_PART <= sent;
}

void
suspicion_spent(struct suspicion *s, uint64_t now_ns)
{
	bool quiet = now_ns > s->not_before_ns + s->backoff_ns;

	s->backoff_ns = quiet || s->backoff_ns == 0 ? BACKOFF_LEAST_NS : 2 * s->backoff_ns;
	if (s->backoff_ns > BACKOFF_MOST_NS)
		s->backoff_ns = BACKOFF_MOST_NS;
	s->not_before_ns = now_ns + s->backoff_ns;
}
