/* SPDX-License-Identifier: ISC */
/* The phases of a SET, without AgentX: see setting.h. */
#include "config.h"

#include "subagent/setting.h"

#include <stdlib.h>
#include <string.h>

enum { WAITING_MAX = 32 };

struct waiting {
	netsnmp_pdu *pdu;
	char user[NAME_LEN + 1];
};

struct setting {
	struct control *control;
	setting_done *done;
	void *arg;
	long transaction; /* of the first that waits */
	long packet;      /* each phase is another request */
	enum agentx_command phase;
	int error, index; /* of what failed before the UndoSet */
	struct waiting waiting[WAITING_MAX];
	unsigned n;
};

static void
ask(struct setting *s, enum agentx_command phase)
{
	netsnmp_pdu request = {.command = (int)phase,
			       .transid = s->transaction,
			       .reqid = ++s->packet,
			       .variables = s->waiting[0].pdu->variables};

	s->phase = phase;
	control_request(s->control, &request, s->waiting[0].user);
}

static void
begin(struct setting *s)
{
	s->transaction++;
	s->error = s->index = 0;
	ask(s, AGENTX_TESTSET);
}

static void
finish(struct setting *s, int error, int index)
{
	netsnmp_pdu *pdu = s->waiting[0].pdu;

	memmove(s->waiting, s->waiting + 1, --s->n * sizeof(s->waiting[0]));
	s->done(s->arg, pdu, error, index);
	if (s->n > 0)
		begin(s);
}

void
setting_request(struct setting *s, netsnmp_pdu *pdu, const char *user)
{
	if (s->n == WAITING_MAX) {
		s->done(s->arg, pdu, SNMP_ERR_RESOURCEUNAVAILABLE, 1);
		return;
	}
	s->waiting[s->n].pdu = pdu;
	snprintf(s->waiting[s->n].user, sizeof(s->waiting[s->n].user), "%s", user);
	if (s->n++ == 0)
		begin(s);
}

void
setting_answer(struct setting *s, long transaction, int error, int index)
{
	if (s->n == 0 || transaction != s->transaction)
		return;
	switch (s->phase) {
	case AGENTX_TESTSET:
		if (error == SNMP_ERR_NOERROR)
			ask(s, AGENTX_COMMITSET);
		else
			finish(s, error, index);
		return;
	case AGENTX_COMMITSET:
		if (error == SNMP_ERR_NOERROR) {
			ask(s, AGENTX_CLEANUPSET); /* which has no answer */
			finish(s, SNMP_ERR_NOERROR, 0);
			return;
		}
		s->error = error;
		s->index = index;
		ask(s, AGENTX_UNDOSET);
		return;
	case AGENTX_UNDOSET:
		if (error == SNMP_ERR_NOERROR)
			finish(s, s->error, s->index);
		else
			finish(s, error, 0);
		return;
	default:
		return;
	}
}

struct setting *
setting_new(setting_done *done, void *arg)
{
	struct setting *s = calloc(1, sizeof(*s));

	if (s == NULL)
		return NULL;
	s->done = done;
	s->arg = arg;
	return s;
}

void
setting_use(struct setting *s, struct control *control)
{
	s->control = control;
}

void
setting_free(struct setting *s)
{
	for (unsigned i = 0; i < s->n; i++)
		snmp_free_pdu(s->waiting[i].pdu);
	free(s);
}
