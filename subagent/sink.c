/* SPDX-License-Identifier: ISC */
/* A receiver of notifications: see sink.h. Each session of the library lasts as long
 * as the receiver answers; whatever goes wrong, the next attempt begins afresh, with
 * the receiver's engine discovered anew. */
#include "config.h"

#include "subagent/sink.h"

#include <errno.h>
#include <event2/event.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>

#include "common/clock.h"
#include "common/log.h"
#include "subagent/security.h"
#include "subagent/standard.h"
#include "subagent/wire.h"

enum {
	TIMEOUT_US = 1000000, /* an inform without an answer is repeated */
	RETRIES = 3,
	LOOK_MS = 100, /* how often that is looked at */
	PACE_MS = 5,   /* between a few traps and the next few */
	TRAPS_AT_A_TIME = 4,
	FIRST_PAUSE_MS = 500, /* of a receiver that does not answer */
	LONGEST_PAUSE_MS = 4000,
};

enum state {
	SINK_RESTING,     /* until the timer */
	SINK_DISCOVERING, /* asks for the receiver's engine (RFC 3414, 4) */
	SINK_READY,
};

struct sink {
	struct sink_hooks hooks;
	struct conf_sink conf;
	char name[ADDR_STRLEN + 8]; /* of the receiver, for people */
	bool v3;
	netsnmp_session settings;
	uint8_t community[SECRET_LEN];
	int fd;
	struct sys_peer_path path;
	struct wire *wire;
	enum state state;
	struct event *timer; /* of the state */
	bool waiting;        /* for the answer to an inform */
	bool broken;         /* the session is to be dropped; not from within the library */
	unsigned pause_ms;
	uint32_t packets;               /* numbers given */
	uint32_t sent[TRAPS_AT_A_TIME]; /* traps whose answer is due with the timer */
	unsigned nsent;
	const char *trouble; /* that was told */
};

/* ---- the timer ---- */

static void
schedule(struct sink *s, unsigned ms)
{
	struct timeval tv = {ms / 1000, (suseconds_t)(ms % 1000) * 1000};

	evtimer_add(s->timer, &tv);
}

static void
tell_trouble(struct sink *s, const char *why)
{
	if (s->trouble == NULL || strcmp(s->trouble, why) != 0)
		log_warn("the receiver of notifications %s %s. Trying again; they are kept",
			 s->name, why);
	s->trouble = why;
}

/* To be dropped when the library has returned. */
static void
fail(struct sink *s, const char *why)
{
	tell_trouble(s, why);
	s->broken = true;
	schedule(s, 0);
}

static void
rest(struct sink *s)
{
	bool was_ready = s->state == SINK_READY;

	wire_free(s->wire);
	s->wire = NULL;
	s->broken = s->waiting = false;
	s->nsent = 0;
	s->state = SINK_RESTING;
	s->pause_ms = s->pause_ms == 0 ? FIRST_PAUSE_MS : 2 * s->pause_ms;
	if (s->pause_ms > LONGEST_PAUSE_MS)
		s->pause_ms = LONGEST_PAUSE_MS;
	schedule(s, s->pause_ms);
	if (was_ready)
		s->hooks.down(s->hooks.arg);
}

static void
become_ready(struct sink *s)
{
	s->state = SINK_READY;
	s->hooks.up(s->hooks.arg);
}

/* ---- what comes back ---- */

static const char *
report_text(netsnmp_pdu *pdu)
{
	switch (snmpv3_get_report_type(pdu)) {
	case SNMPERR_UNKNOWN_USER_NAME:
		return "does not know the user";
	case SNMPERR_AUTHENTICATION_FAILURE:
		return "has another passphrase for auth";
	case SNMPERR_DECRYPTION_ERR:
		return "has another passphrase for priv";
	case SNMPERR_UNSUPPORTED_SEC_LEVEL:
		return "does not take what the user has for auth and priv";
	case SNMPERR_UNKNOWN_ENG_ID:
		return "has become another engine";
	default:
		return "refuses by a report";
	}
}

/* The library has another name for some of the reports that come. */
static bool
is_message(int operation)
{
	return operation == NETSNMP_CALLBACK_OP_RECEIVED_MESSAGE ||
	       operation == NETSNMP_CALLBACK_OP_SEC_ERROR;
}

/* Returns 1 where the request is over, or the library may repeat it. */
static int
on_answer(int operation, netsnmp_session *session, int reqid, netsnmp_pdu *pdu, void *magic)
{
	struct sink *s = session->callback_magic;
	uint32_t packet = (uint32_t)(uintptr_t)magic;

	(void)reqid;
	if (s->broken || operation == NETSNMP_CALLBACK_OP_RESEND)
		return 1;
	if (operation == NETSNMP_CALLBACK_OP_TIMED_OUT) {
		fail(s, "does not answer");
	} else if (!is_message(operation)) {
		fail(s, "can't be sent to");
	} else if (pdu->command == SNMP_MSG_REPORT) {
		/* the library learns the receiver's time from it, and repeats */
		if (snmpv3_get_report_type(pdu) != SNMPERR_NOT_IN_TIME_WINDOW)
			fail(s, report_text(pdu));
	} else if (pdu->command == SNMP_MSG_RESPONSE) {
		if (s->trouble != NULL)
			log_info("the receiver of notifications %s answers", s->name);
		s->trouble = NULL;
		s->pause_ms = 0;
		s->waiting = false;
		s->hooks.answered(s->hooks.arg, packet, (int)pdu->errstat);
	}
	return 1;
}

static int
on_discovered(int operation, netsnmp_session *session, int reqid, netsnmp_pdu *pdu, void *magic)
{
	struct sink *s = session->callback_magic;

	(void)reqid;
	(void)magic;
	if (s->broken || operation == NETSNMP_CALLBACK_OP_RESEND)
		return 1;
	if (!is_message(operation))
		fail(s, "does not answer");
	else if (pdu->command != SNMP_MSG_REPORT || pdu->securityEngineIDLen == 0)
		fail(s, "does not tell its engine");
	else
		schedule(s, 0); /* the library takes the engine when this returns */
	return 1;
}

/* ---- out ---- */

static int
send_out(void *arg, const void *octets, size_t length, const void *origin)
{
	struct sink *s = arg;

	(void)origin;
	return sys_datagram_send(s->fd, octets, length, &s->path);
}

static struct wire *
new_wire(struct sink *s)
{
	netsnmp_session settings = s->settings;

	settings.callback = on_answer;
	settings.callback_magic = s;
	settings.timeout = TIMEOUT_US;
	settings.retries = s->trouble == NULL ? RETRIES : 0;
	return wire_new(&settings, send_out, s);
}

/* An empty request of nobody: the answer is a report with the engine's identifier. */
static int
discover(struct sink *s)
{
	netsnmp_pdu *pdu = snmp_pdu_create(SNMP_MSG_GET);

	if (pdu == NULL)
		return -1;
	pdu->version = SNMP_VERSION_3;
	pdu->securityName = strdup("");
	pdu->securityNameLen = 0;
	pdu->securityLevel = SNMP_SEC_LEVEL_NOAUTH;
	pdu->securityModel = SNMP_SEC_MODEL_USM;
	return wire_put(s->wire, pdu, on_discovered, NULL);
}

static void
begin(struct sink *s)
{
	s->wire = new_wire(s);
	if (s->wire == NULL) {
		fail(s, "can't be served by net-snmp's library");
	} else if (!s->v3 || !s->conf.inform) {
		become_ready(s);
	} else {
		s->state = SINK_DISCOVERING;
		schedule(s, LOOK_MS);
		if (discover(s) != 0)
			fail(s, "can't be sent to");
	}
}

/* Traps are answered by their own departure, some time after it. */
static void
answer_traps(struct sink *s)
{
	uint32_t sent[TRAPS_AT_A_TIME];
	unsigned n = s->nsent;

	memcpy(sent, s->sent, sizeof(sent));
	s->nsent = 0;
	for (unsigned i = 0; i < n; i++)
		s->hooks.answered(s->hooks.arg, sent[i], 0);
}

static void
on_timer(evutil_socket_t unused, short what, void *arg)
{
	struct sink *s = arg;

	(void)unused;
	(void)what;
	if (s->broken) {
		rest(s);
	} else if (s->state == SINK_RESTING) {
		begin(s);
	} else if (s->state == SINK_DISCOVERING && wire_session(s->wire)->securityEngineIDLen > 0) {
		if (security_admit(wire_session(s->wire)) == 0) /* with keys for that engine */
			become_ready(s);
		else
			fail(s, "can't be served by net-snmp's library");
	} else {
		if (s->waiting || s->state == SINK_DISCOVERING)
			schedule(s, LOOK_MS);
		wire_look_after(s->wire);
		answer_traps(s);
	}
}

/* ---- the outlet ---- */

static bool
is_up(const void *arg)
{
	const struct sink *s = arg;

	return s->state == SINK_READY && !s->broken;
}

/* sysUpTime.0 comes first (RFC 3416, 4.2.6). */
static netsnmp_pdu *
notification(struct sink *s, netsnmp_variable_list *variables)
{
	static const oid uptime[] = {1, 3, 6, 1, 2, 1, 1, 3, 0};
	netsnmp_pdu *pdu = snmp_pdu_create(s->conf.inform ? SNMP_MSG_INFORM : SNMP_MSG_TRAP2);
	u_long ticks = standard_uptime();

	if (pdu == NULL || snmp_pdu_add_variable(pdu, uptime, sizeof(uptime) / sizeof(uptime[0]),
						 ASN_TIMETICKS, &ticks, sizeof(ticks)) == NULL) {
		snmp_free_pdu(pdu);
		snmp_free_varbind(variables);
		return NULL;
	}
	pdu->variables->next_variable = variables;
	return pdu;
}

static uint32_t
notify(void *arg, netsnmp_variable_list *variables)
{
	struct sink *s = arg;
	netsnmp_pdu *pdu = NULL;

	if (is_up(s) && (s->conf.inform || s->nsent < TRAPS_AT_A_TIME))
		pdu = notification(s, variables);
	else
		snmp_free_varbind(variables);
	if (pdu == NULL)
		return 0;
	if (++s->packets == 0)
		s->packets = 1;
	if (wire_put(s->wire, pdu, on_answer, (void *)(uintptr_t)s->packets) != 0) {
		fail(s,
		     errno == EPROTO ? "can't be told by net-snmp's library" : "can't be sent to");
		return 0;
	}
	if (s->conf.inform) {
		s->waiting = true;
		schedule(s, LOOK_MS);
		return s->packets;
	}
	s->pause_ms = 0;
	s->sent[s->nsent++] = s->packets;
	schedule(s, PACE_MS);
	return s->packets;
}

/* FNV-1a over what makes it this receiver and no other. */
static uint32_t
key_of(const struct conf_sink *c)
{
	char text[2 * ADDR_STRLEN + 2 * NAME_LEN], addr[ADDR_STRLEN];
	uint32_t key = 2166136261U;

	snprintf(text, sizeof(text), "%s %u %d %s %s", addr_text(&c->addr, addr), c->port,
		 c->inform, c->user, c->community);
	for (const char *p = text; *p != '\0'; p++)
		key = (key ^ (uint8_t)*p) * 16777619U;
	return key != 0 ? key : 1;
}

void
sink_outlet(struct sink *s, struct outlet *outlet)
{
	*outlet = (struct outlet){.arg = s,
				  .is_up = is_up,
				  .send = notify,
				  .in_flight_max = s->conf.inform ? 1 : TRAPS_AT_A_TIME,
				  .confirmed = s->conf.inform,
				  .key = key_of(&s->conf)};
}

/* ---- in ---- */

static unsigned
port_of(const struct sockaddr_storage *ss)
{
	return ntohs(ss->ss_family == AF_INET ? ((const struct sockaddr_in *)ss)->sin_port
					      : ((const struct sockaddr_in6 *)ss)->sin6_port);
}

bool
sink_take(struct sink *s, int fd, const void *octets, size_t length,
	  const struct sys_peer_path *from)
{
	const struct sockaddr_storage *peer = &from->peer;
	struct addr addr;

	if (fd != s->fd || addr_from_sockaddr((const struct sockaddr *)peer, &addr) != 0 ||
	    !addr_equal(&addr, &s->conf.addr) || port_of(peer) != s->conf.port)
		return false;
	if (s->wire != NULL && !s->broken)
		wire_take(s->wire, octets, length, NULL, 0);
	return true;
}

/* ---- life ---- */

static int
set_up(struct sink *s, const struct conf_user *user, const struct conf_secret *secret)
{
	snmp_sess_init(&s->settings);
	if (user == NULL) {
		s->settings.version = SNMP_VERSION_2c;
		s->settings.community_len = strlen(secret->auth);
		memcpy(s->community, secret->auth, s->settings.community_len);
		s->settings.community = s->community;
		return 0;
	}
	s->v3 = true;
	if (security_user(user, secret, &s->settings) != 0)
		return -1;
	return s->conf.inform ? 0 : security_own_engine(&s->settings);
}

struct sink *
sink_new(struct event_base *base, int fd, const struct conf_sink *conf,
	 const struct conf_user *user, const struct conf_secret *secret)
{
	struct sink *s = calloc(1, sizeof(*s));
	char addr[ADDR_STRLEN];

	if (s == NULL)
		return NULL;
	s->conf = *conf;
	s->fd = fd;
	snprintf(s->name, sizeof(s->name), "%s port %u", addr_text(&conf->addr, addr), conf->port);
	s->path.peer_len = addr_to_sockaddr(&conf->addr, conf->port, &s->path.peer);
	s->timer = evtimer_new(base, on_timer, s);
	if (s->timer != NULL && set_up(s, user, secret) == 0)
		return s;
	sink_free(s);
	return NULL;
}

void
sink_start(struct sink *s, const struct sink_hooks *hooks)
{
	s->hooks = *hooks;
	schedule(s, 0);
}

void
sink_free(struct sink *s)
{
	if (s == NULL)
		return;
	wire_free(s->wire);
	if (s->timer != NULL)
		event_free(s->timer);
	if (s->v3)
		security_forget(&s->settings);
	explicit_bzero(s->community, sizeof(s->community));
	free(s);
}
