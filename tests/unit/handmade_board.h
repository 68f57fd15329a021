/* SPDX-License-Identifier: ISC */
/* A board as an engine could have written it, for tests of its readers. */
#ifndef UPLINK_TEST_HANDMADE_BOARD_H
#define UPLINK_TEST_HANDMADE_BOARD_H

#include "common/board.h"
#include "engine/judgement.h"

/* Three links (1 fibre: active; 2 dsl: out; 3 "télé 衛星": drained by order, IPv6
 * too), two targets each, four events; all ages count back from now_ns. */
struct board *handmade_board(uint64_t now_ns);
/* The last 90 minutes of fibre stand there, too, but for 5 of them: 20 minutes ago it was
 * degraded, 10 minutes ago down for one. */
void handmade_board_free(struct board *board);

/* More of them. */
void handmade_targets(struct board *board, unsigned link, unsigned n);
void handmade_event(struct board *board, unsigned type, const char *text);

/* For struct control_ops: they have limits on loss and RTT. */
bool handmade_judgement(void *arg, unsigned link, struct judgement *out);

#endif
