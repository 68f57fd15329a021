/* SPDX-License-Identifier: ISC */
/* How a value of a kind looks in JSON: each adds one member, and leaves it out where
 * there is no value. jansson's setters do nothing with NULL, so a lack of memory
 * leaves a member out, too. */
#ifndef UPLINK_RENDER_PUT_H
#define UPLINK_RENDER_PUT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <jansson.h>

#include "common/addr.h"
#include "common/board.h"

void put_uint(json_t *o, const char *key, uint64_t v);
void put_bool(json_t *o, const char *key, bool v);
void put_name(json_t *o, const char *key, const char *name);
/* A text of the board: bounded, absent when empty or not UTF-8. */
void put_text(json_t *o, const char *key, const char *text, size_t size);
/* A measured number of 32 bits, absent when unknown (RTT_UNKNOWN, LOSS_UNKNOWN). */
void put_measured(json_t *o, const char *key, uint32_t v);
/* RFC 3339, UTC. Absent for 0. */
void put_time(json_t *o, const char *key, uint64_t wall_ns);
/* How long ago, in units of so many nanoseconds; absent for never. */
void put_age(json_t *o, const char *key, uint64_t at_ns, uint64_t now_ns, uint64_t unit_ns);
void put_age_s(json_t *o, const char *key, uint64_t at_ns, uint64_t now_ns);
/* What is left until then, rounded up: an order that still stands never shows 0. */
void put_left_s(json_t *o, const char *key, uint64_t until_ns, uint64_t now_ns);
/* Absent when not set. The scope of a link-local address is the link's interface,
 * by name: asking the kernel for it would be I/O. */
void put_addr(json_t *o, const char *key, const struct addr *a, const struct board_link *l);
/* The members "link" and "link_index". */
void put_link_name(json_t *o, const struct board_link *l);

#endif
