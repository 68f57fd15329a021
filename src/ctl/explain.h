/* SPDX-License-Identifier: ISC */
/* A link in words: from its targets over its health to what it does, and what to do
 * about it. Pure but for out. */
#ifndef UPLINK_CTL_EXPLAIN_H
#define UPLINK_CTL_EXPLAIN_H

#include <stdbool.h>
#include <stdio.h>

#include <jansson.h>

/* What the daemon says of it (doc/control-protocol.md). */
struct explanation {
	const json_t *global, *link;
	const json_t *links; /* all of them */
	const json_t *routes, *targets, *judgement;
	const json_t *event; /* the newest of the link, NULL: none is known */
};

/* A route of an IP version that the link takes where it is there, and that is not. */
bool explain_is_absent(const json_t *route);

void explain_link(const struct explanation *e, FILE *out, bool colours);
/* What to do, a sentence or more each: an array of strings, a new reference. */
json_t *explain_advice(const struct explanation *e);

#endif
