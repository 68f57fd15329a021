/* SPDX-License-Identifier: ISC */
/* Answers that are made of many rows of the board, a row at a time, so that the
 * longest of them never holds the loop. No I/O but the board and a buffer. */
#ifndef UPLINK_CONTROL_ANSWER_H
#define UPLINK_CONTROL_ANSWER_H

#include <stdbool.h>
#include <stdint.h>

#include <jansson.h>

#include "common/board.h"
#include "engine/control_request.h"

struct evbuffer;

struct control_answer {
	const struct board *board;
	enum control_command command;
	uint16_t only_link;     /* 0: all */
	int family;             /* the next row's, where a link has one per IP version */
	uint64_t next, end;     /* slots of the board or numbers of events: [next, end) */
	uint64_t last, missed;  /* of events */
	uint32_t samples;       /* of each target */
	uint64_t zero_wall_ns;  /* when the monotonic clock was 0, by today's wall clock */
	uint64_t minute_ns;     /* of a history: when the minute `next` began */
	bool any;               /* a row has been written */
	struct board_link link; /* the link of the last row: index 0: none yet */
};

/* The link that the request names, read into *link. False: error says so. */
bool control_find_link(const struct board *board, const struct control_request *request,
		       struct board_link *link, struct control_error *error);

/* Writes the head of the answer. only_link 0: all. wall_ns is now_ns for people. */
void control_answer_begin(struct control_answer *answer, const struct board *board,
			  const struct control_request *request, uint16_t only_link,
			  uint64_t now_ns, uint64_t wall_ns, struct evbuffer *out);
/* Writes at most one row more; false: that was the end of the answer. */
bool control_answer_step(struct control_answer *answer, uint64_t now_ns, struct evbuffer *out);

/* The first event that a request for events asks for; *last: the newest there is. */
uint64_t control_events_first(const struct board *board, const struct control_request *request,
			      uint64_t *last, uint64_t *missed);
/* Writes event *next as a line of its own, if there is one, and moves on; events
 * that are gone from the ring are told as a number. False: there is none yet. */
bool control_event_step(const struct board *board, uint64_t *next, uint64_t now_ns,
			struct evbuffer *out);

/* Whole answers. They take the reference. */
void control_put_result(struct evbuffer *out, json_t *result);
void control_put_error(struct evbuffer *out, const struct control_error *error);

#endif
