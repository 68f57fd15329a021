/* SPDX-License-Identifier: ISC */
/* The targets of a link: those of the file, its gateways where none is named, and what
 * their methods and their timing need. */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "conf/inherit.h"

enum { DNS_PORT = 53, HTTP_PORT = 80, HTTPS_PORT = 443 };

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

/* A target is down once its run of losses is known, and the first of them is only known
 * after the timeout. */
static void
check_run(struct draft *d, const struct link_draft *l, const struct target_draft *t,
	  const struct conf_probe *p)
{
	char timeout[TIME_LEN], run[TIME_LEN];
	uint64_t run_ms = (uint64_t)p->down_after * p->interval_ms;
	int line = timing_line(d, l, t);

	if (p->timeout_ms <= run_ms || line == d->timing_line)
		return;
	d->timing_line = line;
	draft_time_text(run_ms, run);
	draft_error(d, line,
		    "timeout %s is longer than a run of %" PRIu32
		    " lost probes takes (%s): it would be over before its first loss is known. Set "
		    "the timeout to %s or less, or down after to %" PRIu32 " or more",
		    draft_time_text(p->timeout_ms, timeout), p->down_after, run, run,
		    (p->timeout_ms + p->interval_ms - 1) / p->interval_ms);
}

/* Where it is not set it fits the rest. */
static uint32_t
timeout_of(const struct draft *d, const struct link_draft *l, const struct target_draft *t,
	   const struct conf_probe *p)
{
	uint64_t run_ms = (uint64_t)p->down_after * p->interval_ms;
	uint32_t timeout_ms = draft_probe_number(d, l, t, SET_TIMEOUT);
	bool is_set = d->set[SET_TIMEOUT].line != 0 || l->set[SET_TIMEOUT].line != 0 ||
		      (t != NULL && t->set[SET_TIMEOUT].line != 0);

	return is_set || timeout_ms <= run_ms ? timeout_ms : (uint32_t)run_ms;
}

/* What the method needs, and nothing that it has no use for. */
static void
fill_method(const struct draft *d, const struct link_draft *l, const struct target_draft *t,
	    struct conf_target *target)
{
	if (target->method == METHOD_ICMP) {
		target->size = (uint16_t)draft_probe_number(d, l, t, SET_SIZE);
		target->ttl = (uint8_t)draft_probe_number(d, l, t, SET_TTL);
	} else if (target->method == METHOD_TCP) {
		target->port = (uint16_t)draft_probe_number(d, l, t, SET_PORT);
	} else if (target->method == METHOD_DNS) {
		target->port = DNS_PORT;
	} else if (t != NULL && target->http != NULL) {
		target->port = target->method == METHOD_HTTP ? HTTP_PORT : HTTPS_PORT;
		if (t->set[SET_PORT].line != 0)
			target->port = (uint16_t)t->set[SET_PORT].value;
		target->http->status = (uint16_t)draft_probe_number(d, l, t, SET_STATUS);
	}
}

static void
add_target(struct draft *d, struct link_draft *l, const struct target_draft *t,
	   const struct conf_target *target)
{
	struct conf_target *added = &l->link.targets[l->link.ntargets++];
	struct conf_probe *p = &added->probe;

	*added = *target;
	if (conf_copy_service(added) != 0)
		draft_no_memory(d);
	p->interval_ms = draft_probe_number(d, l, t, SET_INTERVAL);
	p->down_after = draft_probe_number(d, l, t, SET_DOWN_AFTER);
	p->timeout_ms = timeout_of(d, l, t, p);
	p->up_after = draft_probe_number(d, l, t, SET_UP_AFTER);
	p->window_ms = draft_probe_number(d, l, t, SET_WINDOW);
	fill_method(d, l, t, added);
	check_timing(d, l, t, p);
	check_run(d, l, t, p);
	for (size_t i = 0; i + 1 < l->link.ntargets; i++)
		if (conf_same_target(added, &l->link.targets[i])) {
			draft_error(
			    d, target->line,
			    "this target stands in line %d of the same link already: remove one",
			    l->link.targets[i].line);
			return;
		}
}

/* By its address or by that word, a gateway says as little of the line behind it. */
static void
note_gateway(const struct link_draft *l, struct conf_target *target)
{
	int family = addr_family(&target->addr);
	const struct conf_route *route = &l->link.route[family];

	if (route->gateway_kind != CONF_GATEWAY_STATIC ||
	    !addr_equal(&route->gateway, &target->addr))
		return;
	target->gateway = true;
	memset(&target->addr, 0, sizeof(target->addr));
}

/* One target of the file; that of the gateway counts for every family meant. */
static void
add_configured(struct draft *d, struct link_draft *l, const struct target_draft *t)
{
	struct conf_target target = t->target;

	if (!target.gateway && !addr_is_set(&target.addr))
		return; /* told already */
	if (!target.gateway)
		note_gateway(l, &target);
	for (int family = 0; family < FAMILIES; family++) {
		if (t->target.family != family && t->target.family != FAMILIES)
			continue;
		target.family = (uint8_t)family;
		if (draft_carries(l, family))
			add_target(d, l, t, &target);
		else if (t->target.family != FAMILIES && !l->broken)
			draft_error(
			    d, target.line,
			    "this target is %s, but the link has no %s gateway: add one, or remove "
			    "the target",
			    draft_family_names[family], draft_family_names[family]);
	}
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
		if (draft_carries(l, family) && conf_count_targets(&l->link, family, true) == 0)
			add_target(d, l, NULL, &target);
	}
}

void
draft_make_targets(struct draft *d, struct link_draft *l)
{
	l->link.targets = calloc(FAMILIES * (l->ntargets + 1), sizeof *l->link.targets);
	if (l->link.targets == NULL) {
		draft_no_memory(d);
		return;
	}
	for (size_t i = 0; i < l->ntargets; i++)
		add_configured(d, l, &l->targets[i]);
	for (int family = 0; family < FAMILIES; family++)
		if (conf_count_targets(&l->link, family, false) > 0)
			l->link.route[family].if_there = false;
	add_implicit(d, l);
	check_foreign_gateway(d, l);
	l->link.gateway_only =
	    conf_count_targets(&l->link, V4, false) + conf_count_targets(&l->link, V6, false) == 0;
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
