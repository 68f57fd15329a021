/* SPDX-License-Identifier: ISC */
/* Notifications: every event that has one is told by one way out, in order, a few
 * at a time, the next when one is answered. Over AgentX there is one, the master. An event's
 * notification waits until the routes that it brought are read back from the kernel, but at most a
 * second. Just after the daemon's start it waits for the first route of all.
 *
 * While the master is away or stands still they stay where they are, in the
 * board's ring of events; what was sent but not answered is sent again over the
 * next session. If the ring comes round first, the loss is counted and told, and
 * the engine is asked for an uplinkEventsReplay that names what to read again. So it is where a
 * link in use has died, for what left since its last answer, and where an earlier process ended
 * while the limit kept something back. */
#ifndef UPLINK_SUBAGENT_NOTIFY_H
#define UPLINK_SUBAGENT_NOTIFY_H

#include "subagent/outlet.h"
#include "subagent/reporter.h"
#include "subagent/view.h"

struct event_base;
struct notifier;

/* slot: its place in the reports. NULL without memory. */
struct notifier *notify_new(struct event_base *base, struct view *view, const struct outlet *outlet,
			    struct reporter *reporter, unsigned slot);
void notify_free(struct notifier *n);

/* How many of a kind about a link may leave in a minute, 0: all; and whether those
 * of single targets leave at all. */
void notify_settings(struct notifier *n, uint32_t limit, bool targets);

/* Looks at the board's events and sends what is due. */
void notify_run(struct notifier *n);
/* What was sent as that packet is answered. */
void notify_answered(struct notifier *n, uint32_t packet, int error);
/* The way out is gone, and with it every answer. */
void notify_session_gone(struct notifier *n);
/* An engine is there, perhaps another one: it has to be told where we are. */
void notify_engine_up(struct notifier *n);

#endif
