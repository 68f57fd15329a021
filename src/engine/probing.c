/* SPDX-License-Identifier: ISC */
/* Probes over the wire. A sample is made of each probe exactly once: answered in
 * time, or lost. What else comes in changes nothing but a counter. */
#include "config.h"

#include "engine/probing.h"

#include <errno.h>
#include <string.h>

#include "common/clock.h"
#include "engine/control.h"
#include "engine/decide.h"
#include "engine/method.h"
#include "engine/pace.h"
#include "engine/publish.h"
#include "engine/recent.h"
#include "engine/traffic.h"
#include "system/system.h"

/* Who asks in our place has told of every probe by then. */
#define SILENCE_NS NSEC_PER_SEC
/* The first probes of a new configuration leave within this time. */
#define START_SPREAD_NS (200 * NSEC_PER_MSEC)
#define READY_RETRY_NS (50 * NSEC_PER_MSEC)
/* Those that are due about the same time leave together: waking up costs more than a
 * probe does. */
#define GRID_NS (10 * NSEC_PER_MSEC)

enum {
	BURST_SPACING_MS = 20,
	OVERDUE_LEAST_US = 60000, /* sooner than this no answer is overdue */
	ALIVE_PACKETS = 10,       /* came in since the burst began: the link is slow, not dead */
};

static void
note_lateness(struct engine *e, uint64_t due_ns, uint64_t now_ns)
{
	uint64_t late = now_ns > due_ns ? now_ns - due_ns : 0;

	e->global.lateness_us[lateness_bucket(late / NSEC_PER_USEC)]++;
}

static struct timers *
timers(const struct target *t)
{
	return t->link->engine->timers;
}

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
record(const struct target *t, const struct sample *sample, uint32_t number, struct moment now,
       bool late)
{
	struct control *control = t->link->engine->control;
	struct recorded r = {.address = t->row.addr,
			     .gateway = t->conf.gateway,
			     .family = t->conf.family,
			     .method = t->conf.method,
			     .port = t->conf.port,
			     .number = number,
			     .at_ns = now.mono_ns,
			     .sent_ns = sample->sent_ns,
			     .wall_ns = now.wall_ns,
			     .rtt_us = sample->rtt_us,
			     .late = late};

	if (control == NULL || !control_recording(control))
		return;
	memcpy(r.link, t->link->row.name, sizeof(r.link));
	if (t->conf.query[0] != '\0') {
		memcpy(r.query, t->conf.query, sizeof(r.query));
		r.query_type = t->conf.query_type;
	}
	control_sample(control, &r);
}

static struct moment
moment_now(void)
{
	return (struct moment){clock_mono_ns(), clock_wall_ns()};
}

/* One sample into the judgement. */
static struct sample_id
take_sample(struct target *t, const struct probe *probe, uint32_t rtt_us, struct moment now)
{
	struct sample sample = {.sent_ns = first_unanswered(t, probe), .rtt_us = rtt_us};
	struct outcome outcome = assess_sample(t, &sample, now);

	publish_sample(t->link, rtt_us, now.mono_ns);
	publish_target(t);
	decide_outcome(t, &outcome);
	if (outcome.changed || outcome.matters)
		publish_link(t->link);
	else
		publish_figures(t->link);
	record(t, &sample, outcome.sample.number, now, false);
	return outcome.sample;
}

static uint64_t
timeout_ns(const struct target *t)
{
	return t->conf.probe.timeout_ms * NSEC_PER_MSEC;
}

static uint64_t
overdue_ns(const struct target *t)
{
	return rto_us(&t->rto, OVERDUE_LEAST_US, t->conf.probe.timeout_ms * 1000) * NSEC_PER_USEC;
}

/* When there is something to do about this probe. */
static uint64_t
look_at(const struct target *t, const struct probe *probe)
{
	uint64_t wait = probe->limit_ns;

	if (!probe->overdue && overdue_ns(t) < wait)
		wait = overdue_ns(t);
	return probe->sent_ns + wait;
}

/* Steps over probes that are dealt with and arms the timer for the first that
 * something is to be done about. */
static void
watch(struct target *t)
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
		timers_unset(timers(t), &t->timeout_timer);
	else
		timers_set(timers(t), &t->timeout_timer, at);
}

static void
end_probe(struct target *t, struct probe *probe)
{
	const struct method_ops *ops = method_ops(t->conf.method);

	if (ops->end != NULL)
		ops->end(probe);
}

/* error: why, 0: no answer came. */
static void
lose(struct target *t, struct probe *probe, int error)
{
	end_probe(t, probe);
	t->row.last_error = (uint16_t)error;
	probe->state = PROBE_LOST;
	probe->sample = take_sample(t, probe, RTT_UNKNOWN, moment_now());
}

/* Nothing is known of it: it was never asked, or nobody says what came of it. */
static void
give_up(struct target *t, struct probe *probe, int error)
{
	end_probe(t, probe);
	t->row.send_errors++;
	t->row.last_error = (uint16_t)error;
	probe->state = PROBE_FREE;
	publish_target(t);
}

static void
end_unanswered(struct target *t, struct probe *probe, int error)
{
	const struct method_ops *ops = method_ops(t->conf.method);

	if (ops->silent == NULL) {
		lose(t, probe, error);
		return;
	}
	give_up(t, probe, ERROR_SILENT);
	ops->silent(t);
}

/* ---- sending ---- */

/* The address to ask, or not set: a gateway that nobody knows now. */
static struct addr
target_address(const struct target *t)
{
	const struct addr *gateway = &t->link->facts.route[t->conf.family].gateway;
	static const struct addr none;

	if (!t->conf.gateway)
		return t->conf.addr;
	/* IPv4 that goes by an IPv6 next hop */
	if (addr_is_set(gateway) && addr_family(gateway) != t->conf.family)
		return none;
	return *gateway;
}

/* A send that failed for want of a way is a lost probe: nothing else is known of
 * the link that is truer. One that failed for want of memory says nothing. */
static void
send_failed(struct target *t, struct probe *probe, int error)
{
	if (error == ENOBUFS || error == EAGAIN || error == ENOMEM || error == EINTR ||
	    error == ERROR_SILENT) {
		give_up(t, probe, error);
		return;
	}
	t->row.send_errors++;
	lose(t, probe, error);
}

/* Half as long again as what is overdue. */
static uint64_t
urgent_limit_ns(const struct target *t)
{
	uint64_t limit = overdue_ns(t) * 3 / 2;

	return limit < timeout_ns(t) ? limit : timeout_ns(t);
}

static uint64_t
limit_ns(const struct target *t, bool urgent)
{
	if (method_ops(t->conf.method)->silent != NULL)
		return timeout_ns(t) + SILENCE_NS;
	return urgent ? urgent_limit_ns(t) : timeout_ns(t);
}

/* Its address is known, and its sockets are there. */
static bool
is_ready(const struct target *t)
{
	struct addr to = target_address(t);

	return addr_is_set(&to) && (method_ops(t->conf.method)->silent != NULL ||
				    sockets_first(t->link, t->conf.method, t->conf.family) != NULL);
}

static void
send_probe(struct target *t, bool urgent)
{
	struct addr to = target_address(t);
	uint16_t sequence = t->next_sequence;
	struct probe *probe = probing_probe(t, sequence);
	const struct method_ops *ops = method_ops(t->conf.method);

	if (!is_ready(t))
		return;
	if (!pace_allows(t->link, conf_probe_octets(&t->conf)))
		return;
	if (t->conf.gateway)
		t->row.addr = to;
	if (probe->state == PROBE_WAITING)
		end_unanswered(t, probe, 0);
	*probe = (struct probe){.state = PROBE_WAITING,
				.sequence = sequence,
				.urgent = urgent,
				.overdue = urgent, /* nobody has to be told */
				.limit_ns = limit_ns(t, urgent),
				.sent_wall_ns = clock_wall_ns(),
				.sent_ns = clock_mono_ns()};
	t->next_sequence++;
	if (ops->send(t, &to, probe) != 0) {
		send_failed(t, probe, errno);
		return;
	}
	t->row.sent++;
	pace_spend(t->link, conf_probe_octets(&t->conf));
	watch(t);
}

/* When the probe after this one leaves. */
static void
next_due(struct target *t, uint64_t now_ns)
{
	uint64_t interval = t->conf.probe.interval_ms * NSEC_PER_MSEC;

	if (t->urgent_left > 0) {
		t->due_ns += BURST_SPACING_MS * NSEC_PER_MSEC;
		return;
	}
	if (t->regular_due_ns != 0) { /* the burst is over */
		t->due_ns = t->regular_due_ns;
		t->regular_due_ns = 0;
	} else {
		t->due_ns += interval;
	}
	/* Stopped for longer than an interval: what was missed is left out, and each target
	 * keeps its place, or they would leave together from now on. */
	if (t->due_ns < now_ns)
		t->due_ns += (now_ns - t->due_ns + interval - 1) / interval * interval;
}

static void
on_send(void *arg)
{
	struct target *t = arg;
	uint64_t now = clock_mono_ns();
	bool urgent = t->urgent_left > 0;

	note_lateness(t->link->engine, t->due_ns, now);
	if (!urgent && t->regular_due_ns > now && !is_ready(t)) {
		/* The very first one: what it needs is on its way, and an interval may be long. */
		t->due_ns = now + READY_RETRY_NS;
		timers_set(timers(t), &t->send_timer, t->due_ns);
		return;
	}
	if (urgent)
		t->urgent_left--;
	next_due(t, now);
	send_probe(t, urgent);
	timers_set(timers(t), &t->send_timer, t->due_ns);
}

/* ---- bursts ---- */

static void
hurry(struct target *t, uint64_t now_ns)
{
	t->regular_due_ns = t->due_ns;
	t->due_ns = now_ns;
	t->urgent_left = conf_burst(&t->conf.probe);
	timers_set(timers(t), &t->send_timer, now_ns);
}

static bool
read_received(const struct link *link, uint64_t *received)
{
	struct sys_traffic *traffic = link->engine->traffic;
	struct sys_traffic_count count;

	if (traffic == NULL || link->facts.ifindex == 0 ||
	    sys_traffic_read(traffic, link->facts.ifindex, &count) != 0)
		return false;
	*received = count.received;
	return true;
}

static bool
joins_burst(const struct target *t, int family)
{
	return t->conf.family == family && t->judge.status == TARGET_UP && t->urgent_left == 0 &&
	       !method_ops(t->conf.method)->costly;
}

static uint64_t
burst_octets(const struct link *link, int family)
{
	uint64_t octets = 0;

	for (size_t i = 0; i < link->ntargets; i++)
		if (joins_burst(link->targets[i], family))
			octets += (uint64_t)conf_burst(&link->targets[i]->conf.probe) *
				  conf_probe_octets(&link->targets[i]->conf);
	return octets;
}

bool
probing_burst(struct link *link, int family)
{
	uint64_t now = clock_mono_ns(), longest = 0;
	bool any = false;

	if (!link->engine->conf->confirm || now < link->burst[family].until_ns ||
	    !pace_allows(link, burst_octets(link, family)))
		return false;
	link->burst[family].counted = read_received(link, &link->burst[family].received);
	for (size_t i = 0; i < link->ntargets; i++) {
		struct target *t = link->targets[i];

		if (!joins_burst(t, family))
			continue;
		hurry(t, now);
		if (urgent_limit_ns(t) > longest)
			longest = urgent_limit_ns(t);
		any = true;
	}
	link->burst[family].until_ns = now + 2 * longest + NSEC_PER_SEC / 2;
	return any;
}

/* Packets that nobody has to send are coming in: the way is slow, not dead. Then
 * an urgent probe gets the time of any other. */
static bool
link_is_alive(const struct target *t)
{
	const struct link *link = t->link;
	uint64_t received;

	return link->burst[t->conf.family].counted && read_received(link, &received) &&
	       received >= link->burst[t->conf.family].received + ALIVE_PACKETS;
}

/* How long an urgent probe may wait on a link that is alive. A queue that has grown
 * beyond the timeout answers late, and three late ones at once would look like a dead
 * link: the regular probes decide that, which are a timeout apart. Of an interface with
 * several links nobody knows which of them is alive. */
static uint64_t
patience_ns(const struct target *t)
{
	enum { TIMEOUTS = 3 };

	return timeout_ns(t) * (traffic_is_shared(t->link) ? 1 : TIMEOUTS);
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
answer(struct target *t, struct probe *probe, uint64_t ns, struct moment now)
{
	uint32_t us = to_us(ns);
	bool late = ns > timeout_ns(t);

	rto_sample(&t->rto, us);
	t->row.last_good_ns = now.mono_ns;
	t->row.last_error = 0;
	if (probe->state == PROBE_WAITING && !late) {
		probe->state = PROBE_FREE;
		take_sample(t, probe, us, now);
		return;
	}
	/* Late: the counter of lost probes stays (it only grows, and late tells how many
	 * of them came after all), but window and judge take the loss back. */
	if (probe->state == PROBE_WAITING)
		lose(t, probe, 0);
	probe->state = PROBE_FREE;
	t->row.late++;
	assess_late(t, probe->sample, us);
	record(t, &(struct sample){.sent_ns = probe->sent_ns, .rtt_us = us}, probe->sample.number,
	       now, true);
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
	struct moment now = moment_now();

	if (a->ifindex != 0 && facts->ifindex != 0 && a->ifindex != facts->ifindex) {
		t->row.wrong_interface++;
		publish_target(t);
	} else if (probe->state == PROBE_FREE) {
		t->row.duplicates++;
		publish_target(t);
	} else if (a->error != 0) {
		probing_failed(t, probe, a->error);
	} else {
		end_probe(t, probe);
		answer(t, probe, rtt_ns(probe, a, now.mono_ns), now);
		watch(t);
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
	lose(t, probe, error);
	watch(t);
}

void
probing_given_up(struct target *t, struct probe *probe, int error)
{
	if (probe->state != PROBE_WAITING)
		return;
	give_up(t, probe, error);
	watch(t);
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
			probing_burst(t->link, t->conf.family);
	} else if (probe->urgent && probe->limit_ns < patience_ns(t) && link_is_alive(t)) {
		probe->limit_ns = probe->limit_ns < timeout_ns(t) ? timeout_ns(t)
								  : probe->limit_ns + timeout_ns(t);
	} else {
		end_unanswered(t, probe, probe->error);
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
	watch(t);
}

/* What an earlier engine has measured says how long answers take. */
static void
learn_rto(struct target *t)
{
	for (uint32_t back = recent_count(t->recent); back > 0; back--)
		if (recent_us(t->recent, back) != RTT_UNKNOWN)
			rto_sample(&t->rto, recent_us(t->recent, back));
}

/* The first probes leave soon, then each at its place in the interval. */
static void
begin_sending(struct target *t, uint32_t first_ppm, uint32_t share_ppm, uint64_t now_ns)
{
	uint64_t interval = t->conf.probe.interval_ms * NSEC_PER_MSEC;

	t->due_ns = now_ns + START_SPREAD_NS * first_ppm / 1000000;
	t->due_ns -= t->due_ns % GRID_NS;
	t->regular_due_ns = now_ns + interval * share_ppm / 1000000;
	t->regular_due_ns -= t->regular_due_ns % GRID_NS;
	while (t->regular_due_ns < t->due_ns + interval / 2)
		t->regular_due_ns += interval;
	timers_set(timers(t), &t->send_timer, t->due_ns);
}

void
probing_start(struct target *t, uint32_t first_ppm, uint32_t share_ppm)
{
	uint64_t now = clock_mono_ns();

	if (!t->rto.known)
		learn_rto(t);
	t->send_timer.due = on_send;
	t->timeout_timer.due = on_timeout;
	t->send_timer.arg = t->timeout_timer.arg = t;
	if (!wheel_is_set(&t->send_timer) ||
	    t->due_ns > now + t->conf.probe.interval_ms * NSEC_PER_MSEC)
		begin_sending(t, first_ppm, share_ppm, now);
	publish_target(t);
}

void
probing_hasten(struct target *t, uint32_t share_ppm)
{
	uint64_t now = clock_mono_ns(), interval = t->conf.probe.interval_ms * NSEC_PER_MSEC;
	uint64_t soon = now + interval * share_ppm / 1000000;

	soon += GRID_NS - soon % GRID_NS;
	if (t->regular_due_ns > now + interval)
		t->regular_due_ns = soon;
	if (!wheel_is_set(&t->send_timer) || t->due_ns <= now + interval)
		return;
	t->due_ns = soon;
	timers_set(timers(t), &t->send_timer, t->due_ns);
}

void
probing_stop(struct target *t)
{
	timers_unset(timers(t), &t->send_timer);
	timers_unset(timers(t), &t->timeout_timer);
	for (size_t i = 0; i < INFLIGHT_MAX; i++)
		if (t->probes[i].state == PROBE_WAITING)
			end_probe(t, &t->probes[i]);
}
