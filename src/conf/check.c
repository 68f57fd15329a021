/* SPDX-License-Identifier: ISC */
/* Makes a configuration of a draft: fills in what is inherited and what is
 * default, and checks what can only be seen in the whole. It goes on after a
 * mistake, but does not blame a link for what a broken statement may have said. */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "conf/draft.h"

enum { DNS_PORT = 53, HTTP_PORT = 80, HTTPS_PORT = 443 };

static const char *const family_names[FAMILIES] = {"IPv4", "IPv6"};

/* ---- values: the innermost that is set ---- */

static uint64_t
inherited(const struct draft *d, const struct link_draft *l, enum setting setting,
	  uint64_t standard)
{
	if (l->set[setting].line != 0)
		return l->set[setting].value;
	return d->set[setting].line != 0 ? d->set[setting].value : standard;
}

static uint32_t
link_number(const struct draft *d, const struct link_draft *l, enum setting setting)
{
	return (uint32_t)inherited(d, l, setting, setting_ranges[setting].standard);
}

static uint32_t
probe_number(const struct draft *d, const struct link_draft *l, const struct target_draft *t,
	     enum setting setting)
{
	if (t != NULL && t->set[setting].line != 0)
		return (uint32_t)t->set[setting].value;
	return link_number(d, l, setting);
}

static uint64_t
file_value(const struct draft *d, enum setting setting, uint64_t standard)
{
	return d->set[setting].line != 0 ? d->set[setting].value : standard;
}

static bool
carries(const struct link_draft *l, int family)
{
	return l->link.route[family].gateway_kind != CONF_GATEWAY_NONE;
}

/* ---- targets ---- */

/* The innermost line that says how long and how often a target is asked. */
static int
timing_line(const struct draft *d, const struct link_draft *l, const struct target_draft *t)
{
	const struct value *scopes[] = {t != NULL ? t->set : l->set, l->set, d->set};

	for (size_t i = 0; i < sizeof scopes / sizeof *scopes; i++)
		for (int s = SET_TIMEOUT; s >= SET_INTERVAL; s--)
			if (scopes[i][s].line != 0)
				return scopes[i][s].line;
	return l->link.line;
}

/* A long timeout keeps many probes unanswered at a time, and their number is bounded. */
static void
check_timing(struct draft *d, const struct link_draft *l, const struct target_draft *t,
	     const struct conf_probe *p)
{
	char timeout[TIME_LEN], interval[TIME_LEN], most[TIME_LEN];
	uint32_t inflight = (p->timeout_ms + p->interval_ms - 1) / p->interval_ms;
	int line = timing_line(d, l, t);

	if (inflight <= INFLIGHT_MAX || line == d->timing_line)
		return;
	d->timing_line = line; /* told once, not for every target that inherits it */
	draft_time_text(p->timeout_ms, timeout);
	draft_time_text(p->interval_ms, interval);
	draft_time_text((uint64_t)p->interval_ms * INFLIGHT_MAX, most);
	draft_error(d, line,
		    "timeout %s with interval %s keeps %" PRIu32 " probes of a target unanswered, "
		    "more than %d: set the timeout to %s or less",
		    timeout, interval, inflight, INFLIGHT_MAX, most);
}

/* What the method needs, and nothing that it has no use for. */
static void
fill_method(const struct draft *d, const struct link_draft *l, const struct target_draft *t,
	    struct conf_target *target)
{
	if (target->method == METHOD_ICMP) {
		target->size = (uint16_t)probe_number(d, l, t, SET_SIZE);
		target->ttl = (uint8_t)probe_number(d, l, t, SET_TTL);
	} else if (target->method == METHOD_TCP) {
		target->port = (uint16_t)probe_number(d, l, t, SET_PORT);
	} else if (target->method == METHOD_DNS) {
		target->port = DNS_PORT;
	} else if (target->http != NULL) {
		target->port = target->method == METHOD_HTTP ? HTTP_PORT : HTTPS_PORT;
		if (t->set[SET_PORT].line != 0)
			target->port = (uint16_t)t->set[SET_PORT].value;
		target->http->status = (uint16_t)probe_number(d, l, t, SET_STATUS);
	}
}

static void
add_target(struct draft *d, struct link_draft *l, const struct target_draft *t,
	   const struct conf_target *target)
{
	struct conf_target *added = &l->link.targets[l->link.ntargets++];
	struct conf_probe *p = &added->probe;

	*added = *target;
	if (draft_copy_service(added) != 0)
		draft_no_memory(d);
	p->interval_ms = probe_number(d, l, t, SET_INTERVAL);
	p->timeout_ms = probe_number(d, l, t, SET_TIMEOUT);
	p->down_after = probe_number(d, l, t, SET_DOWN_AFTER);
	p->up_after = probe_number(d, l, t, SET_UP_AFTER);
	p->window_ms = probe_number(d, l, t, SET_WINDOW);
	p->timing_line = timing_line(d, l, t);
	fill_method(d, l, t, added);
	check_timing(d, l, t, p);
	for (size_t i = 0; i + 1 < l->link.ntargets; i++)
		if (conf_same_target(added, &l->link.targets[i])) {
			draft_error(
			    d, target->line,
			    "this target stands in line %d of the same link already: remove one",
			    l->link.targets[i].line);
			return;
		}
}

/* One target of the file; that of the gateway counts for every family meant. */
static void
add_configured(struct draft *d, struct link_draft *l, const struct target_draft *t)
{
	struct conf_target target = t->target;

	if (!target.gateway && !addr_is_set(&target.addr))
		return; /* told already */
	for (int family = 0; family < FAMILIES; family++) {
		if (t->target.family != family && t->target.family != FAMILIES)
			continue;
		target.family = (uint8_t)family;
		if (carries(l, family))
			add_target(d, l, t, &target);
		else if (t->target.family != FAMILIES && !l->broken)
			draft_error(
			    d, target.line,
			    "this target is %s, but the link has no %s gateway: add one, or remove "
			    "the target",
			    family_names[family], family_names[family]);
	}
}

static size_t
count_targets(const struct conf_link *link, int family, bool with_gateway)
{
	size_t n = 0;

	for (size_t i = 0; i < link->ntargets; i++)
		n += link->targets[i].family == family &&
		     (with_gateway || !link->targets[i].gateway);
	return n;
}

/* An IPv6 next hop of IPv4 can't be asked over IPv4. */
static void
check_foreign_gateway(struct draft *d, const struct link_draft *l)
{
	const struct conf_route *route = &l->link.route[V4];

	if (route->gateway_kind != CONF_GATEWAY_STATIC || route->gateway.version != 6 || l->broken)
		return;
	for (size_t i = 0; i < l->link.ntargets; i++)
		if (l->link.targets[i].family == V4 && l->link.targets[i].gateway)
			draft_error(
			    d, l->link.targets[i].line,
			    "the IPv4 gateway is an IPv6 address, which can't be asked over "
			    "IPv4: name an IPv4 target");
}

static void
add_implicit(struct draft *d, struct link_draft *l)
{
	for (int family = 0; family < FAMILIES; family++) {
		struct conf_target target = {
		    .gateway = true,
		    .family = (uint8_t)family,
		    .method = METHOD_ICMP,
		    .line = l->link.line,
		};
		if (carries(l, family) && count_targets(&l->link, family, true) == 0)
			add_target(d, l, NULL, &target);
	}
}

static void
make_targets(struct draft *d, struct link_draft *l)
{
	l->link.targets = calloc(FAMILIES * (l->ntargets + 1), sizeof *l->link.targets);
	if (l->link.targets == NULL) {
		draft_no_memory(d);
		return;
	}
	for (size_t i = 0; i < l->ntargets; i++)
		add_configured(d, l, &l->targets[i]);
	add_implicit(d, l);
	check_foreign_gateway(d, l);
	l->link.gateway_only =
	    count_targets(&l->link, V4, false) + count_targets(&l->link, V6, false) == 0;
	if (l->link.ntargets > LINK_TARGETS_MAX)
		draft_error(d, l->link.line,
			    "more than %d targets for one link, with its gateways: remove some",
			    LINK_TARGETS_MAX);
	d->ntargets += l->link.ntargets;
	if (d->ntargets > TARGETS_MAX && d->ntargets - l->link.ntargets <= TARGETS_MAX)
		draft_error(d, l->link.line,
			    "from this link on there are more than %d targets in all: remove some",
			    TARGETS_MAX);
}

/* ---- one link ---- */

static void
check_route(struct draft *d, const struct link_draft *l, int family)
{
	const struct value *source = &l->set[family == V4 ? SET_SOURCE : SET_SOURCE6];

	if (carries(l, family) || l->broken)
		return;
	if (source->line != 0)
		draft_error(d, source->line,
			    "this source is %s, but the link has no %s gateway: add one, or remove "
			    "the source",
			    family_names[family], family_names[family]);
	if (family == V6 && l->set[SET_PREFIX].line != 0)
		draft_error(
		    d, l->set[SET_PREFIX].line,
		    "the link has a prefix, but no IPv6 gateway: add one, or remove the prefix");
}

static void
check_quorum(struct draft *d, const struct link_draft *l)
{
	if (l->broken)
		return;
	for (int family = 0; family < FAMILIES; family++) {
		size_t n = count_targets(&l->link, family, true);
		if (carries(l, family) && l->link.quorum > n) {
			draft_error(d, l->set[SET_QUORUM].line,
				    "quorum %" PRIu32
				    ", but the link has %zu %s target%s: lower it, or add targets",
				    l->link.quorum, n, family_names[family], n == 1 ? "" : "s");
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

static void
check_link(struct draft *d, struct link_draft *l)
{
	struct conf_link *link = &l->link;

	if (link->interface[0] == '\0' && !l->broken)
		draft_error(d, link->line, "link \"%s\" has no interface: add one", link->name);
	if (!carries(l, V4) && !carries(l, V6) && !l->broken)
		draft_error(d, link->line,
			    "link \"%s\" has no gateway: add its address, or gateway auto",
			    link->name);
	link->tier = (uint8_t)link_number(d, l, SET_TIER);
	link->weight = (uint8_t)link_number(d, l, SET_WEIGHT);
	link->hold_ms = link_number(d, l, SET_HOLD);
	link->quorum = link_number(d, l, SET_QUORUM);
	link->standby_interval_ms = link_number(d, l, SET_STANDBY);
	link->budget = inherited(d, l, SET_BUDGET, 0);
	link->index = (uint16_t)link_number(d, l, SET_INDEX);
	link->pinned = l->set[SET_INDEX].line != 0;
	draft_fill_forwarding(d, l);
	check_route(d, l, V4);
	check_route(d, l, V6);
	make_targets(d, l);
	check_quorum(d, l);
	check_budget(d, l);
	fill_pace(link, false);
	fill_pace(link, true);
	draft_fill_judgement(d, l);
}

/* ---- links among each other ---- */

static bool
same_gateway(const struct link_draft *a, const struct link_draft *b, int family)
{
	const struct conf_route *ra = &a->link.route[family], *rb = &b->link.route[family];

	if (ra->gateway_kind == CONF_GATEWAY_NONE || ra->gateway_kind != rb->gateway_kind)
		return false;
	return a->link.interface[0] != '\0' && strcmp(a->link.interface, b->link.interface) == 0 &&
	       (ra->gateway_kind == CONF_GATEWAY_AUTO || addr_equal(&ra->gateway, &rb->gateway));
}

static void
check_pair(struct draft *d, const struct link_draft *first, const struct link_draft *l)
{
	if (first->link.name[0] != '\0' && strcmp(first->link.name, l->link.name) == 0)
		draft_error(d, l->link.line,
			    "link \"%s\" stands in line %d already: give it another name",
			    l->link.name, first->link.line);
	if (l->link.index != 0 && first->link.index == l->link.index)
		draft_error(d, l->set[SET_INDEX].line,
			    "index %d belongs to link \"%s\" in line %d: choose another",
			    l->link.index, first->link.name, first->link.line);
	for (int family = 0; family < FAMILIES; family++)
		if (same_gateway(first, l, family)) {
			int line = l->set[family == V4 ? SET_GATEWAY : SET_GATEWAY6].line;
			draft_error(d, line,
				    "interface and %s gateway are those of link \"%s\" in line %d: "
				    "one of them must "
				    "differ",
				    family_names[family], first->link.name, first->link.line);
			return;
		}
}

static void
check_pin(struct draft *d, const struct pin_draft *pin)
{
	struct link_draft *named = NULL;

	for (const struct pin_draft *other = d->pins; other < pin; other++)
		if ((strcmp(other->name, pin->name) == 0) != (other->index == pin->index)) {
			draft_error(d, pin->line,
				    "this name or index has a line already, line %d: remove one",
				    other->line);
			return;
		}
	for (size_t i = 0; i < d->nlinks; i++) {
		struct link_draft *l = &d->links[i];
		if (strcmp(l->link.name, pin->name) == 0)
			named = l;
		else if (l->link.pinned && l->link.index == pin->index) {
			draft_error(d, pin->line,
				    "index %d belongs to link \"%s\" in line %d: choose another",
				    pin->index, l->link.name, l->link.line);
			return;
		}
	}
	if (named == NULL)
		return; /* a link that is gone */
	if (named->link.pinned && named->link.index != pin->index)
		draft_error(d, pin->line, "link \"%s\" has index %d in line %d: remove one of both",
			    pin->name, named->link.index, named->set[SET_INDEX].line);
	else
		named->link.index = pin->index;
}

/* Every index that is known must fit into the bits of the mark, and there must
 * be enough for all links. */
static void
check_marks(struct draft *d)
{
	unsigned most = conf_index_max(d->conf);
	int line = d->set[SET_MARK].line;

	if (d->nlinks > most)
		draft_error(d, line,
			    "mark mask 0x%" PRIx32
			    " has room for %u link%s, but there are %zu: widen it",
			    d->conf->mark_mask, most, most == 1 ? "" : "s", d->nlinks);
	for (size_t i = 0; i < d->nlinks; i++)
		if (d->links[i].link.pinned && d->links[i].link.index > most)
			draft_error(d, d->links[i].set[SET_INDEX].line,
				    "index %d is too large for mark mask 0x%" PRIx32
				    ", which holds up to %u: widen the "
				    "mask, or choose another",
				    d->links[i].link.index, d->conf->mark_mask, most);
}

/* ---- the whole ---- */

/* How to make the link leave this IP version alone. */
static const char *
without(const struct conf_link *link, int family)
{
	if (link->route[family].gateway_kind != CONF_GATEWAY_AUTO)
		return "leave this gateway away";
	return family == V4 ? "say gateway auto inet6" : "say gateway auto inet";
}

static void
warn_link(struct draft *d, const struct link_draft *l)
{
	const struct conf_link *link = &l->link;

	if (link->gateway_only) {
		draft_warn(
		    d, link->line,
		    "link \"%s\" is judged by its gateway alone, and a gateway often answers while "
		    "the line behind it is dead: add targets",
		    link->name);
		return;
	}
	for (int family = 0; family < FAMILIES; family++) {
		size_t n = count_targets(link, family, true);
		if (!carries(l, family))
			continue;
		if (count_targets(link, family, false) == 0)
			draft_warn(
			    d, link->line,
			    "link \"%s\" is judged by its gateway alone for %s: add a target, "
			    "or %s",
			    link->name, family_names[family], without(link, family));
		else if (n < 2)
			draft_warn(
			    d, link->line,
			    "link \"%s\" has one %s target only, whose own failure takes the link "
			    "down: add another",
			    link->name, family_names[family]);
	}
}

static void
warn(struct draft *d)
{
	if (d->nlinks == 1)
		draft_warn(d, d->links[0].link.line,
			   "there is one link only: when it fails, nothing takes its place");
	draft_warn_agent(d);
	for (size_t i = 0; i < d->nlinks; i++) {
		warn_link(d, &d->links[i]);
		draft_warn_judgement(d, &d->links[i]);
	}
}

static void
fill_file(struct draft *d)
{
	struct conf *conf = d->conf;

	if (d->set[SET_GROUP].line == 0)
		strcpy(conf->group, "_uplinkd");
	if (conf->snmp.agentx[0] == '\0' && conf->snmp.agent.nlistens == 0)
		strcpy(conf->snmp.agentx, "/var/agentx/master");
	conf->mark_mask = (uint32_t)file_value(d, SET_MARK, 0x7ff00);
	conf->table_base = (uint32_t)file_value(d, SET_TABLE, setting_ranges[SET_TABLE].standard);
	conf->rule_base = (uint32_t)file_value(d, SET_RULE, setting_ranges[SET_RULE].standard);
	conf->confirm = file_value(d, SET_CONFIRM, true) != 0;
	conf->suspicion = file_value(d, SET_SUSPICION, true) != 0;
	conf->flows = (uint8_t)file_value(d, SET_FLOWS, CONF_FLOWS_MARKS);
	conf->reset_clients = file_value(d, SET_RESET, false) != 0;
	conf->realtime = file_value(d, SET_REALTIME, true) != 0;
	conf->snmp.enabled = file_value(d, SET_SNMP, true) != 0;
	conf->snmp.control = file_value(d, SET_CONTROL, true) != 0;
	conf->snmp.default_timeout_s = (uint32_t)(file_value(d, SET_DEFAULT_TIMEOUT, 0) / 1000);
	conf->snmp.notify_targets = file_value(d, SET_NOTIFY_TARGETS, false) != 0;
	conf->snmp.notify_limit =
	    (uint32_t)file_value(d, SET_NOTIFY_LIMIT, setting_ranges[SET_NOTIFY_LIMIT].standard);
}

/* The links' own memory passes from the draft to the configuration. */
static int
hand_over(struct draft *d)
{
	d->conf->links = calloc(d->nlinks + 1, sizeof *d->conf->links);
	if (d->conf->links == NULL) {
		draft_no_memory(d);
		return -1;
	}
	d->conf->nlinks = d->nlinks;
	d->conf->hooks = d->hooks;
	d->conf->nhooks = d->nhooks;
	d->hooks = NULL;
	for (size_t i = 0; i < d->nlinks; i++) {
		d->conf->links[i] = d->links[i].link;
		d->links[i].link.targets = NULL;
	}
	return 0;
}

int
draft_check(struct draft *d)
{
	if (d->nlinks == 0 && !d->broken)
		draft_error(d, d->last.line > 0 ? d->last.line : 1,
			    "there is no link: add at least one, link \"NAME\" { interface ...; "
			    "gateway ... }");
	fill_file(d);
	draft_check_agent(d);
	for (size_t i = 0; i < d->nlinks; i++)
		check_link(d, &d->links[i]);
	for (size_t i = 0; i < d->nlinks; i++)
		for (size_t j = 0; j < i; j++)
			check_pair(d, &d->links[j], &d->links[i]);
	for (size_t i = 0; i < d->npins; i++)
		check_pin(d, &d->pins[i]);
	check_marks(d);
	draft_check_forwarding(d);
	if (d->mistakes > 0)
		return -1;
	warn(d);
	return hand_over(d);
}
