/* SPDX-License-Identifier: ISC */
/* Rows of the board as JSON objects (doc/control-protocol.md). Pure: a row and
 * the time in, an object out. What was not measured is absent, never 0. Each
 * returns a new reference, or NULL without memory. */
#ifndef UPLINK_RENDER_H
#define UPLINK_RENDER_H

#include <stdint.h>

#include <jansson.h>

#include "common/board.h"
#include "common/ipc.h"
#include "engine/judgement.h"

/* now_ns: CLOCK_MONOTONIC. */
json_t *render_global(const struct board_global *g, uint64_t now_ns);
json_t *render_stats(const struct board_global *g, uint64_t clients_refused, uint64_t now_ns);
json_t *render_link(const struct board_link *l, uint64_t now_ns);
json_t *render_route(const struct board_link *l, int family, uint64_t now_ns);
json_t *render_plan(const struct board_link *l, int family);
json_t *render_target(const struct board_target *t, const struct board_link *l, uint64_t now_ns);
/* Its newest n samples at most, oldest first: RTT, or null: lost. */
json_t *render_samples(const struct board_recent *r, uint32_t n);
json_t *render_event(const struct board_event *e, uint64_t now_ns);
/* What stands before the minutes [first, end) of a link's history; first began then. */
json_t *render_history(const struct board_global *g, const struct board_link *l, uint64_t first,
		       uint64_t end, uint64_t began_wall_ns);
/* The minute that began at began_ns; zero_wall_ns: when the monotonic clock was 0. */
json_t *render_minute(const struct board_minute *m, uint64_t began_ns, uint64_t zero_wall_ns,
		      uint64_t now_ns);
/* By what that link is judged. */
json_t *render_judgement(const struct judgement *j, const struct board_link *l);
/* p came for a probe of that link without error. */
json_t *render_path(const struct ipc_path *p, const struct board_link *l);

#endif
