/* SPDX-License-Identifier: ISC */
/* The control socket in a loop that is turned by hand, with an engine's stand-in behind
 * it, and its clients. Time can be leapt over. */
#ifndef UPLINK_TEST_CONTROL_WORLD_H
#define UPLINK_TEST_CONTROL_WORLD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>
#include <sys/un.h>

#include <jansson.h>

#include "common/addr.h"
#include "common/order.h"

struct board;
struct control;
struct event_base;

enum { ANSWER_MAX = 16 * 1024 * 1024, WAIT_MS = 30000 };

/* What the engine was asked for, and what it says. */
struct asked {
	struct order order;
	uid_t uid;
	enum order_verdict verdict;
	unsigned orders, reloads, releases, verifies, link;
	struct addr target;
	uint32_t token;
	int result;
};

struct world {
	struct event_base *base;
	struct control *control;
	struct board *board;
	struct asked asked;
	struct sockaddr_un sun;
	char dir[64];
	char *answer; /* what was heard last */
	size_t len;
};

extern uint64_t leapt_ns; /* that the daemon's clock is ahead */
extern uid_t peer_uid;    /* of whoever connects */
uint64_t __real_clock_mono_ns(void);

int control_set_up(void **state);
int control_tear_down(void **state);
#define CONTROL_TEST(function) \
	cmocka_unit_test_setup_teardown(function, control_set_up, control_tear_down)

/* A new connection. */
int client(struct world *w);
void say(int fd, const char *text);
/* The same, and turns until the engine was asked: *asked rises. */
int wait_for(struct world *w, const char *request, const unsigned *asked);

void turn(struct world *w);
void turn_for(struct world *w, unsigned ms);

/* Turns the loop until a whole line is there. Its length, 0: the daemon closed. */
size_t hear(struct world *w, int fd);
json_t *hear_json(struct world *w, int fd);
bool is_closed(struct world *w, int fd);

/* One request by a connection of its own: the whole answer, its result. */
json_t *ask(struct world *w, const char *request);
json_t *ask_result(struct world *w, const char *request);

/* The error's code; its message, which must not be empty, in the answer, which is freed. */
void expect_error(json_t *answer, const char *code);
const char *text_of(json_t *o, const char *key);
/* -1: there is none. */
long long number_of(json_t *o, const char *key);

/* A sample, for who records. */
void give_sample(struct world *w, const char *link, uint32_t number);

#endif
