/* SPDX-License-Identifier: ISC */
/* Whose a state of pf(4) is. A flow that passes through has two: one where it came in from inside,
 * with the gateway that was chosen for it, and one where it leaves, with the translated address.
 * Pure. */
#ifndef UPLINK_OPENBSD_STATES_H
#define UPLINK_OPENBSD_STATES_H

#include "common/facts.h"
#include "conf/conf.h"

enum state_way { STATE_PLAIN, STATE_ROUTE_TO, STATE_REPLY_TO };

struct state {
	uint64_t id;
	uint32_t creator;
	uint8_t family;      /* V4, V6 */
	uint8_t way;         /* enum state_way */
	bool out;            /* it was made by a packet that left */
	struct addr gateway; /* where it is led to */
	struct addr local;   /* this machine's address, as seen on the wire */
	uint32_t idle_s;     /* since its last packet */
};

/* What the links' states are known by. */
struct state_key {
	uint16_t link;
	uint8_t family;
	bool own_address; /* no other link has the same */
	struct addr gateway, source;
};
struct state_keys {
	struct state_key *keys;
	size_t n;
};

/* 0, or -1 with errno. */
int state_keys_make(struct state_keys *k, const struct conf *conf, const struct link_facts *facts,
		    size_t nfacts);
void state_keys_free(struct state_keys *k);

/* The link's index; 0: none's. *flow: it is the one of a flow's states that counts. */
unsigned state_link(const struct state_keys *k, const struct state *s, bool *flow);

#endif
