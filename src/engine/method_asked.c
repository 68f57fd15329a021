/* SPDX-License-Identifier: ISC */
/* Asking by way of the prober (http, https) or the runner (command). They say when an
 * answer came, that none came in time, or that they could not ask. When they say
 * nothing at all, that is their fault and not the target's: no sample is made of it,
 * and who keeps silent is replaced. */
#include "config.h"

#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

#include "common/clock.h"
#include "engine/asked.h"
#include "engine/method.h"
#include "engine/pace.h"
#include "engine/publish.h"

enum { SILENT_MAX = 3, SHARE = 64 };

static enum ipc_peer
peer_of(unsigned method)
{
	return conf_method_is_runners(method) ? IPC_PEER_RUNNER : IPC_PEER_PROBER;
}

static struct asked_peer *
asked(struct engine *e, enum ipc_peer peer)
{
	return &e->asked[peer == IPC_PEER_RUNNER];
}

static void
drop(struct asked_peer *p)
{
	if (p->readable != NULL)
		event_free(p->readable);
	if (p->there)
		close(p->channel);
	p->readable = NULL;
	p->there = false;
	p->silent = 0;
}

static void
blame(struct engine *e, struct asked_peer *p, enum ipc_fault fault)
{
	struct ipc_blame b = {.peer = p->peer, .fault = fault};

	ipc_send(e->parent, IPC_BLAME, &b, sizeof(b), -1);
	drop(p);
}

/* ---- questions ---- */

static uint16_t
place_of(const struct target *t)
{
	uint16_t i = 0;

	while (i < t->link->ntargets && t->link->targets[i] != t)
		i++;
	return i;
}

static int
ask(struct target *t, const struct addr *to, struct probe *probe)
{
	struct engine *e = t->link->engine;
	struct asked_peer *p = asked(e, peer_of(t->conf.method));
	struct ipc_ask question = {.slot = t->slot,
				   .serial = e->global.config_serial,
				   .link = t->link->row.index,
				   .place = place_of(t),
				   .sequence = probe->sequence,
				   .to = *to};

	arc4random_buf(&probe->nonce, sizeof(probe->nonce));
	question.nonce = probe->nonce;
	if (p->there && ipc_send(p->channel, IPC_ASK, &question, sizeof(question), -1) == 0)
		return 0;
	errno = ERROR_SILENT;
	return -1;
}

static void
look(struct target *t, struct probe *probe)
{
	(void)t, (void)probe; /* answers come by themselves */
}

static void
silent(struct target *t, uint64_t sent_ns)
{
	struct engine *e = t->link->engine;
	struct asked_peer *p = asked(e, peer_of(t->conf.method));

	if (p->there && sent_ns >= p->since_ns && ++p->silent >= SILENT_MAX)
		blame(e, p, FAULT_SILENT);
}

/* ---- answers ---- */

static void
take_answer(struct engine *e, struct asked_peer *p, const struct ipc_asked *a)
{
	struct target *t = a->slot < TARGETS_MAX ? e->slots[a->slot] : NULL;
	struct probe *probe = t == NULL ? NULL : probing_probe(t, a->sequence);
	struct arrival arrival = {.rtt_ns = a->rtt_us * NSEC_PER_USEC};

	if (t == NULL || method_ops(t->conf.method)->silent == NULL ||
	    peer_of(t->conf.method) != p->peer || probe->sequence != a->sequence ||
	    probe->nonce != a->nonce)
		return; /* of a target that is gone, or of a probe that was given up */
	t->row.wrong_interface += a->elsewhere;
	if (a->octets != 0 && probe->state == PROBE_WAITING)
		pace_spend(t->link, (int64_t)a->octets - conf_probe_octets(&t->conf));
	if (a->verdict == ASKED_ANSWERED)
		probing_answered(t, probe, &arrival);
	else if (a->verdict == ASKED_LOST)
		probing_failed(t, probe, a->error);
	else
		probing_given_up(t, probe, a->error);
}

static void
on_answers(evutil_socket_t fd, short what, void *arg)
{
	struct asked_peer *p = arg;
	struct ipc_message m;
	enum ipc_status status = IPC_AGAIN;

	(void)what;
	for (int i = 0; i < SHARE && (status = ipc_receive(fd, p->peer, &m)) == IPC_OK; i++) {
		const struct ipc_asked *a = m.body;

		if (m.fd >= 0)
			close(m.fd);
		if (m.type != IPC_ASKED || a->verdict < ASKED_ANSWERED ||
		    a->verdict > ASKED_UNSENT) {
			status = IPC_MALFORMED;
			break;
		}
		p->silent = 0;
		take_answer(p->engine, p, a);
	}
	if (status == IPC_MALFORMED)
		blame(p->engine, p, FAULT_MALFORMED);
	else if (status == IPC_CLOSED)
		drop(p);
}

void
asked_channel(struct engine *e, enum ipc_peer peer, int fd)
{
	struct asked_peer *p = asked(e, peer);

	drop(p);
	*p = (struct asked_peer){.engine = e,
				 .peer = peer,
				 .channel = fd,
				 .since_ns = clock_mono_ns(),
				 .there = true,
				 .restarts = p->restarts,
				 .restarts_known = p->restarts_known};
	p->readable = event_new(e->base, fd, EV_READ | EV_PERSIST, on_answers, p);
	if (p->readable == NULL || event_add(p->readable, NULL) != 0)
		drop(p);
}

static void
note_restarts(struct engine *e, enum ipc_peer peer, uint64_t restarts, const char *name)
{
	struct asked_peer *p = asked(e, peer);
	struct event_draft d = {
	    .type = EVENT_PROCESS_RESTARTED, .reason = REASON_CRASH, .text = name};

	if (p->restarts_known && restarts > p->restarts)
		publish_event(e, &d);
	p->restarts = restarts;
	p->restarts_known = true;
}

void
asked_stats(struct engine *e, const struct ipc_stats *s)
{
	note_restarts(e, IPC_PEER_PROBER, s->prober_restarts, "prober");
	note_restarts(e, IPC_PEER_RUNNER, s->runner_restarts, "runner");
}

const struct method_ops method_http = {.send = ask, .look = look, .silent = silent};
const struct method_ops method_command = {
    .send = ask, .look = look, .silent = silent, .costly = true};
