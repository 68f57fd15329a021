/* SPDX-License-Identifier: ISC */
/* Values of a draft where they may be given in several places: the innermost that is
 * set, else the default. */
#ifndef UPLINK_INHERIT_H
#define UPLINK_INHERIT_H

#include "conf/draft.h"

uint64_t draft_inherited(const struct draft *d, const struct link_draft *l, enum setting setting,
			 uint64_t standard);
/* With the setting's own default. */
uint32_t draft_link_number(const struct draft *d, const struct link_draft *l, enum setting setting);
/* Of a target; t NULL: of one that the file does not name. */
uint32_t draft_probe_number(const struct draft *d, const struct link_draft *l,
			    const struct target_draft *t, enum setting setting);

#endif
