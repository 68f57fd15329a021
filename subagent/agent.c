/* SPDX-License-Identifier: ISC */
/* Puts an SNMP agent of its own together: see agent.h. */
#include "config.h"

#include "subagent/agent.h"

#include <errno.h>
#include <event2/event.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "child/handed.h"
#include "common/agentfds.h"
#include "common/clock.h"
#include "common/log.h"
#include "conf/secrets.h"
#include "subagent/notify.h"
#include "subagent/responder.h"
#include "subagent/security.h"
#include "subagent/sink.h"
#include "subagent/standard.h"
#include "subagent/wire.h"

enum { SECRETS_TEXT_MAX = 1 << 20, SHARE = 32 };

struct told { /* one receiver of notifications */
	struct sink *sink;
	struct notifier *notifier;
};

struct agent {
	struct event_base *base;
	struct view *view;
	struct conf *conf;
	struct access *access;
	struct responder *responder;
	struct reporter *reporter;
	struct told told[SINKS_MAX];
	unsigned ntold;
	struct event *answers[FAMILIES]; /* come to the sinks' sockets */
};

/* ---- what the parent gave ---- */

static void
complain(void *arg, bool error, const char *file, int line, const char *message)
{
	(void)arg;
	if (error)
		log_error("%s:%d: %s", file, line, message);
}

static struct conf_secrets *
read_secrets(void)
{
	size_t length;
	char *text = sys_text_read(AGENT_FD_SECRETS, SECRETS_TEXT_MAX, &length);
	struct conf_secrets *secrets;

	if (text == NULL) {
		log_error("the secrets can't be read: %s", strerror(errno));
		return NULL;
	}
	secrets = conf_secrets_parse(text, length, "secrets", complain, NULL);
	explicit_bzero(text, length);
	free(text);
	close(AGENT_FD_SECRETS);
	return secrets;
}

static int
start_engine(void)
{
	struct engine_identity engine;

	if (engine_count_start(AGENT_FD_ENGINE, &engine) != 0) {
		log_error("this start can't be counted, and nothing is answered without: %s",
			  strerror(errno));
		return -1;
	}
	close(AGENT_FD_ENGINE);
	return security_init(&engine);
}

static int
admit_users(const struct conf_agent *a, const struct conf_secrets *secrets)
{
	for (unsigned i = 0; i < a->nusers; i++) {
		const struct conf_secret *secret = conf_secret(secrets, false, a->users[i].name);
		netsnmp_session settings;
		int failed;

		snmp_sess_init(&settings);
		if (secret == NULL || security_user(&a->users[i], secret, &settings) != 0)
			return -1;
		failed = security_own_engine(&settings) != 0 || security_admit(&settings) != 0;
		security_forget(&settings);
		if (failed) {
			log_error("SNMP user %s: the library does not take it", a->users[i].name);
			return -1;
		}
	}
	return 0;
}

/* ---- notifications ---- */

static void
on_answered(void *arg, uint32_t packet, int error)
{
	struct told *t = arg;

	notify_answered(t->notifier, packet, error);
}

static void
on_sink_up(void *arg)
{
	struct told *t = arg;

	notify_run(t->notifier);
}

static void
on_sink_down(void *arg)
{
	struct told *t = arg;

	notify_session_gone(t->notifier);
}

static int
add_sink(struct agent *a, const struct conf_sink *c, const struct conf_secrets *secrets)
{
	struct told *t = &a->told[a->ntold];
	const struct sink_hooks hooks = {on_answered, on_sink_up, on_sink_down, t};
	bool user = c->user[0] != '\0';
	const struct conf_secret *secret =
	    conf_secret(secrets, !user, user ? c->user : c->community);
	struct outlet outlet;

	if (secret == NULL)
		return -1;
	t->sink = sink_new(a->base, addr_family(&c->addr) == V4 ? AGENT_FD_SINK4 : AGENT_FD_SINK6,
			   c, conf_user(&a->conf->snmp.agent, c->user), secret);
	if (t->sink == NULL)
		return -1;
	sink_outlet(t->sink, &outlet);
	t->notifier = notify_new(a->base, a->view, &outlet, a->reporter, a->ntold++);
	if (t->notifier == NULL)
		return -1;
	sink_start(t->sink, &hooks);
	return 0;
}

static void
on_sink_readable(evutil_socket_t fd, short what, void *arg)
{
	static uint8_t octets[WIRE_MESSAGE_MAX];
	struct agent *a = arg;

	(void)what;
	for (int i = 0; i < SHARE; i++) {
		struct sys_peer_path from;
		ssize_t n = sys_datagram_receive(fd, octets, sizeof(octets), &from);

		if (n < 0)
			return;
		for (unsigned k = 0; n > 0 && k < a->ntold; k++)
			if (sink_take(a->told[k].sink, fd, octets, (size_t)n, &from))
				break;
	}
}

static int
add_sinks(struct agent *a, const struct conf_secrets *secrets)
{
	static const int fds[FAMILIES] = {AGENT_FD_SINK4, AGENT_FD_SINK6};
	const struct conf_agent *conf = &a->conf->snmp.agent;

	for (unsigned i = 0; i < conf->nsinks; i++)
		if (add_sink(a, &conf->sinks[i], secrets) != 0)
			return -1;
	for (unsigned i = 0; i < conf->nsinks; i++) {
		int family = addr_family(&conf->sinks[i].addr);

		if (a->answers[family] != NULL)
			continue;
		a->answers[family] =
		    event_new(a->base, fds[family], EV_READ | EV_PERSIST, on_sink_readable, a);
		if (a->answers[family] == NULL || event_add(a->answers[family], NULL) != 0)
			return -1;
	}
	return 0;
}

/* Where nobody is told, all events are dealt with. */
static void
report_nobody(struct agent *a)
{
	struct report all = {.up = true};

	if (a->ntold > 0)
		return;
	view_begin(a->view, clock_mono_ns());
	all.mark.number = view_global(a->view)->events_last;
	reporter_note(a->reporter, 0, &all);
}

void
agent_settings(struct agent *a, uint32_t notify_limit, bool notify_targets)
{
	for (unsigned i = 0; i < a->ntold; i++)
		notify_settings(a->told[i].notifier, notify_limit, notify_targets);
}

void
agent_wake(struct agent *a)
{
	for (unsigned i = 0; i < a->ntold; i++)
		notify_run(a->told[i].notifier);
	report_nobody(a);
}

void
agent_engine_up(struct agent *a)
{
	for (unsigned i = 0; i < a->ntold; i++)
		notify_engine_up(a->told[i].notifier);
	reporter_forget(a->reporter);
	report_nobody(a);
}

/* ---- life ---- */

static int
listen_all(struct agent *a)
{
	const struct conf_agent *conf = &a->conf->snmp.agent;

	for (unsigned i = 0; i < conf->nlistens; i++) {
		char text[LISTEN_TEXT_LEN];

		if (responder_listen(a->responder, AGENT_FD_LISTEN + (int)i, &conf->listens[i]) !=
		    0)
			return -1;
		log_info("SNMP requests are answered at %s",
			 conf_listen_text(&conf->listens[i], text));
	}
	return 0;
}

static int
build(struct agent *a, const struct conf_secrets *secrets)
{
	const struct conf_agent *conf = &a->conf->snmp.agent;

	mib_serve(standard_groups(conf));
	if (start_engine() != 0 || admit_users(conf, secrets) != 0)
		return -1;
	a->access = access_new(conf, secrets);
	if (a->access == NULL)
		return -1;
	a->responder = responder_new(a->base, a->view, a->access);
	return a->responder == NULL || add_sinks(a, secrets) != 0 || listen_all(a) != 0 ? -1 : 0;
}

struct agent *
agent_new(struct event_base *base, struct view *view, struct reporter *reporter)
{
	struct agent *a = calloc(1, sizeof(*a));
	struct conf_secrets *secrets;
	int failed = -1;

	if (a == NULL)
		return NULL;
	a->base = base;
	a->view = view;
	a->reporter = reporter;
	a->conf = handed_config(AGENT_FD_CONF);
	secrets = read_secrets();
	if (a->conf != NULL && secrets != NULL)
		failed = build(a, secrets);
	conf_secrets_free(secrets);
	if (failed == 0)
		return a;
	agent_free(a);
	return NULL;
}

void
agent_free(struct agent *a)
{
	for (int family = 0; family < FAMILIES; family++)
		if (a->answers[family] != NULL)
			event_free(a->answers[family]);
	for (unsigned i = 0; i < a->ntold; i++) {
		if (a->told[i].notifier != NULL)
			notify_free(a->told[i].notifier);
		sink_free(a->told[i].sink);
	}
	if (a->responder != NULL)
		responder_free(a->responder);
	access_free(a->access);
	conf_free(a->conf);
	free(a);
}

void
agent_use(struct agent *a, struct control *control)
{
	responder_use(a->responder, control);
}

void
agent_set_answered(struct agent *a, long transaction, int error, int index)
{
	responder_set_answered(a->responder, transaction, error, index);
}
