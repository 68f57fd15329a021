/* SPDX-License-Identifier: ISC */
/* Links among each other: names, gateways, and the indexes that no two may have. */
#include <inttypes.h>
#include <string.h>

#include "conf/draft.h"

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
				    draft_family_names[family], first->link.name, first->link.line);
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

void
draft_check_pairs(struct draft *d)
{
	for (size_t i = 0; i < d->nlinks; i++)
		for (size_t j = 0; j < i; j++)
			check_pair(d, &d->links[j], &d->links[i]);
	for (size_t i = 0; i < d->npins; i++)
		check_pin(d, &d->pins[i]);
	check_marks(d);
}
