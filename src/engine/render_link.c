/* SPDX-License-Identifier: ISC */
/* A link and its routes. */
#include "config.h"

#include "engine/render.h"

#include "common/clock.h"
#include "engine/render_put.h"

static json_t *
render_order(const struct board_link *l, uint64_t now_ns)
{
	json_t *o = json_object();

	put_name(o, "actor", actor_name(l->actor));
	put_text(o, "owner", l->owner, sizeof(l->owner));
	put_text(o, "comment", l->comment, sizeof(l->comment));
	put_bool(o, "forced", l->forced);
	put_bool(o, "yielded", l->yielded);
	put_time(o, "since", l->order_since_wall_ns);
	put_age_s(o, "age_s", l->order_since_ns, now_ns);
	if (l->order_timeout_s != 0)
		put_uint(o, "timeout_s", l->order_timeout_s);
	put_left_s(o, "remaining_s", l->order_expires_ns, now_ns);
	return o;
}

/* Time spent up and down, with the running state; degraded counts as up. */
static void
put_up_and_down(json_t *o, const struct board_link *l, uint64_t now_ns)
{
	uint64_t up = l->up_ns, down = l->down_ns;
	uint64_t running = now_ns > l->health_since_ns ? now_ns - l->health_since_ns : 0;

	if (l->health_since_ns == 0)
		running = 0;
	if (l->health == HEALTH_UP || l->health == HEALTH_DEGRADED)
		up += running;
	else if (l->health == HEALTH_DOWN)
		down += running;
	put_uint(o, "up_s", up / NSEC_PER_SEC);
	put_uint(o, "down_s", down / NSEC_PER_SEC);
}

static void
put_link_measures(json_t *o, const struct board_link *l, uint64_t now_ns)
{
	put_measured(o, "rtt_last_us", l->rtt_last_us);
	put_measured(o, "rtt_avg_us", l->rtt_avg_us);
	put_measured(o, "rtt_min_us", l->rtt_min_us);
	put_measured(o, "rtt_max_us", l->rtt_max_us);
	put_measured(o, "jitter_us", l->jitter_us);
	put_measured(o, "loss_ppm", l->loss_ppm);
	put_measured(o, "detection_us", l->detection_us);
	put_measured(o, "switch_us", l->switch_us);
	put_uint(o, "transitions", l->transitions);
	put_uint(o, "flap_penalty", l->flap_penalty);
	if (l->flap_until_ns > now_ns)
		put_left_s(o, "flap_remaining_s", l->flap_until_ns, now_ns);
	put_up_and_down(o, l, now_ns);
	if (l->hold_until_ns > now_ns)
		put_left_s(o, "hold_remaining_s", l->hold_until_ns, now_ns);
	if (l->has_live_flows)
		put_uint(o, "live_flows", l->live_flows);
}

json_t *
render_link(const struct board_link *l, uint64_t now_ns)
{
	json_t *o = json_object();

	put_link_name(o, l);
	put_text(o, "alias", l->alias, sizeof(l->alias));
	put_text(o, "interface", l->ifname, sizeof(l->ifname));
	if (l->ifindex != 0)
		put_uint(o, "ifindex", l->ifindex);
	put_uint(o, "tier", l->tier);
	put_uint(o, "weight", l->weight);
	put_name(o, "health", health_name(l->health));
	put_name(o, "health_reason", reason_name(l->health_reason));
	put_time(o, "health_since", l->health_since_wall_ns);
	put_age_s(o, "health_age_s", l->health_since_ns, now_ns);
	put_name(o, "admin", admin_name(l->admin));
	put_name(o, "oper", oper_name(l->oper));
	put_name(o, "oper_reason", reason_name(l->oper_reason));
	put_time(o, "oper_since", l->oper_since_wall_ns);
	put_age_s(o, "oper_age_s", l->oper_since_ns, now_ns);
	put_name(o, "carrier", carrier_name(l->carrier));
	put_bool(o, "usable", l->usable);
	put_bool(o, "gateway_only", l->gateway_only);
	if (l->has_if_octets) {
		put_uint(o, "if_in_octets", l->if_in_octets);
		put_uint(o, "if_out_octets", l->if_out_octets);
	}
	put_uint(o, "probe_octets", l->probe_octets);
	if (l->budget_per_day != 0) {
		put_uint(o, "budget_per_day", l->budget_per_day);
		put_uint(o, "budget_left", l->budget.left > 0 ? (uint64_t)l->budget.left : 0);
		put_uint(o, "budget_refusals", l->budget_refusals);
	}
	put_link_measures(o, l, now_ns);
	if (l->admin > ADMIN_AUTO)
		json_object_set_new(o, "order", render_order(l, now_ns));
	return o;
}

static void
put_counters(json_t *o, const struct board_route *r)
{
	if (r->has_counters) {
		put_uint(o, "packets", r->packets);
		put_uint(o, "octets", r->octets);
		if (r->has_new_flows)
			put_uint(o, "new_flows", r->new_flows);
	}
	if (r->has_lookups)
		put_uint(o, "lookups", r->lookups);
	if (r->has_counters || r->has_lookups)
		put_time(o, "counted_since", r->discontinuity_wall_ns);
}

json_t *
render_route(const struct board_link *l, int family, uint64_t now_ns)
{
	const struct board_route *r = &l->route[family];
	json_t *o = json_object();

	put_link_name(o, l);
	put_uint(o, "version", family == V4 ? 4 : 6);
	put_text(o, "interface", l->ifname, sizeof(l->ifname));
	put_addr(o, "gateway", &r->gateway, l);
	put_name(o, "gateway_origin", gateway_origin_name(r->gateway_origin));
	put_addr(o, "source", &r->source, l);
	put_addr(o, "prefix", &r->prefix, l);
	put_name(o, "health", health_name(r->health));
	put_name(o, "reason", reason_name(r->reason));
	put_bool(o, "wanted", r->wanted);
	put_bool(o, "installed", r->installed);
	put_uint(o, "weight", r->weight);
	put_uint(o, "targets", r->targets);
	put_uint(o, "targets_up", r->targets_up);
	put_counters(o, r);
	put_uint(o, "adds", r->adds);
	put_uint(o, "deletes", r->deletes);
	put_uint(o, "errors", r->errors);
	put_uint(o, "drift", r->drift);
	put_age_s(o, "changed_age_s", r->last_change_ns, now_ns);
	return o;
}

json_t *
render_plan(const struct board_link *l, int family)
{
	const struct board_route *r = &l->route[family];
	json_t *o = json_object();

	put_link_name(o, l);
	put_uint(o, "version", family == V4 ? 4 : 6);
	put_addr(o, "gateway", &r->gateway, l);
	put_name(o, "health", health_name(r->health));
	put_name(o, "reason", reason_name(r->reason));
	put_uint(o, "weight", r->weight);
	put_bool(o, "wanted", r->wanted);
	put_bool(o, "installed", r->installed);
	put_name(o, "oper", oper_name(l->oper));
	put_name(o, "oper_reason", reason_name(l->oper_reason));
	return o;
}

json_t *
render_path(const struct ipc_path *p, const struct board_link *l)
{
	json_t *o = json_object();

	put_link_name(o, l);
	put_addr(o, "target", &p->target, l);
	put_text(o, "interface", p->ifname, sizeof(p->ifname));
	put_uint(o, "ifindex", p->ifindex);
	put_addr(o, "gateway", &p->gateway, l); /* absent: the target is on the link itself */
	put_addr(o, "source", &p->source, l);
	if (addr_is_set(&p->target)) {
		const struct board_route *r = &l->route[addr_family(&p->target)];
		bool direct = !addr_is_set(&p->gateway) || addr_equal(&p->target, &r->gateway);

		put_bool(o, "as_wanted",
			 p->ifindex == l->ifindex &&
			     (direct || addr_equal(&p->gateway, &r->gateway)));
	}
	return o;
}
