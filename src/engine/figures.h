/* SPDX-License-Identifier: ISC */
/* What the targets of a link say together, and what a window says in the rows.
 * Pure. */
#ifndef UPLINK_FIGURES_H
#define UPLINK_FIGURES_H

#include "engine/model.h"

/* The target's row: statistics of its window, status and runs. */
void figures_target(struct target *t);
/* The link's row: the measures of its targets together, and how many are up. */
void figures_link(struct link *link);

struct target_counts figures_count(const struct link *link, int family);
struct measured figures_measured(const struct link *link, int family);

#endif
