/* SPDX-License-Identifier: ISC */
/* The command responder: see responder.h. The library decodes and checks what comes;
 * what it calls a request is a request that its user has really sent, just now. */
#include "config.h"

#include "subagent/responder.h"

#include <stdlib.h>
#include <string.h>

#include "common/clock.h"
#include "common/log.h"
#include "subagent/answer.h"
#include "subagent/setting.h"
#include "subagent/wire.h"

enum {
	ENVELOPE = 300, /* octets of a message around its variables, at most */
	BULK_VARIABLES_MAX = 4096,
	SMALLEST_MESSAGE = 484, /* that everybody takes (RFC 3417) */
};

struct responder {
	struct view *view;
	const struct access *access;
	struct ports *ports;
	struct wire *wire;
	struct setting *setting;
};

/* ---- out ---- */

static int
send_back(void *arg, const void *octets, size_t length, const void *origin)
{
	struct responder *r = arg;

	if (origin == NULL)
		return -1;
	snmp_increment_statistic(STAT_SNMPOUTPKTS);
	return ports_send(r->ports, octets, length, origin);
}

/* What the library knows of the sender, for the answer: it is not freed with the rest. */
static void
forget_sender(netsnmp_pdu *pdu)
{
	struct snmp_secmod_def *security = find_sec_mod(pdu->securityModel);

	if (pdu->securityStateRef != NULL && security != NULL &&
	    security->pdu_free_state_ref != NULL)
		security->pdu_free_state_ref(pdu->securityStateRef);
	pdu->securityStateRef = NULL;
}

/* A copy of a request, to be answered at any time. The library frees the request, but
 * not what is known of its sender: that goes with the copy. By the library's version
 * both count it, or the copy alone has it now. */
static netsnmp_pdu *
copy_of(netsnmp_pdu *pdu)
{
	struct snmp_secmod_def *security = find_sec_mod(pdu->securityModel);
	netsnmp_pdu *copy = snmp_clone_pdu(pdu);

	if (copy != NULL && copy->securityStateRef == pdu->securityStateRef &&
	    (security == NULL || security->pdu_clone == NULL))
		pdu->securityStateRef = NULL;
	forget_sender(pdu);
	return copy;
}

/* Frees a request that is not answered. */
static void
forget(netsnmp_pdu *pdu)
{
	forget_sender(pdu);
	snmp_free_pdu(pdu);
}

/* Answers with pdu itself, which it takes. */
static void
respond(struct responder *r, netsnmp_pdu *pdu, int error, int index)
{
	pdu->command = SNMP_MSG_RESPONSE;
	pdu->errstat = error;
	pdu->errindex = index;
	if (wire_put(r->wire, pdu, NULL, NULL) != 0) {
		snmp_increment_statistic(STAT_SNMPSILENTDROPS);
		log_debug("an answer to a manager could not be sent");
	}
}

/* ---- reading ---- */

/* How much the variables of the answer may take. */
static size_t
room(const netsnmp_pdu *pdu)
{
	size_t message = WIRE_MESSAGE_MAX;

	if (pdu->version == SNMP_VERSION_3 && pdu->msgMaxSize > 0 &&
	    (size_t)pdu->msgMaxSize < message)
		message = (size_t)pdu->msgMaxSize;
	if (message < SMALLEST_MESSAGE)
		message = SMALLEST_MESSAGE;
	return message - ENVELOPE;
}

static void
read_all(struct responder *r, netsnmp_pdu *pdu, enum agentx_command command,
	 const struct principal *who)
{
	const struct answer_limits limits = {
	    .may = who->read, .variables_max = BULK_VARIABLES_MAX, .octets_max = room(pdu)};
	netsnmp_variable_list *variables = NULL;
	int failed;

	view_begin(r->view, clock_mono_ns());
	failed = answer_variables(r->view, command, pdu, &limits, &variables);
	if (failed < 0) {
		snmp_free_varbind(variables);
		respond(r, pdu, SNMP_ERR_GENERR, 1);
		return;
	}
	snmp_free_varbind(pdu->variables);
	pdu->variables = variables;
	if (failed == 0) {
		respond(r, pdu, SNMP_ERR_NOERROR, 0);
		return;
	}
	snmp_free_varbind(pdu->variables);
	pdu->variables = NULL;
	snmp_increment_statistic(STAT_SNMPOUTTOOBIGS);
	respond(r, pdu, SNMP_ERR_TOOBIG, 0);
}

/* ---- writing ---- */

static void
on_set_done(void *arg, netsnmp_pdu *pdu, int error, int index)
{
	respond(arg, pdu, error, index);
}

/* All that is asked for must be within the view, or nothing is done. */
static void
set_all(struct responder *r, netsnmp_pdu *pdu, const struct principal *who)
{
	int index = 0;

	for (const netsnmp_variable_list *v = pdu->variables; v != NULL; v = v->next_variable) {
		struct mib_name name;

		index++;
		codec_name(v, &name);
		if (access_has(who->write, &name))
			continue;
		respond(r, pdu, SNMP_ERR_NOACCESS, index);
		return;
	}
	if (pdu->variables == NULL) {
		respond(r, pdu, SNMP_ERR_NOERROR, 0);
		return;
	}
	view_begin(r->view, clock_mono_ns());
	setting_request(r->setting, pdu, who->name);
}

/* ---- who ---- */

static const struct principal *
sender(const struct responder *r, const netsnmp_pdu *pdu)
{
	const struct origin *from = pdu->transport_data;
	const struct principal *who;
	struct addr addr;

	if (pdu->version == SNMP_VERSION_3)
		return access_user(r->access, pdu->securityName, pdu->securityNameLen);
	if (pdu->version != SNMP_VERSION_2c) {
		snmp_increment_statistic(STAT_SNMPINBADVERSIONS);
		return NULL;
	}
	if (from == NULL ||
	    addr_from_sockaddr((const struct sockaddr *)&from->path.peer, &addr) != 0)
		return NULL;
	who = access_community(r->access, pdu->community, pdu->community_len, &addr);
	if (who == NULL)
		snmp_increment_statistic(STAT_SNMPINBADCOMMUNITYNAMES);
	return who;
}

/* A user that is configured to encrypt must; and there is one context, without a name. */
static int
refusal(const netsnmp_pdu *pdu, const struct principal *who, bool write)
{
	if (pdu->version == SNMP_VERSION_3 &&
	    pdu->securityLevel < (who->priv ? SNMP_SEC_LEVEL_AUTHPRIV : SNMP_SEC_LEVEL_AUTHNOPRIV))
		return SNMP_ERR_AUTHORIZATIONERROR;
	if (write ? who->write == NULL : who->read == NULL)
		return SNMP_ERR_AUTHORIZATIONERROR;
	return SNMP_ERR_NOERROR;
}

/* Says by a report that there is no such context (RFC 3413, 3.2). */
static void
report_unknown_context(struct responder *r, netsnmp_pdu *pdu)
{
	static const oid counter[] = {1, 3, 6, 1, 6, 3, 12, 1, 5, 0};
	u_int value = snmp_increment_statistic(STAT_SNMPUNKNOWNCONTEXTS);
	u_long number = value;

	snmp_free_varbind(pdu->variables);
	pdu->variables = NULL;
	snmp_pdu_add_variable(pdu, counter, sizeof(counter) / sizeof(counter[0]), ASN_COUNTER,
			      &number, sizeof(number));
	pdu->command = SNMP_MSG_REPORT;
	pdu->errstat = pdu->errindex = 0;
	wire_put(r->wire, pdu, NULL, NULL);
}

/* ---- in ---- */

static void
take(struct responder *r, netsnmp_pdu *pdu, const struct principal *who)
{
	int error = refusal(pdu, who, pdu->command == SNMP_MSG_SET);

	if (pdu->contextNameLen > 0) {
		report_unknown_context(r, pdu);
		return;
	}
	if (error != SNMP_ERR_NOERROR) {
		respond(r, pdu, error, 0);
		return;
	}
	switch (pdu->command) {
	case SNMP_MSG_GET:
		read_all(r, pdu, AGENTX_GET, who);
		return;
	case SNMP_MSG_GETNEXT:
		read_all(r, pdu, AGENTX_GETNEXT, who);
		return;
	case SNMP_MSG_GETBULK:
		read_all(r, pdu, AGENTX_GETBULK, who);
		return;
	default:
		set_all(r, pdu, who);
		return;
	}
}

static int
on_message(int operation, netsnmp_session *session, int reqid, netsnmp_pdu *pdu, void *arg)
{
	struct responder *r = arg;
	const struct principal *who;
	netsnmp_pdu *own;

	(void)session;
	(void)reqid;
	if (operation != NETSNMP_CALLBACK_OP_RECEIVED_MESSAGE)
		return 1;
	who = sender(r, pdu);
	own = copy_of(pdu);
	if (own == NULL)
		return 1;
	if (who == NULL || (pdu->command != SNMP_MSG_GET && pdu->command != SNMP_MSG_GETNEXT &&
			    pdu->command != SNMP_MSG_GETBULK && pdu->command != SNMP_MSG_SET))
		forget(own);
	else
		take(r, own, who);
	return 1;
}

void
responder_take(struct responder *r, const void *octets, size_t length, const struct origin *from)
{
	snmp_increment_statistic(STAT_SNMPINPKTS);
	wire_take(r->wire, octets, length, from, sizeof(*from));
}

static void
on_octets(void *arg, const void *octets, size_t length, const struct origin *from)
{
	responder_take(arg, octets, length, from);
}

/* ---- life ---- */

struct responder *
responder_new(struct event_base *base, struct view *view, const struct access *access)
{
	struct responder *r = calloc(1, sizeof(*r));
	netsnmp_session settings;

	if (r == NULL)
		return NULL;
	r->view = view;
	r->access = access;
	snmp_sess_init(&settings);
	settings.version = SNMP_DEFAULT_VERSION; /* what comes decides */
	settings.isAuthoritative = SNMP_SESS_AUTHORITATIVE;
	settings.callback = on_message;
	settings.callback_magic = r;
	r->wire = wire_new(&settings, send_back, r);
	r->ports = ports_new(base, on_octets, r);
	r->setting = setting_new(on_set_done, r);
	if (r->wire != NULL && r->ports != NULL && r->setting != NULL)
		return r;
	responder_free(r);
	return NULL;
}

void
responder_free(struct responder *r)
{
	if (r->ports != NULL)
		ports_free(r->ports);
	if (r->setting != NULL)
		setting_free(r->setting);
	wire_free(r->wire);
	free(r);
}

int
responder_listen(struct responder *r, int fd, const struct conf_listen *l)
{
	return ports_add(r->ports, fd, l);
}

void
responder_use(struct responder *r, struct control *control)
{
	setting_use(r->setting, control);
}

void
responder_set_answered(struct responder *r, long transaction, int error, int index)
{
	setting_answer(r->setting, transaction, error, index);
}
