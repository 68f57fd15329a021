/* SPDX-License-Identifier: ISC */
/* Transmit stamps. */
#include "config.h"

#include "engine/stamps.h"

#include <string.h>

#include "common/clock.h"
#include "engine/method.h"
#include "system/system.h"

/* A probe that waits longer for its way out than this was not sent then. */
#define QUEUED_MOST_NS (50 * NSEC_PER_MSEC)

void
stamps_sent(struct probe_socket *s, const struct target *t, const struct probe *probe)
{
	uint32_t number = s->stamps.next++;

	s->stamps.send[number % STAMPS].number = number;
	s->stamps.send[number % STAMPS].slot = t->slot;
	s->stamps.send[number % STAMPS].sequence = probe->sequence;
	s->stamps.send[number % STAMPS].waiting = true;
}

unsigned
stamps_missing(const struct probe_socket *s)
{
	return s->stamps.next - s->stamps.read;
}

/* Some drivers give none. */
void
stamps_read(struct probe_socket *s)
{
	if (stamps_missing(s) >= STAMPS / 2)
		s->stamps.read = s->stamps.next;
}

void
stamps_restart(struct probe_socket *s)
{
	memset(&s->stamps, 0, sizeof(s->stamps));
	(void)sys_stamp_sends(s->fd);
}

void
stamps_take(struct probe_socket *s, uint32_t number, uint64_t wall_ns)
{
	struct target *t;
	struct probe *probe;

	if (!s->stamps.send[number % STAMPS].waiting ||
	    s->stamps.send[number % STAMPS].number != number)
		return;
	s->stamps.send[number % STAMPS].waiting = false;
	s->stamps.read++;
	t = s->engine->slots[s->stamps.send[number % STAMPS].slot];
	if (t == NULL || t->link != s->link || t->conf.method != s->method)
		return;
	probe = probing_probe(t, s->stamps.send[number % STAMPS].sequence);
	/* One of an earlier numbering may come after a restart: it does not fit. */
	if (probe->state == PROBE_WAITING &&
	    probe->sequence == s->stamps.send[number % STAMPS].sequence &&
	    wall_ns > probe->sent_wall_ns && wall_ns - probe->sent_wall_ns < QUEUED_MOST_NS) {
		probe->sent_wall_ns = wall_ns;
		probe->stamped = true;
	}
}
