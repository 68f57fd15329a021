/* SPDX-License-Identifier: ISC */
/* An engine with a parent that installs what it is sent, and what was told since a moment. */
#ifndef UPLINK_TEST_DECIDED_H
#define UPLINK_TEST_DECIDED_H

#include "probed.h"

#define TIMES "interval 1s; timeout 1s; down after 3; up after 1; hold 0; confirm no; flap no\n"
#define LINK(name, n, more) \
	"link " name " { index " n "; interface wan" n "; gateway 192.0.2." n "; " more " }\n"
#define BOTH(n) "gateway fe80::" n "; target 203.0.113." n "; target 2001:db8:1::" n
#define TWO TIMES LINK("a", "1", BOTH("1")) LINK("b", "2", BOTH("2"))
#define IPV4 TIMES LINK("a", "1", "target 203.0.113.1") LINK("b", "2", "target 203.0.113.2")

/* What was sent since the last look: plans, the newest of them, and orders to cut flows. */
extern unsigned plans, kills;
extern struct plan newest;
void look(void);

void begin_two(const char *conf); /* all is well, and nothing of it is news any more */
/* Time passes, and the parent installs what it is sent; dead as with live_ms. */
void live(uint64_t ms, unsigned dead);

extern uint64_t mark; /* number of an event */
/* The types of the events since then, but those of targets, with ":" and the link's name. Sets
 * the mark anew. */
void expect_events(const char *wanted);
const struct board_event *newest_event(unsigned type);

#endif
