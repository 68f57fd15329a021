/* SPDX-License-Identifier: ISC */
/* Keeps the kernel's ruleset what configuration and facts say it should be. The
 * first load is at once; changes that come close together are one load; what
 * fails is tried again, ever less often. Without a ruleset the daemon goes on:
 * routes follow the plan, but flows don't keep to their link. */
#include "config.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/clock.h"
#include "common/log.h"
#include "common/textstream.h"
#include "worker/internal.h"

enum {
	GATHER_MS = 20,       /* what comes with a failover, whose flows are cut first */
	LOOK_MS = 20,         /* after a change by someone, who may have more of them */
	LOOK_AGAIN_MS = 2000, /* at what nobody tells: gateways' link-layer addresses */
	RETRY_MIN_MS = 1000,
	RETRY_MAX_MS = 60000,
};

static void
load_in(struct worker *w, unsigned ms)
{
	struct timeval tv = {.tv_sec = ms / 1000, .tv_usec = ms % 1000 * 1000};

	w->loader.due_ns = clock_mono_ns() + ms * NSEC_PER_MSEC;
	evtimer_add(w->loader.timer, &tv);
}

static unsigned
retry_ms(unsigned failures)
{
	unsigned ms = RETRY_MIN_MS;

	while (--failures > 0 && ms < RETRY_MAX_MS)
		ms *= 2;
	return ms < RETRY_MAX_MS ? ms : RETRY_MAX_MS;
}

/* The facts of the configured links as one array, with what only the system's own
 * tables say. It is kept: a gateway that is silent now is still the same box. */
static size_t
gather_facts(struct worker *w, struct link_facts *facts)
{
	size_t nfacts = 0;

	for (size_t i = 0; i < w->conf->nlinks; i++) {
		const struct link_facts *known = &w->facts[w->conf->links[i].index];

		if (known->link != 0)
			facts[nfacts++] = *known;
	}
	if (sys_flows_neighbours(w->conf, facts, nfacts))
		load_in(w, LOOK_AGAIN_MS);
	for (size_t i = 0; i < nfacts; i++)
		w->facts[facts[i].link] = facts[i];
	return nfacts;
}

static int
print_wanted(struct worker *w, struct link_facts *facts, FILE *out)
{
	size_t nfacts = gather_facts(w, facts);

	if (sys_flows_facts(w->flows, w->conf, facts, nfacts) == -1)
		return -1;
	return sys_ruleset_print(w->conf, facts, nfacts, w->plan.serial == 0 ? NULL : &w->plan,
				 out);
}

/* The text that should be loaded now; NULL with the reason in error. */
static char *
wanted_text(struct worker *w, size_t *len, char *error, size_t error_size)
{
	struct link_facts *facts = calloc(w->conf->nlinks + 1, sizeof(*facts));
	struct textstream stream;
	FILE *out = textstream_begin(&stream);
	int result = facts && out ? print_wanted(w, facts, out) : -1, reason = errno;
	char *text = textstream_end(&stream, len);

	free(facts);
	if (result == 0 && text)
		return text;
	snprintf(error, error_size, "it can't be written: %s",
		 strerror(result == -1 ? reason : ENOMEM));
	free(text);
	return NULL;
}

/* One of those that the engine is still to be told of: whether it was. */
static bool
tell_one(struct worker *w, unsigned *number, int error)
{
	struct ipc_repair body = {.error = error};

	if (*number == 0 || w->engine == -1)
		return false;
	snprintf(body.text, sizeof(body.text), "%s was changed or removed", sys_ruleset_name);
	if (ipc_send(w->engine, IPC_REPAIR, &body, sizeof(body), -1) == -1) {
		if (errno != EAGAIN)
			channel_gone(w);
		return false;
	}
	(*number)--;
	return true;
}

static void
tell_repairs(struct worker *w)
{
	struct loader *l = &w->loader;

	while (tell_one(w, &l->unrepaired, EIO) || tell_one(w, &l->repaired, 0))
		;
}

static void
tell_repair(struct worker *w, int error)
{
	if (error)
		w->loader.unrepaired++;
	else
		w->loader.repaired++;
	tell_repairs(w);
}

static void
load_failed(struct worker *w, const char *error)
{
	struct loader *l = &w->loader;
	unsigned ms = retry_ms(++l->failures);

	if (l->changed && l->failures == 1)
		tell_repair(w, EIO);
	if (l->failures == 1 || strcmp(error, l->error) != 0)
		log_error(
		    "ruleset not loaded: %s. Flows don't keep to their link, and there is no NAT "
		    "and no counting, until it is; next try in %u s",
		    error, ms / 1000);
	snprintf(l->error, sizeof(l->error), "%s", error);
	load_in(w, ms);
}

static void
load(struct worker *w)
{
	struct loader *l = &w->loader;
	uint64_t start = clock_mono_ns();
	char error[512];
	size_t len;
	char *text;

	if (!w->conf || l->released)
		return;
	text = wanted_text(w, &len, error, sizeof(error));
	if (text && l->text && l->failures == 0 && l->len == len &&
	    memcmp(l->text, text, len) == 0) {
		free(text);
		return;
	}
	if (!text || sys_ruleset_load(w->flows, text, len, error, sizeof(error)) == -1) {
		free(text);
		load_failed(w, error);
		return;
	}
	if (l->failures > 0)
		log_info("ruleset loaded, after %u failures", l->failures);
	log_debug("ruleset loaded: %zu links, %zu octets, %.1f ms", w->conf->nlinks, len,
		  (double)(clock_mono_ns() - start) / NSEC_PER_MSEC);
	free(l->text);
	l->text = text;
	l->len = len;
	l->failures = 0;
	if (l->changed)
		tell_repair(w, 0);
	l->changed = l->fighting = false;
}

static void
on_timer(evutil_socket_t fd, short what, void *arg)
{
	(void)fd;
	(void)what;
	load(arg);
}

static void
on_changes(evutil_socket_t fd, short what, void *arg)
{
	const struct timeval soon = {.tv_usec = LOOK_MS * 1000};
	struct worker *w = arg;

	(void)fd;
	(void)what;
	sys_ruleset_seen(w->flows);
	if (!evtimer_pending(w->loader.look, NULL))
		evtimer_add(w->loader.look, &soon);
}

static void
on_look(evutil_socket_t fd, short what, void *arg)
{
	(void)fd;
	(void)what;
	loader_check(arg);
}

int
loader_open(struct worker *w)
{
	struct loader *l = &w->loader;
	int fd = sys_ruleset_watch(w->flows);

	l->timer = evtimer_new(w->base, on_timer, w);
	l->look = evtimer_new(w->base, on_look, w);
	if (!l->timer || !l->look)
		return -1;
	if (fd == -1)
		return 0;
	l->changes = event_new(w->base, fd, EV_READ | EV_PERSIST, on_changes, w);
	return l->changes && event_add(l->changes, NULL) == 0 ? 0 : -1;
}

void
loader_close(struct worker *w)
{
	if (w->loader.timer)
		event_free(w->loader.timer);
	if (w->loader.look)
		event_free(w->loader.look);
	if (w->loader.changes)
		event_free(w->loader.changes);
	free(w->loader.text);
}

void
loader_configure(struct worker *w)
{
	w->loader.released = false;
	load_in(w, 0);
}

void
loader_changed(struct worker *w)
{
	/* A retry that is due later is drawn near: what has changed may be what
	 * it failed for. A load that is due anyway is not put off. */
	uint64_t soon = clock_mono_ns() + GATHER_MS * NSEC_PER_MSEC;

	if (evtimer_pending(w->loader.timer, NULL) && w->loader.due_ns <= soon)
		return;
	load_in(w, GATHER_MS);
}

/* Flows are cut so that they begin again by another way: the rules must lead there. */
void
loader_hurry(struct worker *w)
{
	uint64_t soon = clock_mono_ns() + GATHER_MS * NSEC_PER_MSEC;

	if (sys_ruleset_follows_plan() && evtimer_pending(w->loader.timer, NULL) &&
	    w->loader.due_ns <= soon) {
		evtimer_del(w->loader.timer);
		load(w);
	}
}

/* At once, but never in a race against another program. */
void
loader_check(struct worker *w)
{
	struct loader *l = &w->loader;
	uint64_t now = clock_mono_ns(), again;

	tell_repairs(w);
	if (!l->text || l->released || l->failures > 0 || sys_ruleset_intact(w->flows))
		return;
	free(l->text);
	l->text = NULL;
	l->changed = true;
	again = ration_take(&l->repairs, now);
	if (again != 0) {
		if (!l->fighting)
			log_warn("the %s keeps being changed: it is loaded again in %llu s",
				 sys_ruleset_name,
				 (unsigned long long)((again - now) / NSEC_PER_SEC));
		l->fighting = true;
		load_in(w, (unsigned)((again - now) / NSEC_PER_MSEC) + 1);
		return;
	}
	log_warn(
	    "someone has changed or removed the %s (a flush of the whole ruleset?): loading it "
	    "again",
	    sys_ruleset_name);
	load(w);
}

int
loader_release(struct worker *w)
{
	struct loader *l = &w->loader;

	evtimer_del(l->timer);
	l->released = true;
	l->changed = false;
	free(l->text);
	l->text = NULL;
	l->failures = 0;
	if (sys_ruleset_release(w->flows) == -1) {
		log_error("the %s can't be removed: %s", sys_ruleset_name, strerror(errno));
		return -1;
	}
	log_info("ruleset removed");
	return 0;
}
