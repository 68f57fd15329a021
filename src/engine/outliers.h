/* SPDX-License-Identifier: ISC */
/* A dead link, or only a dead target? The same address, asked through several links,
 * tells: one that fails on every link that works otherwise is a bad target. It is
 * set aside: it counts for nothing until it answers again. Pure.
 *
 * A target that one link alone asks is never set aside: nobody can tell its own
 * failure from that of the way to it, and a quorum was asked for to see just that. */
#ifndef UPLINK_OUTLIERS_H
#define UPLINK_OUTLIERS_H

#include "engine/model.h"

/* Ties those together that ask the same in the same way through different links.
 * To be called again whenever a target came or went. targets is sorted. */
void outliers_tie(struct target **targets, size_t n);

/* Judges anew what a sample of t may have a say in; changed: it has changed t's status.
 * True: a target stands otherwise now. */
bool outliers_sample(struct target *t, bool changed, uint64_t now_ns);
/* Judges the targets of a link and their siblings anew, likewise. */
bool outliers_judge_link(const struct link *link, uint64_t now_ns);

/* Until when t waits to be told from a dead link; 0: it does not. */
uint64_t outliers_wait_until(const struct target *t);

#endif
