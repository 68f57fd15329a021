/* SPDX-License-Identifier: ISC */
/* Limits, flap damping and what a degraded link does: fills in what is inherited
 * and what is default, and names what contradicts itself. */
#include <inttypes.h>
#include <string.h>

#include "conf/draft.h"

/* The values of the innermost block that sets this. */
static const struct value *
scope_of(const struct draft *d, const struct link_draft *l, enum setting setting)
{
	return l->set[setting].line != 0 ? l->set : d->set;
}

/* What stands in the file is told once, not for every link that inherits it. */
static bool
told(struct draft *d, int line)
{
	unsigned size = sizeof d->judgement_lines / sizeof *d->judgement_lines;

	for (unsigned i = 0; i < size; i++)
		if (d->judgement_lines[i] == line)
			return true;
	d->judgement_lines[d->njudgement_lines++ % size] = line;
	return false;
}

/* ---- limits ---- */

static void
fill_limit(struct draft *d, struct link_draft *l, enum setting enter, enum setting leave,
	   struct conf_threshold *t)
{
	const struct setting_range *range = &setting_ranges[enter];
	const struct value *set = scope_of(d, l, enter);
	uint32_t unit = range->kind == KIND_TIME ? 1000 : 1; /* milliseconds to microseconds */
	uint64_t in = set[enter].value, out = set[leave].value;
	char in_text[TIME_LEN], out_text[TIME_LEN];

	*t = (struct conf_threshold){0, 0};
	if (set[enter].line == 0 || in == 0)
		return;
	t->enter = (uint32_t)in * unit;
	if (set[leave].line == 0)
		out = in - (in + 3) / 4;
	t->leave = (uint32_t)out * unit;
	if (set[leave].line == 0 || out < in || told(d, set[leave].line))
		return;
	draft_error(d, set[leave].line,
		    "%s %s leave %s: it would be left before it is reached: set leave below %s",
		    range->name, draft_value_text(range->kind, in, in_text),
		    draft_value_text(range->kind, out, out_text), in_text);
}

/* No answer takes longer than the timeout: it is a loss then. */
static void
check_reach(struct draft *d, const struct link_draft *l)
{
	const struct value *set = scope_of(d, l, SET_LIMIT_RTT);
	uint32_t longest = 0;
	char limit[TIME_LEN], timeout[TIME_LEN];

	for (size_t i = 0; i < l->link.ntargets; i++)
		if (l->link.targets[i].probe.timeout_ms > longest)
			longest = l->link.targets[i].probe.timeout_ms;
	if (set[SET_LIMIT_RTT].line == 0 || longest == 0 || set[SET_LIMIT_RTT].value < longest ||
	    told(d, set[SET_LIMIT_RTT].line))
		return;
	draft_error(d, set[SET_LIMIT_RTT].line,
		    "limit rtt %s is never reached: after the timeout of %s an answer counts as "
		    "lost. Set the limit lower, or the timeout higher",
		    draft_time_text(set[SET_LIMIT_RTT].value, limit),
		    draft_time_text(longest, timeout));
}

static bool
has_limits(const struct conf_limits *limits)
{
	return limits->loss_ppm.enter != 0 || limits->rtt_us.enter != 0 ||
	       limits->jitter_us.enter != 0;
}

/* ---- what a degraded link does ---- */

static void
fill_degraded(struct draft *d, struct link_draft *l)
{
	const struct value *set = scope_of(d, l, SET_DEGRADED);
	struct conf_link *link = &l->link;

	link->degraded = (uint8_t)set[SET_DEGRADED].value; /* not set: 0, which is stay */
	link->degraded_weight = (uint8_t)set[SET_DEGRADED_WEIGHT].value;
	if (link->degraded != CONF_DEGRADED_WEIGHT || link->degraded_weight <= link->weight ||
	    l->broken || told(d, set[SET_DEGRADED].line))
		return;
	draft_error(d, set[SET_DEGRADED].line,
		    "when degraded weight %u gives link \"%s\" more traffic than its weight %u: "
		    "lower it",
		    link->degraded_weight, link->name, link->weight);
}

/* ---- flap damping ---- */

/* The line of a part of flap damping in this block, or 0. */
static int
flap_part(const struct value *set)
{
	for (int s = SET_FLAP_SUPPRESS; s <= SET_FLAP_CEILING; s++)
		if (set[s].line != 0)
			return set[s].line;
	return 0;
}

/* flap no beside its numbers, in one block. */
static void
check_flap_block(struct draft *d, const struct value *set)
{
	int part = flap_part(set);

	if (set[SET_FLAP].line != 0 && set[SET_FLAP].value == 0 && part != 0 &&
	    !told(d, set[SET_FLAP].line))
		draft_error(d, set[SET_FLAP].line,
			    "flap no, but line %d says how to damp: remove one of both", part);
}

static bool
flap_wanted(const struct draft *d, const struct link_draft *l)
{
	if (l->set[SET_FLAP].line != 0)
		return l->set[SET_FLAP].value != 0;
	if (flap_part(l->set) != 0)
		return true;
	return d->set[SET_FLAP].line == 0 || d->set[SET_FLAP].value != 0;
}

static uint32_t
flap_number(const struct draft *d, const struct link_draft *l, enum setting setting, int *line)
{
	const struct value *v = &scope_of(d, l, setting)[setting];

	if (v->line > *line)
		*line = v->line;
	return (uint32_t)(v->line != 0 ? v->value : setting_ranges[setting].standard);
}

static void
fill_flap(struct draft *d, struct link_draft *l)
{
	struct conf_flap *flap = &l->link.flap;
	int line = 0; /* the last one that has a say in it */

	*flap = (struct conf_flap){0};
	check_flap_block(d, d->set);
	check_flap_block(d, l->set);
	if (!flap_wanted(d, l))
		return;
	flap->suppress = flap_number(d, l, SET_FLAP_SUPPRESS, &line);
	flap->reuse = flap_number(d, l, SET_FLAP_REUSE, &line);
	flap->ceiling = flap_number(d, l, SET_FLAP_CEILING, &line);
	flap->half_life_ms = flap_number(d, l, SET_FLAP_HALF_LIFE, &line);
	if (flap->reuse >= flap->suppress && !told(d, line))
		draft_error(
		    d, line,
		    "flap reuse %" PRIu32 " is not below suppress %" PRIu32
		    ": a link would be free before it is suppressed. Set reuse below %" PRIu32,
		    flap->reuse, flap->suppress, flap->suppress);
	else if (flap->ceiling < flap->suppress && !told(d, line))
		draft_error(d, line,
			    "flap ceiling %" PRIu32 " is below suppress %" PRIu32
			    ": no link would ever be suppressed. Set ceiling to %" PRIu32
			    " or more, or say flap no",
			    flap->ceiling, flap->suppress, flap->suppress);
}

void
draft_fill_judgement(struct draft *d, struct link_draft *l)
{
	struct conf_limits *limits = &l->link.limits;

	fill_limit(d, l, SET_LIMIT_LOSS, SET_LEAVE_LOSS, &limits->loss_ppm);
	fill_limit(d, l, SET_LIMIT_RTT, SET_LEAVE_RTT, &limits->rtt_us);
	fill_limit(d, l, SET_LIMIT_JITTER, SET_LEAVE_JITTER, &limits->jitter_us);
	check_reach(d, l);
	fill_degraded(d, l);
	fill_flap(d, l);
}

/* ---- warnings ---- */

void
draft_warn_judgement(struct draft *d, const struct link_draft *l)
{
	const struct value *set = scope_of(d, l, SET_DEGRADED);
	const struct conf_link *link = &l->link;

	if (link->degraded == CONF_DEGRADED_STAY)
		return;
	if (!has_limits(&link->limits)) {
		if (!told(d, set[SET_DEGRADED].line))
			draft_warn(
			    d, set[SET_DEGRADED].line,
			    "when degraded has no effect on link \"%s\": it has no limit that "
			    "would make it degraded",
			    link->name);
	} else if (link->degraded == CONF_DEGRADED_WEIGHT &&
		   link->degraded_weight == link->weight && !told(d, set[SET_DEGRADED].line)) {
		draft_warn(d, set[SET_DEGRADED].line,
			   "when degraded weight %u has no effect on link \"%s\": it is its weight "
			   "anyway",
			   link->degraded_weight, link->name);
	}
}
