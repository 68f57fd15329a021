/* SPDX-License-Identifier: ISC */
/* The engine process: its loop, its channels and who is called for which message.
 * It has no files, no names to resolve and nobody to wait for. */
#include "config.h"

#include "engine/engine.h"

#include <errno.h>
#include <jansson.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "common/clock.h"
#include "common/log.h"
#include "engine/asked.h"
#include "engine/control.h"
#include "engine/decide.h"
#include "engine/judgement.h"
#include "engine/keep.h"
#include "engine/model.h"
#include "engine/ordering.h"
#include "engine/pace.h"
#include "engine/publish.h"
#include "engine/telling.h"
#include "engine/traffic.h"
#include "engine/sockets.h"
#include "system/system.h"

#define HEARTBEAT_MS 100

static void
leave(struct engine *e, bool quietly)
{
	if (!quietly)
		log_warn("the parent is gone: leaving, the routes stay");
	e->exiting = true;
	event_base_loopbreak(e->base);
}

/* ---- configuration ---- */

static void
complain(void *arg, bool error, const char *file, int line, const char *message)
{
	(void)arg;
	/* The parent has read the same text and told everybody. */
	if (error)
		log_error("%s:%d: %s", file, line, message);
}

static struct conf *
read_config(int fd)
{
	struct stat st;
	struct conf *conf;
	char *text;

	if (fstat(fd, &st) != 0 || st.st_size <= 0)
		return NULL;
	text = mmap(NULL, (size_t)st.st_size, PROT_READ, MAP_PRIVATE, fd, 0);
	if (text == MAP_FAILED)
		return NULL;
	conf = conf_parse(text, (size_t)st.st_size, "uplinkd.conf", complain, NULL);
	munmap(text, (size_t)st.st_size);
	return conf;
}

/* What the global row says of a daemon that was just started. */
static void
note_start(struct engine *e, const struct ipc_config *c)
{
	struct board_global *g = &e->global;
	bool daemon_started = g->started_ns != c->started_ns;
	struct event_draft d = {.type = daemon_started ? EVENT_STARTED : EVENT_PROCESS_RESTARTED,
				.reason = daemon_started ? REASON_STARTING : REASON_CRASH,
				.text = daemon_started ? "uplinkd " PACKAGE_VERSION : "engine"};

	g->started_ns = c->started_ns;
	g->started_wall_ns = c->started_wall_ns;
	snprintf(g->version, sizeof(g->version), "%s", PACKAGE_VERSION);
	g->agentx_connected = 0;
	publish_event(e, &d);
}

static void
note_config(struct engine *e, uint32_t serial)
{
	struct board_global *g = &e->global;

	memcpy(g->site, e->conf->site, sizeof(g->site));
	g->control = e->conf->snmp.control;
	g->default_timeout_s = e->conf->snmp.default_timeout_s;
	g->config_serial = serial;
	g->config_ok = 1;
	g->config_error[0] = '\0';
	g->config_loaded_ns = clock_mono_ns();
	g->config_loaded_wall_ns = clock_wall_ns();
}

/* The flows of a link that the configuration no longer has can't find their way:
 * they are cut, and begin anew over the others. */
static void
kill_flows_of_removed(struct engine *e, const uint16_t *before, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		struct ipc_flows order = {.link = before[i]};

		if (model_link(e, before[i]) == NULL && e->worker >= 0)
			ipc_send(e->worker, IPC_KILL_FLOWS, &order, sizeof(order), -1);
	}
}

static void
on_config(struct engine *e, const struct ipc_message *m)
{
	static uint16_t before[LINKS_MAX];
	size_t nbefore = e->nlinks;
	const struct ipc_config *c = m->body;
	bool first = !e->adopted;
	struct event_draft d = {.type = EVENT_CONFIG_LOADED, .reason = REASON_CONFIG};
	struct conf *conf = read_config(m->fd);

	close(m->fd);
	for (size_t i = 0; i < nbefore; i++)
		before[i] = e->links[i]->row.index;
	if (conf == NULL || model_load(e, conf) != 0) {
		log_error("the configuration can't be taken over: %s",
			  conf ? "out of memory" : "unreadable");
		exit(1); /* the parent starts the next engine; the routes stay meanwhile */
	}
	e->sent.serial = 0; /* the parent forgot its plan with the old configuration */
	note_config(e, c->serial);
	kill_flows_of_removed(e, before, nbefore);
	if (first)
		ordering_adopt(e);
	publish_rows(e);
	publish_table_change(e);
	if (first)
		note_start(e, c);
	else
		publish_event(e, &d);
	if (first)
		ipc_send(e->parent, IPC_READY, NULL, 0, -1);
	decide(e);
}

static void
on_reloaded(struct engine *e, const struct ipc_reloaded *r)
{
	char text[sizeof(r->error)];
	struct event_draft d = {
	    .type = EVENT_CONFIG_REJECTED, .reason = REASON_CONFIG, .text = text};

	memcpy(text, r->error, sizeof(text));
	text[sizeof(text) - 1] = '\0';
	e->global.config_loaded_ns = r->at_ns;
	e->global.config_loaded_wall_ns = r->at_wall_ns;
	e->global.config_ok = r->ok != 0;
	memcpy(e->global.config_error, text, sizeof(e->global.config_error));
	if (!r->ok)
		publish_event(e, &d);
	publish_global(e);
	if (e->control != NULL)
		control_reloaded(e->control, r);
}

/* ---- what the kernel says ---- */

static void
on_facts(struct engine *e, const struct link_facts *facts)
{
	struct link *link = model_link(e, facts->link);

	if (link == NULL) /* of a link that the next configuration brings */
		return;
	link->facts = *facts;
	link->facts_known = true;
	link->row.ifindex = facts->ifindex;
	link->row.carrier = facts->carrier;
	for (int f = 0; f < FAMILIES; f++) {
		link->row.route[f].gateway = facts->route[f].gateway;
		link->row.route[f].gateway_origin = facts->route[f].origin;
		link->row.route[f].source = facts->route[f].source;
		link->row.route[f].prefix = facts->route[f].prefix;
	}
	publish_link(link);
	decide(e);
}

static void
on_probe_socket(struct engine *e, const struct ipc_message *m)
{
	const struct ipc_probe_socket *s = m->body;
	struct link *link = model_link(e, s->link);

	if (s->link != 0 && link == NULL)
		close(m->fd);
	else if (sockets_set(e, link, s, m->fd) != 0)
		log_error("%s%s: no probe socket: %s", link ? "link " : "all links",
			  link ? link->row.name : "", strerror(errno));
}

static void
on_repair(struct engine *e, const struct ipc_repair *r)
{
	char text[sizeof(r->text)];
	struct link *link = model_link(e, r->link);
	struct event_draft d = {.type = r->error ? EVENT_ROUTE_FAILED : EVENT_ROUTE_REPAIRED,
				.link = link,
				.reason = r->error ? REASON_ROUTE_ERROR : REASON_FOREIGN_CHANGE,
				.family = r->link ? (r->family == V6 ? 6 : 4) : 0,
				.text = text};

	memcpy(text, r->text, sizeof(text));
	text[sizeof(text) - 1] = '\0';
	e->global.repairs += r->error == 0;
	if (link != NULL && r->family < FAMILIES) {
		link->row.route[r->family].drift++;
		link->row.route[r->family].errors += r->error != 0;
		publish_link(link);
	}
	publish_event(e, &d);
}

/* Adds what has come since a process last said its count, which begins at 0 with each
 * process: the sum never falls. */
static void
count_on(uint64_t *total, uint64_t *seen, uint64_t now)
{
	*total += now >= *seen ? now - *seen : now;
	*seen = now;
}

enum { LOST_BY_ENGINE, LOST_BY_OTHERS, LOST_BY_SNMP };

static void
note_log_lost(struct engine *e, int by, uint64_t count)
{
	struct board_global *g = &e->global;

	count_on(&g->log_lost, &g->log_lost_seen[LOST_BY_ENGINE], log_lost());
	count_on(&g->log_lost, &g->log_lost_seen[by], count);
}

static void
tell_restart(struct engine *e, const char *process)
{
	struct event_draft d = {
	    .type = EVENT_PROCESS_RESTARTED, .reason = REASON_CRASH, .text = process};

	publish_event(e, &d);
}

static void
on_stats(struct engine *e, const struct ipc_stats *s)
{
	struct board_global *g = &e->global;
	bool worker = s->worker_restarts > g->worker_restarts,
	     snmp = s->snmp_restarts > g->snmp_restarts,
	     hooks = s->hooks_restarts > g->hooks_restarts;

	g->engine_restarts = s->engine_restarts;
	g->worker_restarts = s->worker_restarts;
	g->snmp_restarts = s->snmp_restarts;
	g->hooks_restarts = s->hooks_restarts;
	g->prober_restarts = s->prober_restarts;
	g->runner_restarts = s->runner_restarts;
	note_log_lost(e, LOST_BY_OTHERS, s->log_lost);
	if (worker)
		tell_restart(e, "worker");
	if (snmp)
		tell_restart(e, "snmp");
	if (hooks)
		tell_restart(e, "hooks");
	asked_stats(e, s);
	publish_global(e);
}

/* ---- the other processes ---- */

/* Its channel is closed here; that it is replaced is the parent's business. */
static void
blame(struct engine *e, enum ipc_peer peer)
{
	struct ipc_blame b = {.peer = peer, .fault = FAULT_MALFORMED};

	ipc_send(e->parent, IPC_BLAME, &b, sizeof(b), -1);
}

static void
drop_channel(int *fd, struct event **readable)
{
	if (*readable != NULL)
		event_free(*readable);
	*readable = NULL;
	if (*fd >= 0)
		close(*fd);
	*fd = -1;
}

/* What was published never falls: where the kernel's began again at 0, or are below
 * what an earlier engine has seen, it goes on from there. */
static void
counter_publish(uint64_t *published, uint64_t *offset, uint64_t kernel, bool again)
{
	if (again || kernel + *offset < *published)
		*offset = *published;
	*published = kernel + *offset;
}

static void
on_counters(struct engine *e, const struct ipc_counters *c)
{
	bool again = e->global.counter_epoch != 0 && e->global.counter_epoch != c->epoch;

	e->global.counter_epoch = c->epoch;
	for (uint32_t i = 0; i < c->count; i++) {
		const struct ipc_counter *in = &c->counters[i];
		struct link *link = model_link(e, in->link);
		struct board_route *r;
		uint64_t *offset;

		if (link == NULL || in->family >= FAMILIES)
			continue;
		r = &link->row.route[in->family];
		offset = r->counter_offset;
		if (!r->has_counters) {
			r->has_counters = 1;
			r->discontinuity_ns = clock_mono_ns();
			r->discontinuity_wall_ns = clock_wall_ns();
		}
		counter_publish(&r->packets, &offset[0], in->packets, again);
		counter_publish(&r->octets, &offset[1], in->octets, again);
		r->has_new_flows = in->has_new_flows != 0;
		counter_publish(&r->new_flows, &offset[2], in->new_flows, again);
		publish_link(link);
	}
}

static void
on_live_flows(struct engine *e, const struct ipc_flows *f)
{
	struct link *link = model_link(e, f->link);

	if (link == NULL)
		return;
	link->row.live_flows = f->count;
	link->row.has_live_flows = 1;
	link->flows_counted_ns = clock_mono_ns();
	publish_link(link);
	if (link->row.oper == OPER_DRAINING)
		decide(e);
}

static void
on_flows_killed(struct engine *e, const struct ipc_flows *f)
{
	struct link *link = model_link(e, f->link);

	if (link != NULL)
		publish_flows_killed(e, link->failover_event, f->count);
}

static void
on_bypass(struct engine *e, const struct ipc_bypass *b)
{
	memcpy(e->global.bypass, b->text, sizeof(e->global.bypass));
	e->global.bypass[sizeof(e->global.bypass) - 1] = '\0';
	publish_global(e);
}

static void
on_worker(evutil_socket_t fd, short what, void *arg)
{
	struct engine *e = arg;
	struct ipc_message m;
	enum ipc_status status;

	(void)what;
	while ((status = ipc_receive(fd, IPC_PEER_WORKER, &m)) == IPC_OK) {
		if (m.type == IPC_COUNTERS)
			on_counters(e, m.body);
		else if (m.type == IPC_LIVE_FLOWS)
			on_live_flows(e, m.body);
		else if (m.type == IPC_FLOWS_KILLED)
			on_flows_killed(e, m.body);
		else if (m.type == IPC_BYPASS)
			on_bypass(e, m.body);
	}
	if (status == IPC_AGAIN)
		return;
	if (status == IPC_MALFORMED)
		blame(e, IPC_PEER_WORKER);
	drop_channel(&e->worker, &e->worker_readable);
}

/* The SNMP side asks until it sees that it was told; what it says is not believed
 * more often than this. */
static void
note_lost_notifications(struct engine *e, const struct ipc_notified *n)
{
	enum { APART_S = 1 };
	struct board_global *g = &e->global;
	uint64_t now = clock_mono_ns();

	if (n->lost_last == 0 || n->lost_last > g->events_last || n->lost_first > n->lost_last ||
	    n->lost_last <= g->replay_last || now - e->replayed_ns < APART_S * NSEC_PER_SEC)
		return;
	e->replayed_ns = now;
	g->replay_last = n->lost_last;
	publish_replay(e, n->lost_first, n->lost_last, REASON_NOT_NOTIFIED);
}

static void
on_notified(struct engine *e, const struct ipc_notified *n)
{
	struct board_global *g = &e->global;

	if (n->number > g->notified && n->number <= g->events_last)
		g->notified = n->number;
	memcpy(g->notified_by, n->sinks, sizeof(g->notified_by));
	g->notifications_sent = n->sent;
	g->notifications_lost = n->lost;
	g->notifications_pending = n->pending;
	g->agentx_reconnects = n->reconnects;
	g->agentx_connected = n->connected != 0;
	g->notifications_suppressed = n->suppressed;
	count_on(&g->sets_refused, &g->sets_refused_seen, n->sets_refused);
	note_log_lost(e, LOST_BY_SNMP, n->log_lost);
	publish_global(e);
	note_lost_notifications(e, n);
}

static void
on_snmp(evutil_socket_t fd, short what, void *arg)
{
	/* A turn's share: a flood must not hold the probes up. */
	enum { SHARE = 16 };
	struct engine *e = arg;
	struct ipc_message m;
	enum ipc_status status = IPC_AGAIN;

	(void)what;
	for (int i = 0; i < SHARE && (status = ipc_receive(fd, IPC_PEER_SNMP, &m)) == IPC_OK; i++) {
		if (m.type == IPC_SET_TEST)
			ordering_test(e, m.body);
		else if (m.type == IPC_SET_APPLY)
			ordering_apply(e, m.body);
		else if (m.type == IPC_SET_END)
			ordering_end(e, m.body);
		else if (m.type == IPC_NOTIFIED)
			on_notified(e, m.body);
	}
	if (status == IPC_AGAIN || status == IPC_OK)
		return;
	if (status == IPC_MALFORMED)
		blame(e, IPC_PEER_SNMP);
	drop_channel(&e->snmp, &e->snmp_readable);
	e->global.agentx_connected = 0;
	ordering_forget(e);
}

static void
on_hooks(evutil_socket_t fd, short what, void *arg)
{
	/* Nothing but one question comes, and many of them are one. */
	enum { SHARE = 16 };
	struct engine *e = arg;
	struct ipc_message m;
	enum ipc_status status = IPC_AGAIN;

	(void)what;
	for (int i = 0; i < SHARE && (status = ipc_receive(fd, IPC_PEER_HOOKS, &m)) == IPC_OK; i++)
		if (m.type == IPC_SYNC)
			telling_sync(e);
	if (status == IPC_AGAIN || status == IPC_OK)
		return;
	if (status == IPC_MALFORMED)
		blame(e, IPC_PEER_HOOKS);
	drop_channel(&e->hooks, &e->hooks_readable);
}

static void
on_channel(struct engine *e, const struct ipc_message *m)
{
	const struct ipc_channel *c = m->body;
	const struct {
		int *fd;
		struct event **readable;
		event_callback_fn read;
	} peers[] = {
	    [IPC_PEER_WORKER] = {&e->worker, &e->worker_readable, on_worker},
	    [IPC_PEER_SNMP] = {&e->snmp, &e->snmp_readable, on_snmp},
	    [IPC_PEER_HOOKS] = {&e->hooks, &e->hooks_readable, on_hooks},
	};

	if (c->peer == IPC_PEER_PROBER || c->peer == IPC_PEER_RUNNER) {
		asked_channel(e, c->peer, m->fd);
		return;
	}
	if (c->peer >= sizeof(peers) / sizeof(peers[0]) || peers[c->peer].fd == NULL) {
		close(m->fd);
		return;
	}
	drop_channel(peers[c->peer].fd, peers[c->peer].readable);
	*peers[c->peer].fd = m->fd;
	*peers[c->peer].readable =
	    event_new(e->base, m->fd, EV_READ | EV_PERSIST, peers[c->peer].read, e);
	if (*peers[c->peer].readable == NULL || event_add(*peers[c->peer].readable, NULL) != 0)
		drop_channel(peers[c->peer].fd, peers[c->peer].readable);
	if (c->peer == IPC_PEER_WORKER)
		keep_worker(e);
}

/* ---- the control socket ---- */

static enum order_verdict
ask_order(void *arg, const struct order *order, uid_t uid, char *why, size_t why_size)
{
	return ordering_now(arg, order, uid, why, why_size);
}

static int
ask_reload(void *arg)
{
	struct engine *e = arg;

	return ipc_send(e->parent, IPC_RELOAD, NULL, 0, -1);
}

static int
ask_release(void *arg)
{
	struct engine *e = arg;

	return ipc_send(e->parent, IPC_RELEASE, NULL, 0, -1);
}

static int
ask_path(void *arg, unsigned link, const struct addr *target, uint32_t token)
{
	struct engine *e = arg;
	struct ipc_path p = {.id = token, .link = (uint16_t)link, .target = *target};

	return ipc_send(e->parent, IPC_PATH, &p, sizeof(p), -1);
}

static bool
ask_judgement(void *arg, unsigned index, struct judgement *out)
{
	struct link *link = model_link(arg, index);

	if (link == NULL)
		return false;
	judgement_of(link, out);
	return true;
}

static void
on_control_socket(struct engine *e, int fd)
{
	struct control_ops ops = {.order = ask_order,
				  .reload = ask_reload,
				  .release = ask_release,
				  .verify = ask_path,
				  .judgement = ask_judgement,
				  .arg = e};

	if (e->control != NULL)
		control_free(e->control);
	e->control = control_new(e->base, fd, e->board, &ops);
	if (e->control == NULL)
		log_error("the control socket can't be served: %s", strerror(errno));
}

/* ---- the parent ---- */

static void
from_parent(struct engine *e, const struct ipc_message *m)
{
	switch (m->type) {
	case IPC_STATE:
		keep_take(e, m->fd);
		break;
	case IPC_CONFIG:
		on_config(e, m);
		break;
	case IPC_FACTS:
		on_facts(e, m->body);
		break;
	case IPC_PROBE_SOCKET:
		on_probe_socket(e, m);
		break;
	case IPC_CONTROL_SOCKET:
		on_control_socket(e, m->fd);
		break;
	case IPC_CHANNEL:
		on_channel(e, m);
		break;
	case IPC_PLAN_RESULT:
		decide_plan_result(e, m->body);
		break;
	case IPC_RELOADED:
		on_reloaded(e, m->body);
		break;
	case IPC_STATS:
		on_stats(e, m->body);
		break;
	case IPC_REPAIR:
		on_repair(e, m->body);
		break;
	case IPC_PATH_ANSWER:
		if (e->control != NULL)
			control_path(e->control, m->body);
		break;
	case IPC_EXIT:
		leave(e, true);
		break;
	default:
		log_warn("message %u from the parent is not for the engine", m->type);
		if (m->fd >= 0)
			close(m->fd);
	}
}

static void
on_parent(evutil_socket_t fd, short what, void *arg)
{
	struct engine *e = arg;
	struct ipc_message m;
	enum ipc_status status = IPC_OK;

	(void)what;
	while (!e->exiting && (status = ipc_receive(fd, IPC_PEER_PARENT, &m)) == IPC_OK)
		from_parent(e, &m);
	if (status == IPC_CLOSED || status == IPC_MALFORMED)
		leave(e, false);
}

/* ---- the loop ---- */

static void
on_heartbeat(evutil_socket_t fd, short what, void *arg)
{
	struct engine *e = arg;

	(void)fd, (void)what;
	publish_minutes(e);
	pace_links(e);
	if (e->beats++ % (1000 / HEARTBEAT_MS) == 0)
		publish_decay(e);
	publish_global(e);
	keep_tick(e);
	telling_tick(e);
}

static void
on_deadline(evutil_socket_t fd, short what, void *arg)
{
	(void)fd, (void)what;
	decide(arg);
}

static struct event_base *
new_base(void)
{
	struct event_config *config = event_config_new();
	struct event_base *base = NULL;

	if (config == NULL)
		return NULL;
	event_config_set_flag(config, EVENT_BASE_FLAG_PRECISE_TIMER);
	base = event_base_new_with_config(config);
	event_config_free(config);
	return base;
}

static int
set_up(struct engine *e, const struct engine_options *options)
{
	struct timeval beat = {.tv_usec = HEARTBEAT_MS * 1000};

	e->parent = options->parent_channel;
	e->worker = e->snmp = e->hooks = -1;
	e->board = board_map_writable(options->board_fd);
	e->base = new_base();
	if (e->board == NULL || e->base == NULL)
		return -1;
	if (!publish_adopt_global(e->board, &e->global)) {
		log_warn("the board's global row can't be read: starting afresh");
		memset(&e->global, 0, sizeof(e->global));
	}
	if (e->global.since_wall_ns == 0)
		e->global.since_wall_ns = clock_wall_ns();
	if (e->global.events_started == 0)
		e->global.events_started = 1;
	if (e->global.history_start_ns == 0) {
		e->global.history_start_ns = clock_mono_ns();
		e->global.history_start_minute = clock_wall_ns() / (60 * NSEC_PER_SEC);
	}
	e->parent_readable = event_new(e->base, e->parent, EV_READ | EV_PERSIST, on_parent, e);
	e->heartbeat = event_new(e->base, -1, EV_PERSIST, on_heartbeat, e);
	e->deadline = evtimer_new(e->base, on_deadline, e);
	e->timers = timers_new(e->base);
	if (e->timers == NULL || e->parent_readable == NULL || e->heartbeat == NULL ||
	    e->deadline == NULL)
		return -1;
	traffic_start(e, options->traffic);
	return event_add(e->parent_readable, NULL) != 0 || event_add(e->heartbeat, &beat) != 0 ? -1
											       : 0;
}

int
engine_main(const struct engine_options *options)
{
	struct engine *e = calloc(1, sizeof(*e));

	if (e == NULL || set_up(e, options) != 0) {
		/* the process ends: NOLINTNEXTLINE(clang-analyzer-unix.Malloc) */
		log_error("the engine can't start: %s", strerror(errno));
		return 1;
	}
	json_object_seed(0); /* opens /dev/urandom, where it has nothing else */
	tzset();             /* opens the zone's file */
	if (sys_limit_calls(SYS_ROLE_ENGINE) != 0) {
		log_error("the engine's system calls can't be limited: %s", strerror(errno));
		return 1;
	}
	event_base_dispatch(e->base);
	publish_global(e);
	keep_leave(e);
	return 0;
}
