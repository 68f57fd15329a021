/* SPDX-License-Identifier: ISC */
/* libevent's memory, with a reserve. The library writes through NULL where it gets no entry
 * for a callback of a buffer, and a timer that can't be added stops what it drives. What
 * malloc refuses comes from the reserve, as long as that lasts. It is small: who makes
 * something that can be done without asks whether memory has run out meanwhile, and gives
 * it up. Linked only by what links libevent. */
#ifndef UPLINK_RESERVE_H
#define UPLINK_RESERVE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { RESERVE_PIECES = 64, RESERVE_PIECE = 1024 };

/* Once in a process, before libevent is used. */
void reserve_for_libevent(void);

/* How often malloc has refused memory to libevent since then. */
uint64_t reserve_failures(void);

/* A piece of the reserve is for size octets at most; NULL: it is larger, or none is left. */
void *reserve_malloc(size_t size);
void *reserve_realloc(void *old, size_t size);
void reserve_free(void *p);

#endif
