/* SPDX-License-Identifier: ISC */
/* A target and its last samples. */
#include "config.h"

#include "engine/render.h"

#include "common/clock.h"
#include "engine/recent.h"
#include "engine/render_put.h"

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
