/* SPDX-License-Identifier: ISC */
/* The daemon as a whole: how it stands, and its own statistics. */
#include "config.h"

#include "engine/render.h"

#include "common/clock.h"
#include "engine/render_put.h"

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
	if (g->hook_error[0] != '\0') {
		put_text(o, "hook_error", g->hook_error, sizeof(g->hook_error));
		put_age_s(o, "hook_error_age_s", g->hook_error_ns, now_ns);
	}
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
render_lateness(const uint64_t buckets[static BOARD_LATENESS_BUCKETS])
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
render_buckets(const uint64_t buckets[static BOARD_LATENESS_BUCKETS])
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
	put_uint(o, "hooks_ended", g->hooks_ended);
	put_uint(o, "hooks_failed", g->hooks_failed);
	put_uint(o, "hooks_left_out", g->hooks_left_out);
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
