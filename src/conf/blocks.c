/* SPDX-License-Identifier: ISC */
/* Opens and closes the blocks of the file, as the grammar reads them: links and their
 * targets, each in its place, or in a stand-in where there are too many. */
#include <stdlib.h>
#include <string.h>

#include "conf/draft.h"

/* The next link, or the stand-in where there is no room for it. */
static struct link_draft *
next_link(struct draft *d, int line)
{
	if (d->nlinks == LINKS_MAX) {
		if (!d->links_full)
			draft_error(d, line, "more than %d links: remove some", LINKS_MAX);
		d->links_full = true;
		return &d->no_link;
	}
	struct link_draft *links = draft_grow(d->links, d->nlinks, &d->room, sizeof *links);
	if (links == NULL) {
		draft_no_memory(d);
		return &d->no_link;
	}
	d->links = links;
	return &links[d->nlinks++];
}

void
draft_free_targets(struct link_draft *l)
{
	for (size_t i = 0; i < l->ntargets; i++)
		conf_free_service(&l->targets[i].target);
	free(l->targets);
}

void
draft_link_begin(struct draft *d, const struct token *name)
{
	struct link_draft *l = next_link(d, name->line);

	memset(l, 0, sizeof *l);
	l->link.line = name->line;
	d->link = l;
	d->targets_full = false;
	if (draft_read_text(d, name, "the link's name", l->link.name, sizeof l->link.name) == 0 &&
	    l->link.name[0] == '\0')
		draft_error(d, name->line, "the link's name is empty: give it one");
}

void
draft_link_end(struct draft *d)
{
	draft_target_end(d);
	draft_free_targets(&d->no_link);
	memset(&d->no_link, 0, sizeof d->no_link);
	d->link = NULL;
}

/* The stand-in for one too many, of which something may be left. */
static struct target_draft *
no_target(struct draft *d)
{
	conf_free_service(&d->no_target.target);
	return &d->no_target;
}

static struct target_draft *
next_target(struct draft *d, int line)
{
	struct link_draft *l = d->link;

	if (l->ntargets == LINK_TARGETS_MAX) {
		if (!d->targets_full)
			draft_error(d, line, "more than %d targets for one link: remove some",
				    LINK_TARGETS_MAX);
		d->targets_full = true;
		return no_target(d);
	}
	struct target_draft *targets =
	    draft_grow(l->targets, l->ntargets, &l->room, sizeof *targets);
	if (targets == NULL) {
		draft_no_memory(d);
		return no_target(d);
	}
	l->targets = targets;
	return &targets[l->ntargets++];
}

static void
begin_target(struct draft *d, int line)
{
	d->target = next_target(d, line);
	memset(d->target, 0, sizeof *d->target);
	d->target->target.line = line;
	d->target->target.method = METHOD_ICMP;
}

void
draft_target_begin(struct draft *d, const struct token *t)
{
	begin_target(d, t->line);
	struct conf_target *target = &d->target->target;
	if (draft_read_host(d, t, "target", "write a numeric IPv4 or IPv6 address, or gateway",
			    &target->addr) != 0)
		memset(&target->addr, 0, sizeof target->addr);
	else if (addr_is_linklocal(&target->addr))
		draft_error(d, t->line,
			    "a link-local target is not possible: use target gateway inet6 for the "
			    "gateway");
	else
		target->family = (uint8_t)addr_family(&target->addr);
}

void
draft_target_gateway(struct draft *d, int line, int family)
{
	begin_target(d, line);
	d->target->target.gateway = true;
	d->target->target.family = (uint8_t)family;
}

void
draft_target_end(struct draft *d)
{
	d->target = NULL;
}

void
draft_pin(struct draft *d, const struct token *name, const struct token *number)
{
	const struct setting_range *range = &setting_ranges[SET_INDEX];
	struct pin_draft pin = {.line = name->line};
	uint64_t value;
	int bad = draft_read_count(number, &value);

	if (bad != 0 || value < range->min || value > range->max) {
		draft_complain_range(d, range, number, bad == 0);
		return;
	}
	if (draft_read_text(d, name, "the link's name", pin.name, sizeof pin.name) != 0)
		return;
	if (d->npins == LINKS_MAX) {
		draft_error(d, name->line, "more than %d lines with an index: remove some",
			    LINKS_MAX);
		return;
	}
	struct pin_draft *pins = draft_grow(d->pins, d->npins, &d->pins_room, sizeof *pins);
	if (pins == NULL) {
		draft_no_memory(d);
		return;
	}
	pin.index = (uint16_t)value;
	d->pins = pins;
	pins[d->npins++] = pin;
}
