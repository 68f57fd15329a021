/* SPDX-License-Identifier: ISC */
/* uplinkTargetTable: what is probed through each link. */
#include "config.h"

#include "subagent/mib.h"

MIB_TARGET(MIB_DECLARE)

static void
get_target_link_name(const struct mib_row *row, struct mib_value *value)
{
	if (row->link != NULL)
		value_text(value, row->link->name);
}

static void
get_target_method(const struct mib_row *row, struct mib_value *value)
{
	value_number(value, row->target->method);
}

static void
get_target_address_type(const struct mib_row *row, struct mib_value *value)
{
	value_address_type(value, &row->target->addr);
}

static void
get_target_address(const struct mib_row *row, struct mib_value *value)
{
	value_address(value, &row->target->addr);
}

static void
get_target_port(const struct mib_row *row, struct mib_value *value)
{
	value_number(value, row->target->port);
}

static void
get_target_interval(const struct mib_row *row, struct mib_value *value)
{
	value_number(value, row->target->interval_ms);
}

static void
get_target_timeout(const struct mib_row *row, struct mib_value *value)
{
	value_number(value, row->target->timeout_ms);
}

static void
get_target_is_gateway(const struct mib_row *row, struct mib_value *value)
{
	value_truth(value, row->target->gateway != 0);
}

static void
get_target_status(const struct mib_row *row, struct mib_value *value)
{
	value_number(value, row->target->status);
}

static void
get_target_status_age(const struct mib_row *row, struct mib_value *value)
{
	value_age(value, view_now(row->view), row->target->status_since_ns);
}

static void
get_target_failure_run(const struct mib_row *row, struct mib_value *value)
{
	value_number(value, row->target->run_failures);
}

static void
get_target_success_run(const struct mib_row *row, struct mib_value *value)
{
	value_number(value, row->target->run_successes);
}

static void
get_target_sent(const struct mib_row *row, struct mib_value *value)
{
	value_number(value, row->target->sent);
}

static void
get_target_received(const struct mib_row *row, struct mib_value *value)
{
	value_number(value, row->target->received);
}

static void
get_target_late(const struct mib_row *row, struct mib_value *value)
{
	value_number(value, row->target->late);
}

static void
get_target_lost(const struct mib_row *row, struct mib_value *value)
{
	value_number(value, row->target->lost);
}

static void
get_target_send_errors(const struct mib_row *row, struct mib_value *value)
{
	value_number(value, row->target->send_errors);
}

static void
get_target_wrong_interface(const struct mib_row *row, struct mib_value *value)
{
	value_number(value, row->target->wrong_interface);
}

static void
get_target_duplicates(const struct mib_row *row, struct mib_value *value)
{
	value_number(value, row->target->duplicates);
}

static void
get_target_rtt_last(const struct mib_row *row, struct mib_value *value)
{
	value_micros(value, row->target->rtt_last_us);
}

static void
get_target_rtt_avg(const struct mib_row *row, struct mib_value *value)
{
	value_micros(value, row->target->rtt_avg_us);
}

static void
get_target_rtt_min(const struct mib_row *row, struct mib_value *value)
{
	value_micros(value, row->target->rtt_min_us);
}

static void
get_target_rtt_max(const struct mib_row *row, struct mib_value *value)
{
	value_micros(value, row->target->rtt_max_us);
}

static void
get_target_rtt_p95(const struct mib_row *row, struct mib_value *value)
{
	value_micros(value, row->target->rtt_p95_us);
}

static void
get_target_jitter(const struct mib_row *row, struct mib_value *value)
{
	value_micros(value, row->target->jitter_us);
}

static void
get_target_loss(const struct mib_row *row, struct mib_value *value)
{
	value_loss(value, row->target->loss_ppm);
}

static void
get_target_last_good_age(const struct mib_row *row, struct mib_value *value)
{
	value_age(value, view_now(row->view), row->target->last_good_ns);
}

static void
get_target_last_error(const struct mib_row *row, struct mib_value *value)
{
	value_number(value, row->target->last_error);
}

static void
get_target_rtt_p50(const struct mib_row *row, struct mib_value *value)
{
	value_micros(value, row->target->rtt_p50_us);
}

static void
get_target_rtt_p99(const struct mib_row *row, struct mib_value *value)
{
	value_micros(value, row->target->rtt_p99_us);
}

static void
get_target_window(const struct mib_row *row, struct mib_value *value)
{
	value_number(value, row->target->window_ms);
}

static void
get_target_set_aside(const struct mib_row *row, struct mib_value *value)
{
	value_truth(value, row->target->set_aside != 0);
}

static void
get_target_icmp_errors(const struct mib_row *row, struct mib_value *value)
{
	value_number(value, row->target->icmp_errors);
}

static void
get_target_discontinuity_time(const struct mib_row *row, struct mib_value *value)
{
	value_date(value, row->target->since_wall_ns);
}

/* ---- rows ---- */

static bool
seek(struct mib_row *row)
{
	if (!view_target_from(row->view, &row->index[0], &row->index[1], &row->target))
		return false;
	if (view_link_from(row->view, row->index[0], &row->link) != row->index[0])
		row->link = NULL;
	return true;
}

static const struct mib_column columns[] = {MIB_TARGET(MIB_COLUMN)};

const struct mib_group mib_target = {.arc = MIB_ARC_TARGET,
				     .indexes = 2,
				     .columns = columns,
				     .ncolumns = sizeof(columns) / sizeof(columns[0]),
				     .seek = seek};
