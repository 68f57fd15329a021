/* SPDX-License-Identifier: ISC */
/* The board's file as the parent sees it: opened once for the engine and once,
 * read-only, for the SNMP process. The parent writes nothing in it. */
#ifndef UPLINK_BOARDFILE_H
#define UPLINK_BOARDFILE_H

#include "parent/state.h"

/* 0; -1 with errno; -2: an engine of another daemon still has it. */
int boardfile_open(struct parent *p);
/* For all that an engine may write about these links, whose indexes are known: whoever writes
 * where its disk has none is killed. 0, or -1 with errno. */
int boardfile_make_room(const struct parent *p, const struct conf *conf);
/* No engine runs: what stands on the board is thrown away. */
void boardfile_afresh(struct parent *p);
void boardfile_close(struct parent *p);

#endif
