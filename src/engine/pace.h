/* SPDX-License-Identifier: ISC */
/* How often the targets of a link are asked as things stand: less often while it waits
 * for its turn, and never for more than its budget. */
#ifndef UPLINK_PACE_H
#define UPLINK_PACE_H

#include "engine/model.h"

/* Sets the interval of a target for how its link stands. */
void pace_target(struct target *t);
/* Looks whether links stand otherwise than before, and sees to their targets. */
void pace_links(struct engine *e);

/* Whether the link's budget has room for so many octets. */
bool pace_allows(struct link *link, uint64_t octets);
/* They were spent: counted, and taken from the budget. Negative: it was less than was
 * thought before. */
void pace_spend(struct link *link, int64_t octets);

#endif
