/* SPDX-License-Identifier: ISC */
/* What the process of the hooks is told: each event as it happens, and how things stand
 * when it asks; and what it says of the programs. Never waits for it. */
#ifndef UPLINK_TELLING_H
#define UPLINK_TELLING_H

#include "engine/model.h"

/* While a SET may still be taken back the events wait: no program is run for it. */
void telling_event(struct engine *e, const struct board_event *ev);
/* It is ended: what has waited is told. */
void telling_release(struct engine *e);
/* It asks how things stand. */
void telling_sync(struct engine *e);
/* How the runs of its programs ended. */
void telling_heard(struct engine *e, const struct ipc_hooks *told);
/* Several times a second. */
void telling_tick(struct engine *e);

#endif
