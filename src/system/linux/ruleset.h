/* SPDX-License-Identifier: ISC */
/* What the rooms that write the ruleset share: the links' places in it, and who
 * writes which part. Nobody else includes this. */
#ifndef UPLINK_LINUX_RULESET_H
#define UPLINK_LINUX_RULESET_H

#include <arpa/inet.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "common/facts.h"
#include "conf/conf.h"
#include "system/linux/flows.h"

#define TABLE "inet " FLOWS_TABLE

enum { BOTH = 1 << V4 | 1 << V6 }; /* IP versions, as bits */

/* One IP version of one link, and how its packets are known. */
struct place {
	const struct conf_link *link;
	uint8_t family;
	uint8_t nat;       /* enum conf_nat: SNAT also where masquerade must use a certain source */
	bool shared;       /* other links are behind the same interface */
	bool known;        /* its packets can be told: not shared, or the next hop is known */
	bool lladdr_known; /* and what comes in, by the gateway's link-layer address */
	uint8_t lladdr[6];
	uint32_t ifindex; /* of its interface now, 0: there is none */
	struct addr gateway, nat_addr;
};

struct ruleset {
	const struct conf *conf;
	FILE *out;
	struct place *places;
	size_t nplaces;
	unsigned elements; /* written so far in the map at hand */
};

/* ---- places.c ---- */

/* From configuration and facts. 0, or -1 with errno; r->places is to be freed. */
int places_make(struct ruleset *r, const struct link_facts *facts, size_t nfacts);

/* How many known places there are with an interface of their own, or shared ones, of
 * these IP versions (bits), that the filter takes. */
typedef bool place_filter(const struct place *p);
unsigned places_count(const struct ruleset *r, bool shared, unsigned families,
		      place_filter *filter);
place_filter place_any, place_lladdr, place_snat, place_masquerade, place_prefix, place_there;

/* Some link carries that IP version. */
bool ruleset_carries(const struct ruleset *r, unsigned family);

/* ---- ruleset_maps.c ---- */

/* All maps and sets, empty: rules and maps go and come again in one transaction. */
void ruleset_print_reset(const struct ruleset *r);
/* What stands in the maps. */
void ruleset_print_elements(struct ruleset *r);

/* A prefix with its length, for nft. */
enum { PREFIX_LEN = INET6_ADDRSTRLEN + 4 };
const char *ruleset_prefix(const struct addr *prefix, char buf[static PREFIX_LEN]);
const char *ruleset_proto(unsigned family); /* "ipv4" */
const char *ruleset_ip(unsigned family);    /* "ip" */

/* ---- ruleset_probes.c ---- */

void ruleset_print_probe_sets(const struct ruleset *r);
void ruleset_print_probe_chains(const struct ruleset *r);

/* ---- ruleset_nat.c ---- */

/* The chain of a link whose prefix is translated, if it is. */
void ruleset_print_link_prefix(const struct ruleset *r, const struct conf_link *link);
void ruleset_print_nat(const struct ruleset *r);

/* ---- ruleset_tcp.c ---- */

bool ruleset_cuts_segments(const struct conf *conf); /* of some link */
/* The chain of a link whose segments are cut, if they are. */
void ruleset_print_link_mss(const struct ruleset *r, const struct conf_link *link);
/* The rules that lead there, for the postrouting chain. */
void ruleset_print_mss(const struct ruleset *r);
void ruleset_print_resets(const struct ruleset *r);

/* Flows keep to their link by marks. */
static inline bool
ruleset_marks(const struct ruleset *r)
{
	return r->conf->flows == CONF_FLOWS_MARKS;
}

#endif
