/* SPDX-License-Identifier: ISC */
/* The control socket itself: who is let in, how long one may stay, and what the
 * engine has to say to those who wait for it. */
#include "config.h"

#include "engine/control.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <event2/buffer.h>
#include <event2/event.h>

#include "common/clock.h"
#include "common/log.h"
#include "engine/control_answer.h"
#include "engine/control_client.h"
#include "engine/control_request.h"
#include "engine/control_turn.h"
#include "engine/memory.h"
#include "engine/render.h"
#include "system/system.h"

#ifndef TAILQ_FOREACH_SAFE
#define TAILQ_FOREACH_SAFE(var, head, field, tvar)                                         \
	for ((var) = TAILQ_FIRST((head)); (var) && ((tvar) = TAILQ_NEXT((var), field), 1); \
	     (var) = (tvar))
#endif

enum {
	CLIENTS_MAX = 64,
	CLIENTS_FOR_ROOT = 4, /* of them, so that a group can't lock root out */
	ACCEPTS_PER_TURN = 8,
	RECORDER_BEHIND = 256 * 1024, /* octets that a recorder has to take: no more before */
	ANSWER_WITHIN_S = 10,         /* for what must be asked of another process */
};

/* ---- time ---- */

static void
end_waiting(struct client *c)
{
	uint64_t failures = memory_failures();
	struct control_error error;

	control_error_set(&error, "timeout",
			  "the parent process has not answered within %d s: look at its log",
			  ANSWER_WITHIN_S);
	client_refuse(c, &error);
	if (!client_drop_spoilt(c, failures))
		client_schedule(c);
}

static void
on_sweep(evutil_socket_t fd, short what, void *arg)
{
	struct control *k = arg;
	uint64_t now_ns = clock_mono_ns();
	struct client *c, *next;

	(void)fd;
	(void)what;
	TAILQ_FOREACH_SAFE(c, &k->all, all, next)
	{
		bool waits = c->state == CLIENT_WAITING_PATH || c->state == CLIENT_WAITING_RELOAD;

		if (client_is_over(c, now_ns))
			client_drop(c);
		else if (waits && now_ns - c->since_ns > ANSWER_WITHIN_S * NSEC_PER_SEC)
			end_waiting(c);
	}
	if (k->nclients == 0)
		event_del(k->sweep);
	if (!event_pending(k->acceptable, EV_READ, NULL))
		event_add(k->acceptable, NULL);
}

/* ---- new clients ---- */

static void
turn_away(struct control *k, int fd)
{
	static const char answer[] =
	    "{\"v\":1,\"ok\":false,\"error\":{\"code\":\"too_many_clients\",\"message\":"
	    "\"too many clients at a time: end one and try again\"}}\n";

	k->refused++;
	(void)!send(fd, answer, sizeof(answer) - 1, MSG_DONTWAIT | MSG_NOSIGNAL);
	close(fd);
}

/* False: it was refused for want of memory. */
static bool
take(struct control *k, int fd)
{
	const struct timeval every = {1, 0};
	struct client *c;
	uid_t uid;
	gid_t gid;

	if (sys_peer(fd, &uid, &gid) != 0 || k->nclients >= CLIENTS_MAX ||
	    (uid != 0 && k->nclients >= CLIENTS_MAX - CLIENTS_FOR_ROOT)) {
		turn_away(k, fd);
		return true;
	}
	c = client_new(k, fd, uid);
	if (c == NULL) {
		k->refused++;
		close(fd);
		return false;
	}
	TAILQ_INSERT_TAIL(&k->all, c, all);
	if (k->nclients++ == 0)
		event_add(k->sweep, &every);
	return true;
}

static void
on_acceptable(evutil_socket_t fd, short what, void *arg)
{
	const struct timeval every = {1, 0};
	struct control *k = arg;

	(void)what;
	for (int i = 0; i < ACCEPTS_PER_TURN; i++) {
		int client = accept4(fd, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);

		if (client >= 0) {
			if (!take(k, client))
				return; /* what it took of the reserve comes back in a turn */
		} else if (errno != EINTR && errno != ECONNABORTED) {
			if (errno != EAGAIN && errno != EWOULDBLOCK) {
				/* No descriptor or memory is left: not again before the sweep. */
				log_warn("a control client can't be accepted: %s", strerror(errno));
				event_del(k->acceptable);
				event_add(k->sweep, &every);
			}
			return;
		}
	}
}

/* ---- the engine's side ---- */

struct control *
control_new(struct event_base *base, int listen_fd, const struct board *board,
	    const struct control_ops *ops)
{
	struct control *k = calloc(1, sizeof(*k));

	if (k == NULL)
		return NULL;
	TAILQ_INIT(&k->all);
	TAILQ_INIT(&k->work);
	k->base = base;
	k->listen_fd = listen_fd;
	k->board = board;
	k->ops = *ops;
	/* A client that goes in the middle of its answer must not end the engine. */
	signal(SIGPIPE, SIG_IGN);
	k->acceptable = event_new(base, listen_fd, EV_READ | EV_PERSIST, on_acceptable, k);
	k->turn = evtimer_new(base, control_turn, k);
	k->sweep = event_new(base, -1, EV_PERSIST, on_sweep, k);
	if (k->acceptable == NULL || k->turn == NULL || k->sweep == NULL ||
	    evutil_make_socket_nonblocking(listen_fd) != 0 || event_add(k->acceptable, NULL) != 0) {
		k->listen_fd = -1; /* the caller keeps it */
		control_free(k);
		errno = ENOMEM;
		return NULL;
	}
	return k;
}

void
control_free(struct control *k)
{
	struct client *c;

	while ((c = TAILQ_FIRST(&k->all)) != NULL)
		client_drop(c); /* takes it off the list: NOLINT(clang-analyzer-unix.Malloc) */
	if (k->acceptable != NULL)
		event_free(k->acceptable);
	if (k->turn != NULL)
		event_free(k->turn);
	if (k->sweep != NULL)
		event_free(k->sweep);
	if (k->listen_fd >= 0)
		close(k->listen_fd);
	free(k);
}

void
control_reloaded(struct control *k, const struct ipc_reloaded *r)
{
	struct control_error error;
	struct client *c, *next;

	control_error_set(&error, "config", "the file is not taken, nothing has changed: %.*s",
			  (int)strnlen(r->error, sizeof(r->error)), r->error);
	TAILQ_FOREACH_SAFE(c, &k->all, all, next)
	{
		uint64_t failures = memory_failures();

		if (c->state != CLIENT_WAITING_RELOAD)
			continue;
		if (r->ok)
			control_put_result(client_output(c), json_pack("{s:b}", "taken", 1));
		else
			control_put_error(client_output(c), &error);
		client_enter(c, CLIENT_READING);
		if (!client_drop_spoilt(c, failures))
			client_schedule(c);
	}
}

static void
answer_path(struct client *c, const struct ipc_path *p)
{
	char target[ADDR_STRLEN];
	struct control_error error;

	if (p->error == 0) {
		control_put_result(client_output(c), render_path(p, &c->link));
		client_enter(c, CLIENT_READING);
		return;
	}
	control_error_set(&error, "no_path",
			  "link \"%.*s\" has no way to %s: %s. No probe of it can leave by another "
			  "link; look at its interface, address and gateway",
			  NAME_LEN, c->link.name, addr_text(&p->target, target),
			  strerror(p->error));
	client_refuse(c, &error);
}

void
control_path(struct control *k, const struct ipc_path *p)
{
	uint64_t failures = memory_failures();
	struct client *c;

	TAILQ_FOREACH(c, &k->all, all)
	{
		if (c->state != CLIENT_WAITING_PATH || c->token != p->id)
			continue;
		answer_path(c, p);
		if (!client_drop_spoilt(c, failures))
			client_schedule(c);
		return;
	}
}

void
control_event(struct control *k)
{
	struct client *c;

	TAILQ_FOREACH(c, &k->all, all)
	if (c->state == CLIENT_FOLLOWING)
		client_schedule(c);
}

bool
control_recording(const struct control *k)
{
	return k->nrecorders > 0;
}

/* ---- recorders ---- */

/* To one recorder, after what it has missed. NULL: there is no memory for it. */
static void
put_sample(struct client *c, const char *text)
{
	struct evbuffer *out = client_output(c);

	if (text == NULL || evbuffer_get_length(out) > RECORDER_BEHIND) {
		c->missed++;
		return;
	}
	if (c->missed > 0)
		evbuffer_add_printf(out, "{\"v\":%d,\"missed\":%llu}\n", CONTROL_VERSION,
				    (unsigned long long)c->missed);
	c->missed = 0;
	evbuffer_add_printf(out, "{\"v\":%d,\"sample\":%s}\n", CONTROL_VERSION, text);
}

void
control_sample(struct control *k, const struct recorded *sample)
{
	uint64_t failures = memory_failures();
	json_t *json = recording_write(sample);
	char *text = json_dumps(json, JSON_COMPACT);
	bool whole = memory_failures() == failures;
	struct client *c, *next;

	TAILQ_FOREACH_SAFE(c, &k->all, all, next)
	{
		if (c->state != CLIENT_RECORDING ||
		    (c->recorded_link[0] != '\0' && strcmp(c->recorded_link, sample->link) != 0))
			continue;
		failures = memory_failures();
		put_sample(c, whole ? text : NULL);
		client_drop_spoilt(c, failures);
	}
	free(text);
	json_decref(json);
}
