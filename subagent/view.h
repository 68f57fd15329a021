/* SPDX-License-Identifier: ISC */
/* The board as the SNMP side sees it: read-only, and hostile. Every index and
 * count is checked, every text ends. A row is read once per request, so that the
 * columns of one answer belong together. A row that the writer keeps busy, or
 * died within, is answered from the last copy that was whole; without one nobody
 * can say what it is, which differs from its not being there: see view_busy. */
#ifndef UPLINK_SUBAGENT_VIEW_H
#define UPLINK_SUBAGENT_VIEW_H

#include <stdbool.h>
#include <stdint.h>

#include "common/board.h"

struct view;

/* Maps the board. NULL with errno; ESTALE: it is of another boot or layout. */
struct view *view_open(int fd);
void view_close(struct view *v);

/* Begins a request: what is read from here on is one moment, as far as may be. */
void view_begin(struct view *v, uint64_t now_ns);
uint64_t view_now(const struct view *v);
const struct board_global *view_global(const struct view *v);
/* A row that is there could not be read in this request: what was said to be absent
 * may be there. */
bool view_busy(const struct view *v);

/* The link with the smallest index that is at least index; 0: none. */
uint32_t view_link_from(struct view *v, uint32_t index, const struct board_link **link);

/* The same of a target: *link and *index say from where, and then which. */
bool view_target_from(struct view *v, uint32_t *link, uint32_t *index,
		      const struct board_target **target);

/* The numbers of the oldest and newest event that may still be read; first is 0
 * if there is none. */
void view_event_range(const struct view *v, uint64_t *first, uint64_t *last);
/* That event, or false if it can't be read any more. */
bool view_event(struct view *v, uint64_t number, struct board_event *event);

/* The numbers of the oldest and newest whole minute; first is 0 if there is none. */
void view_minute_range(const struct view *v, uint64_t *first, uint64_t *last);
/* That minute of that link, or false. link is one that exists. */
bool view_minute(struct view *v, uint32_t link, uint64_t number, struct board_minute *minute);

#endif
