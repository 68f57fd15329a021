/* SPDX-License-Identifier: ISC */
/* What the engine is told: counters every second, live flows as often as counting
 * them is cheap, and what was cut as soon as it is. The engine's channel may be
 * full or gone: counters are then left out until the next time, the rest waits
 * until it can be sent, one value per link. */
#include "config.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>

#include "common/clock.h"
#include "common/log.h"
#include "worker/internal.h"

enum {
	COUNTERS_MS = 1000,
	FLOWS_MS = 2000,
	FLOWS_AGAIN_MS = 200, /* after one that was given up */
	FLOWS_SHARE = 20,     /* counting flows takes at most one in so many of the time: 5 % */
};

static void
timer_in(struct event *timer, uint64_t ms)
{
	struct timeval tv = {.tv_sec = (time_t)(ms / 1000),
			     .tv_usec = (suseconds_t)(ms % 1000 * 1000)};

	evtimer_add(timer, &tv);
}

/* ---- sending ---- */

/* Whether it was sent; if not, the channel is full or about to be closed. */
static bool
send_flows(struct worker *w, enum ipc_type type, unsigned link, uint64_t count)
{
	struct ipc_flows body = {.link = (uint16_t)link, .count = count};

	return ipc_send(w->engine, type, &body, sizeof(body), -1) == 0;
}

static void
flush(struct worker *w)
{
	struct reports *r = &w->reports;

	if (w->engine == -1)
		return;
	for (unsigned link = 1; link <= LINKS_MAX; link++) {
		if (r->killed_pending[link]) {
			if (!send_flows(w, IPC_FLOWS_KILLED, link, r->killed[link]))
				goto later;
			r->killed_pending[link] = false;
		}
		if (r->live_pending[link]) {
			if (!send_flows(w, IPC_LIVE_FLOWS, link, r->live[link]))
				goto later;
			r->live_pending[link] = false;
		}
	}
	return;
later:
	if (errno == EAGAIN)
		event_add(r->writable, NULL);
	else
		channel_gone(w);
}

static void
on_writable(evutil_socket_t fd, short what, void *arg)
{
	(void)fd;
	(void)what;
	flush(arg);
}

/* ---- counters ---- */

/* The row of that link, a new one if it must be; NULL: it is not a link. */
static struct ipc_counter *
counter_row(struct worker *w, unsigned link, int family)
{
	struct ipc_counters *c = &w->reports.counters;
	struct ipc_counter *row;

	for (uint32_t i = 0; i < c->count; i++)
		if (c->counters[i].link == link && c->counters[i].family == family)
			return &c->counters[i];
	if (!conf_link_by_index(w->conf, link) || c->count == 2 * LINKS_MAX)
		return NULL;
	row = &c->counters[c->count++];
	memset(row, 0, sizeof(*row));
	row->link = (uint16_t)link;
	row->family = (uint8_t)family;
	return row;
}

static void
take_counter(void *arg, unsigned link, int family, uint64_t packets, uint64_t octets,
	     uint64_t new_flows)
{
	struct worker *w = arg;
	struct ipc_counter *row = counter_row(w, link, family);

	if (!row)
		return;
	row->has_traffic = 1;
	row->packets = packets;
	row->octets = octets;
	row->new_flows = new_flows;
	row->has_new_flows = w->conf->flows == CONF_FLOWS_MARKS;
}

static void
take_lookups(void *arg, unsigned link, int family, uint64_t lookups)
{
	struct ipc_counter *row = counter_row(arg, link, family);

	if (!row)
		return;
	row->has_lookups = 1;
	row->lookups = lookups;
}

static void
report_counters(struct worker *w)
{
	struct ipc_counters *c = &w->reports.counters;

	if (!w->conf)
		return;
	c->count = 0;
	if (sys_counters_read(w->flows, take_counter, w) == -1 && errno != ENOENT)
		log_debug("counters not read: %s", strerror(errno));
	if (sys_lookups_read(w->flows, take_lookups, w) == -1 && errno != EOPNOTSUPP)
		log_debug("look-ups not read: %s", strerror(errno));
	c->epoch = sys_counters_epoch(w->flows);
	if (w->engine == -1 || c->count == 0)
		return;
	if (ipc_send(w->engine, IPC_COUNTERS, c, ipc_counters_size(c->count), -1) == -1 &&
	    errno != EAGAIN)
		channel_gone(w);
}

static void
report_lost_lines(struct worker *w)
{
	struct ipc_stats stats = {.log_lost = log_lost()};

	if (stats.log_lost != w->log_lost_told &&
	    ipc_send(w->options->parent_channel, IPC_STATS, &stats, sizeof(stats), -1) == 0)
		w->log_lost_told = stats.log_lost;
}

/* Whoever reads the counters should know what they lack. */
static void
report_bypass(struct worker *w)
{
	struct reports *r = &w->reports;
	struct ipc_bypass body = {0};
	const char *text = w->conf ? sys_bypass(w->flows, w->conf) : "";

	if (strcmp(text, r->bypass) != 0) {
		snprintf(r->bypass, sizeof(r->bypass), "%s", text);
		r->bypass_pending = true;
		if (text[0] != '\0')
			log_warn("the counters miss packets: %s takes flows past them", text);
		else
			log_info("nothing goes past the counters any more");
	}
	if (!r->bypass_pending || w->engine == -1)
		return;
	memcpy(body.text, r->bypass, sizeof(body.text));
	if (ipc_send(w->engine, IPC_BYPASS, &body, sizeof(body), -1) == 0)
		r->bypass_pending = false;
	else if (errno != EAGAIN)
		channel_gone(w);
}

static void
on_counters(evutil_socket_t fd, short what, void *arg)
{
	struct worker *w = arg;

	(void)fd;
	(void)what;
	loader_check(w);
	report_counters(w);
	report_bypass(w);
	report_lost_lines(w);
	timer_in(w->reports.counters_timer, COUNTERS_MS);
}

/* ---- flows ---- */

/* An order of the engine can't wait for a count. */
static bool
engine_calls(void *arg)
{
	struct worker *w = arg;
	struct pollfd p = {.fd = w->engine, .events = POLLIN};

	return poll(&p, 1, 0) > 0;
}

static void
count_failed(struct reports *r)
{
	if (!r->flows_failing)
		log_warn("the kernel's flows can't be counted: %s%s", strerror(errno),
			 sys_flows_hint);
	r->flows_failing = true;
}

/* Whether it was done, or can't be; false when it was given up. */
static bool
report_flows(struct worker *w)
{
	struct reports *r = &w->reports;

	if (!w->conf || w->engine == -1 || w->conf->flows == CONF_FLOWS_KERNEL)
		return true;
	if (sys_flows_count(w->flows, w->conf, r->counted, engine_calls, w) == -1) {
		if (errno == EINTR)
			return false;
		count_failed(r);
		return true;
	}
	r->flows_failing = false;
	memcpy(r->live, r->counted, sizeof(r->live));
	for (size_t i = 0; i < w->conf->nlinks; i++)
		r->live_pending[w->conf->links[i].index] = true;
	flush(w);
	return true;
}

static void
on_flows(evutil_socket_t fd, short what, void *arg)
{
	struct worker *w = arg;
	uint64_t start = clock_mono_ns(), ms;
	bool done;

	(void)fd;
	(void)what;
	done = report_flows(w);
	ms = (clock_mono_ns() - start) * FLOWS_SHARE / NSEC_PER_MSEC;
	timer_in(w->reports.flows_timer, !done ? FLOWS_AGAIN_MS : ms > FLOWS_MS ? ms : FLOWS_MS);
}

static const char *
name_of(const struct worker *w, unsigned link)
{
	const struct conf_link *known = conf_link_by_index(w->conf, link);
	static char number[16];

	snprintf(number, sizeof(number), "number %u", link);
	return known ? known->name : number;
}

void
reports_kill(struct worker *w, unsigned link)
{
	struct reports *r = &w->reports;
	uint64_t start = clock_mono_ns();
	int64_t flows = 0;

	if (link < 1 || link > LINKS_MAX)
		return;
	/* also of one that the configuration has no more */
	if (w->conf) {
		loader_hurry(w);
		flows = sys_flows_kill(w->flows, w->conf, link);
		if (flows == -1)
			log_error("the flows of link %s can't be cut: %s", name_of(w, link),
				  strerror(errno));
		else
			log_debug("%lld flows of link %s cut in %.1f ms", (long long)flows,
				  name_of(w, link),
				  (double)(clock_mono_ns() - start) / NSEC_PER_MSEC);
	}
	/* Two answers that wait for the engine become one */
	r->killed[link] =
	    (r->killed_pending[link] ? r->killed[link] : 0) + (flows > 0 ? (uint64_t)flows : 0);
	r->killed_pending[link] = true;
	flush(w);
	report_counters(w);
}

/* ---- life ---- */

int
reports_open(struct worker *w)
{
	struct reports *r = &w->reports;

	r->counters_timer = evtimer_new(w->base, on_counters, w);
	r->flows_timer = evtimer_new(w->base, on_flows, w);
	if (!r->counters_timer || !r->flows_timer)
		return -1;
	timer_in(r->counters_timer, COUNTERS_MS);
	timer_in(r->flows_timer, FLOWS_MS);
	return 0;
}

void
reports_close(struct worker *w)
{
	if (w->reports.counters_timer)
		event_free(w->reports.counters_timer);
	if (w->reports.flows_timer)
		event_free(w->reports.flows_timer);
}

void
reports_connect(struct worker *w)
{
	struct reports *r = &w->reports;

	memset(r->live_pending, 0, sizeof(r->live_pending));
	memset(r->killed_pending, 0, sizeof(r->killed_pending));
	r->bypass_pending = true;
	r->writable = event_new(w->base, w->engine, EV_WRITE, on_writable, w);
	if (!r->writable)
		channel_gone(w);
}
