/* SPDX-License-Identifier: ISC */
/* Whose a state of pf(4) is. A flow that passes through has two: one where it came in from inside,
 * with the gateway that was chosen for it, and one where it leaves, with the translated address.
 * Pure. */
#ifndef UPLINK_OPENBSD_STATES_H
#define UPLINK_OPENBSD_STATES_H

#include "common/facts.h"
#include "conf/conf.h"

enum pf_way { PF_WAY_PLAIN, PF_WAY_ROUTE_TO, PF_WAY_REPLY_TO };

struct pf_flow {
	uint64_t id;
	uint32_t creator;
	uint8_t family;      /* V4, V6 */
	uint8_t way;         /* enum pf_way */
	bool out;            /* it was made by a packet that left */
	struct addr gateway; /* where it is led to */
	struct addr local;   /* this machine's address, as seen on the wire */
	uint32_t idle_s;     /* since its last packet */
};

/* What the links' states are known by. */
struct pf_key {
	uint16_t link;
	uint8_t family;
	bool own_address; /* no other link has the same */
	bool former;      /* the configuration has it no more */
	struct addr gateway, source;
};
struct pf_keys {
	struct pf_key *keys;
	size_t n;
};

/* What a link was known by before it left the configuration stays. 0, or -1 with errno. */
int pf_keys_make(struct pf_keys *k, const struct conf *conf, const struct link_facts *facts,
		 size_t nfacts);
void pf_keys_free(struct pf_keys *k);

/* The link's index; 0: none's. *flow: it is the one of a flow's states that counts. */
unsigned pf_flow_link(const struct pf_keys *k, const struct pf_flow *s, bool *flow);

#endif
