/* SPDX-License-Identifier: ISC */
/* Storing what outlives a reboot: the newest text, and again until it is on the disk. The
 * engine's state is stored at most once a second: the engine never waits for a disk, nor
 * does it wear one out by what it says. */
#include "config.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "common/clock.h"
#include "common/log.h"
#include "worker/internal.h"

enum { APART_S = 1, RETRY_S = 10 };

static const struct {
	const char *file, *name, *consequence;
	bool often; /* the sender would have it stored again and again */
} kinds[STORES] = {
    [STORE_STATE] = {"state.json", "the state", "loses what has changed", true},
    [STORE_INDEXES] = {"indexes.json", "the map of the links' indexes", "may change them", false},
};

static void
store_now(struct worker *w, enum store_kind kind)
{
	struct store *s = &w->stores[kind];
	struct timeval again = {RETRY_S, 0};
	char error[512];

	if (s->fd == -1)
		return;
	s->stored_ns = clock_mono_ns();
	if (worker_store(w->options->state_dir, kinds[kind].file, s->fd, error, sizeof(error)) ==
	    -1) {
		if (strcmp(error, s->error) != 0)
			log_error("%s is not stored: %s. Until it is (next try in %d s), a reboot "
				  "%s",
				  kinds[kind].name, error, RETRY_S, kinds[kind].consequence);
		snprintf(s->error, sizeof(s->error), "%s", error);
		evtimer_add(s->timer, &again);
		return;
	}
	if (s->error[0] != '\0')
		log_info("%s is stored again", kinds[kind].name);
	s->error[0] = '\0';
	evtimer_del(s->timer);
	close(s->fd);
	s->fd = -1;
}

static void
on_state(evutil_socket_t fd, short what, void *arg)
{
	(void)fd;
	(void)what;
	store_now(arg, STORE_STATE);
}

static void
on_indexes(evutil_socket_t fd, short what, void *arg)
{
	(void)fd;
	(void)what;
	store_now(arg, STORE_INDEXES);
}

void
store_init(struct worker *w)
{
	for (unsigned kind = 0; kind < STORES; kind++)
		w->stores[kind].fd = -1;
}

int
store_open(struct worker *w)
{
	w->stores[STORE_STATE].timer = evtimer_new(w->base, on_state, w);
	w->stores[STORE_INDEXES].timer = evtimer_new(w->base, on_indexes, w);
	return w->stores[STORE_STATE].timer && w->stores[STORE_INDEXES].timer ? 0 : -1;
}

void
store_close(struct worker *w)
{
	for (unsigned kind = 0; kind < STORES; kind++) {
		struct store *s = &w->stores[kind];

		if (s->timer) {
			store_now(w, kind);
			event_free(s->timer);
		}
		if (s->fd != -1)
			close(s->fd);
	}
}

void
store_take(struct worker *w, enum store_kind kind, int fd)
{
	struct store *s = &w->stores[kind];
	struct timeval apart = {APART_S, 0};

	if (s->fd != -1)
		close(s->fd);
	s->fd = fd;
	if (kinds[kind].often && s->error[0] != '\0' && evtimer_pending(s->timer, NULL))
		return;
	if (kinds[kind].often && s->stored_ns != 0 &&
	    clock_mono_ns() - s->stored_ns < APART_S * NSEC_PER_SEC)
		evtimer_add(s->timer, &apart);
	else
		store_now(w, kind);
}
