/* SPDX-License-Identifier: ISC */
/* uplinkGlobal: the daemon as a whole. */
#include "config.h"

#include "subagent/mib.h"

#include "common/clock.h"

MIB_GLOBAL(MIB_DECLARE)

static const struct board_global *
global(const struct mib_row *row)
{
	return view_global(row->view);
}

static void
get_version(const struct mib_row *row, struct mib_value *value)
{
	value_text(value, global(row)->version);
}

static void
get_site(const struct mib_row *row, struct mib_value *value)
{
	value_text(value, global(row)->site);
}

static void
get_start_time(const struct mib_row *row, struct mib_value *value)
{
	value_date(value, global(row)->started_wall_ns);
}

static void
get_start_age(const struct mib_row *row, struct mib_value *value)
{
	value_age(value, view_now(row->view), global(row)->started_ns);
}

static void
get_heartbeat_age(const struct mib_row *row, struct mib_value *value)
{
	uint64_t now = view_now(row->view), beat = global(row)->heartbeat_ns;

	if (beat != 0)
		value_gauge(value, now > beat ? (now - beat) / NSEC_PER_MSEC : 0);
}

static void
get_link_count(const struct mib_row *row, struct mib_value *value)
{
	value_number(value, global(row)->links);
}

static void
get_usable_links(const struct mib_row *row, struct mib_value *value)
{
	value_number(value, global(row)->usable_links);
}

static void
get_active_tier(const struct mib_row *row, struct mib_value *value)
{
	value_number(value, global(row)->active_tier);
}

static void
get_all_links_down(const struct mib_row *row, struct mib_value *value)
{
	value_truth(value, global(row)->all_down != 0);
}

static void
get_config_serial(const struct mib_row *row, struct mib_value *value)
{
	value_number(value, global(row)->config_serial);
}

static void
get_config_load_time(const struct mib_row *row, struct mib_value *value)
{
	value_date(value, global(row)->config_loaded_wall_ns);
}

static void
get_config_load_age(const struct mib_row *row, struct mib_value *value)
{
	value_age(value, view_now(row->view), global(row)->config_loaded_ns);
}

static void
get_config_status(const struct mib_row *row, struct mib_value *value)
{
	enum { ACCEPTED = 1, REJECTED = 2 };

	value_number(value, global(row)->config_ok ? ACCEPTED : REJECTED);
}

static void
get_config_error(const struct mib_row *row, struct mib_value *value)
{
	value_text(value, global(row)->config_error);
}

static void
get_control_allowed(const struct mib_row *row, struct mib_value *value)
{
	value_truth(value, global(row)->control != 0);
}

static void
get_control_lock(const struct mib_row *row, struct mib_value *value)
{
	value_number(value, global(row)->set_lock);
}

static void
get_default_timeout(const struct mib_row *row, struct mib_value *value)
{
	value_number(value, global(row)->default_timeout_s);
}

static void
get_sets_taken(const struct mib_row *row, struct mib_value *value)
{
	value_number(value, global(row)->sets_taken);
}

static void
get_sets_refused(const struct mib_row *row, struct mib_value *value)
{
	value_number(value, global(row)->sets_refused);
}

static void
get_events_first(const struct mib_row *row, struct mib_value *value)
{
	uint64_t first, last;

	view_event_range(row->view, &first, &last);
	value_number(value, first);
}

static void
get_events_last(const struct mib_row *row, struct mib_value *value)
{
	value_number(value, global(row)->events_last);
}

static void
get_notifications_sent(const struct mib_row *row, struct mib_value *value)
{
	value_number(value, global(row)->notifications_sent);
}

static void
get_notifications_pending(const struct mib_row *row, struct mib_value *value)
{
	value_gauge(value, global(row)->notifications_pending);
}

static void
get_notifications_lost(const struct mib_row *row, struct mib_value *value)
{
	value_number(value, global(row)->notifications_lost);
}

static void
get_agent_x_reconnects(const struct mib_row *row, struct mib_value *value)
{
	value_number(value, global(row)->agentx_reconnects);
}

static void
get_engine_restarts(const struct mib_row *row, struct mib_value *value)
{
	value_number(value, global(row)->engine_restarts);
}

static void
get_worker_restarts(const struct mib_row *row, struct mib_value *value)
{
	value_number(value, global(row)->worker_restarts);
}

static void
get_snmp_restarts(const struct mib_row *row, struct mib_value *value)
{
	value_number(value, global(row)->snmp_restarts);
}

static void
get_hooks_restarts(const struct mib_row *row, struct mib_value *value)
{
	value_number(value, global(row)->hooks_restarts);
}

static void
get_prober_restarts(const struct mib_row *row, struct mib_value *value)
{
	value_number(value, global(row)->prober_restarts);
}

static void
get_runner_restarts(const struct mib_row *row, struct mib_value *value)
{
	value_number(value, global(row)->runner_restarts);
}

static void
get_counters_bypassed(const struct mib_row *row, struct mib_value *value)
{
	value_text(value, global(row)->bypass);
}

static void
get_hooks_failed(const struct mib_row *row, struct mib_value *value)
{
	value_number(value, global(row)->hooks_failed);
}

static void
get_hook_error(const struct mib_row *row, struct mib_value *value)
{
	value_text(value, global(row)->hook_error);
}

static void
get_repairs(const struct mib_row *row, struct mib_value *value)
{
	value_number(value, global(row)->repairs);
}

static void
get_log_lines_lost(const struct mib_row *row, struct mib_value *value)
{
	value_number(value, global(row)->log_lost);
}

static void
get_table_changes(const struct mib_row *row, struct mib_value *value)
{
	value_number(value, global(row)->table_change);
}

static void
get_table_change_age(const struct mib_row *row, struct mib_value *value)
{
	value_age(value, view_now(row->view), global(row)->table_change_ns);
}

static void
get_timer_lateness(const struct mib_row *row, struct mib_value *value)
{
	uint64_t us = lateness_percentile(global(row)->lateness_us, 999);

	if (us != UINT64_MAX)
		value_gauge(value, us);
}

static void
get_agent_x_connected(const struct mib_row *row, struct mib_value *value)
{
	value_truth(value, global(row)->agentx_connected != 0);
}

static void
get_discontinuity_time(const struct mib_row *row, struct mib_value *value)
{
	const struct board_global *g = global(row);

	value_date(value,
		   g->since_wall_ns > g->started_wall_ns ? g->since_wall_ns : g->started_wall_ns);
}

static void
get_notifications_suppressed(const struct mib_row *row, struct mib_value *value)
{
	value_number(value, global(row)->notifications_suppressed);
}

static void
get_notify_suppressed(const struct mib_row *row, struct mib_value *value)
{
	value_number(value, row->suppressed);
}

/* ---- the one row of the scalars ---- */

static bool
seek(struct mib_row *row)
{
	return row->index[0] == 0;
}

static const struct mib_column columns[] = {MIB_GLOBAL(MIB_COLUMN)};

const struct mib_group mib_global = {.arc = MIB_ARC_GLOBAL,
				     .scalars = true,
				     .indexes = 1,
				     .columns = columns,
				     .ncolumns = sizeof(columns) / sizeof(columns[0]),
				     .seek = seek};
