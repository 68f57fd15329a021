/* SPDX-License-Identifier: ISC */
/* uplinkLinkTable: what is known of each link. */
#include "config.h"

#include "subagent/mib.h"

#include "common/clock.h"

MIB_LINK(MIB_DECLARE)

/* Time spent in a state before the one that runs, and in that if it is the same. */
static uint64_t
seconds_so(const struct mib_row *row, uint64_t before_ns, bool now_too)
{
	uint64_t now = view_now(row->view), since = row->link->health_since_ns;

	if (now_too && since != 0 && now > since)
		before_ns += now - since;
	return before_ns / NSEC_PER_SEC;
}

static void
get_link_name(const struct mib_row *row, struct mib_value *value)
{
	value_text(value, row->link->name);
}

static void
get_link_alias(const struct mib_row *row, struct mib_value *value)
{
	value_text(value, row->link->alias);
}

static void
get_link_if_index(const struct mib_row *row, struct mib_value *value)
{
	value_number(value, row->link->ifindex);
}

static void
get_link_if_name(const struct mib_row *row, struct mib_value *value)
{
	value_text(value, row->link->ifname);
}

static void
get_link_tier(const struct mib_row *row, struct mib_value *value)
{
	value_number(value, row->link->tier);
}

static void
get_link_weight(const struct mib_row *row, struct mib_value *value)
{
	value_number(value, row->link->weight);
}

static void
get_link_health(const struct mib_row *row, struct mib_value *value)
{
	value_number(value, row->link->health);
}

static void
get_link_health_reason(const struct mib_row *row, struct mib_value *value)
{
	value_number(value, row->link->health_reason);
}

static void
get_link_health_since(const struct mib_row *row, struct mib_value *value)
{
	value_date(value, row->link->health_since_wall_ns);
}

static void
get_link_health_age(const struct mib_row *row, struct mib_value *value)
{
	value_age(value, view_now(row->view), row->link->health_since_ns);
}

static void
get_link_oper_status(const struct mib_row *row, struct mib_value *value)
{
	value_number(value, row->link->oper);
}

static void
get_link_oper_reason(const struct mib_row *row, struct mib_value *value)
{
	value_number(value, row->link->oper_reason);
}

static void
get_link_oper_since(const struct mib_row *row, struct mib_value *value)
{
	value_date(value, row->link->oper_since_wall_ns);
}

static void
get_link_oper_age(const struct mib_row *row, struct mib_value *value)
{
	value_age(value, view_now(row->view), row->link->oper_since_ns);
}

static void
get_link_usable(const struct mib_row *row, struct mib_value *value)
{
	value_truth(value, row->link->usable != 0);
}

static void
get_link_carrier(const struct mib_row *row, struct mib_value *value)
{
	value_number(value, row->link->carrier);
}

static void
get_link_gateway_only(const struct mib_row *row, struct mib_value *value)
{
	value_truth(value, row->link->gateway_only != 0);
}

static void
get_link_transitions(const struct mib_row *row, struct mib_value *value)
{
	value_number(value, row->link->transitions);
}

static void
get_link_rtt_last(const struct mib_row *row, struct mib_value *value)
{
	value_micros(value, row->link->rtt_last_us);
}

static void
get_link_rtt_avg(const struct mib_row *row, struct mib_value *value)
{
	value_micros(value, row->link->rtt_avg_us);
}

static void
get_link_rtt_min(const struct mib_row *row, struct mib_value *value)
{
	value_micros(value, row->link->rtt_min_us);
}

static void
get_link_rtt_max(const struct mib_row *row, struct mib_value *value)
{
	value_micros(value, row->link->rtt_max_us);
}

static void
get_link_jitter(const struct mib_row *row, struct mib_value *value)
{
	value_micros(value, row->link->jitter_us);
}

static void
get_link_loss(const struct mib_row *row, struct mib_value *value)
{
	value_loss(value, row->link->loss_ppm);
}

static void
get_link_flap_penalty(const struct mib_row *row, struct mib_value *value)
{
	value_number(value, row->link->flap_penalty);
}

static void
get_link_hold_remaining(const struct mib_row *row, struct mib_value *value)
{
	value_left(value, view_now(row->view), row->link->hold_until_ns);
}

static void
get_link_live_flows(const struct mib_row *row, struct mib_value *value)
{
	if (row->link->has_live_flows)
		value_gauge(value, row->link->live_flows);
}

static void
get_link_up_seconds(const struct mib_row *row, struct mib_value *value)
{
	bool up = row->link->health == HEALTH_UP || row->link->health == HEALTH_DEGRADED;

	value_number(value, seconds_so(row, row->link->up_ns, up));
}

static void
get_link_down_seconds(const struct mib_row *row, struct mib_value *value)
{
	value_number(value, seconds_so(row, row->link->down_ns, row->link->health == HEALTH_DOWN));
}

static void
get_link_detection_time(const struct mib_row *row, struct mib_value *value)
{
	value_micros(value, row->link->detection_us);
}

static void
get_link_switch_time(const struct mib_row *row, struct mib_value *value)
{
	value_micros(value, row->link->switch_us);
}

static void
get_link_suppress_remaining(const struct mib_row *row, struct mib_value *value)
{
	value_left(value, view_now(row->view), row->link->flap_until_ns);
}

static void
get_link_discontinuity_time(const struct mib_row *row, struct mib_value *value)
{
	value_date(value, row->link->since_wall_ns);
}

static void
get_link_in_octets(const struct mib_row *row, struct mib_value *value)
{
	if (row->link->has_if_octets)
		value_number(value, row->link->if_in_octets);
}

static void
get_link_out_octets(const struct mib_row *row, struct mib_value *value)
{
	if (row->link->has_if_octets)
		value_number(value, row->link->if_out_octets);
}

static void
get_link_probe_octets(const struct mib_row *row, struct mib_value *value)
{
	value_number(value, row->link->probe_octets);
}

static void
get_link_budget(const struct mib_row *row, struct mib_value *value)
{
	if (row->link->budget_per_day != 0)
		value_gauge(value, row->link->budget_per_day);
}

static void
get_link_budget_left(const struct mib_row *row, struct mib_value *value)
{
	int64_t left = row->link->budget.left;

	if (row->link->budget_per_day != 0)
		value_gauge(value, left > 0 ? (uint64_t)left : 0);
}

static void
get_link_budget_refusals(const struct mib_row *row, struct mib_value *value)
{
	if (row->link->budget_per_day != 0)
		value_number(value, row->link->budget_refusals);
}

/* ---- rows ---- */

static bool
seek(struct mib_row *row)
{
	row->index[0] = view_link_from(row->view, row->index[0], &row->link);
	return row->index[0] != 0;
}

static const struct mib_column columns[] = {MIB_LINK(MIB_COLUMN)};

const struct mib_group mib_link = {.arc = MIB_ARC_LINK,
				   .indexes = 1,
				   .columns = columns,
				   .ncolumns = sizeof(columns) / sizeof(columns[0]),
				   .seek = seek};
