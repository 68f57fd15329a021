/* SPDX-License-Identifier: ISC */
/* How a row of a link or a target begins, and what the configuration says in it.
 * Pure. */
#ifndef UPLINK_ROWS_H
#define UPLINK_ROWS_H

#include "engine/assess.h"

/* A link that nothing is known of. */
void rows_start(struct board_link *row, uint16_t index, const char *name, struct moment now);
/* What the configuration says of it. */
void rows_configure(struct board_link *row, const struct conf_link *conf);
/* The target's fixed fields; an index for one that never had one. */
void rows_configure_target(struct target *t);

#endif
