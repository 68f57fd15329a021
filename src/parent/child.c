/* SPDX-License-Identifier: ISC */
/* One child of the parent: what is known of each role, what it lacks to be started, and
 * how it is ended. Starting and burying it is for children.c. */
#include "parent/child.h"

#include <pwd.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/log.h"

static const struct {
	const char *name;
	bool speaks;
	unsigned answers_within_s; /* 0: the engine's heart beats on the board instead */
} kinds[CHILDREN_END] = {
    [IPC_PEER_ENGINE] = {"engine", true, 0},
    [IPC_PEER_WORKER] = {"worker", true, 15}, /* what is slow is its work */
    [IPC_PEER_SNMP] = {"snmp", false, 5},
    [IPC_PEER_HOOKS] = {"hooks", true, 5},
    [IPC_PEER_PROBER] = {"prober", true, 5},
    [IPC_PEER_RUNNER] = {"runner", true, 5},
};

void
child_init(struct child *c, struct parent *p, enum ipc_peer role)
{
	c->parent = p;
	c->role = role;
	c->name = kinds[role].name;
	c->speaks = kinds[role].speaks;
	c->answers_within_s = kinds[role].answers_within_s;
	c->channel = -1;
	for (unsigned peer = 0; peer < CHILDREN_END; peer++)
		c->owed.channel[peer] = -1;
}

void
child_owed_nothing(struct child *c)
{
	struct owed *o = &c->owed;

	for (unsigned peer = 0; peer < CHILDREN_END; peer++)
		if (o->channel[peer] >= 0)
			close(o->channel[peer]);
	for (; o->note_count > 0; o->note_count--) {
		free(o->notes[o->note_first].body);
		o->note_first = (o->note_first + 1) % NOTES_MAX;
	}
	memset(o, 0, sizeof(*o));
	for (unsigned peer = 0; peer < CHILDREN_END; peer++)
		o->channel[peer] = -1;
}

void
child_close_channel(struct child *c)
{
	if (c->channel < 0)
		return;
	event_del(c->read);
	event_del(c->flush);
	close(c->channel);
	c->channel = -1;
	child_owed_nothing(c);
}

void
child_kill(struct child *c, const char *fmt, ...)
{
	char reason[256];
	va_list ap;

	if (c->pid == 0 || c->killed)
		return;
	va_start(ap, fmt);
	vsnprintf(reason, sizeof(reason), fmt, ap);
	va_end(ap);
	log_error("the %s process (pid %d) %s: killed", c->name, (int)c->pid, reason);
	c->killed = true;
	kill(c->pid, SIGKILL);
	child_close_channel(c);
}

void
child_answered(struct child *c)
{
	c->asked = false;
	c->silent_ticks = 0;
}

/* What it lacks to be started, or NULL. */
static const char *
lacks(const struct child *c)
{
	const struct options *o = c->parent->options;

	switch (c->role) {
	case IPC_PEER_SNMP:
		return access(o->snmp_binary, X_OK) == 0 ? NULL : o->snmp_binary;
	case IPC_PEER_PROBER:
		if (access(o->prober_binary, X_OK) != 0)
			return o->prober_binary;
		return getpwnam(USER_PROBE) != NULL ? NULL : "the user " USER_PROBE;
	case IPC_PEER_RUNNER:
		return getpwnam(USER_PROBE) != NULL ? NULL : "the user " USER_PROBE;
	default:
		return NULL;
	}
}

bool
child_possible(struct child *c)
{
	const char *what = lacks(c);

	if (what != NULL && !c->absent_logged)
		log_warn("the %s process can't be started: there is no %s. %s", c->name, what,
			 c->role == IPC_PEER_SNMP ? "Running without SNMP"
						  : "Its targets are not asked");
	c->absent_logged = what != NULL;
	return what == NULL;
}
