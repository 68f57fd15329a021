/* SPDX-License-Identifier: ISC */
/* The frame of prober and runner: configuration, channels, and wishes for sockets. */
#include "config.h"

#include "asker/asker.h"

#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "child/handed.h"
#include "common/clock.h"
#include "common/log.h"
#include "common/reserve.h"
#include "system/system.h"

enum { CONFIG_WAIT_MS = 5000, SHARE = 32 };

static void
leave(struct asker *a)
{
	event_base_loopbreak(a->base);
}

/* ---- the configuration ---- */

static int
take_config(struct asker *a, const struct ipc_message *m)
{
	const struct ipc_config *c = m->body;

	a->conf = handed_config(m->fd);
	a->serial = c->serial;
	return a->conf != NULL ? 0 : -1;
}

static int
await_config(struct asker *a)
{
	struct pollfd p = {.fd = a->parent, .events = POLLIN};
	struct ipc_message m;

	for (;;) {
		switch (ipc_receive(a->parent, IPC_PEER_PARENT, &m)) {
		case IPC_OK:
			if (m.type == IPC_CONFIG)
				return take_config(a, &m);
			if (m.fd >= 0)
				close(m.fd);
			if (m.type == IPC_EXIT)
				exit(0);
			break;
		case IPC_AGAIN:
			if (poll(&p, 1, CONFIG_WAIT_MS) <= 0)
				return -1;
			break;
		default:
			return -1;
		}
	}
}

/* ---- the engine ---- */

static void
drop_engine(struct asker *a)
{
	if (a->engine_readable != NULL)
		event_free(a->engine_readable);
	a->engine_readable = NULL;
	if (a->engine >= 0)
		close(a->engine);
	a->engine = -1;
}

void
asker_answer(struct asker *a, const struct ipc_ask *question, const struct asker_result *r)
{
	struct ipc_asked answer = {
	    .slot = question->slot,
	    .sequence = question->sequence,
	    .nonce = question->nonce,
	    .rtt_us = (uint32_t)(r->rtt_ns / NSEC_PER_USEC),
	    .octets = r->octets < UINT32_MAX ? (uint32_t)r->octets : UINT32_MAX,
	    .error = (uint16_t)r->error,
	    .elsewhere = r->elsewhere < UINT16_MAX ? (uint16_t)r->elsewhere : UINT16_MAX,
	    .verdict = (uint8_t)r->verdict};

	/* An engine that reads nothing gets nothing: it takes that for silence. */
	if (a->engine >= 0)
		ipc_send(a->engine, IPC_ASKED, &answer, sizeof(answer), -1);
}

void
asker_refuse(struct asker *a, const struct ipc_ask *question, unsigned error)
{
	struct asker_result r = {.verdict = ASKED_UNSENT, .error = error};

	asker_answer(a, question, &r);
}

/* The engine may be ahead of this process with its configuration, or behind. */
static void
take_question(struct asker *a, const struct ipc_ask *question)
{
	const struct conf_link *link = conf_link_by_index(a->conf, question->link);
	const struct conf_target *target;

	if (question->serial != a->serial || link == NULL || question->place >= link->ntargets) {
		asker_refuse(a, question, EAGAIN);
		return;
	}
	target = &link->targets[question->place];
	if (!a->is_own(target->method) || !addr_is_set(&question->to) ||
	    addr_family(&question->to) != target->family ||
	    (!target->gateway && !addr_equal(&question->to, &target->addr)))
		asker_refuse(a, question, EINVAL);
	else
		a->ask(a, question, link, target);
}

static void
on_engine(evutil_socket_t fd, short what, void *arg)
{
	struct asker *a = arg;
	struct ipc_message m;
	enum ipc_status status = IPC_AGAIN;

	(void)what;
	for (int i = 0; i < SHARE && (status = ipc_receive(fd, IPC_PEER_ENGINE, &m)) == IPC_OK;
	     i++) {
		if (m.fd >= 0)
			close(m.fd);
		if (m.type == IPC_ASK)
			take_question(a, m.body);
	}
	if (status == IPC_CLOSED || status == IPC_MALFORMED)
		drop_engine(a);
}

static void
on_channel(struct asker *a, const struct ipc_message *m)
{
	const struct ipc_channel *c = m->body;

	if (c->peer != IPC_PEER_ENGINE) {
		close(m->fd);
		return;
	}
	drop_engine(a);
	a->engine = m->fd;
	a->engine_readable = event_new(a->base, m->fd, EV_READ | EV_PERSIST, on_engine, a);
	if (a->engine_readable == NULL || event_add(a->engine_readable, NULL) != 0)
		drop_engine(a);
}

/* ---- sockets ---- */

static void
free_wish(struct asker_wish *w)
{
	*w = (struct asker_wish){0};
}

uint32_t
asker_want(struct asker *a, unsigned link, int family, enum socket_kind kind, asker_socket *then,
	   void *arg)
{
	struct ipc_socket_wanted wanted = {
	    .link = (uint16_t)link, .family = (uint8_t)family, .kind = (uint8_t)kind};

	for (unsigned i = 0; i < ASKER_WISHES_MAX; i++) {
		struct asker_wish *w;

		if (++a->last_id == 0)
			++a->last_id;
		w = &a->wishes[a->last_id % ASKER_WISHES_MAX];
		if (w->id != 0)
			continue;
		wanted.id = a->last_id;
		if (ipc_send(a->parent, IPC_SOCKET_WANTED, &wanted, sizeof(wanted), -1) != 0)
			return 0;
		*w = (struct asker_wish){.id = wanted.id, .then = then, .arg = arg};
		return wanted.id;
	}
	return 0;
}

void
asker_forget(struct asker *a, uint32_t id)
{
	struct asker_wish *w = &a->wishes[id % ASKER_WISHES_MAX];

	if (id != 0 && w->id == id)
		free_wish(w);
}

static void
take_socket(struct asker *a, const struct ipc_socket *s, int fd)
{
	struct asker_wish wish = a->wishes[s->id % ASKER_WISHES_MAX];

	if (s->id == 0 || wish.id != s->id) { /* forgotten meanwhile */
		if (fd >= 0)
			close(fd);
		return;
	}
	free_wish(&a->wishes[s->id % ASKER_WISHES_MAX]);
	wish.then(wish.arg, fd, s->error);
}

/* More probes wait for their answers than this process may have files open. */
static void
no_room(struct asker *a, const struct ipc_socket *s)
{
	struct ipc_socket refused = {.id = s->id, .error = EMFILE};

	take_socket(a, &refused, -1);
}

/* ---- the parent ---- */

static void
from_parent(struct asker *a, const struct ipc_message *m)
{
	switch (m->type) {
	case IPC_CHANNEL:
		on_channel(a, m);
		break;
	case IPC_SOCKET:
		take_socket(a, m->body, m->fd);
		break;
	case IPC_NO_SOCKET:
		take_socket(a, m->body, -1);
		break;
	case IPC_PING:
		ipc_send(a->parent, IPC_PONG, NULL, 0, -1);
		break;
	case IPC_EXIT:
		leave(a);
		break;
	default:
		if (m->fd >= 0)
			close(m->fd);
	}
}

static void
on_parent(evutil_socket_t fd, short what, void *arg)
{
	struct asker *a = arg;
	struct ipc_message m;
	enum ipc_status status;

	(void)what;
	do {
		status = ipc_receive(fd, IPC_PEER_PARENT, &m);
		if (status == IPC_MALFORMED && errno == EMFILE && m.type == IPC_SOCKET) {
			no_room(a, m.body);
			status = IPC_OK;
		} else if (status == IPC_OK) {
			from_parent(a, &m);
		}
	} while (status == IPC_OK);
	if (status == IPC_CLOSED || status == IPC_MALFORMED)
		leave(a);
}

int
asker_start(struct asker *a, int channel)
{
	a->parent = channel;
	a->engine = -1;
	if (await_config(a) != 0) {
		log_error("there is no configuration: leaving");
		return -1;
	}
	reserve_for_libevent();
	a->base = event_base_new();
	if (a->base != NULL)
		a->parent_readable =
		    event_new(a->base, channel, EV_READ | EV_PERSIST, on_parent, a);
	if (a->parent_readable == NULL || event_add(a->parent_readable, NULL) != 0) {
		log_error("no event loop: %s", strerror(errno));
		return -1;
	}
	return 0;
}

void
asker_run(struct asker *a)
{
	ipc_send(a->parent, IPC_READY, NULL, 0, -1);
	event_base_dispatch(a->base);
}
