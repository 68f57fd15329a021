/* SPDX-License-Identifier: ISC */
/* The control socket's side of the engine: JSON lines in, JSON lines out
 * (doc/control-protocol.md). It reads the board as any reader does and asks the
 * engine through a small table of functions; it knows nothing else of it. It must
 * never make the engine wait: all work is bounded in time per turn of the loop,
 * whatever a client does. */
#ifndef UPLINK_CONTROL_H
#define UPLINK_CONTROL_H

#include <stdbool.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "common/addr.h"
#include "common/board.h"
#include "common/ipc.h"
#include "common/order.h"
#include "engine/recording.h"

struct event_base;
struct control;
struct judgement;

/* What a client can ask of the engine. Each returns at once. */
struct control_ops {
	/* Takes the order of that user, or says why not, for a person, in why. */
	enum order_verdict (*order)(void *arg, const struct order *order, uid_t uid, char *why,
				    size_t why_size);
	/* Asks for the configuration to be read again. 0: every outcome, good or bad,
	 * is told by one control_reloaded(). -1: it could not be asked. */
	int (*reload)(void *arg);
	/* Asks for everything that the daemon made to be removed. 0 or -1. */
	int (*release)(void *arg);
	/* Asks which way a probe of that link to target takes. The answer comes as
	 * control_path() with id = token. 0 or -1. */
	int (*verify)(void *arg, unsigned link, const struct addr *target, uint32_t token);
	/* By what that link is judged. False: there is no such link. */
	bool (*judgement)(void *arg, unsigned link, struct judgement *out);
	void *arg;
};

/* Serves listen_fd (a listening unix stream socket, made non-blocking here) until
 * control_free(), which closes it. The board must outlive it; ops is copied.
 * Ignores SIGPIPE for the process. NULL with errno. */
struct control *control_new(struct event_base *base, int listen_fd, const struct board *board,
			    const struct control_ops *ops);
void control_free(struct control *control);

/* Answers that come later. Cheap; an answer that nobody waits for is ignored. */
void control_reloaded(struct control *control, const struct ipc_reloaded *reloaded);
void control_path(struct control *control, const struct ipc_path *path);

/* Somebody records samples: only then is it worth to make control_sample's line. */
bool control_recording(const struct control *control);
/* A sample was taken, or a late answer came. A recorder that does not keep up misses
 * it, and is told how many it has missed. */
void control_sample(struct control *control, const struct recorded *sample);

/* New events are on the board: tells the followers. Cheap, call it freely. */
void control_event(struct control *control);

#endif
