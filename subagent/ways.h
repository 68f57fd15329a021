/* SPDX-License-Identifier: ISC */
/* Whether what leaves now has a way out, as far as the board knows. */
#ifndef UPLINK_SUBAGENT_WAYS_H
#define UPLINK_SUBAGENT_WAYS_H

#include <stdbool.h>
#include <stdint.h>

#include "subagent/view.h"

enum { WAYS_PATIENCE_MS = 1000 }; /* for new routes to be read back, and doubts to end */

/* Some link's route is in the kernel. */
bool ways_exist(struct view *v);

/* A link is about to lose its routes: what left by it would be lost. */
bool ways_in_doubt(struct view *v);

/* Where the event says that a link in use is dead, wholly or by one IP version: since when
 * it may have been, which is since its last answer. What left by it after that may be lost.
 * 0: it says nothing of the kind. */
uint64_t ways_dead_since(struct view *v, const struct board_event *ev);

#endif
