/* SPDX-License-Identifier: ISC */
/* What must outlive a reboot: out of the engine's rows to the worker, which stores it,
 * and back into them where the board is new. Never waits and never fails: without it
 * the engine does what it is there for. */
#ifndef UPLINK_KEEP_H
#define UPLINK_KEEP_H

#include "engine/model.h"

/* The text of the file as the parent found it, before the first configuration. Used
 * only where no earlier engine of this boot has left anything on the board. */
void keep_take(struct engine *e, int fd);
/* A link begins: puts into its row what is known of it from before the reboot. */
void keep_begin_link(struct engine *e, struct board_link *row);
/* The first configuration stands: links that come later begin with nothing. */
void keep_forget(struct engine *e);

/* Now and then: hands over what has changed, at most once a second. */
void keep_tick(struct engine *e);
/* There is another worker, which may not know what the one before was told. */
void keep_worker(struct engine *e);
/* The engine leaves: the last word. */
void keep_leave(struct engine *e);

#endif
