/* SPDX-License-Identifier: ISC */
/* This process as its own SNMP master, for a box without net-snmp's snmpd: answers
 * managers and tells receivers of notifications itself, over the same tables and by the
 * same orders as an AgentX subagent. It gets its sockets, the configuration and the
 * secrets from the parent, see common/agentfds.h. */
#ifndef UPLINK_SUBAGENT_AGENT_H
#define UPLINK_SUBAGENT_AGENT_H

#include "subagent/control.h"
#include "subagent/reporter.h"
#include "subagent/view.h"

struct event_base;
struct agent;

/* Reads all that it needs, and counts the start. To be called before the process gives
 * up opening files. NULL: why is logged. */
struct agent *agent_new(struct event_base *base, struct view *view, struct reporter *reporter);
void agent_free(struct agent *a);

/* Whom a SET is asked of; its answers come by agent_set_answered. */
void agent_use(struct agent *a, struct control *control);
void agent_set_answered(struct agent *a, long transaction, int error, int index);

/* See notify_settings. */
void agent_settings(struct agent *a, uint32_t notify_limit, bool notify_targets);
void agent_wake(struct agent *a);      /* the board has something new */
void agent_engine_up(struct agent *a); /* an engine is there, perhaps another one */

#endif
