/* SPDX-License-Identifier: ISC */
/* See inherit.h. */
#include "conf/inherit.h"

uint64_t
draft_inherited(const struct draft *d, const struct link_draft *l, enum setting setting,
		uint64_t standard)
{
	if (l->set[setting].line != 0)
		return l->set[setting].value;
	return d->set[setting].line != 0 ? d->set[setting].value : standard;
}

uint32_t
draft_link_number(const struct draft *d, const struct link_draft *l, enum setting setting)
{
	return (uint32_t)draft_inherited(d, l, setting, setting_ranges[setting].standard);
}

uint32_t
draft_probe_number(const struct draft *d, const struct link_draft *l, const struct target_draft *t,
		   enum setting setting)
{
	if (t != NULL && t->set[setting].line != 0)
		return (uint32_t)t->set[setting].value;
	return draft_link_number(d, l, setting);
}
