/* SPDX-License-Identifier: ISC */
/* The worker's process: takes messages from parent and engine, and keeps going
 * while the engine is away. It decides nothing, and never answers to anyone but
 * those two. */
#include "config.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "child/handed.h"
#include "common/log.h"
#include "common/reserve.h"
#include "worker/internal.h"

static void
leave(struct worker *w, int status)
{
	w->status = status;
	event_base_loopbreak(w->base);
}

/* ---- configuration ---- */

static void
take_config(struct worker *w, int fd)
{
	struct conf *conf = handed_config(fd);

	if (!conf) {
		log_error(
		    "the parent's configuration can't be used here: the ruleset stays as it is");
		return;
	}
	conf_free(w->conf);
	w->conf = conf;
	for (unsigned link = 1; link <= LINKS_MAX; link++)
		if (!conf_link_by_index(conf, link))
			memset(&w->facts[link], 0, sizeof(w->facts[link]));
	loader_configure(w);
}

static void
take_facts(struct worker *w, const struct link_facts *facts)
{
	struct link_facts before, *known;

	if (facts->link < 1 || facts->link > LINKS_MAX)
		return;
	known = &w->facts[facts->link];
	before = *known;
	*known = *facts;
	for (int family = V4; family < FAMILIES; family++) {
		struct route_facts *route = &known->route[family], *old = &before.route[family];

		/* The parent does not know this, and the gateway is the same */
		route->has_lladdr = old->has_lladdr && addr_equal(&route->gateway, &old->gateway);
		memcpy(route->lladdr, old->lladdr, sizeof(route->lladdr));
	}
	loader_changed(w);
}

/* ---- messages ---- */

static void on_parent(evutil_socket_t fd, short what, void *arg);

static void
engine_message(struct worker *w, const struct ipc_message *message)
{
	if (message->type == IPC_KILL_FLOWS) {
		unsigned link = ((const struct ipc_flows *)message->body)->link;

		/* the plan that the order follows is on its way by the other channel */
		if (sys_ruleset_follows_plan())
			on_parent(w->options->parent_channel, EV_READ, w);
		reports_kill(w, link);
	} else if (message->type == IPC_STATE)
		store_take(w, STORE_STATE, message->fd);
	else if (message->fd != -1)
		close(message->fd);
}

/* Its channel is closed here; that it is replaced is the parent's business. */
static void
blame_engine(struct worker *w)
{
	struct ipc_blame b = {.peer = IPC_PEER_ENGINE, .fault = FAULT_MALFORMED};

	ipc_send(w->options->parent_channel, IPC_BLAME, &b, sizeof(b), -1);
}

static void
on_engine(evutil_socket_t fd, short what, void *arg)
{
	/* A turn's share: cutting flows takes its time, and the parent must be heard. */
	enum { SHARE = 4 };
	struct worker *w = arg;
	struct ipc_message message;
	enum ipc_status status = IPC_OK;

	(void)what;
	for (int i = 0; i < SHARE && w->engine == fd && status == IPC_OK; i++) {
		status = ipc_receive(fd, IPC_PEER_ENGINE, &message);
		if (status == IPC_OK)
			engine_message(w, &message);
	}
	if (w->engine != fd || status == IPC_AGAIN || status == IPC_OK)
		return;
	if (status == IPC_MALFORMED)
		blame_engine(w);
	channel_gone(w);
}

static void
take_channel(struct worker *w, int fd, const struct ipc_channel *channel)
{
	if (channel->peer != IPC_PEER_ENGINE) {
		close(fd);
		return;
	}
	channel_gone(w);
	w->engine = fd;
	w->from_engine = event_new(w->base, fd, EV_READ | EV_PERSIST, on_engine, w);
	if (!w->from_engine || event_add(w->from_engine, NULL) == -1) {
		log_error("no room for the engine's channel");
		channel_gone(w);
		return;
	}
	reports_connect(w);
}

/* The engine has left before: what it said last is still to be read. */
static void
last_words(struct worker *w)
{
	if (w->engine != -1)
		on_engine(w->engine, EV_READ, w);
}

static void
parent_message(struct worker *w, const struct ipc_message *message)
{
	switch (message->type) {
	case IPC_CONFIG:
		take_config(w, message->fd);
		break;
	case IPC_FACTS:
		take_facts(w, message->body);
		break;
	case IPC_PLAN:
		w->plan = *(const struct plan *)message->body;
		loader_changed(w);
		break;
	case IPC_CHANNEL:
		take_channel(w, message->fd, message->body);
		break;
	case IPC_INDEXES:
		store_take(w, STORE_INDEXES, message->fd);
		break;
	case IPC_RELEASE:
		/* what the parent makes of it, it reads from the exit status */
		if (loader_release(w) != 0)
			w->status = 1;
		break;
	case IPC_PING:
		(void)ipc_send(w->options->parent_channel, IPC_PONG, NULL, 0, -1);
		break;
	case IPC_EXIT:
		last_words(w);
		leave(w, w->status);
		break;
	default: /* not for the worker */
		if (message->fd != -1)
			close(message->fd);
		break;
	}
}

static void
on_parent(evutil_socket_t fd, short what, void *arg)
{
	struct worker *w = arg;
	struct ipc_message message;
	enum ipc_status status;

	(void)what;
	while ((status = ipc_receive(fd, IPC_PEER_PARENT, &message)) == IPC_OK) {
		parent_message(w, &message);
		if (event_base_got_break(w->base))
			return;
	}
	if (status == IPC_CLOSED)
		leave(w, 0);
	if (status == IPC_MALFORMED) {
		log_error("the parent sent a message that may not be");
		leave(w, 1);
	}
}

/* ---- life ---- */

static void
signals(void)
{
	signal(SIGPIPE, SIG_IGN);
	signal(SIGINT, SIG_IGN); /* a terminal sends these to all; the parent tells us */
	signal(SIGHUP, SIG_IGN);
	signal(SIGCHLD, SIG_DFL); /* nft is waited for */
}

static int
open_all(struct worker *w)
{
	const char *step = NULL;

	reserve_for_libevent();
	w->base = event_base_new();
	w->flows = sys_flows_open();
	if (!w->base || !w->flows) {
		log_error("no event base, or no way to the packet filter: %s", strerror(errno));
		return -1;
	}
	sys_allow_path(w->options->state_dir, "rwc");
	if (sys_confine(SYS_ROLE_WORKER, NULL, &step) == -1) {
		log_error("confinement: %s: %s", step, strerror(errno));
		return -1;
	}
	if (sys_limit_calls(SYS_ROLE_WORKER) == -1) {
		log_error("limiting the system calls: %s", strerror(errno));
		return -1;
	}
	w->from_parent =
	    event_new(w->base, w->options->parent_channel, EV_READ | EV_PERSIST, on_parent, w);
	if (!w->from_parent || event_add(w->from_parent, NULL) == -1 || loader_open(w) == -1 ||
	    store_open(w) == -1 || reports_open(w) == -1) {
		log_error("no room for events");
		return -1;
	}
	return 0;
}

static void
close_all(struct worker *w)
{
	channel_gone(w);
	if (w->base) {
		reports_close(w);
		loader_close(w);
		store_close(w);
		if (w->from_parent)
			event_free(w->from_parent);
		event_base_free(w->base);
	}
	sys_flows_close(w->flows);
	conf_free(w->conf);
}

int
worker_main(const struct worker_options *options)
{
	struct worker *w = calloc(1, sizeof(*w));
	int status = 1;

	if (!w) {
		log_error("no memory");
		return 1;
	}
	w->options = options;
	w->engine = -1;
	store_init(w);
	signals();
	if (open_all(w) == 0 && ipc_send(options->parent_channel, IPC_READY, NULL, 0, -1) == 0) {
		event_base_dispatch(w->base);
		status = w->status;
	}
	close_all(w);
	free(w);
	return status;
}
