/* SPDX-License-Identifier: ISC */
/* Who is called for which message of another process, and what is done when one says
 * what it may not: its channel is closed, and the parent told. */
#include "config.h"

#include "engine/peers.h"

#include <unistd.h>

#include "engine/asked.h"
#include "engine/counts.h"
#include "engine/decide.h"
#include "engine/heard.h"
#include "engine/keep.h"
#include "engine/notified.h"
#include "engine/ordering.h"
#include "engine/telling.h"

/* Its channel is closed here; that it is replaced is the parent's business. */
static void
blame(struct engine *e, enum ipc_peer peer)
{
	struct ipc_blame b = {.peer = peer, .fault = FAULT_MALFORMED};

	ipc_send(e->parent, IPC_BLAME, &b, sizeof(b), -1);
}

static void
drop_channel(int *fd, struct event **readable)
{
	if (*readable != NULL)
		event_free(*readable);
	*readable = NULL;
	if (*fd >= 0)
		close(*fd);
	*fd = -1;
}

static void
on_worker(evutil_socket_t fd, short what, void *arg)
{
	struct engine *e = arg;
	struct ipc_message m;
	enum ipc_status status;

	(void)what;
	while ((status = ipc_receive(fd, IPC_PEER_WORKER, &m)) == IPC_OK) {
		if (m.type == IPC_COUNTERS)
			counts_traffic(e, m.body);
		else if (m.type == IPC_LIVE_FLOWS)
			counts_live_flows(e, m.body);
		else if (m.type == IPC_FLOWS_KILLED)
			counts_flows_killed(e, m.body);
		else if (m.type == IPC_BYPASS)
			counts_bypass(e, m.body);
		else if (m.type == IPC_REPAIR)
			heard_repair(e, m.body);
	}
	if (status == IPC_AGAIN)
		return;
	if (status == IPC_MALFORMED)
		blame(e, IPC_PEER_WORKER);
	drop_channel(&e->worker, &e->worker_readable);
}

static void
on_snmp(evutil_socket_t fd, short what, void *arg)
{
	/* A turn's share: a flood must not hold the probes up. */
	enum { SHARE = 16 };
	struct engine *e = arg;
	struct ipc_message m;
	enum ipc_status status = IPC_AGAIN;

	(void)what;
	for (int i = 0; i < SHARE && (status = ipc_receive(fd, IPC_PEER_SNMP, &m)) == IPC_OK; i++) {
		if (m.type == IPC_SET_TEST)
			ordering_test(e, m.body);
		else if (m.type == IPC_SET_APPLY)
			ordering_apply(e, m.body);
		else if (m.type == IPC_SET_END)
			ordering_end(e, m.body);
		else if (m.type == IPC_NOTIFIED)
			notified_take(e, m.body);
	}
	if (status == IPC_AGAIN || status == IPC_OK)
		return;
	if (status == IPC_MALFORMED)
		blame(e, IPC_PEER_SNMP);
	drop_channel(&e->snmp, &e->snmp_readable);
	e->global.agentx_connected = 0;
	ordering_forget(e);
}

static void
on_hooks(evutil_socket_t fd, short what, void *arg)
{
	enum { SHARE = 16 };
	struct engine *e = arg;
	struct ipc_message m;
	enum ipc_status status = IPC_AGAIN;

	(void)what;
	for (int i = 0; i < SHARE && (status = ipc_receive(fd, IPC_PEER_HOOKS, &m)) == IPC_OK; i++)
		if (m.type == IPC_SYNC)
			telling_sync(e);
		else if (m.type == IPC_HOOKS)
			telling_heard(e, m.body);
	if (status == IPC_AGAIN || status == IPC_OK)
		return;
	if (status == IPC_MALFORMED)
		blame(e, IPC_PEER_HOOKS);
	drop_channel(&e->hooks, &e->hooks_readable);
}

void
peers_channel(struct engine *e, const struct ipc_message *m)
{
	const struct ipc_channel *c = m->body;
	const struct {
		int *fd;
		struct event **readable;
		event_callback_fn read;
	} peers[] = {
	    [IPC_PEER_WORKER] = {&e->worker, &e->worker_readable, on_worker},
	    [IPC_PEER_SNMP] = {&e->snmp, &e->snmp_readable, on_snmp},
	    [IPC_PEER_HOOKS] = {&e->hooks, &e->hooks_readable, on_hooks},
	};

	if (c->peer == IPC_PEER_PROBER || c->peer == IPC_PEER_RUNNER) {
		asked_channel(e, c->peer, m->fd);
		return;
	}
	if (c->peer >= sizeof(peers) / sizeof(peers[0]) || peers[c->peer].fd == NULL) {
		close(m->fd);
		return;
	}
	drop_channel(peers[c->peer].fd, peers[c->peer].readable);
	*peers[c->peer].fd = m->fd;
	*peers[c->peer].readable =
	    event_new(e->base, m->fd, EV_READ | EV_PERSIST, peers[c->peer].read, e);
	if (*peers[c->peer].readable == NULL || event_add(*peers[c->peer].readable, NULL) != 0)
		drop_channel(peers[c->peer].fd, peers[c->peer].readable);
	if (c->peer != IPC_PEER_WORKER)
		return;
	keep_worker(e);
	decide_kills_again(e);
}
