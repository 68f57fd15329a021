/* SPDX-License-Identifier: ISC */
/* SET: validates what a manager wants, asks the engine, and answers when it has.
 * Nothing waits: while the engine is asked the loop goes on, and an engine that
 * does not answer in time ends the SET with a clean error.
 *
 *   TestSet     everything is checked here; the engine is asked and reserves
 *   CommitSet   the engine applies what it reserved: it can't fail for want of
 *               anything that TestSet could have found
 *   UndoSet     the engine takes it back
 *   CleanupSet  the end: the engine makes it known, cuts flows and so on
 *
 * The master repeats a request whose answer it has not seen within a second. Over
 * a stream none is ever lost, so a repetition is dropped. */
#ifndef UPLINK_SUBAGENT_CONTROL_H
#define UPLINK_SUBAGENT_CONTROL_H

#include "subagent/channel.h"
#include "subagent/codec.h"
#include "subagent/view.h"

struct event_base;
struct control;

struct control_hooks {
	/* Sends the answer to a request of the master, once. */
	void (*respond)(void *arg, long transaction, long packet, int error, int index);
	void (*refused)(void *arg); /* a SET was refused that the engine was not asked about */
	void *arg;
};

struct control *control_new(struct event_base *base, struct view *view, struct channel *channel,
			    const struct control_hooks *hooks);
void control_free(struct control *c);

/* A TestSet, CommitSet, UndoSet or CleanupSet. The caller keeps pdu. user is whoever
 * wants it, NULL where the master does not say. */
void control_request(struct control *c, const netsnmp_pdu *pdu, const char *user);

void control_answer(struct control *c, const struct ipc_set_answer *answer);
void control_engine_gone(struct control *c);
/* The session with the master is over: what was applied stays, what was not is
 * forgotten, nothing is answered. */
void control_session_gone(struct control *c);

#endif
