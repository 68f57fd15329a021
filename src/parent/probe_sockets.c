/* SPDX-License-Identifier: ISC */
/* Most methods share one socket among all targets of the link. A connection needs
 * one for itself, for as long as its probe may be unanswered. The answers to icmp
 * probes come to one socket for all links: the kernel offers each of them to every
 * socket that might be meant. */
#include "parent/probe_sockets.h"

enum { ALL = 1000 };

/* The next probe may leave just before the time of the oldest is over; and a burst
 * comes on top. */
static unsigned
at_a_time(const struct conf_probe *p)
{
	unsigned n = p->timeout_ms / p->interval_ms + 1 + conf_burst(p);

	return n < INFLIGHT_MAX ? n : INFLIGHT_MAX;
}

struct probe_sockets
probe_sockets_needed(const struct conf_link *link, unsigned left_out)
{
	struct probe_sockets s = {0};

	for (size_t i = 0; i < link->ntargets; i++) {
		const struct conf_target *t = &link->targets[i];

		if (t->method == METHOD_TCP)
			s.n[t->method][t->family] += at_a_time(&t->probe);
		else if (t->method < PROBE_METHODS)
			s.n[t->method][t->family] = 1;
	}
	for (int family = 0; family < FAMILIES; family++) {
		uint16_t *n = &s.n[METHOD_TCP][family];
		unsigned left = *n * (ALL - left_out) / ALL;

		*n = *n == 0 || left > 0 ? (uint16_t)left : 1;
	}
	return s;
}

unsigned
probe_sockets_left_out(const struct conf *conf, unsigned room)
{
	unsigned others = FAMILIES, tcp = 0;

	for (size_t i = 0; i < conf->nlinks; i++) {
		struct probe_sockets s = probe_sockets_needed(&conf->links[i], 0);

		for (int family = 0; family < FAMILIES; family++)
			for (unsigned m = 0; m < PROBE_METHODS; m++)
				*(m == METHOD_TCP ? &tcp : &others) += s.n[m][family];
	}
	if (tcp == 0 || tcp + others <= room)
		return 0;
	return room > others ? ALL - (room - others) * ALL / tcp : ALL;
}

struct probe_sockets
probe_sockets_shared(const struct conf *conf)
{
	struct probe_sockets s = {0};

	for (size_t i = 0; i < conf->nlinks; i++) {
		struct probe_sockets link = probe_sockets_needed(&conf->links[i], 0);

		for (int family = 0; family < FAMILIES; family++)
			s.n[METHOD_ICMP][family] |= link.n[METHOD_ICMP][family];
	}
	return s;
}
