/* SPDX-License-Identifier: ISC */
/* Probes over the wire. A sample is made of each probe exactly once: answered in
 * time, or lost. What else comes in changes nothing but a counter. */
#include "config.h"

#include "engine/probing.h"

#include <string.h>

#include "common/clock.h"
#include "engine/burst.h"
#include "engine/control.h"
#include "engine/decide.h"
#include "engine/method.h"
#include "engine/publish.h"
#include "engine/recent.h"
#include "engine/sending.h"
#include "system/system.h"

enum { OVERDUE_LEAST_US = 60000 }; /* sooner than this no answer is overdue */

struct probe *
probing_probe(struct target *t, uint16_t sequence)
{
	return &t->probes[sequence % INFLIGHT_MAX];
}

/* When the fault began, as far as this target knows: a probe of a burst may be
 * given up before the one whose silence has started it. */
static uint64_t
first_unanswered(struct target *t, const struct probe *probe)
{
	uint64_t first = probe->sent_ns;

	for (uint16_t s = t->oldest_waiting; s != t->next_sequence; s++) {
		const struct probe *other = probing_probe(t, s);

		if (other->state == PROBE_WAITING && other->sequence == s && other->sent_ns < first)
			first = other->sent_ns;
	}
	return first;
}

/* For whoever records samples, to replay them later. */
static void
record(const struct target *t, const struct sample *sample, uint32_t number, uint64_t now_ns,
       bool late)
{
	struct control *control = t->link->engine->control;
	struct recorded r;

	if (control == NULL || !control_recording(control))
		return;
	r = (struct recorded){.address = t->row.addr,
			      .gateway = t->conf.gateway,
			      .family = t->conf.family,
			      .method = t->conf.method,
			      .port = t->conf.port,
			      .number = number,
			      .at_ns = now_ns,
			      .sent_ns = sample->sent_ns,
			      .wall_ns = clock_wall_ns(),
			      .rtt_us = sample->rtt_us,
			      .late = late};
	memcpy(r.link, t->link->row.name, sizeof(r.link));
	if (t->conf.query[0] != '\0') {
		memcpy(r.query, t->conf.query, sizeof(r.query));
		r.query_type = t->conf.query_type;
	}
	control_sample(control, &r);
}

/* One sample into the judgement. */
static struct sample_id
take_sample(struct target *t, const struct probe *probe, uint32_t rtt_us, uint64_t now_ns)
{
	struct sample sample = {.sent_ns = first_unanswered(t, probe), .rtt_us = rtt_us};
	struct outcome outcome = assess_sample(t, &sample, now_ns);

	publish_sample(t->link, rtt_us, now_ns);
	publish_target(t);
	decide_outcome(t, &outcome);
	if (outcome.changed || outcome.matters)
		publish_link(t->link);
	record(t, &sample, outcome.sample.number, now_ns, false);
	return outcome.sample;
}

uint64_t
probing_timeout_ns(const struct target *t)
{
	return t->conf.probe.timeout_ms * NSEC_PER_MSEC;
}

uint64_t
probing_overdue_ns(const struct target *t)
{
	return rto_us(&t->rto, OVERDUE_LEAST_US, t->conf.probe.timeout_ms * 1000) * NSEC_PER_USEC;
}

/* When there is something to do about this probe. */
static uint64_t
look_at(const struct target *t, const struct probe *probe)
{
	uint64_t wait = probe->limit_ns;

	if (!probe->overdue && probing_overdue_ns(t) < wait)
		wait = probing_overdue_ns(t);
	return probe->sent_ns + wait;
}

/* Steps over probes that are dealt with and arms the timer for the first that
 * something is to be done about. */
void
probing_watch(struct target *t)
{
	uint64_t at = UINT64_MAX;

	while (t->oldest_waiting != t->next_sequence &&
	       probing_probe(t, t->oldest_waiting)->state != PROBE_WAITING)
		t->oldest_waiting++;
	for (uint16_t s = t->oldest_waiting; s != t->next_sequence; s++) {
		const struct probe *probe = probing_probe(t, s);

		if (probe->state == PROBE_WAITING && look_at(t, probe) < at)
			at = look_at(t, probe);
	}
	if (at == UINT64_MAX)
		timers_unset(t->link->engine->timers, &t->timeout_timer);
	else
		timers_set(t->link->engine->timers, &t->timeout_timer, at);
}

void
probing_end(struct target *t, struct probe *probe)
{
	const struct method_ops *ops = method_ops(t->conf.method);

	if (ops->end != NULL)
		ops->end(probe);
}

/* error: why, 0: no answer came. */
static void
take_loss(struct target *t, struct probe *probe, int error)
{
	t->row.last_error = (uint16_t)error;
	probe->state = PROBE_LOST;
	probe->sample = take_sample(t, probe, RTT_UNKNOWN, clock_mono_ns());
}

void
probing_lose(struct target *t, struct probe *probe, int error)
{
	probing_end(t, probe);
	take_loss(t, probe, error);
}

/* Nothing is known of it: it was never asked, or nobody says what came of it. */
void
probing_give_up(struct target *t, struct probe *probe, int error)
{
	probing_end(t, probe);
	t->row.send_errors++;
	t->row.last_error = (uint16_t)error;
	probe->state = PROBE_FREE;
	publish_target(t);
}

void
probing_end_unanswered(struct target *t, struct probe *probe, int error)
{
	const struct method_ops *ops = method_ops(t->conf.method);

	if (ops->silent == NULL) {
		if (!ops->outlasts)
			probing_end(t, probe);
		take_loss(t, probe, error);
		return;
	}
	probing_give_up(t, probe, ERROR_SILENT);
	ops->silent(t, probe->sent_ns);
}

/* ---- answers ---- */

/* The kernel's receive stamp is in wall time: it is taken unless the wall clock
 * was set while the probe was out, which the monotonic clock shows. */
static uint64_t
rtt_ns(const struct probe *probe, const struct arrival *a, uint64_t now_ns)
{
	uint64_t bound = now_ns - probe->sent_ns;

	if (a->rtt_ns != 0 && a->rtt_ns <= bound)
		return a->rtt_ns;
	if (a->wall_ns >= probe->sent_wall_ns &&
	    a->wall_ns - probe->sent_wall_ns <= bound + NSEC_PER_MSEC)
		return a->wall_ns - probe->sent_wall_ns;
	return bound;
}

static uint32_t
to_us(uint64_t ns)
{
	uint64_t us = ns / NSEC_PER_USEC;

	return us < RTT_UNKNOWN ? (uint32_t)us : RTT_UNKNOWN - 1;
}

static void
answer(struct target *t, struct probe *probe, uint64_t ns, uint64_t now_ns)
{
	uint32_t us = to_us(ns);
	bool late = ns > probing_timeout_ns(t);

	rto_sample(&t->rto, us);
	t->row.last_good_ns = now_ns;
	t->row.last_error = 0;
	if (probe->state == PROBE_WAITING && !late) {
		probe->state = PROBE_FREE;
		take_sample(t, probe, us, now_ns);
		return;
	}
	/* Late: the counter of lost probes stays (it only grows, and late tells how many
	 * of them came after all), but window and judge take the loss back. */
	if (probe->state == PROBE_WAITING)
		probing_lose(t, probe, 0);
	probe->state = PROBE_FREE;
	t->row.late++;
	assess_late(t, probe->sample, us);
	record(t, &(struct sample){.sent_ns = probe->sent_ns, .rtt_us = us}, probe->sample.number,
	       now_ns, true);
	publish_target(t);
	publish_link(t->link);
}

const struct addr *
probing_source(const struct target *t, const struct addr *to)
{
	const struct addr *source = &t->link->facts.route[t->conf.family].source;

	return source->version == to->version && !addr_is_linklocal(to) ? source : NULL;
}

bool
probing_is_target(const struct target *t, const struct addr *a)
{
	struct addr expected = t->row.addr;

	expected.scope = a->scope; /* link-local: the interface is checked by itself */
	return addr_equal(&expected, a);
}

void
probing_answered(struct target *t, struct probe *probe, const struct arrival *a)
{
	const struct link_facts *facts = &t->link->facts;
	uint64_t now = clock_mono_ns();

	if (a->ifindex != 0 && facts->ifindex != 0 && a->ifindex != facts->ifindex) {
		t->row.wrong_interface++;
		publish_target(t);
	} else if (probe->state == PROBE_FREE) {
		t->row.duplicates++;
		publish_target(t);
	} else if (a->error != 0) {
		probing_failed(t, probe, a->error);
	} else {
		probing_end(t, probe);
		answer(t, probe, rtt_ns(probe, a, now), now);
		probing_watch(t);
	}
}

void
probing_unreachable(struct target *t, struct probe *probe, int error)
{
	if (probe->state != PROBE_WAITING)
		return;
	probe->error = (uint16_t)error;
	t->row.icmp_errors++;
	publish_target(t);
}

void
probing_failed(struct target *t, struct probe *probe, int error)
{
	if (probe->state != PROBE_WAITING)
		return;
	probing_lose(t, probe, error);
	probing_watch(t);
}

void
probing_given_up(struct target *t, struct probe *probe, int error)
{
	if (probe->state != PROBE_WAITING)
		return;
	probing_give_up(t, probe, error);
	probing_watch(t);
}

/* ---- time ---- */

/* Time is over for this probe, or it is overdue. */
static void
look(struct target *t, struct probe *probe, uint64_t now_ns)
{
	method_ops(t->conf.method)->look(t, probe);
	if (probe->state != PROBE_WAITING)
		return;
	if (probe->sent_ns + probe->limit_ns > now_ns) {
		probe->overdue = true;
		if (t->judge.status == TARGET_UP)
			burst_begin(t->link, t->conf.family);
	} else if (probe->urgent && probe->limit_ns < burst_patience_ns(t) &&
		   burst_link_is_alive(t)) {
		probe->limit_ns = probe->limit_ns < probing_timeout_ns(t)
				      ? probing_timeout_ns(t)
				      : probe->limit_ns + probing_timeout_ns(t);
	} else {
		probing_end_unanswered(t, probe, probe->error);
	}
}

static void
on_timeout(void *arg)
{
	struct target *t = arg;
	uint64_t now = clock_mono_ns();

	for (uint16_t s = t->oldest_waiting; s != t->next_sequence; s++) {
		struct probe *probe = probing_probe(t, s);

		if (probe->state == PROBE_WAITING && look_at(t, probe) <= now)
			look(t, probe, now);
	}
	probing_watch(t);
}

/* What an earlier engine has measured says how long answers take. */
static void
learn_rto(struct target *t)
{
	for (uint32_t back = recent_count(t->recent); back > 0; back--)
		if (recent_us(t->recent, back) != RTT_UNKNOWN)
			rto_sample(&t->rto, recent_us(t->recent, back));
}

void
probing_start(struct target *t, uint64_t first_ns, uint32_t share_ppm)
{
	if (!t->rto.known)
		learn_rto(t);
	t->timeout_timer.due = on_timeout;
	t->timeout_timer.arg = t;
	sending_start(t, first_ns, share_ppm, clock_mono_ns());
	publish_target(t);
}

void
probing_stop(struct target *t)
{
	timers_unset(t->link->engine->timers, &t->send_timer);
	timers_unset(t->link->engine->timers, &t->timeout_timer);
	for (size_t i = 0; i < INFLIGHT_MAX; i++)
		probing_end(t, &t->probes[i]);
}
