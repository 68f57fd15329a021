/* SPDX-License-Identifier: ISC */
/* A hashed timing wheel (Varghese and Lauck, 1987, scheme 6) of one turn, with a bit
 * for each list so that empty ones cost nothing. */
#include "config.h"

#include "engine/wheel.h"

#include <stddef.h>

enum { NOWHERE, IN_SLOT, LATER };

static uint64_t
tick_of(uint64_t ns)
{
	return (ns + WHEEL_TICK_NS - 1) / WHEEL_TICK_NS;
}

void
wheel_start(struct wheel *w, uint64_t now_ns)
{
	*w = (struct wheel){.now = now_ns / WHEEL_TICK_NS};
	for (unsigned i = 0; i < WHEEL_SLOTS; i++)
		LIST_INIT(&w->slot[i]);
	LIST_INIT(&w->later);
}

static void
put(struct wheel *w, struct wheel_timer *t)
{
	unsigned i = t->tick % WHEEL_SLOTS;

	LIST_INSERT_HEAD(&w->slot[i], t, entry);
	w->used[i / 64] |= UINT64_C(1) << i % 64;
	t->where = IN_SLOT;
}

void
wheel_set(struct wheel *w, struct wheel_timer *t, uint64_t at_ns)
{
	wheel_unset(w, t);
	t->tick = tick_of(at_ns);
	if (t->tick < w->now)
		t->tick = w->now;
	if (t->tick - w->now < WHEEL_SLOTS) {
		put(w, t);
		return;
	}
	if (LIST_EMPTY(&w->later))
		w->later_at = w->now + WHEEL_SLOTS / 2;
	LIST_INSERT_HEAD(&w->later, t, entry);
	t->where = LATER;
}

void
wheel_unset(struct wheel *w, struct wheel_timer *t)
{
	unsigned i = t->tick % WHEEL_SLOTS;

	if (t->where == NOWHERE)
		return;
	LIST_REMOVE(t, entry);
	if (t->where == IN_SLOT && LIST_EMPTY(&w->slot[i]))
		w->used[i / 64] &= ~(UINT64_C(1) << i % 64);
	t->where = NOWHERE;
}

/* Half a turn is over: what was later may be within the next turn now. None of it is
 * due yet: it was a whole turn away when it was last looked at. */
static void
look_through(struct wheel *w)
{
	struct wheel_timer *t = LIST_FIRST(&w->later), *next;

	w->later_at = w->now + WHEEL_SLOTS / 2;
	for (; t != NULL; t = next) {
		next = LIST_NEXT(t, entry);
		if (t->tick - w->now >= WHEEL_SLOTS)
			continue;
		LIST_REMOVE(t, entry);
		put(w, t);
	}
}

/* The first tick from now on whose list is not empty. */
static uint64_t
first_used(const struct wheel *w)
{
	enum { WORDS = WHEEL_SLOTS / 64 };
	unsigned start = w->now % WHEEL_SLOTS;
	uint64_t before = (UINT64_C(1) << start % 64) - 1;

	for (unsigned i = 0; i <= WORDS; i++) {
		unsigned word = (start / 64 + i) % WORDS, slot;
		uint64_t bits = w->used[word];

		if (i == 0)
			bits &= ~before;
		else if (i == WORDS)
			bits &= before;
		if (bits == 0)
			continue;
		slot = word * 64 + (unsigned)__builtin_ctzll(bits);
		return w->now + (slot - start) % WHEEL_SLOTS;
	}
	return UINT64_MAX;
}

/* The next tick at which there is something to do. */
static uint64_t
next_tick(const struct wheel *w)
{
	uint64_t tick = first_used(w);

	if (!LIST_EMPTY(&w->later) && w->later_at < tick)
		return w->later_at;
	return tick;
}

struct wheel_timer *
wheel_take(struct wheel *w, uint64_t now_ns)
{
	uint64_t now = now_ns / WHEEL_TICK_NS, tick;

	while ((tick = next_tick(w)) <= now) {
		struct wheel_timer *t;

		if (tick > w->now)
			w->now = tick;
		if (!LIST_EMPTY(&w->later) && w->now >= w->later_at)
			look_through(w);
		t = LIST_FIRST(&w->slot[w->now % WHEEL_SLOTS]);
		if (t != NULL) {
			wheel_unset(w, t);
			return t;
		}
	}
	if (now > w->now)
		w->now = now;
	return NULL;
}

uint64_t
wheel_next(const struct wheel *w)
{
	uint64_t tick = next_tick(w);

	return tick == UINT64_MAX ? UINT64_MAX : tick * WHEEL_TICK_NS;
}
