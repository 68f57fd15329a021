/* SPDX-License-Identifier: ISC */
/* Answers managers, where this process is its own master: who asks, whether that may
 * be, and what the answer is (RFC 3413, command responder). */
#ifndef UPLINK_SUBAGENT_RESPONDER_H
#define UPLINK_SUBAGENT_RESPONDER_H

#include "subagent/access.h"
#include "subagent/control.h"
#include "subagent/port.h"

struct event_base;
struct responder;

/* The library must have been started. NULL where that can't be. */
struct responder *responder_new(struct event_base *base, struct view *view,
				const struct access *access);
void responder_free(struct responder *r);
int responder_listen(struct responder *r, int fd, const struct conf_listen *l);

/* A message has come, as from one of the ports. */
void responder_take(struct responder *r, const void *octets, size_t length,
		    const struct origin *from);

/* Whom a SET is asked of, and what that says. */
void responder_use(struct responder *r, struct control *control);
void responder_set_answered(struct responder *r, long transaction, int error, int index);

#endif
