/* SPDX-License-Identifier: ISC */
/* The links and targets of a configuration without an engine around them: for what
 * runs the judgement over samples of another time. No socket, board or clock. */
#ifndef UPLINK_SITE_H
#define UPLINK_SITE_H

#include <stddef.h>

#include "engine/assess.h"

struct site {
	const struct conf *conf; /* the caller's, must outlive it */
	struct link **links;     /* ascending by index */
	size_t nlinks;
	struct assessment assessment;
};

/* conf has its indexes. Every link has interface, carrier, gateways and addresses.
 * NULL for want of memory. */
struct site *site_new(const struct conf *conf, struct moment now);
void site_free(struct site *site);

struct link *site_link(const struct site *site, const char *name); /* NULL: none */
/* The link's target with that address, or its gateway of that IP version. */
struct target *site_target(const struct link *link, const struct addr *addr);
struct target *site_gateway(const struct link *link, int family);

/* Whether a link had an IP version that it takes only where it is there, its samples say:
 * it comes with the first of them, and is gone when none has come in its time. True where
 * that is news. */
bool site_version_comes(struct link *link, int family);
bool site_versions_leave(struct site *site);

/* Judges, plans and tells. The routes are at once as planned. */
void site_decide(struct site *site, struct moment now, bool *all_down, news_emit *emit, void *arg);

#endif
