/* SPDX-License-Identifier: ISC */
/* An engine that asks over no wire: clock, timers, what comes back and what the interfaces
 * count are the test's. Time passes only in pass_ms. Link with probed_wraps. */
#ifndef UPLINK_TEST_PROBED_H
#define UPLINK_TEST_PROBED_H

#include "engine/method.h"
#include "read_conf.h"

extern struct engine *e;
extern uint64_t mono, wall;

/* Every probe that was handed to the wire, in order. */
struct left {
	struct target *target;
	struct addr to;
	uint16_t sequence;
	uint64_t at_ns;
	bool urgent;
};
extern struct left left[512];
extern size_t nleft;

/* The method of all targets; looked, ended, silent: how often each was called. Of silent there
 * is none, unless a test says so. */
extern struct method_ops wire;
void count_silent(struct target *t, uint64_t sent_ns);
extern int send_error; /* errno of what is sent from now on, 0: it leaves */
extern unsigned looked, ended, silent;
extern bool no_sockets;

extern bool counters;           /* the interfaces' can be read */
extern uint64_t packets_in[8];  /* by ifindex */
extern uint64_t looks_again_ms; /* the decision's own timer, as last set; 0: it is not */
extern int parent, worker;      /* their ends of the channels */

void begin(const char *conf); /* at 100 s; facts and plan are not known yet */
void end(void);
/* The link has carrier, addresses and gateways of both IP versions, on interface
 * 1, 2, ... */
void give_way(struct link *link);
/* The parent has installed the newest plan, or could not. */
void installed(int error);
/* All of that, and every target has answered once or more. */
void begin_well(const char *conf);

void pass_ms(uint64_t ms);
/* What left as number i is answered, by the wire's own time. */
void answer(size_t i, uint32_t rtt_us);
/* Time passes, and what leaves meanwhile is answered at once, but for links that are dead, or
 * in one IP version. */
#define DEAD(link) (1u << (link))
#define DEAD4(link) (1u << (8 + (link)))
#define DEAD6(link) (1u << (16 + (link)))
void live_ms(uint64_t ms, unsigned dead);
/* Probes of that target that left, and the last of them. */
unsigned left_of(const struct target *t);
const struct left *last_of(const struct target *t);
/* So far that the next thing that happens is that a probe of that target leaves, and then that. */
struct probe *next_probe(struct target *t);

#define AT_MS(ms) (100 * NSEC_PER_SEC + (ms)*NSEC_PER_MSEC)

#endif
