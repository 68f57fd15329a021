/* SPDX-License-Identifier: ISC */
/* jansson's memory comes through here, to be counted where there is none; libevent's
 * through the reserve. */
#include "config.h"

#include "engine/memory.h"

#include <stdlib.h>

#include <jansson.h>

#include "common/reserve.h"

static uint64_t failures;

static void *
counted_malloc(size_t size)
{
	void *p = malloc(size);

	failures += p == NULL && size > 0;
	return p;
}

void
memory_watch(void)
{
	json_set_alloc_funcs(counted_malloc, free);
	reserve_for_libevent();
}

uint64_t
memory_failures(void)
{
	return failures + reserve_failures();
}
