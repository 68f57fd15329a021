/* SPDX-License-Identifier: ISC */
/* One link: what it inherits, what it must have, and how often its budget lets its
 * targets be asked. */
#include <inttypes.h>

#include "conf/inherit.h"

static void
check_route(struct draft *d, const struct link_draft *l, int family)
{
	const struct value *source = &l->set[family == V4 ? SET_SOURCE : SET_SOURCE6];

	if (draft_carries(l, family) || l->broken)
		return;
	if (source->line != 0)
		draft_error(d, source->line,
			    "this source is %s, but the link has no %s gateway: add one, or remove "
			    "the source",
			    draft_family_names[family], draft_family_names[family]);
	if (family == V6 && l->set[SET_PREFIX].line != 0)
		draft_error(
		    d, l->set[SET_PREFIX].line,
		    "the link has a prefix, but no IPv6 gateway: add one, or remove the prefix");
}

/* An IP version that the link takes only if it is there has as many as it has. */
static void
check_quorum(struct draft *d, const struct link_draft *l)
{
	if (l->broken)
		return;
	for (int family = 0; family < FAMILIES; family++) {
		size_t n = conf_count_targets(&l->link, family, true);
		bool sure = !l->link.route[family].if_there ||
			    l->link.route[family == V4 ? V6 : V4].if_there;
		if (draft_carries(l, family) && sure && l->link.quorum > n) {
			draft_error(d, l->set[SET_QUORUM].line,
				    "quorum %" PRIu32
				    ", but the link has %zu %s target%s: lower it, or add targets",
				    l->link.quorum, n, draft_family_names[family],
				    n == 1 ? "" : "s");
			return;
		}
	}
}

/* What is left for a target must be a probe now and then. */
static void
check_budget(struct draft *d, const struct link_draft *l)
{
	const struct conf_link *link = &l->link;
	const struct value *set = l->set[SET_BUDGET].line != 0 ? l->set : d->set;
	uint64_t round = conf_round_octets(link), least;
	char budget[TIME_LEN], needed[TIME_LEN];

	if (link->budget == 0 || l->broken || link->budget >= round * CONF_BUDGET_ROUNDS)
		return;
	least = (round * CONF_BUDGET_ROUNDS + 999) / 1000 * 1000;
	draft_error(d, set[SET_BUDGET].line,
		    "budget %s per day is too little for the %zu targets of link \"%s\", each of "
		    "which needs a probe in an hour: give it %s, or ask fewer or less",
		    draft_value_text(KIND_OCTETS, link->budget, budget), link->ntargets, link->name,
		    draft_value_text(KIND_OCTETS, least, needed));
}

/* Where the intervals would take more than their share of the budget, all become longer
 * by the same factor. */
static void
fill_pace(struct conf_link *link, bool standby)
{
	const uint64_t day_ms = 86400000;
	uint64_t octets = 0, share = link->budget / 100 * CONF_BUDGET_SHARE;

	for (size_t i = 0; i < link->ntargets; i++) {
		struct conf_target *t = &link->targets[i];
		uint32_t *pace = &t->probe.pace_ms[standby];

		*pace = t->probe.interval_ms;
		if (standby && link->standby_interval_ms > *pace)
			*pace = link->standby_interval_ms;
		octets += conf_probe_octets(t) * day_ms / *pace;
	}
	for (size_t i = 0; share > 0 && octets > share && i < link->ntargets; i++) {
		uint32_t *pace = &link->targets[i].probe.pace_ms[standby];
		uint64_t longer = *pace * (octets / 1000 + 1) / (share / 1000);

		*pace = longer < day_ms ? (uint32_t)longer : (uint32_t)day_ms;
	}
}

void
draft_check_link(struct draft *d, struct link_draft *l)
{
	struct conf_link *link = &l->link;

	if (link->interface[0] == '\0' && !l->broken)
		draft_error(d, link->line, "link \"%s\" has no interface: add one", link->name);
	if (!draft_carries(l, V4) && !draft_carries(l, V6) && !l->broken)
		draft_error(d, link->line,
			    "link \"%s\" has no gateway: add its address, or gateway auto",
			    link->name);
	link->tier = (uint8_t)draft_link_number(d, l, SET_TIER);
	link->weight = (uint8_t)draft_link_number(d, l, SET_WEIGHT);
	link->hold_ms = draft_link_number(d, l, SET_HOLD);
	link->quorum = draft_link_number(d, l, SET_QUORUM);
	link->standby_interval_ms = draft_link_number(d, l, SET_STANDBY);
	link->budget = draft_inherited(d, l, SET_BUDGET, 0);
	link->index = (uint16_t)draft_link_number(d, l, SET_INDEX);
	link->pinned = l->set[SET_INDEX].line != 0;
	draft_fill_forwarding(d, l);
	check_route(d, l, V4);
	check_route(d, l, V6);
	draft_make_targets(d, l);
	check_quorum(d, l);
	check_budget(d, l);
	fill_pace(link, false);
	fill_pace(link, true);
	draft_fill_judgement(d, l);
}
