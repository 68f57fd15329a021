/* SPDX-License-Identifier: ISC */
/* uplinkRouteTable: each link's default route in each IP version. */
#include "config.h"

#include "subagent/mib.h"

MIB_ROUTE(MIB_DECLARE)

static void
get_route_link_name(const struct mib_row *row, struct mib_value *value)
{
	value_text(value, row->link->name);
}

static void
get_route_gateway_type(const struct mib_row *row, struct mib_value *value)
{
	value_address_type(value, &row->route->gateway);
}

static void
get_route_gateway(const struct mib_row *row, struct mib_value *value)
{
	value_address(value, &row->route->gateway);
}

static void
get_route_gateway_origin(const struct mib_row *row, struct mib_value *value)
{
	value_number(value, row->route->gateway_origin);
}

static void
get_route_source_type(const struct mib_row *row, struct mib_value *value)
{
	value_address_type(value, &row->route->source);
}

static void
get_route_source(const struct mib_row *row, struct mib_value *value)
{
	value_address(value, &row->route->source);
}

static void
get_route_prefix_type(const struct mib_row *row, struct mib_value *value)
{
	value_address_type(value, &row->route->prefix);
}

static void
get_route_prefix(const struct mib_row *row, struct mib_value *value)
{
	value_address(value, &row->route->prefix);
}

static void
get_route_prefix_length(const struct mib_row *row, struct mib_value *value)
{
	value_number(value, addr_is_set(&row->route->prefix) ? row->route->prefix.plen : 0);
}

static void
get_route_weight(const struct mib_row *row, struct mib_value *value)
{
	value_number(value, row->route->weight);
}

static void
get_route_health(const struct mib_row *row, struct mib_value *value)
{
	value_number(value, row->route->health);
}

static void
get_route_health_reason(const struct mib_row *row, struct mib_value *value)
{
	value_number(value, row->route->reason);
}

static void
get_route_wanted(const struct mib_row *row, struct mib_value *value)
{
	value_truth(value, row->route->wanted != 0);
}

static void
get_route_installed(const struct mib_row *row, struct mib_value *value)
{
	value_truth(value, row->route->installed != 0);
}

static void
get_route_targets(const struct mib_row *row, struct mib_value *value)
{
	value_number(value, row->route->targets);
}

static void
get_route_targets_up(const struct mib_row *row, struct mib_value *value)
{
	value_number(value, row->route->targets_up);
}

static void
get_route_packets(const struct mib_row *row, struct mib_value *value)
{
	if (row->route->has_counters)
		value_number(value, row->route->packets);
}

static void
get_route_octets(const struct mib_row *row, struct mib_value *value)
{
	if (row->route->has_counters)
		value_number(value, row->route->octets);
}

static void
get_route_new_flows(const struct mib_row *row, struct mib_value *value)
{
	if (row->route->has_new_flows)
		value_number(value, row->route->new_flows);
}

static void
get_route_lookups(const struct mib_row *row, struct mib_value *value)
{
	if (row->route->has_lookups)
		value_number(value, row->route->lookups);
}

static void
get_route_discontinuity(const struct mib_row *row, struct mib_value *value)
{
	if (row->route->has_counters || row->route->has_lookups)
		value_date(value, row->route->discontinuity_wall_ns);
}

static void
get_route_adds(const struct mib_row *row, struct mib_value *value)
{
	value_number(value, row->route->adds);
}

static void
get_route_deletes(const struct mib_row *row, struct mib_value *value)
{
	value_number(value, row->route->deletes);
}

static void
get_route_errors(const struct mib_row *row, struct mib_value *value)
{
	value_number(value, row->route->errors);
}

static void
get_route_drift(const struct mib_row *row, struct mib_value *value)
{
	value_number(value, row->route->drift);
}

static void
get_route_change_age(const struct mib_row *row, struct mib_value *value)
{
	value_age(value, view_now(row->view), row->route->last_change_ns);
}

/* ---- rows ---- */

static bool
seek(struct mib_row *row)
{
	enum { IPV4 = 1 }; /* of InetVersion */
	uint32_t from = row->index[0], version = row->index[1];

	for (;; from = row->index[0] + 1, version = 0) {
		row->index[0] = view_link_from(row->view, from, &row->link);
		if (row->index[0] == 0)
			return false;
		if (row->index[0] != from)
			version = 0;
		for (uint32_t family = V4; family < FAMILIES; family++) {
			row->route = &row->link->route[family];
			row->index[1] = IPV4 + family;
			if (row->index[1] >= version && row->route->configured)
				return true;
		}
	}
}

static const struct mib_column columns[] = {MIB_ROUTE(MIB_COLUMN)};

const struct mib_group mib_route = {.arc = MIB_ARC_ROUTE,
				    .indexes = 2,
				    .columns = columns,
				    .ncolumns = sizeof(columns) / sizeof(columns[0]),
				    .seek = seek};
