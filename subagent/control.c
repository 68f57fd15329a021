/* SPDX-License-Identifier: ISC */
/* SET: see control.h for the phases. There is one SET at a time, as snmpd has it;
 * another master's second one is told that resources are taken. */
#include "config.h"

#include "subagent/control.h"

#include <errno.h>
#include <event2/event.h>
#include <stdlib.h>
#include <string.h>

#include "common/clock.h"
#include "common/log.h"
#include "subagent/wish.h"

enum {
	/* The engine needs microseconds. A manager has its answer within 100 ms. */
	TEST_MS = 60,
	APPLY_MS = 60,
	SET_MS = 95, /* both together, where that leaves APPLY_LEAST_MS */
	APPLY_LEAST_MS = 20,
	OWED_MS = 20,        /* until an engine that took no message is tried again */
	ABANDONED_MS = 4000, /* a SET whose next phase does not come: the reservation is over */
	SEEN_MAX = 32,
};

enum phase {
	PHASE_NONE,
	PHASE_TESTING,  /* the engine is asked */
	PHASE_TESTED,   /* and has reserved */
	PHASE_APPLYING, /* the engine is told to */
	PHASE_APPLIED,
	PHASE_FAILED, /* the master was told so and will say UndoSet */
};

static const char *const phase_names[] = {"none",     "testing", "tested",
					  "applying", "applied", "failed"};

struct control {
	struct view *view;
	struct channel *channel;
	struct control_hooks hooks;
	struct event *timer;
	enum phase phase;
	uint32_t id;            /* of the SET, for the engine */
	uint64_t began_ns;      /* when TestSet came */
	struct ipc_set_id owed; /* the end of a SET that the engine could not take; id 0: none */
	struct event *owed_timer;
	long transaction;
	long packet;      /* of the request that waits for its answer */
	bool engine_lost; /* the engine that applied it is gone: nobody can take it back */
	struct wish wish; /* what the manager wants */
	struct seen {     /* requests that were dealt with */
		long transaction, packet;
		int command;
	} seen[SEEN_MAX];
	unsigned nseen;
};

static void
schedule(struct control *c, unsigned ms)
{
	struct timeval tv = {ms / 1000, (suseconds_t)(ms % 1000) * 1000};

	evtimer_add(c->timer, &tv);
}

static unsigned
apply_ms(const struct control *c)
{
	uint64_t gone_ms = (clock_mono_ns() - c->began_ns) / NSEC_PER_MSEC;

	if (gone_ms + APPLY_LEAST_MS > SET_MS)
		return APPLY_LEAST_MS;
	return gone_ms + APPLY_MS > SET_MS ? (unsigned)(SET_MS - gone_ms) : APPLY_MS;
}

static void
set_phase(struct control *c, enum phase phase)
{
	if (phase != c->phase)
		log_debug("SET %u: %s -> %s", c->id, phase_names[c->phase], phase_names[phase]);
	c->phase = phase;
	if (phase == PHASE_NONE)
		event_del(c->timer);
	else
		schedule(c, phase == PHASE_TESTING    ? TEST_MS
			    : phase == PHASE_APPLYING ? apply_ms(c)
						      : ABANDONED_MS);
}

static void
respond(struct control *c, int error, int index)
{
	c->hooks.respond(c->hooks.arg, c->transaction, c->packet, error, index);
}

static void
retry_owed(struct control *c)
{
	struct timeval tv = {0, OWED_MS * 1000};

	if (c->owed.id == 0)
		return;
	if (channel_send(c->channel, IPC_SET_END, &c->owed, sizeof(c->owed)) == 0 ||
	    errno == ENOTCONN || errno == EPIPE)
		c->owed.id = 0;
	else
		evtimer_add(c->owed_timer, &tv);
}

/* Tells the engine that the SET is over. An engine that takes no message now, since it
 * stands still, is told as soon as it does. */
static int
end_set(struct control *c, bool undo)
{
	struct ipc_set_id end = {.id = c->id, .undo = undo};

	if (channel_send(c->channel, IPC_SET_END, &end, sizeof(end)) == 0)
		return 0;
	c->owed = end;
	retry_owed(c);
	return -1;
}

/* ---- phases ---- */

static void
test(struct control *c, const netsnmp_pdu *pdu, const char *user)
{
	static uint32_t ids;
	int index, error;

	if (c->phase != PHASE_NONE || c->owed.id != 0) {
		c->hooks.respond(c->hooks.arg, pdu->transid, pdu->reqid,
				 SNMP_ERR_RESOURCEUNAVAILABLE, 1);
		return;
	}
	c->transaction = pdu->transid;
	c->packet = pdu->reqid;
	c->engine_lost = false;
	c->began_ns = clock_mono_ns();
	error = wish_read(&c->wish, c->view, pdu->variables, &index);
	if (error != SNMP_ERR_NOERROR) {
		respond(c, error, index);
		c->hooks.refused(c->hooks.arg);
		return;
	}
	c->id = c->wish.set.id = ++ids;
	if (user != NULL)
		snprintf(c->wish.set.user, sizeof(c->wish.set.user), "%s", user);
	if (channel_send(c->channel, IPC_SET_TEST, &c->wish.set, ipc_set_size(c->wish.set.count)) !=
	    0) {
		respond(c, SNMP_ERR_RESOURCEUNAVAILABLE, 1);
		return;
	}
	set_phase(c, PHASE_TESTING);
}

static void
commit(struct control *c)
{
	struct ipc_set_id apply = {.id = c->id};

	if (c->phase != PHASE_TESTED ||
	    channel_send(c->channel, IPC_SET_APPLY, &apply, sizeof(apply)) != 0) {
		set_phase(c, PHASE_FAILED);
		respond(c, SNMP_ERR_COMMITFAILED, 1);
		return;
	}
	set_phase(c, PHASE_APPLYING);
}

static void
undo(struct control *c)
{
	bool applied = c->phase == PHASE_APPLIED || c->phase == PHASE_APPLYING;
	bool told = c->phase != PHASE_FAILED && end_set(c, true) == 0;

	set_phase(c, PHASE_NONE);
	respond(c, applied && (!told || c->engine_lost) ? SNMP_ERR_UNDOFAILED : SNMP_ERR_NOERROR,
		0);
}

/* No answer belongs to a CleanupSet. */
static void
cleanup(struct control *c)
{
	if (c->phase != PHASE_NONE && c->phase != PHASE_FAILED)
		end_set(c, false);
	set_phase(c, PHASE_NONE);
}

/* Was this request dealt with already? Remembers it if not. */
static bool
is_repetition(struct control *c, const netsnmp_pdu *pdu)
{
	struct seen now = {pdu->transid, pdu->reqid, pdu->command};

	for (unsigned i = 0; i < SEEN_MAX && i < c->nseen; i++)
		if (c->seen[i].transaction == now.transaction && c->seen[i].packet == now.packet &&
		    c->seen[i].command == now.command)
			return true;
	c->seen[c->nseen++ % SEEN_MAX] = now;
	return false;
}

void
control_request(struct control *c, const netsnmp_pdu *pdu, const char *user)
{
	bool ours = c->phase != PHASE_NONE && pdu->transid == c->transaction;

	if (is_repetition(c, pdu))
		return;
	if (pdu->command == AGENTX_TESTSET) {
		test(c, pdu, user);
		return;
	}
	if (!ours) {
		/* Of a SET that we refused or that was abandoned: nothing stands. */
		if (pdu->command == AGENTX_COMMITSET)
			c->hooks.respond(c->hooks.arg, pdu->transid, pdu->reqid,
					 SNMP_ERR_COMMITFAILED, 1);
		else if (pdu->command == AGENTX_UNDOSET)
			c->hooks.respond(c->hooks.arg, pdu->transid, pdu->reqid, SNMP_ERR_NOERROR,
					 0);
		return;
	}
	c->packet = pdu->reqid;
	if (pdu->command == AGENTX_COMMITSET)
		commit(c);
	else if (pdu->command == AGENTX_UNDOSET)
		undo(c);
	else
		cleanup(c);
}

/* ---- the engine ---- */

static int
error_of(enum order_verdict verdict)
{
	switch (verdict) {
	case ORDER_OK:
		return SNMP_ERR_NOERROR;
	case ORDER_NO_LINK:
		return SNMP_ERR_NOCREATION;
	case ORDER_WRONG_VALUE:
		return SNMP_ERR_WRONGVALUE;
	case ORDER_INCONSISTENT:
	case ORDER_LOCK:
		return SNMP_ERR_INCONSISTENTVALUE;
	case ORDER_READ_ONLY:
		return SNMP_ERR_NOTWRITABLE;
	case ORDER_BUSY:
		break;
	}
	return SNMP_ERR_RESOURCEUNAVAILABLE;
}

void
control_answer(struct control *c, const struct ipc_set_answer *a)
{
	if (a->id != c->id)
		return;
	if (c->phase == PHASE_TESTING && !a->apply) {
		int error = error_of(a->verdict);

		set_phase(c, error == SNMP_ERR_NOERROR ? PHASE_TESTED : PHASE_NONE);
		respond(c, error, error == SNMP_ERR_NOERROR ? 0 : wish_at_fault(&c->wish, a));
	} else if (c->phase == PHASE_APPLYING && a->apply) {
		bool done = a->verdict == ORDER_OK;

		set_phase(c, done ? PHASE_APPLIED : PHASE_FAILED);
		respond(c, done ? SNMP_ERR_NOERROR : SNMP_ERR_COMMITFAILED, done ? 0 : 1);
	}
}

/* The engine has not answered, or can't any more. */
static void
give_up(struct control *c)
{
	if (c->phase == PHASE_TESTING) {
		end_set(c, false);
		set_phase(c, PHASE_NONE);
		respond(c, SNMP_ERR_RESOURCEUNAVAILABLE, 1);
	} else if (c->phase == PHASE_APPLYING) {
		end_set(c, true); /* stands behind the order to apply, so it can't miss it */
		set_phase(c, PHASE_FAILED);
		respond(c, SNMP_ERR_COMMITFAILED, 1);
	}
}

void
control_engine_gone(struct control *c)
{
	give_up(c);
	c->owed.id = 0;
	c->engine_lost = true;
	if (c->phase == PHASE_TESTED)
		set_phase(c, PHASE_FAILED); /* CommitSet must not reach another engine */
}

void
control_session_gone(struct control *c)
{
	if (c->phase != PHASE_NONE && c->phase != PHASE_FAILED)
		end_set(c, false);
	set_phase(c, PHASE_NONE);
	c->nseen = 0;
}

static void
on_timer(evutil_socket_t unused, short what, void *arg)
{
	struct control *c = arg;

	(void)unused;
	(void)what;
	if (c->phase == PHASE_TESTING || c->phase == PHASE_APPLYING) {
		log_warn("the engine does not answer a SET");
		give_up(c);
		return;
	}
	log_debug("SET %u: the master has left it", c->id);
	cleanup(c);
}

static void
on_owed(evutil_socket_t unused, short what, void *arg)
{
	(void)unused;
	(void)what;
	retry_owed(arg);
}

/* ---- life ---- */

struct control *
control_new(struct event_base *base, struct view *view, struct channel *channel,
	    const struct control_hooks *hooks)
{
	struct control *c = calloc(1, sizeof(*c));

	if (c == NULL)
		return NULL;
	c->view = view;
	c->channel = channel;
	c->hooks = *hooks;
	c->timer = evtimer_new(base, on_timer, c);
	c->owed_timer = evtimer_new(base, on_owed, c);
	if (c->timer == NULL || c->owed_timer == NULL) {
		control_free(c);
		return NULL;
	}
	return c;
}

void
control_free(struct control *c)
{
	if (c->timer != NULL)
		event_free(c->timer);
	if (c->owed_timer != NULL)
		event_free(c->owed_timer);
	free(c);
}
