/* SPDX-License-Identifier: ISC */
/* The worker's counts on the board. What was published never falls, though the
 * kernel's counters may begin again. */
#include "config.h"

#include "engine/counts.h"

#include <string.h>

#include "common/clock.h"
#include "engine/decide.h"
#include "engine/publish.h"

/* What was published never falls: where the kernel's began again at 0, or are below
 * what an earlier engine has seen, it goes on from there. */
static void
counter_publish(uint64_t *published, uint64_t *offset, uint64_t kernel, bool again)
{
	if (again || kernel + *offset < *published)
		*offset = *published;
	*published = kernel + *offset;
}

/* Managers are told tenths of a second, and that counts began anew by another time: also
 * of a link that came back at once. */
static void
begin_counting(struct board_route *r)
{
	const uint64_t tenth = 100 * NSEC_PER_MSEC;
	uint64_t before = r->discontinuity_wall_ns;

	if (r->has_counters || r->has_lookups)
		return;
	r->discontinuity_ns = clock_mono_ns();
	r->discontinuity_wall_ns = clock_wall_ns();
	if (r->discontinuity_wall_ns / tenth == before / tenth)
		r->discontinuity_wall_ns += tenth;
}

static void
take_counter(struct board_route *r, const struct ipc_counter *in, bool again)
{
	uint64_t *offset = r->counter_offset;

	if (in->has_traffic) {
		begin_counting(r);
		r->has_counters = 1;
		counter_publish(&r->packets, &offset[0], in->packets, again);
		counter_publish(&r->octets, &offset[1], in->octets, again);
		r->has_new_flows = in->has_new_flows != 0;
		counter_publish(&r->new_flows, &offset[2], in->new_flows, again);
	}
	if (in->has_lookups) { /* a route's own, whatever was made afresh */
		begin_counting(r);
		r->has_lookups = 1;
		counter_publish(&r->lookups, &r->lookups_offset, in->lookups, false);
	}
}

void
counts_traffic(struct engine *e, const struct ipc_counters *c)
{
	bool again = e->global.counter_epoch != 0 && e->global.counter_epoch != c->epoch;

	e->global.counter_epoch = c->epoch;
	for (uint32_t i = 0; i < c->count; i++) {
		const struct ipc_counter *in = &c->counters[i];
		struct link *link = model_link(e, in->link);

		if (link == NULL || in->family >= FAMILIES)
			continue;
		take_counter(&link->row.route[in->family], in, again);
		publish_row(link);
	}
}

void
counts_live_flows(struct engine *e, const struct ipc_flows *f)
{
	struct link *link = model_link(e, f->link);

	if (link == NULL)
		return;
	link->row.live_flows = f->count;
	link->row.has_live_flows = 1;
	link->flows_counted_ns = clock_mono_ns();
	publish_row(link);
	if (link->row.oper == OPER_DRAINING)
		decide(e);
}

void
counts_flows_killed(struct engine *e, const struct ipc_flows *f)
{
	struct link *link = model_link(e, f->link);

	if (link != NULL) {
		publish_flows_killed(e, link->failover_event, f->count);
		if (link->row.cut == CUT_ORDERED) {
			link->row.cut = CUT_NONE;
			publish_row(link);
		}
	} else if (f->link <= LINKS_MAX && e->gone_cut[f->link] == CUT_ORDERED) {
		e->gone_cut[f->link] = CUT_NONE;
	}
	/* there is room for those that its channel could not hold */
	decide_kills(e);
}

void
counts_bypass(struct engine *e, const struct ipc_bypass *b)
{
	memcpy(e->global.bypass, b->text, sizeof(e->global.bypass));
	e->global.bypass[sizeof(e->global.bypass) - 1] = '\0';
	publish_global(e);
}
