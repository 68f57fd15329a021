/* SPDX-License-Identifier: ISC */
/* The libraries' memory comes through here, to be counted where there is none. */
#include "config.h"

#include "engine/memory.h"

#include <stdlib.h>

#include <event2/event.h>
#include <jansson.h>

static uint64_t failures;

static void *
counted_malloc(size_t size)
{
	void *p = malloc(size);

	failures += p == NULL && size > 0;
	return p;
}

static void *
counted_realloc(void *old, size_t size)
{
	void *p = realloc(old, size);

	failures += p == NULL && size > 0;
	return p;
}

void
memory_watch(void)
{
	json_set_alloc_funcs(counted_malloc, free);
	event_set_mem_functions(counted_malloc, counted_realloc, free);
}

uint64_t
memory_failures(void)
{
	return failures;
}
