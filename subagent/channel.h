/* SPDX-License-Identifier: ISC */
/* The channel to the engine: the only way by which this process can change
 * anything. It comes from the parent and can be replaced at any time, when the
 * engine was started again. Sending never waits. */
#ifndef UPLINK_SUBAGENT_CHANNEL_H
#define UPLINK_SUBAGENT_CHANNEL_H

#include <stdbool.h>

#include "common/ipc.h"

struct event_base;
struct channel;

struct channel_hooks {
	void (*wake)(void *arg); /* the board has something new */
	void (*answer)(void *arg, const struct ipc_set_answer *answer);
	void (*up)(void *arg);   /* an engine is there, perhaps another one */
	void (*down)(void *arg); /* what it was asked will not be answered */
	void *arg;
};

struct channel *channel_new(struct event_base *base, const struct channel_hooks *hooks);
void channel_free(struct channel *c);

/* Takes a new descriptor in place of the old one. */
void channel_replace(struct channel *c, int fd);

/* 0, or -1 with errno: ENOTCONN, EAGAIN. */
int channel_send(struct channel *c, enum ipc_type type, const void *body, size_t length);

#endif
