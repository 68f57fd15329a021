/* SPDX-License-Identifier: ISC */
/* uplinkHistoryTable: a link's minutes. */
#include "config.h"

#include "subagent/mib.h"

#include "common/clock.h"

MIB_HISTORY(MIB_DECLARE)

static void
get_history_link_name(const struct mib_row *row, struct mib_value *value)
{
	value_text(value, row->link->name);
}

static void
get_history_time(const struct mib_row *row, struct mib_value *value)
{
	value_date(value, row->minute.minute * 60 * NSEC_PER_SEC);
}

static void
get_history_sent(const struct mib_row *row, struct mib_value *value)
{
	value_gauge(value, (uint64_t)row->minute.answered + row->minute.lost);
}

static void
get_history_answered(const struct mib_row *row, struct mib_value *value)
{
	value_number(value, row->minute.answered);
}

static void
get_history_lost(const struct mib_row *row, struct mib_value *value)
{
	value_number(value, row->minute.lost);
}

static void
get_history_loss(const struct mib_row *row, struct mib_value *value)
{
	uint64_t lost = row->minute.lost, all = lost + row->minute.answered;

	if (all != 0)
		value_loss(value, (uint32_t)(lost * 1000000 / all));
}

static void
get_history_rtt_min(const struct mib_row *row, struct mib_value *value)
{
	value_micros(value, row->minute.rtt_min_us);
}

static void
get_history_rtt_avg(const struct mib_row *row, struct mib_value *value)
{
	if (row->minute.answered != 0)
		value_number(value, row->minute.rtt_sum_us / row->minute.answered);
}

static void
get_history_rtt_max(const struct mib_row *row, struct mib_value *value)
{
	value_micros(value, row->minute.rtt_max_us);
}

static void
get_history_worst_health(const struct mib_row *row, struct mib_value *value)
{
	value_number(value, row->minute.worst_health);
}

/* ---- rows ---- */

/* The first minute of that link from number on. */
static bool
seek_minute(struct mib_row *row, uint64_t number)
{
	uint64_t first, last;

	view_minute_range(row->view, &first, &last);
	if (first == 0)
		return false;
	for (number = number > first ? number : first; number <= last && number <= UINT32_MAX;
	     number++)
		if (view_minute(row->view, row->index[0], number, &row->minute)) {
			row->index[1] = (uint32_t)number;
			return true;
		}
	return false;
}

static bool
seek(struct mib_row *row)
{
	uint32_t from = row->index[0], number = row->index[1];

	for (;; from = row->index[0] + 1, number = 0) {
		row->index[0] = view_link_from(row->view, from, &row->link);
		if (row->index[0] == 0)
			return false;
		if (seek_minute(row, row->index[0] == from ? number : 0))
			return true;
	}
}

static const struct mib_column columns[] = {MIB_HISTORY(MIB_COLUMN)};

const struct mib_group mib_history = {.arc = MIB_ARC_HISTORY,
				      .indexes = 2,
				      .columns = columns,
				      .ncolumns = sizeof(columns) / sizeof(columns[0]),
				      .seek = seek};
