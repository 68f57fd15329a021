/* SPDX-License-Identifier: ISC */
/* Rows before anything was measured. */
#include "config.h"

#include "engine/rows.h"

#include "engine/window.h"

#include <string.h>

void
rows_start(struct board_link *row, uint16_t index, const char *name, struct moment now)
{
	memset(row, 0, sizeof(*row));
	row->index = index;
	memcpy(row->name, name, NAME_LEN + 1);
	row->health = HEALTH_UNKNOWN;
	row->health_reason = REASON_STARTING;
	row->oper = OPER_OUT;
	row->oper_reason = REASON_STARTING;
	row->carrier = CARRIER_UNKNOWN;
	row->admin = ADMIN_AUTO;
	row->actor = ACTOR_DAEMON;
	row->health_since_ns = row->oper_since_ns = now.mono_ns;
	row->health_since_wall_ns = row->oper_since_wall_ns = now.wall_ns;
	row->since_wall_ns = now.wall_ns;
	row->detection_us = row->switch_us = RTT_UNKNOWN;
}

void
rows_configure(struct board_link *row, const struct conf_link *conf)
{
	memcpy(row->alias, conf->alias, sizeof(row->alias));
	memcpy(row->ifname, conf->interface, sizeof(row->ifname));
	row->tier = conf->tier;
	row->weight = conf->weight;
	row->gateway_only = conf->gateway_only;
	row->budget_per_day = conf->budget;
	for (int f = 0; f < FAMILIES; f++) {
		struct board_route *r = &row->route[f];

		r->configured = conf->route[f].gateway_kind != CONF_GATEWAY_NONE;
		if (r->health == 0) {
			r->health = HEALTH_UNKNOWN;
			r->reason = REASON_STARTING;
			r->gateway_origin = GATEWAY_NONE;
		}
	}
}

void
rows_configure_target(struct target *t)
{
	struct board_target *row = &t->row;

	if (row->index == 0)
		row->index = ++t->link->row.targets_given;
	row->link = t->link->row.index;
	row->method = t->conf.method;
	row->family = t->conf.family;
	row->gateway = t->conf.gateway;
	row->port = t->conf.port;
	if (!t->conf.gateway)
		row->addr = t->conf.addr;
	row->interval_ms = t->conf.probe.interval_ms;
	row->timeout_ms = t->conf.probe.timeout_ms;
	row->window_ms = conf_window_ms(&t->conf.probe);
	window_set(t->window, row->window_ms);
}
