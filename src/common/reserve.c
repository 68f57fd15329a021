/* SPDX-License-Identifier: ISC */
#include "config.h"

#include "common/reserve.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <event2/event.h>

/* Before what is handed out stands how long it is, since only so can it move. */
struct block {
	_Alignas(max_align_t) size_t size;
	_Alignas(max_align_t) unsigned char octets[];
};

static union {
	struct block block;
	unsigned char room[sizeof(struct block) + RESERVE_PIECE];
} pieces[RESERVE_PIECES];
static bool taken[RESERVE_PIECES];
static uint64_t failures;

static struct block *
block_of(void *p)
{
	return (struct block *)(void *)((unsigned char *)p - offsetof(struct block, octets));
}

static bool
is_piece(const struct block *b)
{
	uintptr_t at = (uintptr_t)b, first = (uintptr_t)pieces;

	return at >= first && at < first + sizeof(pieces);
}

static void *
hand_out(struct block *b, size_t size)
{
	b->size = size;
	return b->octets;
}

static void *
take_piece(size_t size)
{
	failures++;
	for (int i = 0; size <= RESERVE_PIECE && i < RESERVE_PIECES; i++) {
		if (taken[i])
			continue;
		taken[i] = true;
		return hand_out(&pieces[i].block, size);
	}
	errno = ENOMEM;
	return NULL;
}

void *
reserve_malloc(size_t size)
{
	struct block *b =
	    size <= SIZE_MAX - sizeof(struct block) ? malloc(sizeof(*b) + size) : NULL;

	return b != NULL ? hand_out(b, size) : take_piece(size);
}

void *
reserve_realloc(void *old, size_t size)
{
	size_t before;
	void *p = reserve_malloc(size);

	if (old == NULL || p == NULL)
		return p;
	before = block_of(old)->size;
	memcpy(p, old, before < size ? before : size);
	reserve_free(old);
	return p;
}

void
reserve_free(void *p)
{
	struct block *b;

	if (p == NULL)
		return;
	b = block_of(p);
	if (is_piece(b))
		taken[((uintptr_t)b - (uintptr_t)pieces) / sizeof(pieces[0])] = false;
	else
		free(b);
}

void
reserve_for_libevent(void)
{
	/* so that the pages are there: one that is first used when memory has run out is not */
	for (int i = 0; i < RESERVE_PIECES; i++)
		*(volatile unsigned char *)pieces[i].room = 1;
	event_set_mem_functions(reserve_malloc, reserve_realloc, reserve_free);
}

uint64_t
reserve_failures(void)
{
	return failures;
}
