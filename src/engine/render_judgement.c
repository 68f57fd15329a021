/* SPDX-License-Identifier: ISC */
/* By what a link is judged: its limits, its quorum, and where it stands to them. */
#include "config.h"

#include "engine/render.h"

#include "engine/render_put.h"

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
