/* SPDX-License-Identifier: ISC */
/* A client of the control socket: where it stands, and its place in the queue for
 * work. Whoever changes what it waits for puts it there; whose turn it is is
 * control_turn's business. */
#ifndef UPLINK_CONTROL_CLIENT_H
#define UPLINK_CONTROL_CLIENT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/queue.h>
#include <sys/types.h>

#include "common/board.h"
#include "engine/control.h"
#include "engine/control_answer.h"

struct bufferevent;
struct evbuffer;
struct event;

enum client_state {
	CLIENT_READING, /* for a request */
	CLIENT_ANSWERING,
	CLIENT_WAITING_RELOAD,
	CLIENT_WAITING_PATH,
	CLIENT_FOLLOWING,
	CLIENT_RECORDING,
	CLIENT_LEAVING, /* once it has taken what it was given */
};

struct client {
	TAILQ_ENTRY(client) all, work;
	struct control *control;
	struct bufferevent *bev;
	uid_t uid;
	enum client_state state;
	bool queued;            /* for work */
	bool eof;               /* it sends no more */
	uint64_t since_ns;      /* when the state began */
	uint64_t taken_ns;      /* when it last took something, or had nothing to take */
	size_t waiting;         /* octets that it had to take then */
	uint32_t token;         /* of a path */
	struct board_link link; /* of a path */
	struct control_answer answer;
	uint64_t next_event;
	char recorded_link[NAME_LEN + 1]; /* of a recorder: "" for all */
	uint64_t missed;                  /* samples that it has not taken, and does not know of */
};

TAILQ_HEAD(client_list, client);

struct control {
	struct event_base *base;
	int listen_fd;
	struct event *acceptable, *turn, *sweep;
	const struct board *board;
	struct control_ops ops;
	struct client_list all, work;
	unsigned nclients, nrecorders;
	uint64_t refused; /* clients, since the engine started */
	uint32_t token;
};

/* Serves fd, which is its own from then on. NULL for want of memory: fd is the caller's. */
struct client *client_new(struct control *control, int fd, uid_t uid);
/* Ends it, at once. */
void client_drop(struct client *c);
/* Ends it, counted as refused, if memory has run out since there were that many failures: what
 * it was given lacks something. Returns whether it did. */
bool client_drop_spoilt(struct client *c, uint64_t failures);

void client_enter(struct client *c, enum client_state state);
/* There is something to do for it. Call it freely. */
void client_schedule(struct client *c);
struct evbuffer *client_output(const struct client *c);
/* Answers its request by that error; it may send another. */
void client_refuse(struct client *c, const struct control_error *error);
/* It has been idle, or has not taken what it was given, for too long. */
bool client_is_over(struct client *c, uint64_t now_ns);

#endif
