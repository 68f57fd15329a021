/* SPDX-License-Identifier: ISC */
/* What was: events, and the minutes of a link. */
#include "config.h"

#include "engine/render.h"

#include "engine/render_put.h"

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
