/* SPDX-License-Identifier: ISC */
/* A site that is fed samples, with what is told of them: for tests of the judgement as a
 * whole. */
#ifndef UPLINK_TEST_JUDGED_H
#define UPLINK_TEST_JUDGED_H

#include "engine/site.h"
#include "read_conf.h"

#define TIMES "interval 1s; timeout 1s; down after 3; up after 2; hold 0\n"
#define T123 "target 203.0.113.1; target 203.0.113.53; target 198.51.100.7\n"

extern struct site *site;
extern uint64_t now_ns; /* it begins at 100 s */

extern char told[64][EVENT_TEXT_LEN + 64]; /* "TYPE REASON: TEXT" */
extern size_t ntold;

void begin(const char *text); /* of a configuration */
void end(void);

void decide_now(void);
/* RTT in µs, or lost; assessed, and decided where it matters. */
void sample(struct target *t, uint32_t rtt_us);
/* So many of every target of the link in that IP version, one per second. */
void samples(struct link *link, int family, unsigned n, uint32_t rtt_us);

void expect_told(const char *line);

#endif
