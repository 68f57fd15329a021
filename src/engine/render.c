/* SPDX-License-Identifier: ISC */
/* Each function below writes one kind of row; the helpers above them decide how a
 * value of a kind looks, and leave it out where there is none. jansson's setters
 * do nothing with NULL, so a lack of memory leaves a member out, too. */
#include "config.h"

#include "engine/recent.h"
#include "engine/render.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

#include "common/clock.h"

static void
put_uint(json_t *o, const char *key, uint64_t v)
{
	json_object_set_new(o, key, json_integer(v > INT64_MAX ? INT64_MAX : (json_int_t)v));
}

static void
put_bool(json_t *o, const char *key, bool v)
{
	json_object_set_new(o, key, json_boolean(v));
}

static void
put_name(json_t *o, const char *key, const char *name)
{
	json_object_set_new(o, key, json_string(name));
}

/* A text of the board: bounded, absent when empty or not UTF-8. */
static void
put_text(json_t *o, const char *key, const char *text, size_t size)
{
	size_t len = strnlen(text, size);

	if (len > 0)
		json_object_set_new(o, key, json_stringn(text, len));
}

/* A measured number of 32 bits, absent when unknown (RTT_UNKNOWN, LOSS_UNKNOWN). */
static void
put_measured(json_t *o, const char *key, uint32_t v)
{
	if (v != UINT32_MAX)
		put_uint(o, key, v);
}

/* RFC 3339, UTC. */
static void
put_time(json_t *o, const char *key, uint64_t wall_ns)
{
	time_t seconds = (time_t)(wall_ns / NSEC_PER_SEC);
	char text[40], all[64];
	struct tm tm;

	if (wall_ns == 0 || gmtime_r(&seconds, &tm) == NULL ||
	    strftime(text, sizeof(text), "%Y-%m-%dT%H:%M:%S", &tm) == 0)
		return;
	snprintf(all, sizeof(all), "%s.%03uZ", text,
		 (unsigned)(wall_ns % NSEC_PER_SEC / NSEC_PER_MSEC));
	put_name(o, key, all);
}

/* How long ago, in units of so many nanoseconds; absent for never. */
static void
put_age(json_t *o, const char *key, uint64_t at_ns, uint64_t now_ns, uint64_t unit_ns)
{
	if (at_ns != 0)
		put_uint(o, key, now_ns > at_ns ? (now_ns - at_ns) / unit_ns : 0);
}

static void
put_age_s(json_t *o, const char *key, uint64_t at_ns, uint64_t now_ns)
{
	put_age(o, key, at_ns, now_ns, NSEC_PER_SEC);
}

/* What is left until then, rounded up: an order that still stands never shows 0. */
static void
put_left_s(json_t *o, const char *key, uint64_t until_ns, uint64_t now_ns)
{
	if (until_ns != 0)
		put_uint(o, key,
			 until_ns > now_ns ? (until_ns - now_ns + NSEC_PER_SEC - 1) / NSEC_PER_SEC
					   : 0);
}

/* Absent when not set. The scope of a link-local address is the link's interface,
 * by name: asking the kernel for it would be I/O. */
static void
put_addr(json_t *o, const char *key, const struct addr *a, const struct board_link *l)
{
	char text[ADDR_STRLEN], all[ADDR_STRLEN + 32];
	struct addr plain = *a;

	if (!addr_is_set(a))
		return;
	plain.scope = 0;
	addr_text(&plain, text);
	if (a->scope == 0)
		snprintf(all, sizeof(all), "%s", text);
	else if (a->scope == l->ifindex && l->ifname[0] != '\0')
		snprintf(all, sizeof(all), "%s%%%.*s", text, IFNAME_LEN, l->ifname);
	else
		snprintf(all, sizeof(all), "%s%%%u", text, a->scope);
	put_name(o, key, all);
}

json_t *
render_global(const struct board_global *g, uint64_t now_ns)
{
	json_t *o = json_object();

	put_text(o, "site", g->site, sizeof(g->site));
	put_text(o, "version", g->version, sizeof(g->version));
	put_time(o, "started", g->started_wall_ns);
	put_age_s(o, "uptime_s", g->started_ns, now_ns);
	put_age(o, "heartbeat_age_ms", g->heartbeat_ns, now_ns, NSEC_PER_MSEC);
	put_uint(o, "links", g->links);
	put_uint(o, "usable_links", g->usable_links);
	if (g->active_tier != 0)
		put_uint(o, "active_tier", g->active_tier);
	put_bool(o, "all_down", g->all_down);
	if (g->bypass[0] != '\0')
		put_text(o, "counters_bypassed", g->bypass, sizeof(g->bypass));
	put_bool(o, "set_allowed", g->control);
	put_bool(o, "config_ok", g->config_ok);
	put_text(o, "config_error", g->config_error, sizeof(g->config_error));
	put_uint(o, "config_serial", g->config_serial);
	put_time(o, "config_loaded", g->config_loaded_wall_ns);
	put_age_s(o, "config_age_s", g->config_loaded_ns, now_ns);
	put_uint(o, "plan_serial", g->plan_serial);
	put_uint(o, "plan_installed", g->plan_installed);
	put_uint(o, "events_last", g->events_last);
	return o;
}

static json_t *
render_lateness(const uint32_t buckets[static BOARD_LATENESS_BUCKETS])
{
	static const struct {
		const char *key;
		unsigned permille;
	} points[] = {{"p50_us", 500}, {"p99_us", 990}, {"p999_us", 999}, {"max_us", 1000}};
	json_t *o = json_object();
	uint64_t timers = 0;

	for (unsigned i = 0; i < BOARD_LATENESS_BUCKETS; i++)
		timers += buckets[i];
	put_uint(o, "timers", timers);
	for (size_t i = 0; timers > 0 && i < sizeof(points) / sizeof(points[0]); i++)
		put_uint(o, points[i].key, lateness_percentile(buckets, points[i].permille));
	return o;
}

/* The buckets in use, each as its largest lateness and its count: who asks twice can
 * take the difference. */
static json_t *
render_buckets(const uint32_t buckets[static BOARD_LATENESS_BUCKETS])
{
	json_t *rows = json_array();

	for (unsigned i = 0; i < BOARD_LATENESS_BUCKETS; i++)
		if (buckets[i] > 0)
			json_array_append_new(rows, json_pack("[I, I]",
							      (json_int_t)lateness_bucket_top(i),
							      (json_int_t)buckets[i]));
	return rows;
}

json_t *
render_stats(const struct board_global *g, uint64_t clients_refused, uint64_t now_ns)
{
	json_t *o = json_object();

	put_age_s(o, "uptime_s", g->started_ns, now_ns);
	put_uint(o, "engine_restarts", g->engine_restarts);
	put_uint(o, "worker_restarts", g->worker_restarts);
	put_uint(o, "snmp_restarts", g->snmp_restarts);
	put_uint(o, "hooks_restarts", g->hooks_restarts);
	put_uint(o, "prober_restarts", g->prober_restarts);
	put_uint(o, "runner_restarts", g->runner_restarts);
	put_uint(o, "repairs", g->repairs);
	put_uint(o, "log_lines_lost", g->log_lost);
	put_uint(o, "events_last", g->events_last);
	put_uint(o, "events_notified", g->notified);
	put_uint(o, "notifications_sent", g->notifications_sent);
	put_uint(o, "notifications_lost", g->notifications_lost);
	put_uint(o, "notifications_pending", g->notifications_pending);
	put_uint(o, "notifications_suppressed", g->notifications_suppressed);
	put_bool(o, "agentx_connected", g->agentx_connected);
	put_uint(o, "agentx_reconnects", g->agentx_reconnects);
	put_uint(o, "sets_taken", g->sets_taken);
	put_uint(o, "sets_refused", g->sets_refused);
	put_uint(o, "clients_refused", clients_refused);
	put_uint(o, "plan_serial", g->plan_serial);
	put_uint(o, "plan_installed", g->plan_installed);
	json_object_set_new(o, "timer_lateness", render_lateness(g->lateness_us));
	json_object_set_new(o, "lateness_buckets", render_buckets(g->lateness_us));
	return o;
}

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

static void
put_link_name(json_t *o, const struct board_link *l)
{
	put_text(o, "link", l->name, sizeof(l->name));
	put_uint(o, "link_index", l->index);
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
	put_uint(o, "weight", r->weight);
	put_bool(o, "wanted", r->wanted);
	put_bool(o, "installed", r->installed);
	put_name(o, "oper", oper_name(l->oper));
	put_name(o, "oper_reason", reason_name(l->oper_reason));
	return o;
}

static void
put_target_counts(json_t *o, const struct board_target *t)
{
	put_uint(o, "sent", t->sent);
	put_uint(o, "received", t->received);
	put_uint(o, "lost", t->lost);
	put_uint(o, "late", t->late);
	put_uint(o, "send_errors", t->send_errors);
	put_uint(o, "wrong_interface", t->wrong_interface);
	put_uint(o, "duplicates", t->duplicates);
	put_uint(o, "icmp_errors", t->icmp_errors);
	put_uint(o, "run_failures", t->run_failures);
	put_uint(o, "run_successes", t->run_successes);
}

json_t *
render_target(const struct board_target *t, const struct board_link *l, uint64_t now_ns)
{
	json_t *o = json_object();

	put_text(o, "link", l->name, sizeof(l->name));
	put_uint(o, "link_index", t->link);
	put_uint(o, "target", t->index);
	put_name(o, "method", method_name(t->method));
	put_uint(o, "version", t->family == V4 ? 4 : 6);
	put_addr(o, "address", &t->addr, l);
	put_bool(o, "gateway", t->gateway);
	if (t->port != 0)
		put_uint(o, "port", t->port);
	put_name(o, "status", target_status_name(t->status));
	put_bool(o, "set_aside", t->set_aside);
	put_age_s(o, "status_age_s", t->status_since_ns, now_ns);
	put_uint(o, "interval_ms", t->interval_ms);
	put_uint(o, "timeout_ms", t->timeout_ms);
	put_uint(o, "window_ms", t->window_ms);
	put_measured(o, "rtt_last_us", t->rtt_last_us);
	put_measured(o, "rtt_avg_us", t->rtt_avg_us);
	put_measured(o, "rtt_min_us", t->rtt_min_us);
	put_measured(o, "rtt_max_us", t->rtt_max_us);
	put_measured(o, "rtt_p50_us", t->rtt_p50_us);
	put_measured(o, "rtt_p95_us", t->rtt_p95_us);
	put_measured(o, "rtt_p99_us", t->rtt_p99_us);
	put_measured(o, "jitter_us", t->jitter_us);
	put_measured(o, "loss_ppm", t->loss_ppm);
	put_age(o, "last_good_age_ms", t->last_good_ns, now_ns, NSEC_PER_MSEC);
	put_target_counts(o, t);
	if (t->last_error != 0) {
		char text[ERROR_TEXT_LEN];

		put_uint(o, "last_errno", t->last_error);
		put_name(o, "last_error", probe_error_text(t->last_error, text));
	}
	return o;
}

json_t *
render_samples(const struct board_recent *r, uint32_t n)
{
	uint32_t count = recent_count(r);
	json_t *samples = json_array();

	for (uint32_t left = count < n ? count : n; left > 0; left--) {
		uint32_t us = recent_us(r, left);

		json_array_append_new(samples, us == RTT_UNKNOWN ? json_null() : json_integer(us));
	}
	return samples;
}

json_t *
render_event(const struct board_event *e, uint64_t now_ns)
{
	json_t *o = json_object();

	put_uint(o, "number", e->number);
	put_time(o, "time", e->at_wall_ns);
	put_age_s(o, "age_s", e->at_ns, now_ns);
	put_name(o, "type", event_type_name(e->type));
	put_text(o, "link", e->link_name, sizeof(e->link_name));
	if (e->link != 0)
		put_uint(o, "link_index", e->link);
	if (e->target != 0)
		put_uint(o, "target", e->target);
	if (e->family == 4 || e->family == 6)
		put_uint(o, "version", e->family);
	if (e->old_state != 0)
		put_name(o, "old", event_state_name(e->type, e->old_state));
	if (e->new_state != 0)
		put_name(o, "new", event_state_name(e->type, e->new_state));
	put_name(o, "reason", reason_name(e->reason));
	put_name(o, "actor", actor_name(e->actor));
	if (e->actor == ACTOR_CONTROL)
		put_measured(o, "actor_uid", e->actor_uid);
	if (e->actor_name[0] != '\0')
		put_text(o, "actor_name", e->actor_name, sizeof(e->actor_name));
	put_measured(o, "detection_us", e->detection_us);
	put_measured(o, "switch_us", e->switch_us);
	put_measured(o, "loss_ppm", e->loss_ppm);
	put_measured(o, "rtt_us", e->rtt_us);
	put_uint(o, "flows_killed", e->flows_killed);
	if (e->type == EVENT_EVENTS_REPLAY) {
		put_uint(o, "replay_first", e->replay_first);
		put_uint(o, "replay_last", e->replay_last);
	}
	put_text(o, "text", e->text, sizeof(e->text));
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

json_t *
render_history(const struct board_global *g, const struct board_link *l, uint64_t first,
	       uint64_t end, uint64_t began_wall_ns)
{
	json_t *o = json_object();

	put_link_name(o, l);
	put_text(o, "alias", l->alias, sizeof(l->alias));
	put_text(o, "site", g->site, sizeof(g->site));
	put_uint(o, "first", first);
	put_uint(o, "end", end);
	if (end > first)
		put_time(o, "began", began_wall_ns);
	return o;
}

json_t *
render_minute(const struct board_minute *m, uint64_t began_ns, uint64_t zero_wall_ns,
	      uint64_t now_ns)
{
	uint64_t samples = (uint64_t)m->answered + m->lost;
	json_t *o = json_object();

	put_uint(o, "minute", m->minute);
	put_time(o, "time", zero_wall_ns + began_ns);
	put_age_s(o, "age_s", began_ns, now_ns);
	put_name(o, "health", health_name(m->worst_health));
	put_uint(o, "answered", m->answered);
	put_uint(o, "lost", m->lost);
	if (samples > 0)
		put_uint(o, "loss_ppm", (uint64_t)m->lost * 1000000 / samples);
	if (m->answered > 0) {
		put_measured(o, "rtt_min_us", m->rtt_min_us);
		put_uint(o, "rtt_avg_us", m->rtt_sum_us / m->answered);
		put_measured(o, "rtt_max_us", m->rtt_max_us);
	}
	return o;
}

/* Absent without a threshold. */
static void
put_threshold(json_t *o, const char *key, const struct conf_threshold *t)
{
	if (t->enter != 0)
		json_object_set_new(o, key,
				    json_pack("{s:I,s:I}", "enter", (json_int_t)t->enter, "leave",
					      (json_int_t)t->leave));
}

static json_t *
render_limits(const struct conf_limits *limits)
{
	json_t *o = json_object();

	put_threshold(o, "loss_ppm", &limits->loss_ppm);
	put_threshold(o, "rtt_us", &limits->rtt_us);
	put_threshold(o, "jitter_us", &limits->jitter_us);
	return o;
}

static json_t *
render_flap(const struct conf_flap *flap)
{
	json_t *o = json_object();

	put_uint(o, "suppress", flap->suppress);
	put_uint(o, "reuse", flap->reuse);
	put_uint(o, "ceiling", flap->ceiling);
	put_uint(o, "half_life_ms", flap->half_life_ms);
	return o;
}

static json_t *
render_judged_family(const struct judgement *j, int family)
{
	const struct target_counts *c = &j->family[family].counts;
	const struct measured *m = &j->family[family].measured;
	json_t *o = json_object();

	put_uint(o, "version", family == V4 ? 4 : 6);
	put_uint(o, "quorum", j->family[family].quorum);
	put_uint(o, "targets_up", c->up);
	put_uint(o, "targets_down", c->down);
	put_uint(o, "targets_unknown", c->unknown);
	put_uint(o, "targets_aside", c->aside);
	put_measured(o, "loss_ppm", m->loss_ppm);
	put_measured(o, "rtt_us", m->rtt_us);
	put_measured(o, "jitter_us", m->jitter_us);
	return o;
}

json_t *
render_judgement(const struct judgement *j, const struct board_link *l)
{
	static const char *const degraded[] = {[CONF_DEGRADED_STAY] = "stay",
					       [CONF_DEGRADED_WEIGHT] = "weight",
					       [CONF_DEGRADED_LAST] = "last",
					       [CONF_DEGRADED_LEAVE] = "leave"};
	json_t *o = json_object(), *versions = json_array(), *targets = json_array();

	put_link_name(o, l);
	put_uint(o, "hold_ms", j->conf->hold_ms);
	put_bool(o, "kill_flows", j->conf->kill_flows);
	put_bool(o, "rebalance", j->conf->rebalance);
	put_bool(o, "last_resort", j->conf->last_resort);
	put_uint(o, "drain_idle_s", j->conf->drain_idle_s);
	if (j->conf->drain_deadline_s != 0)
		put_uint(o, "drain_deadline_s", j->conf->drain_deadline_s);
	put_name(o, "degraded", degraded[j->conf->degraded]);
	if (j->conf->degraded == CONF_DEGRADED_WEIGHT)
		put_uint(o, "degraded_weight", j->conf->degraded_weight);
	json_object_set_new(o, "limits", render_limits(&j->conf->limits));
	json_object_set_new(o, "flap", render_flap(&j->conf->flap));
	for (int f = 0; f < FAMILIES; f++)
		if (j->family[f].configured)
			json_array_append_new(versions, render_judged_family(j, f));
	json_object_set_new(o, "versions", versions);
	for (size_t i = 0; i < j->ntargets; i++)
		json_array_append_new(targets,
				      json_pack("{s:i,s:I,s:I}", "target", j->target[i].index,
						"down_after", (json_int_t)j->target[i].down_after,
						"up_after", (json_int_t)j->target[i].up_after));
	json_object_set_new(o, "targets", targets);
	return o;
}
