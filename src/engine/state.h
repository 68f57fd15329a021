/* SPDX-License-Identifier: ISC */
/* What must outlive a reboot, as JSON text: orders with the rest of their time, the
 * number of the last event, what was counted of each link. Pure. The text is checked
 * like a stranger's: a file is there to be damaged. */
#ifndef UPLINK_STATE_H
#define UPLINK_STATE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/limits.h"
#include "engine/orders.h"

struct state_link {
	char name[NAME_LEN + 1];
	uint32_t transitions;
	uint64_t up_ns, down_ns;
	/* admin ADMIN_AUTO: none. Its since_ns and expires_ns are of this boot's clock, and
	 * not in the text: rest_ns, what is left of its time, stands for them */
	struct standing_order order;
	uint64_t rest_ns; /* 0 where timeout_s is: no end */
};

struct state {
	uint64_t saved_wall_ns;
	uint64_t events_last; /* 0: there was none */
	uint32_t set_lock;
	uint32_t nlinks;
	struct state_link links[LINKS_MAX];
};

/* To be freed; NULL with errno. */
char *state_text(const struct state *s, size_t *len);

/* 0, or -1 with the reason in error; then *s says that nothing is known. */
int state_parse(const char *text, size_t len, struct state *s, char *error, size_t error_size);

/* NULL: nothing is known of that link. */
const struct state_link *state_link(const struct state *s, const char *name);

/* What is left of an order's time that had rest_ns left at saved_wall_ns. The time
 * when the machine was off counts. A clock that went back since can't say how long
 * that was: then it is what was left, so an order never gets more than it had. */
uint64_t state_rest(uint64_t rest_ns, uint64_t saved_wall_ns, uint64_t now_wall_ns);

/* Whether b says anything that is worth storing when a is stored: all but times that
 * pass by themselves. Both must have been filled on memory that was zeroed. */
bool state_same(const struct state *a, const struct state *b);

#endif
