/* SPDX-License-Identifier: ISC */
/* What is no mistake, and yet probably not meant: told once all else is right. */
#include "conf/draft.h"

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
		size_t n = conf_count_targets(link, family, true);
		if (!draft_carries(l, family))
			continue;
		if (conf_count_targets(link, family, false) == 0)
			draft_warn(
			    d, link->line,
			    "link \"%s\" is judged by its gateway alone for %s: add a target, "
			    "or %s",
			    link->name, draft_family_names[family], without(link, family));
		else if (n < 2)
			draft_warn(
			    d, link->line,
			    "link \"%s\" has one %s target only, whose own failure takes the link "
			    "down: add another",
			    link->name, draft_family_names[family]);
	}
}

void
draft_warn_all(struct draft *d)
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
