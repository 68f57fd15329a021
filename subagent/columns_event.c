/* SPDX-License-Identifier: ISC */
/* uplinkEventTable: what happened. */
#include "config.h"

#include "subagent/mib.h"

#include <stdio.h>

MIB_EVENT(MIB_DECLARE)

/* UplinkState: which enumeration an event's states are of depends on its type. */
static unsigned
state(unsigned type, unsigned value)
{
	enum { NONE = 1, HEALTH = 10, ADMIN = 20, OPER = 30, TARGET = 40 };

	if (value == 0)
		return NONE;
	switch (type) {
	case EVENT_LINK_DOWN:
	case EVENT_LINK_UP:
	case EVENT_LINK_DEGRADED:
	case EVENT_LINK_RECOVERED:
	case EVENT_LINK_FLAPPING:
	case EVENT_LINK_SETTLED:
		return value <= HEALTH_DOWN ? HEALTH + value : NONE;
	case EVENT_CONTROL_SET:
	case EVENT_CONTROL_EXPIRED:
	case EVENT_CONTROL_REFUSED:
		return value <= ADMIN_FORCE_DOWN ? ADMIN + value : NONE;
	case EVENT_FAILOVER:
	case EVENT_FAILBACK:
	case EVENT_DRAIN_STARTED:
	case EVENT_DRAINED:
	case EVENT_DRAIN_YIELDED:
	case EVENT_DRAIN_RESUMED:
		return value <= OPER_OUT ? OPER + value : NONE;
	case EVENT_TARGET_DOWN:
	case EVENT_TARGET_UP:
		return value <= TARGET_DOWN ? TARGET + value : NONE;
	default:
		return NONE;
	}
}

static void
get_event_time(const struct mib_row *row, struct mib_value *value)
{
	value_date(value, row->event.at_wall_ns);
}

static void
get_event_age(const struct mib_row *row, struct mib_value *value)
{
	value_age(value, view_now(row->view), row->event.at_ns);
}

static void
get_event_type(const struct mib_row *row, struct mib_value *value)
{
	value_number(value, row->event.type);
}

static void
get_event_link(const struct mib_row *row, struct mib_value *value)
{
	value_number(value, row->event.link);
}

static void
get_event_link_name(const struct mib_row *row, struct mib_value *value)
{
	value_text(value, row->event.link_name);
}

static void
get_event_target(const struct mib_row *row, struct mib_value *value)
{
	value_number(value, row->event.target);
}

static void
get_event_version(const struct mib_row *row, struct mib_value *value)
{
	enum { UNKNOWN = 0, IPV4 = 1, IPV6 = 2 }; /* of InetVersion */

	value_number(value, row->event.family == 4   ? IPV4
			    : row->event.family == 6 ? IPV6
						     : UNKNOWN);
}

static void
get_event_old(const struct mib_row *row, struct mib_value *value)
{
	value_number(value, state(row->event.type, row->event.old_state));
}

static void
get_event_new(const struct mib_row *row, struct mib_value *value)
{
	value_number(value, state(row->event.type, row->event.new_state));
}

static void
get_event_reason(const struct mib_row *row, struct mib_value *value)
{
	value_number(value, row->event.reason);
}

static void
get_event_text(const struct mib_row *row, struct mib_value *value)
{
	const struct board_event *ev = &row->event;
	char words[sizeof(ev->text)];

	/* An event whose type and reason say all has no text of its own. */
	snprintf(words, sizeof(words), "%s%s%s: %s", event_type_name(ev->type),
		 ev->link_name[0] ? " of " : "", ev->link_name, reason_text(ev->reason));
	value_text(value, ev->text[0] ? ev->text : words);
}

static void
get_event_actor(const struct mib_row *row, struct mib_value *value)
{
	value_number(value, row->event.actor);
}

static void
get_event_actor_uid(const struct mib_row *row, struct mib_value *value)
{
	if (row->event.actor == ACTOR_CONTROL)
		value_number(value, row->event.actor_uid);
}

static void
get_event_actor_name(const struct mib_row *row, struct mib_value *value)
{
	if (row->event.actor_name[0] != '\0')
		value_text(value, row->event.actor_name);
}

static void
get_event_detection_time(const struct mib_row *row, struct mib_value *value)
{
	value_micros(value, row->event.detection_us);
}

static void
get_event_switch_time(const struct mib_row *row, struct mib_value *value)
{
	value_micros(value, row->event.switch_us);
}

static void
get_event_loss(const struct mib_row *row, struct mib_value *value)
{
	value_loss(value, row->event.loss_ppm);
}

static void
get_event_rtt(const struct mib_row *row, struct mib_value *value)
{
	value_micros(value, row->event.rtt_us);
}

static void
get_event_flows_killed(const struct mib_row *row, struct mib_value *value)
{
	value_gauge(value, row->event.flows_killed);
}

static void
get_event_replay_first(const struct mib_row *row, struct mib_value *value)
{
	if (row->event.type == EVENT_EVENTS_REPLAY)
		value_gauge(value, row->event.replay_first);
}

static void
get_event_replay_last(const struct mib_row *row, struct mib_value *value)
{
	if (row->event.type == EVENT_EVENTS_REPLAY)
		value_gauge(value, row->event.replay_last);
}

/* ---- rows ---- */

static bool
seek(struct mib_row *row)
{
	uint64_t first, last, number = row->index[0];

	view_event_range(row->view, &first, &last);
	if (first == 0)
		return false;
	/* An index has 32 bits. At a thousand events a second that lasts 49 days, and
	 * nobody could read them; at one a minute, 8,000 years. */
	for (number = number > first ? number : first; number <= last && number <= UINT32_MAX;
	     number++)
		if (view_event(row->view, number, &row->event)) {
			row->index[0] = (uint32_t)number;
			return true;
		}
	return false;
}

static const struct mib_column columns[] = {MIB_EVENT(MIB_COLUMN)};

const struct mib_group mib_event = {.arc = MIB_ARC_EVENT,
				    .indexes = 1,
				    .columns = columns,
				    .ncolumns = sizeof(columns) / sizeof(columns[0]),
				    .seek = seek};
