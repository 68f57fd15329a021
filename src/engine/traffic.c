/* SPDX-License-Identifier: ISC */
/* Polls the interfaces' counters, for suspicion and to publish their octets. They are read for
 * all links at once, and with many links less often. */
#include "config.h"

#include "engine/traffic.h"

#include "common/clock.h"
#include "common/log.h"
#include "engine/burst.h"
#include "engine/interface.h"
#include "engine/publish.h"
#include "system/system.h"

enum { LINKS_A_POLL = 8, WINDOW_LEAST_US = 60000 };

#define OCTETS_NS NSEC_PER_SEC /* how often they are published */

bool
traffic_is_shared(const struct link *link)
{
	const struct engine *e = link->engine;

	for (size_t i = 0; i < e->nlinks; i++)
		if (e->links[i] != link && e->links[i]->facts.ifindex == link->facts.ifindex)
			return true;
	return false;
}

/* The longest that an answer takes on this IP version of the link, microseconds;
 * 0: nobody can be asked. */
static uint32_t
answers_take(const struct link *link, int family)
{
	uint32_t longest = 0;

	for (size_t i = 0; i < link->ntargets; i++) {
		const struct target *t = link->targets[i];
		uint32_t us = rto_us(&t->rto, WINDOW_LEAST_US, UINT32_MAX);

		if (t->conf.family == family && t->judge.status == TARGET_UP && us > longest)
			longest = us;
	}
	return longest;
}

static void
ask_if_suspect(struct link *link, uint64_t now_ns)
{
	bool asked = false;

	for (int f = 0; f < FAMILIES; f++) {
		uint64_t window = answers_take(link, f) * NSEC_PER_USEC;

		if (window != 0 && suspicion_raised(&link->suspicion, window, now_ns))
			asked |= burst_begin(link, f);
	}
	if (asked) {
		log_debug("link %s: traffic gets no answer: asking its targets", link->row.name);
		suspicion_spent(&link->suspicion, now_ns);
	}
}

static void
poll_link(struct link *link)
{
	struct engine *e = link->engine;
	uint64_t now = clock_mono_ns();
	bool may_suspect = e->conf->suspicion && !traffic_is_shared(link),
	     octets_due = now - link->octets_ns >= OCTETS_NS;
	struct sys_traffic_count count;

	if (link->facts.ifindex == 0 || !(may_suspect || octets_due) ||
	    sys_traffic_read(e->traffic, &link->facts, false, &count) != 0)
		return;
	if (octets_due) {
		link->octets_ns = now;
		interface_octets(&link->row, link->facts.ifindex, count.in_octets,
				 count.out_octets);
		publish_octets(link);
	}
	if (may_suspect) {
		suspicion_add(&link->suspicion, now, count.received, count.sent);
		ask_if_suspect(link, now);
	}
}

static void
on_poll(evutil_socket_t fd, short what, void *arg)
{
	struct engine *e = arg;

	(void)fd, (void)what;
	if (e->conf == NULL || ++e->traffic_polls * LINKS_A_POLL < e->nlinks)
		return;
	e->traffic_polls = 0;
	for (size_t i = 0; i < e->nlinks; i++)
		poll_link(e->links[i]);
}

void
traffic_start(struct engine *e, struct sys_traffic *traffic)
{
	struct timeval period = {.tv_usec = SUSPICION_POLL_MS * 1000};

	e->traffic = traffic;
	if (traffic == NULL) {
		log_warn("the interfaces' counters can't be read: only probes find a dead link");
		return;
	}
	e->traffic_poll = event_new(e->base, -1, EV_PERSIST, on_poll, e);
	if (e->traffic_poll != NULL)
		event_add(e->traffic_poll, &period);
}
