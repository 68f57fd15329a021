/* SPDX-License-Identifier: ISC */
/* A link's health in words, with the targets that fail and the measures beside their
 * limits. Pure. */
#ifndef UPLINK_EXPLAIN_H
#define UPLINK_EXPLAIN_H

#include <stddef.h>

#include "engine/model.h"

/* Why the link's health is what it is, in at most size octets with the NUL: of each
 * IP version that is not well, or that was not before (was, or NULL). Returns text. */
const char *explain_health(const struct link *link, const struct verdict *was, char *text,
			   size_t size);

#endif
