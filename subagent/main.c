/* SPDX-License-Identifier: ISC */
/* uplinkd-snmp: tells an SNMP master what the board says, and the engine what a
 * manager wants. The parent starts it with descriptor 3, the channel to the
 * parent, and 4, the board, opened read-only. It can write nothing but answers
 * and questions; a master that stops, dies or lies hurts nobody but itself.
 *
 * With -a it is its own master, with the descriptors of common/agentfds.h. */
#include "config.h"

#include <errno.h>
#include <event2/event.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "common/clock.h"
#include "common/ipc.h"
#include "common/log.h"
#include "common/reserve.h"
#include "subagent/agent.h"
#include "subagent/answer.h"
#include "subagent/channel.h"
#include "subagent/control.h"
#include "subagent/notify.h"
#include "subagent/reporter.h"
#include "subagent/session.h"
#include "system/system.h"

enum { FD_PARENT = 3, FD_BOARD = 4 };

enum { IN_FLIGHT_MAX = 4 }; /* notifications that the master may leave unanswered */

#define USER "_uplinksnmp"

struct snmp {
	struct event_base *base;
	struct event *parent;
	struct view *view;
	struct channel *channel;
	struct control *control;
	struct reporter *reporter;
	/* under a master ... */
	struct session *session;
	struct notifier *notifier;
	/* ... or as its own */
	struct agent *agent;
};

/* ---- the session with the master ---- */

static void
on_up(void *arg)
{
	struct snmp *snmp = arg;

	notify_run(snmp->notifier);
}

static void
on_down(void *arg)
{
	struct snmp *snmp = arg;

	control_session_gone(snmp->control);
	notify_session_gone(snmp->notifier);
}

static bool
session_carries(const void *arg)
{
	return session_is_up(arg);
}

static uint32_t
session_sends(void *arg, netsnmp_variable_list *variables)
{
	return session_notify(arg, variables);
}

static uint64_t
reconnects(const void *arg)
{
	return session_reconnects(arg);
}

static void
on_notified(void *arg, uint32_t packet, int error)
{
	struct snmp *snmp = arg;

	notify_answered(snmp->notifier, packet, error);
}

static void
on_refusal(void *arg)
{
	struct snmp *snmp = arg;

	reporter_refusal(snmp->reporter);
}

static void
respond_error(void *arg, long transaction, long packet, int error, int index)
{
	struct snmp *snmp = arg;

	if (snmp->agent != NULL)
		agent_set_answered(snmp->agent, transaction, error, index);
	else
		session_respond_error(snmp->session, transaction, packet, error, index);
}

static void
answer(struct snmp *snmp, const netsnmp_pdu *pdu)
{
	netsnmp_pdu *response = answer_read(snmp->view, pdu);

	if (response != NULL)
		session_respond(snmp->session, response);
	else
		respond_error(snmp, pdu->transid, pdu->reqid, SNMP_ERR_GENERR, 1);
}

static void
on_request(void *arg, netsnmp_pdu *pdu)
{
	struct snmp *snmp = arg;

	view_begin(snmp->view, clock_mono_ns());
	switch (pdu->command) {
	case AGENTX_GET:
	case AGENTX_GETNEXT:
	case AGENTX_GETBULK:
		if (pdu->contextNameLen > 0)
			respond_error(snmp, pdu->transid, pdu->reqid,
				      AGENTX_ERROR_UNSUPPORTED_CONTEXT, 0);
		else
			answer(snmp, pdu);
		break;
	case AGENTX_TESTSET:
	case AGENTX_COMMITSET:
	case AGENTX_UNDOSET:
	case AGENTX_CLEANUPSET:
		control_request(snmp->control, pdu, NULL);
		break;
	default:
		log_debug("the master sent a message of type %d", pdu->command);
		break;
	}
	snmp_free_pdu(pdu);
}

/* ---- the engine ---- */

static void
on_wake(void *arg)
{
	struct snmp *snmp = arg;

	if (snmp->agent != NULL)
		agent_wake(snmp->agent);
	else
		notify_run(snmp->notifier);
}

static void
on_set_answer(void *arg, const struct ipc_set_answer *a)
{
	struct snmp *snmp = arg;

	control_answer(snmp->control, a);
}

static void
on_engine_up(void *arg)
{
	struct snmp *snmp = arg;

	if (snmp->agent != NULL)
		agent_engine_up(snmp->agent);
	else
		notify_engine_up(snmp->notifier);
}

static void
on_engine_down(void *arg)
{
	struct snmp *snmp = arg;

	control_engine_gone(snmp->control);
}

/* ---- the parent ---- */

static void
take_channel(struct snmp *snmp, const struct ipc_message *m)
{
	if (((const struct ipc_channel *)m->body)->peer == IPC_PEER_ENGINE)
		channel_replace(snmp->channel, m->fd);
	else
		close(m->fd);
}

static void
take_settings(struct snmp *snmp, const struct ipc_message *m)
{
	struct ipc_settings settings = *(const struct ipc_settings *)m->body;

	settings.agentx[sizeof(settings.agentx) - 1] = '\0';
	if (snmp->agent != NULL) {
		agent_settings(snmp->agent, settings.notify_limit, settings.notify_targets != 0);
		return;
	}
	notify_settings(snmp->notifier, settings.notify_limit, settings.notify_targets != 0);
	session_connect(snmp->session, settings.agentx);
}

static void
on_parent(evutil_socket_t fd, short what, void *arg)
{
	struct snmp *snmp = arg;
	enum ipc_status status;
	struct ipc_message m;

	(void)what;
	while ((status = ipc_receive(fd, IPC_PEER_PARENT, &m)) == IPC_OK) {
		if (m.type == IPC_CHANNEL)
			take_channel(snmp, &m);
		else if (m.type == IPC_SETTINGS)
			take_settings(snmp, &m);
		else if (m.type == IPC_PING)
			(void)ipc_send(fd, IPC_PONG, NULL, 0, -1);
		else if (m.fd >= 0)
			close(m.fd);
		if (m.type == IPC_EXIT) {
			event_base_loopbreak(snmp->base);
			return;
		}
	}
	if (status == IPC_AGAIN)
		return;
	if (status == IPC_MALFORMED)
		log_error("the parent sent a malformed message");
	event_base_loopbreak(snmp->base);
}

/* ---- set-up ---- */

static void
signals(void)
{
	signal(SIGPIPE, SIG_IGN);
	signal(SIGINT, SIG_IGN); /* a terminal sends these to all; the parent tells us */
	signal(SIGHUP, SIG_IGN);
}

static bool
confine(enum sys_role role)
{
	const char *step = "";

	/* The parent may have done the first half. */
	if (sys_confine(role, geteuid() == 0 ? USER : NULL, &step) == 0)
		return true;
	log_error("can't %s: %s", step, strerror(errno));
	return false;
}

static bool
build_subagent(struct snmp *snmp)
{
	const struct session_hooks session = {on_up, on_down, on_request, on_notified, snmp};
	struct outlet outlet = {
	    .is_up = session_carries, .send = session_sends, .in_flight_max = IN_FLIGHT_MAX};

	snmp->session = session_new(snmp->base, &session);
	if (snmp->session == NULL)
		return false;
	outlet.arg = snmp->session;
	snmp->reporter = reporter_new(snmp->channel, reconnects, snmp->session);
	if (snmp->reporter == NULL)
		return false;
	snmp->notifier = notify_new(snmp->base, snmp->view, &outlet, snmp->reporter, 0);
	return snmp->notifier != NULL;
}

static bool
build_agent(struct snmp *snmp)
{
	snmp->reporter = reporter_new(snmp->channel, NULL, NULL);
	if (snmp->reporter == NULL)
		return false;
	snmp->agent = agent_new(snmp->base, snmp->view, snmp->reporter);
	if (snmp->agent != NULL)
		agent_use(snmp->agent, snmp->control);
	return snmp->agent != NULL;
}

static bool
build(struct snmp *snmp, enum sys_role role)
{
	const struct channel_hooks channel = {on_wake, on_set_answer, on_engine_up, on_engine_down,
					      snmp};
	const struct control_hooks control = {respond_error, on_refusal, snmp};

	snmp->view = view_open(FD_BOARD);
	if (snmp->view == NULL) {
		log_error("the board: %s", strerror(errno));
		return false;
	}
	reserve_for_libevent();
	snmp->base = event_base_new();
	if (snmp->base == NULL)
		return false;
	snmp->channel = channel_new(snmp->base, &channel);
	if (snmp->channel == NULL)
		return false;
	snmp->control = control_new(snmp->base, snmp->view, snmp->channel, &control);
	if (snmp->control == NULL ||
	    !(role == SYS_ROLE_AGENT ? build_agent(snmp) : build_subagent(snmp)))
		return false;
	snmp->parent = event_new(snmp->base, FD_PARENT, EV_READ | EV_PERSIST, on_parent, snmp);
	return snmp->parent != NULL && event_add(snmp->parent, NULL) == 0;
}

static void
demolish(struct snmp *snmp)
{
	event_free(snmp->parent);
	if (snmp->agent != NULL) {
		agent_free(snmp->agent);
	} else {
		notify_free(snmp->notifier);
		session_free(snmp->session);
	}
	reporter_free(snmp->reporter);
	control_free(snmp->control);
	channel_free(snmp->channel);
	event_base_free(snmp->base);
	view_close(snmp->view);
}

int
main(int argc, char **argv)
{
	enum sys_role role = SYS_ROLE_SNMP;
	struct snmp snmp = {0};
	int option, to_stderr = 0, verbose = 0;

	while ((option = getopt(argc, argv, "adv")) != -1) {
		if (option == 'a') {
			role = SYS_ROLE_AGENT;
		} else if (option == 'd') {
			to_stderr = 1;
		} else if (option == 'v') {
			verbose++;
		} else {
			fputs("usage: uplinkd-snmp [-adv], started by uplinkd\n", stderr);
			return 2;
		}
	}
	log_init("uplinkd-snmp", to_stderr, verbose);
	codec_init();
	signals();
	if (!confine(role) || !build(&snmp, role)) {
		log_error("the SNMP process can't start");
		return 1;
	}
	tzset(); /* opens the zone's file */
	if (sys_limit_calls(role) != 0) {
		log_error("the system calls can't be limited: %s", strerror(errno));
		return 1;
	}
	event_base_dispatch(snmp.base);
	demolish(&snmp);
	return 0;
}
