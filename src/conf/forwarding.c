/* SPDX-License-Identifier: ISC */
/* What happens to the flows of a link: how they keep to it, what their addresses
 * become, when they are cut. Fills in what is inherited and what is default, and
 * names what contradicts itself. */
#include <string.h>

#include "conf/inherit.h"

enum { SECOND_MS = 1000 };

void
draft_mss(struct draft *d, unsigned value, int line)
{
	if (draft_once(d, SET_MSS, setting_ranges[SET_MSS].name, line))
		draft_scope(d)[SET_MSS].value = value;
}

void
draft_no_deadline(struct draft *d, int line)
{
	if (draft_once(d, SET_DRAIN_DEADLINE, setting_ranges[SET_DRAIN_DEADLINE].name, line))
		draft_scope(d)[SET_DRAIN_DEADLINE].value = 0;
}

void
draft_flows(struct draft *d, enum conf_flows how, int line)
{
	if (draft_once(d, SET_FLOWS, "flows", line))
		d->set[SET_FLOWS].value = how;
}

/* The innermost that sets it. */
static const struct value *
value_of(const struct draft *d, const struct link_draft *l, enum setting setting)
{
	return l->set[setting].line != 0 ? &l->set[setting] : &d->set[setting];
}

static bool
without_marks(const struct draft *d)
{
	return d->set[SET_FLOWS].line != 0 && d->set[SET_FLOWS].value == CONF_FLOWS_KERNEL;
}

/* A time in whole seconds, rounded up. */
static uint32_t
seconds(const struct draft *d, const struct link_draft *l, enum setting setting)
{
	uint64_t ms = draft_inherited(d, l, setting, setting_ranges[setting].standard);

	return (uint32_t)((ms + SECOND_MS - 1) / SECOND_MS);
}

void
draft_fill_forwarding(struct draft *d, struct link_draft *l)
{
	struct conf_link *link = &l->link;
	enum conf_nat nat = without_marks(d) ? CONF_NAT_NONE : CONF_NAT_MASQUERADE;

	link->keeps_flows = !without_marks(d);
	link->kill_flows = link->keeps_flows && draft_inherited(d, l, SET_KILL, true) != 0;
	link->rebalance = link->keeps_flows && draft_inherited(d, l, SET_REBALANCE, false) != 0;
	link->last_resort = l->set[SET_LAST_RESORT].value != 0;
	link->mss = (uint16_t)draft_inherited(d, l, SET_MSS, CONF_MSS_NO);
	link->drain_idle_s = seconds(d, l, SET_DRAIN_IDLE);
	link->drain_deadline_s = seconds(d, l, SET_DRAIN_DEADLINE);
	link->route[V4].nat = (uint8_t)draft_inherited(d, l, SET_NAT, nat);
	link->route[V6].nat = (uint8_t)draft_inherited(d, l, SET_NAT6, CONF_NAT_NONE);
}

/* ---- flows kernel ---- */

static void
refuse_nat(struct draft *d, const struct link_draft *l, enum setting setting)
{
	const struct value *v = value_of(d, l, setting);
	const char *name = setting == SET_NAT ? "nat" : "nat6";

	/* what stands in the file is told once */
	if (v->line == 0 || v->value == CONF_NAT_NONE || (v == &d->set[setting] && l != d->links))
		return;
	draft_error(d, v->line,
		    "flows kernel, in line %d, goes without address translation: say %s none, or "
		    "flows marks",
		    d->set[SET_FLOWS].line, name);
}

/* Without marks a link's packets are known by the interface alone. */
static void
refuse_shared_mss(struct draft *d, const struct link_draft *l)
{
	if (l->link.mss == CONF_MSS_NO)
		return;
	for (size_t i = 0; i < d->nlinks; i++) {
		const struct link_draft *other = &d->links[i];

		if (other == l || strcmp(other->link.interface, l->link.interface) != 0)
			continue;
		draft_error(d, value_of(d, l, SET_MSS)->line,
			    "mss clamp with flows kernel needs an interface for each link, but "
			    "link \"%s\" has that of link \"%s\": say mss clamp no, or flows marks",
			    l->link.name, other->link.name);
		return;
	}
}

/* ---- prefixes ---- */

static bool
translates_prefix(const struct link_draft *l)
{
	return l->link.route[V6].nat == CONF_NAT_PREFIX;
}

/* What comes in for an outer prefix must have one meaning. */
static void
check_prefix(struct draft *d, const struct link_draft *l)
{
	const struct conf_route *route = &l->link.route[V6];
	int line = l->set[SET_NAT6].line;
	char text[ADDR_STRLEN], whole[ADDR_STRLEN];

	if (route->gateway_kind == CONF_GATEWAY_NONE && !l->broken)
		draft_error(d, line,
			    "nat6 prefix, but the link has no IPv6 gateway: add one, or remove it");
	for (const struct link_draft *other = d->links; other != l; other++) {
		const struct conf_route *r = &other->link.route[V6];
		bool wider = r->nat_addr.plen <= route->nat_addr.plen;
		const struct addr *part = wider ? &route->nat_addr : &r->nat_addr;
		const struct addr *all = wider ? &r->nat_addr : &route->nat_addr;

		if (!translates_prefix(other) || !addr_in_prefix(part, all) ||
		    (r->nat_addr.plen == route->nat_addr.plen &&
		     addr_equal(&r->nat_inside, &route->nat_inside)))
			continue;
		draft_error(d, line,
			    "nat6 prefix: %s is part of %s, and link \"%s\" gives it another "
			    "meaning: outer prefixes must differ",
			    addr_text(part, text), addr_text(all, whole), other->link.name);
		return;
	}
}

void
draft_check_forwarding(struct draft *d)
{
	for (size_t i = 0; i < d->nlinks; i++)
		if (translates_prefix(&d->links[i]))
			check_prefix(d, &d->links[i]);
	if (!without_marks(d))
		return;
	if (d->set[SET_RESET].value != 0)
		draft_error(d, d->set[SET_RESET].line,
			    "flows kernel, in line %d, cuts no flow, so no client can be told: "
			    "say reset clients no, or flows marks",
			    d->set[SET_FLOWS].line);
	for (size_t i = 0; i < d->nlinks; i++) {
		refuse_nat(d, &d->links[i], SET_NAT);
		refuse_nat(d, &d->links[i], SET_NAT6);
		refuse_shared_mss(d, &d->links[i]);
	}
}
