/* SPDX-License-Identifier: ISC */
/* Storing the engine's state: the newest text, at most once a second, and again
 * until it is on the disk. The engine never waits for a disk, nor does it wear one
 * out by what it says. */
#include "config.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "common/clock.h"
#include "common/log.h"
#include "worker/internal.h"

enum { APART_S = 1, RETRY_S = 10 };

static const char file_name[] = "state.json";

static void
store_now(struct worker *w)
{
	struct store *s = &w->store;
	struct timeval again = {RETRY_S, 0};
	char error[512];

	if (s->fd == -1)
		return;
	s->stored_ns = clock_mono_ns();
	if (worker_store(w->options->state_dir, file_name, s->fd, error, sizeof(error)) == -1) {
		if (strcmp(error, s->error) != 0)
			log_error("the state is not stored: %s. Until it is (next try in %d s), a "
				  "reboot loses what has changed",
				  error, RETRY_S);
		snprintf(s->error, sizeof(s->error), "%s", error);
		evtimer_add(s->timer, &again);
		return;
	}
	if (s->error[0] != '\0')
		log_info("the state is stored again");
	s->error[0] = '\0';
	close(s->fd);
	s->fd = -1;
}

static void
on_timer(evutil_socket_t fd, short what, void *arg)
{
	(void)fd;
	(void)what;
	store_now(arg);
}

int
store_open(struct worker *w)
{
	w->store.timer = evtimer_new(w->base, on_timer, w);
	return w->store.timer ? 0 : -1;
}

void
store_close(struct worker *w)
{
	store_now(w);
	if (w->store.timer)
		event_free(w->store.timer);
	if (w->store.fd != -1)
		close(w->store.fd);
}

void
store_take(struct worker *w, int fd)
{
	struct store *s = &w->store;
	struct timeval apart = {APART_S, 0};

	if (s->fd != -1)
		close(s->fd);
	s->fd = fd;
	if (s->error[0] != '\0' && evtimer_pending(s->timer, NULL))
		return;
	if (s->stored_ns != 0 && clock_mono_ns() - s->stored_ns < APART_S * NSEC_PER_SEC)
		evtimer_add(s->timer, &apart);
	else
		store_now(w);
}
