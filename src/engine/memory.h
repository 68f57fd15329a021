/* SPDX-License-Identifier: ISC */
/* Whether memory has run out in a library that goes on without a word: jansson leaves
 * out a member of an object, libevent an octet of a buffer. Who has made something with
 * them asks afterwards, and throws it away rather than let a part pass for the whole. */
#ifndef UPLINK_MEMORY_H
#define UPLINK_MEMORY_H

#include <stdint.h>

/* Once, before either library is used. */
void memory_watch(void);

/* How often it has run out since then. */
uint64_t memory_failures(void);

#endif
