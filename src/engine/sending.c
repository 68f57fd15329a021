/* SPDX-License-Identifier: ISC */
/* Sending probes: each target at its place in its interval, and a few close together
 * when it is to be asked at once. */
#include "config.h"

#include "engine/sending.h"

#include <errno.h>

#include "common/clock.h"
#include "engine/burst.h"
#include "engine/method.h"
#include "engine/pace.h"
#include "engine/probing.h"

/* Who asks in our place has told of every probe by then. */
#define SILENCE_NS NSEC_PER_SEC
#define READY_RETRY_NS (50 * NSEC_PER_MSEC)
/* Those that are due about the same time leave together: waking up costs more than a
 * probe does. */
#define GRID_NS (10 * NSEC_PER_MSEC)

enum { BURST_SPACING_MS = 20 };

static void
note_lateness(struct engine *e, uint64_t due_ns, uint64_t now_ns)
{
	uint64_t late = now_ns > due_ns ? now_ns - due_ns : 0;

	e->global.lateness_us[lateness_bucket(late / NSEC_PER_USEC)]++;
}

/* ---- one probe ---- */

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
		probing_give_up(t, probe, error);
		return;
	}
	t->row.send_errors++;
	probing_lose(t, probe, error);
}

static uint64_t
limit_ns(const struct target *t, bool urgent)
{
	if (method_ops(t->conf.method)->silent != NULL)
		return probing_timeout_ns(t) + SILENCE_NS;
	return urgent ? burst_limit_ns(t) : probing_timeout_ns(t);
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
send_probe(struct target *t, bool urgent, uint64_t now_ns)
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
		probing_end_unanswered(t, probe, 0);
	probing_end(t, probe);
	*probe = (struct probe){.state = PROBE_WAITING,
				.sequence = sequence,
				.urgent = urgent,
				.overdue = urgent, /* nobody has to be told */
				.limit_ns = limit_ns(t, urgent),
				.sent_wall_ns = clock_wall_ns(),
				.sent_ns = now_ns};
	t->next_sequence++;
	if (ops->send(t, &to, probe) != 0) {
		send_failed(t, probe, errno);
		return;
	}
	t->row.sent++;
	pace_spend(t->link, conf_probe_octets(&t->conf));
	probing_watch(t);
}

/* ---- when ---- */

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
		timers_set(t->link->engine->timers, &t->send_timer, t->due_ns);
		return;
	}
	if (urgent)
		t->urgent_left--;
	next_due(t, now);
	send_probe(t, urgent, now);
	timers_set(t->link->engine->timers, &t->send_timer, t->due_ns);
}

void
sending_at_once(struct target *t, uint64_t now_ns)
{
	t->regular_due_ns = t->due_ns;
	t->due_ns = now_ns;
	t->urgent_left = conf_burst(&t->conf.probe);
	timers_set(t->link->engine->timers, &t->send_timer, now_ns);
}

/* The first probes leave soon, then each at its place in the interval. */
static void
begin_sending(struct target *t, uint64_t first_ns, uint32_t share_ppm, uint64_t now_ns)
{
	uint64_t interval = t->conf.probe.interval_ms * NSEC_PER_MSEC;

	t->due_ns = now_ns + first_ns;
	t->due_ns -= t->due_ns % GRID_NS;
	t->regular_due_ns = now_ns + interval * share_ppm / 1000000;
	t->regular_due_ns -= t->regular_due_ns % GRID_NS;
	while (t->regular_due_ns < t->due_ns + interval / 2)
		t->regular_due_ns += interval;
	timers_set(t->link->engine->timers, &t->send_timer, t->due_ns);
}

void
sending_start(struct target *t, uint64_t first_ns, uint32_t share_ppm, uint64_t now_ns)
{
	t->send_timer.due = on_send;
	t->send_timer.arg = t;
	if (!wheel_is_set(&t->send_timer) ||
	    t->due_ns > now_ns + t->conf.probe.interval_ms * NSEC_PER_MSEC)
		begin_sending(t, first_ns, share_ppm, now_ns);
}

void
sending_hasten(struct target *t, uint32_t share_ppm)
{
	uint64_t now = clock_mono_ns(), interval = t->conf.probe.interval_ms * NSEC_PER_MSEC;
	uint64_t soon = now + interval * share_ppm / 1000000;

	soon += GRID_NS - soon % GRID_NS;
	if (t->regular_due_ns > now + interval)
		t->regular_due_ns = soon;
	if (!wheel_is_set(&t->send_timer) || t->due_ns <= now + interval)
		return;
	t->due_ns = soon;
	timers_set(t->link->engine->timers, &t->send_timer, t->due_ns);
}
