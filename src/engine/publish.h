/* SPDX-License-Identifier: ISC */
/* Writing the board: rows and events. Only this file's functions touch it. */
#ifndef UPLINK_PUBLISH_H
#define UPLINK_PUBLISH_H

#include "engine/model.h"
#include "engine/news.h"

void publish_global(struct engine *e);
void publish_link(struct link *link);  /* with the measures of its targets */
void publish_row(struct link *link);   /* with those that it has: cheap */
void publish_target(struct target *t); /* its row as it is */
/* One more sample of the link: its measures and its history follow within 100 ms. */
void publish_sample(struct link *link, uint32_t rtt_us, uint64_t now_ns);
void publish_rows(struct engine *e);    /* every link and target */
void publish_octets(struct link *link); /* those of its interface alone */
void publish_decay(struct engine *e);   /* flap penalties, as they are now */
void publish_minutes(struct engine *e); /* every link has its row of each minute */
void publish_target_gone(struct engine *e, uint32_t slot);
void publish_link_gone(struct engine *e, const struct board_link *row); /* index and name stay */
void publish_table_change(struct engine *e);

uint64_t publish_event(struct engine *e, const struct event_draft *draft); /* its number */

/* Tells which events may not have been notified, though a notification left. */
void publish_replay(struct engine *e, uint64_t first, uint64_t last, enum reason reason);

/* Notes in an event of the ring how many flows were cut for it. */
void publish_flows_killed(struct engine *e, uint64_t number, uint64_t flows);

/* Rows of the board as an earlier engine left them. False: nothing usable there. */
bool publish_adopt_global(const struct board *board, struct board_global *global);
bool publish_adopt_link(const struct board *board, unsigned index, const char *name,
			struct board_link *row);
bool publish_adopt_target(const struct board *board, uint32_t slot, struct board_target *row);

#endif
