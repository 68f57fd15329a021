/* SPDX-License-Identifier: ISC */
/* Reading the board, with a sorted index of its rows that is made again when the
 * board says that rows came or went. */
#include "config.h"

#include "subagent/view.h"

#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "common/clock.h"

/* A row is written before or after the count of changes moves: look again. */
#define RESCAN_NS NSEC_PER_SEC

/* Rows that a request may find unreadable. Each costs some ten microseconds, and the
 * master waits; a board that is full of them is the work of an engine gone mad. */
enum { PATIENCE = 16 };

/* Milliseconds of each second that may be waited for rows of which nothing is known yet: their
 * writer may have lost the processor in the middle, and an answer without them ends a walk. */
enum { WAITS = 20 };

struct link_copy {
	uint64_t request; /* when it was last read */
	bool whole;
	struct board_link row;
};

struct target_copy {
	uint64_t request;
	bool whole;
	struct board_target row;
};

struct target_key {
	uint16_t link, index;
	uint32_t slot;
};

struct view {
	const struct board *board;
	uint64_t request; /* counts requests */
	uint64_t now_ns;
	bool busy; /* see view_busy */
	unsigned patience;
	unsigned waits;    /* milliseconds left of this second ... */
	uint64_t waits_ns; /* ... which began then */
	struct board_global global;
	bool indexed;
	uint32_t indexed_change; /* table_change and table_change_ns of the index: */
	uint64_t indexed_ns;     /* on a board that was started afresh the count may be the same */
	uint64_t rescan_ns;      /* 0: not again */
	size_t nlinks, ntargets;
	uint16_t links[LINKS_MAX];
	struct target_key targets[TARGETS_MAX];
	struct link_copy *link_copies[LINKS_MAX + 1];
	struct target_copy *target_copies[TARGETS_MAX];
};

struct view *
view_open(int fd)
{
	struct view *v = calloc(1, sizeof(*v));

	if (v == NULL)
		return NULL;
	v->board = board_map_readable(fd);
	if (v->board == NULL)
		goto fail;
	if (!board_header_valid(v->board)) {
		errno = ESTALE;
		goto fail;
	}
	return v;
fail:
	view_close(v);
	return NULL;
}

void
view_close(struct view *v)
{
	int saved = errno;

	for (size_t i = 0; i <= LINKS_MAX; i++)
		free(v->link_copies[i]);
	for (size_t i = 0; i < TARGETS_MAX; i++)
		free(v->target_copies[i]);
	if (v->board != NULL)
		munmap((void *)(uintptr_t)v->board, sizeof(*v->board));
	free(v);
	errno = saved;
}

/* ---- rows ---- */

/* known: an older copy will do. */
static bool
read_row(struct view *v, const void *row, void *dst, size_t size, bool known)
{
	if (v->patience > 0 && board_read(row, dst, size))
		return true;
	for (; !known && v->patience > 0 && v->waits > 0; v->waits--) {
		poll(NULL, 0, 1);
		if (board_read(row, dst, size))
			return true;
	}
	if (v->patience > 0)
		v->patience--;
	v->busy |= v->patience == 0;
	return false;
}

#define TERMINATE(text) ((text)[sizeof(text) - 1] = '\0')

static void
read_global(struct view *v)
{
	struct board_global g;

	if (!board_read(&v->board->global, &g, sizeof(g)))
		return;
	TERMINATE(g.version);
	TERMINATE(g.site);
	TERMINATE(g.config_error);
	TERMINATE(g.bypass);
	TERMINATE(g.hook_error);
	v->global = g;
}

static const struct board_link *
read_link(struct view *v, uint32_t index)
{
	struct link_copy *copy = v->link_copies[index];
	struct board_link row;

	if (copy == NULL)
		copy = v->link_copies[index] = calloc(1, sizeof(*copy));
	if (copy == NULL)
		return NULL;
	if (copy->request != v->request) {
		copy->request = v->request;
		if (read_row(v, &v->board->links[index], &row, sizeof(row), copy->whole)) {
			TERMINATE(row.name);
			TERMINATE(row.alias);
			TERMINATE(row.ifname);
			TERMINATE(row.owner);
			TERMINATE(row.comment);
			copy->row = row;
			copy->whole = true;
		}
	}
	v->busy |= !copy->whole;
	if (!copy->whole || copy->row.index != index || copy->row.removed)
		return NULL;
	return &copy->row;
}

static const struct board_target *
read_target(struct view *v, const struct target_key *key)
{
	struct target_copy *copy = v->target_copies[key->slot];
	struct board_target row;

	if (copy == NULL)
		copy = v->target_copies[key->slot] = calloc(1, sizeof(*copy));
	if (copy == NULL)
		return NULL;
	if (copy->request != v->request) {
		copy->request = v->request;
		if (read_row(v, &v->board->targets[key->slot], &row, sizeof(row), copy->whole)) {
			memcpy(&copy->row, &row, sizeof(row));
			copy->whole = true;
		}
	}
	v->busy |= !copy->whole;
	if (!copy->whole || copy->row.link != key->link || copy->row.index != key->index)
		return NULL;
	return &copy->row;
}

/* ---- index ---- */

static int
compare_targets(const void *a, const void *b)
{
	const struct target_key *x = a, *y = b;

	if (x->link != y->link)
		return x->link < y->link ? -1 : 1;
	if (x->index != y->index)
		return x->index < y->index ? -1 : 1;
	return x->slot < y->slot ? -1 : x->slot > y->slot;
}

/* Which rows there are, without a look at what they say: that is checked when one is
 * read. Pages of the file that nobody wrote must not be touched, or they would come
 * into being: hence the bounds. */
static void
index_links(struct view *v)
{
	uint32_t slots = v->global.link_slots;

	v->nlinks = 0;
	for (uint32_t i = 1; i < slots && i <= LINKS_MAX; i++) {
		const struct board_link *row = &v->board->links[i];

		if (__atomic_load_n(&row->index, __ATOMIC_RELAXED) == i &&
		    !__atomic_load_n(&row->removed, __ATOMIC_RELAXED))
			v->links[v->nlinks++] = (uint16_t)i;
	}
}

static void
index_targets(struct view *v)
{
	uint32_t slots = v->global.target_slots;
	size_t n = 0;

	v->ntargets = 0;
	for (uint32_t i = 0; i < slots && i < TARGETS_MAX; i++) {
		const struct board_target *row = &v->board->targets[i];
		uint16_t link = __atomic_load_n(&row->link, __ATOMIC_RELAXED),
			 index = __atomic_load_n(&row->index, __ATOMIC_RELAXED);

		if (link >= 1 && link <= LINKS_MAX && index != 0)
			v->targets[v->ntargets++] = (struct target_key){link, index, i};
	}
	qsort(v->targets, v->ntargets, sizeof(v->targets[0]), compare_targets);
	for (size_t i = 0; i < v->ntargets; i++)
		if (n == 0 || v->targets[n - 1].link != v->targets[i].link ||
		    v->targets[n - 1].index != v->targets[i].index)
			v->targets[n++] = v->targets[i];
	v->ntargets = n;
}

static void
refresh_index(struct view *v)
{
	bool changed = !v->indexed || v->indexed_change != v->global.table_change ||
		       v->indexed_ns != v->global.table_change_ns;

	if (!changed && (v->rescan_ns == 0 || v->now_ns < v->rescan_ns))
		return;
	index_links(v);
	index_targets(v);
	v->indexed = true;
	v->indexed_change = v->global.table_change;
	v->indexed_ns = v->global.table_change_ns;
	v->rescan_ns = changed ? v->now_ns + RESCAN_NS : 0;
}

/* ---- requests ---- */

void
view_begin(struct view *v, uint64_t now_ns)
{
	v->request++;
	v->now_ns = now_ns;
	v->busy = false;
	v->patience = PATIENCE;
	if (now_ns - v->waits_ns >= NSEC_PER_SEC) {
		v->waits = WAITS;
		v->waits_ns = now_ns;
	}
	read_global(v);
	refresh_index(v);
}

uint64_t
view_now(const struct view *v)
{
	return v->now_ns;
}

bool
view_busy(const struct view *v)
{
	return v->busy;
}

const struct board_global *
view_global(const struct view *v)
{
	return &v->global;
}

uint32_t
view_link_from(struct view *v, uint32_t index, const struct board_link **link)
{
	size_t low = 0, high = v->nlinks;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (v->links[middle] < index)
			low = middle + 1;
		else
			high = middle;
	}
	for (; low < v->nlinks; low++) {
		*link = read_link(v, v->links[low]);
		if (*link != NULL)
			return v->links[low];
	}
	return 0;
}

static bool
target_before(const struct target_key *key, uint32_t link, uint32_t index)
{
	return key->link < link || (key->link == link && key->index < index);
}

bool
view_target_from(struct view *v, uint32_t *link, uint32_t *index,
		 const struct board_target **target)
{
	size_t low = 0, high = v->ntargets;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (target_before(&v->targets[middle], *link, *index))
			low = middle + 1;
		else
			high = middle;
	}
	for (; low < v->ntargets; low++) {
		*target = read_target(v, &v->targets[low]);
		if (*target == NULL)
			continue;
		*link = v->targets[low].link;
		*index = v->targets[low].index;
		return true;
	}
	return false;
}

void
view_event_range(const struct view *v, uint64_t *first, uint64_t *last)
{
	const struct board_global *g = &v->global;

	*last = g->events_last;
	*first = *last >= BOARD_EVENTS ? *last - BOARD_EVENTS + 1 : 1;
	if (*first < g->events_started)
		*first = g->events_started;
	if (*first > *last)
		*first = 0;
}

bool
view_event(struct view *v, uint64_t number, struct board_event *event)
{
	const struct board_event *slot = &v->board->events[number % BOARD_EVENTS];

	/* A walk looks at thousands: most misses are seen without copying. */
	if (__atomic_load_n(&slot->number, __ATOMIC_RELAXED) != number)
		return false;
	if (!read_row(v, slot, event, sizeof(*event), false) || event->number != number)
		return false;
	TERMINATE(event->link_name);
	TERMINATE(event->actor_name);
	TERMINATE(event->text);
	return true;
}

void
view_minute_range(const struct view *v, uint64_t *first, uint64_t *last)
{
	const struct board_global *g = &v->global;
	uint64_t since = g->history_start_ns, start = g->history_start_minute;
	uint64_t whole = v->now_ns > since ? (v->now_ns - since) / (60 * NSEC_PER_SEC) : 0;

	*first = *last = 0;
	if (since == 0 || whole == 0 || start == 0 || start > UINT32_MAX)
		return;
	*last = start + whole - 1;
	*first = whole < BOARD_MINUTES ? start : *last - (BOARD_MINUTES - 2);
}

bool
view_minute(struct view *v, uint32_t link, uint64_t number, struct board_minute *minute)
{
	const struct board_minute *slot = &v->board->minutes[link][number % BOARD_MINUTES];

	if (__atomic_load_n(&slot->minute, __ATOMIC_RELAXED) != number)
		return false;
	return read_row(v, slot, minute, sizeof(*minute), false) && minute->minute == number;
}
