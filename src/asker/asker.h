/* SPDX-License-Identifier: ISC */
/* What the prober and the runner have in common: they ask targets in the engine's
 * place, each by methods that nobody wants near the decider. The engine names a target,
 * they say what came of it; their sockets come from the parent, one at a time.
 *
 * They read the configuration once. They have no privilege, and nothing that they say
 * is believed but of the probe that they were asked for. */
#ifndef UPLINK_ASKER_H
#define UPLINK_ASKER_H

#include <event2/event.h>
#include <stdbool.h>
#include <stdint.h>

#include "common/ipc.h"
#include "conf/conf.h"

enum { ASKER_WISHES_MAX = 1024 };

struct asker;

/* A target that is to be asked now. Both structs of the configuration live on. */
typedef void asker_ask(struct asker *a, const struct ipc_ask *question,
		       const struct conf_link *link, const struct conf_target *target);
/* A socket that was wished for; fd is the callee's. -1: there is none, error says why. */
typedef void asker_socket(void *arg, int fd, int error);

struct asker_wish {
	uint32_t id; /* 0: free */
	asker_socket *then;
	void *arg;
};

struct asker {
	bool (*is_own)(unsigned method);
	asker_ask *ask;
	struct conf *conf;
	uint32_t serial;
	struct event_base *base;
	int parent, engine; /* channels, -1: none */
	struct event *parent_readable, *engine_readable;
	uint32_t last_id;
	struct asker_wish wishes[ASKER_WISHES_MAX]; /* by id % ASKER_WISHES_MAX */
};

/* Waits for the configuration, which the parent sends first, and makes the loop. 0 or -1,
 * which was logged. */
int asker_start(struct asker *a, int channel);
/* Tells the parent that it is ready, and runs until the parent ends it. */
void asker_run(struct asker *a);

/* Answers a question, once. */
struct asker_result {
	enum asked_verdict verdict;
	uint64_t rtt_ns;
	unsigned error;     /* errno or enum probe_error */
	uint64_t octets;    /* that it took on the line; 0: not known */
	uint32_t elsewhere; /* answers that came in by another interface */
};
void asker_answer(struct asker *a, const struct ipc_ask *question, const struct asker_result *r);
/* The question can't be asked. */
void asker_refuse(struct asker *a, const struct ipc_ask *question, unsigned error);

/* Wishes for a socket of that link. Its number, by which it can be forgotten, or 0: too
 * many are wished for. then is called at most once, and never from within this call. */
uint32_t asker_want(struct asker *a, unsigned link, int family, enum socket_kind kind,
		    asker_socket *then, void *arg);
void asker_forget(struct asker *a, uint32_t id);

#endif
