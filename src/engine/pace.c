/* SPDX-License-Identifier: ISC */
/* How often the targets of a link are asked as things stand. */
#include "config.h"

#include "engine/pace.h"

#include "common/clock.h"
#include "engine/budget.h"
#include "engine/publish.h"
#include "engine/sending.h"

/* It carries nothing, and would not if it were well: links of a better tier do. */
static bool
waits(const struct link *link)
{
	uint8_t active = link->engine->global.active_tier;

	return link->row.oper == OPER_STANDBY ||
	       (link->row.oper == OPER_OUT && active != 0 && link->row.tier > active);
}

void
pace_target(struct target *t)
{
	t->conf.probe.interval_ms = t->conf.probe.pace_ms[t->link->waits];
	t->row.interval_ms = t->conf.probe.interval_ms;
}

void
pace_links(struct engine *e)
{
	for (size_t i = 0; i < e->nlinks; i++) {
		struct link *link = e->links[i];

		if (link->waits == waits(link))
			continue;
		link->waits = !link->waits;
		for (size_t k = 0; k < link->ntargets; k++) {
			pace_target(link->targets[k]);
			sending_hasten(link->targets[k], (uint32_t)(k * 1000000 / link->ntargets));
			publish_target(link->targets[k]);
		}
	}
}

bool
pace_allows(struct link *link, uint64_t octets)
{
	struct board_budget *b = &link->row.budget;

	if (link->conf->budget == 0)
		return true;
	budget_fill(b, link->conf->budget, clock_mono_ns());
	if (budget_allows(b, link->conf->budget, octets))
		return true;
	link->row.budget_refusals++;
	return false;
}

void
pace_spend(struct link *link, int64_t octets)
{
	link->row.probe_octets += (uint64_t)octets;
	budget_spend(&link->row.budget, link->conf->budget, octets);
}
