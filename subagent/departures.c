/* SPDX-License-Identifier: ISC */
/* Two rings of periods, a fine one and a coarse one. */
#include "config.h"

#include "subagent/departures.h"

#include "common/clock.h"

#define TENTH_NS (NSEC_PER_SEC / 10)
#define MINUTE_NS (60 * NSEC_PER_SEC)

static void
note(struct departures_slot *slots, uint64_t period, uint64_t number)
{
	struct departures_slot *s = &slots[period % DEPARTURES_SLOTS];

	if (s->period != period)
		*s = (struct departures_slot){period, number, number};
	if (number < s->first)
		s->first = number;
	if (number > s->last)
		s->last = number;
}

void
departures_note(struct departures *d, uint64_t number, uint64_t now_ns)
{
	note(d->tenths, now_ns / TENTH_NS, number);
	note(d->minutes, now_ns / MINUTE_NS, number);
}

bool
departures_since(const struct departures *d, uint64_t since_ns, uint64_t now_ns, uint64_t *first,
		 uint64_t *last)
{
	bool fine = since_ns / TENTH_NS + DEPARTURES_SLOTS > now_ns / TENTH_NS, found = false;
	const struct departures_slot *slots = fine ? d->tenths : d->minutes;
	uint64_t from = since_ns / (fine ? TENTH_NS : MINUTE_NS);

	for (int i = 0; i < DEPARTURES_SLOTS; i++) {
		const struct departures_slot *s = &slots[i];

		if (s->period == 0 || s->period < from)
			continue;
		if (!found || s->first < *first)
			*first = s->first;
		if (!found || s->last > *last)
			*last = s->last;
		found = true;
	}
	return found;
}
