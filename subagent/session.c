/* SPDX-License-Identifier: ISC */
/* The AgentX session: see session.h for what it promises. */
#include "config.h"

#include "subagent/session.h"

#include <errno.h>
#include <event2/buffer.h>
#include <event2/bufferevent.h>
#include <event2/event.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/clock.h"
#include "common/log.h"
#include "common/reserve.h"
#include "subagent/place.h"
#include "subagent/requests.h"

enum {
	RETRY_MS = 200,       /* between attempts to connect */
	REFUSED_MS = 1000,    /* after a session that never was one, or not for long */
	TICK_MS = 500,        /* how often the session is looked after */
	PING_S = 5,           /* silence after which the master is asked whether it knows us */
	SILENCE_S = 5,        /* silence after which a standing master is mentioned */
	OUTPUT_MAX = 1 << 20, /* octets that a master may leave unread while it asks for more */
	PRIORITY = 127,       /* of the registration: the protocol's default */
	TIMEOUT_S = 1,        /* that the master gives us for an answer: we need microseconds */
};

enum state { STATE_IDLE, STATE_OPENING, STATE_REGISTERING, STATE_UP };

static const char *const state_names[] = {"idle", "opening", "registering", "up"};

struct session {
	struct event_base *base;
	struct session_hooks hooks;
	struct place place; /* where the master is */
	enum state state;
	struct bufferevent *stream;
	struct event *retry, *tick;
	uint32_t id; /* that the master gave this session */
	struct requests requests;
	uint64_t heard_ns; /* when the master last said something */
	bool silent;       /* its silence was mentioned */
	uint64_t up_ns;    /* when it was opened */
	uint64_t connects;
	char last_loss[64]; /* why, so that each trouble is told once */
};

static void
set_state(struct session *s, enum state state)
{
	if (s->state == state)
		return;
	log_debug("AgentX session: %s -> %s", state_names[s->state], state_names[state]);
	s->state = state;
}

static void
schedule(struct event *ev, unsigned ms)
{
	struct timeval tv = {ms / 1000, (suseconds_t)(ms % 1000) * 1000};

	evtimer_add(ev, &tv);
}

static void
disconnect(struct session *s)
{
	if (s->stream != NULL)
		bufferevent_free(s->stream);
	s->stream = NULL;
	requests_clear(&s->requests);
	s->silent = false;
	event_del(s->tick);
	set_state(s, STATE_IDLE);
}

static bool
has_lasted(const struct session *s)
{
	return s->state == STATE_UP && clock_mono_ns() - s->up_ns > REFUSED_MS * NSEC_PER_MSEC;
}

/* The session is over; the next attempt is made then, and again until it works. */
static void
lost_for(struct session *s, const char *why, unsigned ms)
{
	bool was_up = s->state == STATE_UP;

	if (has_lasted(s) || strcmp(s->last_loss, why) != 0)
		log_warn("AgentX session with %s lost: %s. Trying again", s->place.path, why);
	snprintf(s->last_loss, sizeof(s->last_loss), "%s", why);
	disconnect(s);
	schedule(s->retry, ms);
	if (was_up)
		s->hooks.down(s->hooks.arg);
}

/* By the master, which may do so again. */
static void
lost(struct session *s, const char *why)
{
	lost_for(s, why, has_lasted(s) ? RETRY_MS : REFUSED_MS);
}

/* ---- sending ---- */

/* Written at once where there is room: the loop would ask the kernel thrice before it
 * wrote, and a walk is made of nothing but short answers. What is left over, and every
 * failure, is the loop's. */
static void
flush(struct bufferevent *stream)
{
	struct evbuffer *out = bufferevent_get_output(stream);

	evbuffer_unfreeze(out, 1);
	evbuffer_write(out, bufferevent_getfd(stream));
	evbuffer_freeze(out, 1);
	if (evbuffer_get_length(out) > 0)
		bufferevent_enable(stream, EV_WRITE);
}

static void
on_written(struct bufferevent *stream, void *arg)
{
	(void)arg;
	bufferevent_disable(stream, EV_WRITE);
}

static int
send_pdu(struct session *s, netsnmp_pdu *pdu)
{
	struct evbuffer *out = bufferevent_get_output(s->stream);

	if (evbuffer_get_length(out) > OUTPUT_MAX) {
		snmp_free_pdu(pdu);
		return -1;
	}
	if (codec_put(out, pdu) != 0)
		return -1;
	flush(s->stream);
	return 0;
}

static void
registration_name(struct mib_name *name)
{
	static const uint32_t ids[] = {MIB_OID};

	name->length = MIB_OID_LEN;
	memcpy(name->id, ids, sizeof(ids));
}

static netsnmp_pdu *
new_request(struct session *s, enum agentx_command command)
{
	uint32_t packet = requests_add(&s->requests, command, clock_mono_ns());

	return packet == 0 ? NULL : codec_new(command, s->id, packet);
}

static int
send_open(struct session *s)
{
	netsnmp_pdu *pdu = new_request(s, AGENTX_OPEN);
	netsnmp_variable_list **end;
	struct mib_value text = {0};
	struct mib_name name;

	if (pdu == NULL)
		return -1;
	registration_name(&name);
	value_text(&text, "uplinkd");
	pdu->time = TIMEOUT_S;
	end = &pdu->variables;
	if (codec_add(&end, &name, MIB_OCTETS, &text) != 0) {
		snmp_free_pdu(pdu);
		return -1;
	}
	return send_pdu(s, pdu);
}

static int
send_register(struct session *s)
{
	netsnmp_pdu *pdu = new_request(s, AGENTX_REGISTER);
	netsnmp_variable_list **end;
	struct mib_name name;

	if (pdu == NULL)
		return -1;
	registration_name(&name);
	pdu->priority = PRIORITY;
	end = &pdu->variables;
	if (codec_add_empty(&end, &name, ASN_NULL) != 0) {
		snmp_free_pdu(pdu);
		return -1;
	}
	return send_pdu(s, pdu);
}

void
session_respond(struct session *s, netsnmp_pdu *pdu)
{
	if (s->state != STATE_UP) {
		snmp_free_pdu(pdu);
		return;
	}
	pdu->command = AGENTX_RESPONSE;
	if (send_pdu(s, pdu) != 0)
		lost(s, "it asks without reading the answers");
}

void
session_respond_error(struct session *s, long transaction, long packet, int error, int index)
{
	netsnmp_pdu *pdu = codec_new(AGENTX_RESPONSE, s->id, (uint32_t)packet);

	if (pdu == NULL)
		return;
	pdu->transid = transaction;
	pdu->errstat = error;
	pdu->errindex = index;
	session_respond(s, pdu);
}

uint32_t
session_notify(struct session *s, netsnmp_variable_list *variables)
{
	netsnmp_pdu *pdu = s->state == STATE_UP ? new_request(s, AGENTX_NOTIFY) : NULL;
	uint32_t packet;

	if (pdu == NULL) {
		snmp_free_varbind(variables);
		return 0;
	}
	pdu->variables = variables;
	packet = (uint32_t)pdu->reqid;
	return send_pdu(s, pdu) == 0 ? packet : 0;
}

/* ---- receiving ---- */

/* Returns -1 when the session is over. */
static int
on_response(struct session *s, const netsnmp_pdu *pdu)
{
	uint32_t packet = (uint32_t)pdu->reqid;

	switch (requests_answered(&s->requests, packet)) {
	case AGENTX_OPEN:
		if (pdu->errstat != 0) {
			lost(s, "it refused to open one");
			return -1;
		}
		s->id = (uint32_t)pdu->sessid;
		set_state(s, STATE_REGISTERING);
		return send_register(s);
	case AGENTX_REGISTER:
		if (pdu->errstat != 0) {
			lost(s, pdu->errstat == AGENTX_ERROR_DUPLICATE_REGISTRATION
				    ? "another subagent has registered UPLINK-MIB"
				    : "it refused to register UPLINK-MIB");
			return -1;
		}
		set_state(s, STATE_UP);
		s->connects++;
		s->up_ns = s->heard_ns;
		log_info("AgentX session with %s is open", s->place.path);
		s->hooks.up(s->hooks.arg);
		return s->state == STATE_UP ? 0 : -1;
	case AGENTX_PING:
		if (pdu->errstat != 0) {
			lost(s, "the master does not know it any more");
			return -1;
		}
		return 0;
	case AGENTX_NOTIFY:
		if (pdu->errstat == AGENTX_ERROR_NOT_OPEN) {
			lost(s, "the master does not know it any more");
			return -1;
		}
		s->hooks.notified(s->hooks.arg, packet, (int)pdu->errstat);
		return s->state == STATE_UP ? 0 : -1;
	default:
		return 0; /* to something that we gave up, or never asked */
	}
}

/* Returns -1 when the session is over. Frees pdu. */
static int
on_pdu(struct session *s, netsnmp_pdu *pdu)
{
	int over = 0;

	s->heard_ns = clock_mono_ns();
	if (s->silent)
		log_info("the AgentX master at %s answers again", s->place.path);
	s->silent = false;
	if (pdu->command == AGENTX_RESPONSE) {
		over = on_response(s, pdu);
	} else if (pdu->command == AGENTX_CLOSE) {
		lost(s, "closed by the master");
		over = -1;
	} else if (s->state == STATE_UP) {
		if ((uint32_t)pdu->sessid == s->id) {
			s->hooks.request(s->hooks.arg, pdu);
			return s->state == STATE_UP ? 0 : -1;
		}
		session_respond_error(s, pdu->transid, pdu->reqid, AGENTX_ERROR_NOT_OPEN, 0);
		over = s->state == STATE_UP ? 0 : -1;
	}
	snmp_free_pdu(pdu);
	return over;
}

static void
on_readable(struct bufferevent *stream, void *arg)
{
	struct session *s = arg;
	netsnmp_pdu *pdu;
	int got;

	while ((got = codec_take(bufferevent_get_input(stream), &pdu)) > 0)
		if (on_pdu(s, pdu) != 0)
			return;
	if (got < 0)
		lost(s, "it does not speak AgentX");
}

static void
on_stream_event(struct bufferevent *stream, short what, void *arg)
{
	struct session *s = arg;

	(void)stream;
	lost(s, (what & BEV_EVENT_EOF) != 0 ? "closed by the master" : strerror(errno));
}

/* ---- connecting ---- */

static void
on_retry(evutil_socket_t unused, short what, void *arg)
{
	struct session *s = arg;
	uint64_t failures = reserve_failures();
	int fd;

	(void)unused;
	(void)what;
	if (s->state != STATE_IDLE || s->place.path[0] == '\0')
		return;
	fd = place_connect(&s->place);
	if (fd < 0) {
		schedule(s->retry, RETRY_MS);
		return;
	}
	s->stream = bufferevent_socket_new(s->base, fd, BEV_OPT_CLOSE_ON_FREE);
	if (s->stream == NULL) {
		close(fd);
		schedule(s->retry, RETRY_MS);
		return;
	}
	s->heard_ns = clock_mono_ns();
	s->id = 0;
	bufferevent_setcb(s->stream, on_readable, on_written, on_stream_event, s);
	bufferevent_enable(s->stream, EV_READ);
	bufferevent_disable(s->stream, EV_WRITE); /* see flush */
	set_state(s, STATE_OPENING);
	schedule(s->tick, TICK_MS);
	if (send_open(s) != 0 || reserve_failures() != failures)
		lost(s, "no memory");
}

/* ---- looking after it ---- */

static void
on_tick(evutil_socket_t unused, short what, void *arg)
{
	struct session *s = arg;
	uint64_t now = clock_mono_ns(), silence = now - s->heard_ns;
	netsnmp_pdu *pdu;

	(void)unused;
	(void)what;
	if (silence > TICK_MS * NSEC_PER_MSEC && place_changed(&s->place)) {
		lost_for(s, "another master took its place", RETRY_MS); /* it has refused nothing */
		return;
	}
	if (requests_ignored(&s->requests, now, s->heard_ns)) {
		lost(s, "the master leaves a request without an answer");
		return;
	}
	if (!s->silent && silence > (PING_S + SILENCE_S) * NSEC_PER_SEC) {
		s->silent = true;
		log_warn(
		    "the AgentX master at %s does not answer; notifications are kept until it does",
		    s->place.path);
	}
	schedule(s->tick, TICK_MS);
	if (s->state != STATE_UP || silence < PING_S * NSEC_PER_SEC ||
	    requests_waiting(&s->requests, AGENTX_PING))
		return;
	pdu = new_request(s, AGENTX_PING);
	if (pdu != NULL && send_pdu(s, pdu) != 0)
		lost(s, "it reads nothing");
}

/* ---- life ---- */

struct session *
session_new(struct event_base *base, const struct session_hooks *hooks)
{
	struct session *s = calloc(1, sizeof(*s));

	if (s == NULL)
		return NULL;
	s->base = base;
	s->hooks = *hooks;
	s->retry = evtimer_new(base, on_retry, s);
	s->tick = evtimer_new(base, on_tick, s);
	if (s->retry == NULL || s->tick == NULL) {
		session_free(s);
		return NULL;
	}
	return s;
}

void
session_free(struct session *s)
{
	if (s->stream != NULL)
		bufferevent_free(s->stream);
	if (s->retry != NULL)
		event_free(s->retry);
	if (s->tick != NULL)
		event_free(s->tick);
	free(s);
}

void
session_connect(struct session *s, const char *path)
{
	if (strcmp(s->place.path, path) == 0)
		return;
	if (s->state != STATE_IDLE)
		lost(s, "another socket is configured");
	place_set(&s->place, path);
	schedule(s->retry, 0);
}

bool
session_is_up(const struct session *s)
{
	return s->state == STATE_UP;
}

uint64_t
session_reconnects(const struct session *s)
{
	return s->connects > 1 ? s->connects - 1 : 0;
}
