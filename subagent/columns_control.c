/* SPDX-License-Identifier: ISC */
/* uplinkControlTable: the order in force on each link. */
#include "config.h"

#include "subagent/mib.h"

MIB_CONTROL(MIB_DECLARE)

static void
get_control_admin_status(const struct mib_row *row, struct mib_value *value)
{
	value_number(value, row->link->admin);
}

static void
get_control_timeout(const struct mib_row *row, struct mib_value *value)
{
	value_number(value, row->link->order_timeout_s);
}

static void
get_control_owner(const struct mib_row *row, struct mib_value *value)
{
	value_text(value, row->link->owner);
}

static void
get_control_comment(const struct mib_row *row, struct mib_value *value)
{
	value_text(value, row->link->comment);
}

static void
get_control_remaining(const struct mib_row *row, struct mib_value *value)
{
	if (row->link->order_expires_ns != 0)
		value_left(value, view_now(row->view), row->link->order_expires_ns);
}

static void
get_control_since(const struct mib_row *row, struct mib_value *value)
{
	value_date(value, row->link->order_since_wall_ns);
}

static void
get_control_age(const struct mib_row *row, struct mib_value *value)
{
	value_age(value, view_now(row->view), row->link->order_since_ns);
}

static void
get_control_actor(const struct mib_row *row, struct mib_value *value)
{
	value_number(value, row->link->actor);
}

static void
get_control_yielded(const struct mib_row *row, struct mib_value *value)
{
	value_truth(value, row->link->yielded != 0);
}

static void
get_control_forced(const struct mib_row *row, struct mib_value *value)
{
	value_truth(value, row->link->forced != 0);
}

static void
get_control_link_name(const struct mib_row *row, struct mib_value *value)
{
	value_text(value, row->link->name);
}

/* ---- rows ---- */

static bool
seek(struct mib_row *row)
{
	row->index[0] = view_link_from(row->view, row->index[0], &row->link);
	return row->index[0] != 0;
}

static const struct mib_column columns[] = {MIB_CONTROL(MIB_COLUMN)};

const struct mib_group mib_control = {.arc = MIB_ARC_CONTROL,
				      .indexes = 1,
				      .columns = columns,
				      .ncolumns = sizeof(columns) / sizeof(columns[0]),
				      .seek = seek};
