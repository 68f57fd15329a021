/* SPDX-License-Identifier: ISC */
/* The engine process: its loop, and who is called for which message of the parent.
 * It has no files, no names to resolve and nobody to wait for. */
#include "config.h"

#include "engine/engine.h"

#include <errno.h>
#include <jansson.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "common/clock.h"
#include "common/descriptors.h"
#include "common/log.h"
#include "engine/console.h"
#include "engine/control.h"
#include "engine/decide.h"
#include "engine/heard.h"
#include "engine/keep.h"
#include "engine/load.h"
#include "engine/memory.h"
#include "engine/model.h"
#include "engine/pace.h"
#include "engine/peers.h"
#include "engine/processes.h"
#include "engine/publish.h"
#include "engine/telling.h"
#include "engine/traffic.h"
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

static void
from_parent(struct engine *e, const struct ipc_message *m)
{
	switch (m->type) {
	case IPC_STATE:
		keep_take(e, m->fd);
		break;
	case IPC_CONFIG:
		load_config(e, m);
		break;
	case IPC_FACTS:
		heard_facts(e, m->body);
		break;
	case IPC_PROBE_SOCKET:
		heard_probe_socket(e, m);
		break;
	case IPC_CONTROL_SOCKET:
		console_serve(e, m->fd);
		break;
	case IPC_CHANNEL:
		peers_channel(e, m);
		break;
	case IPC_PLAN_RESULT:
		decide_plan_result(e, m->body);
		break;
	case IPC_RELOADED:
		load_told(e, m->body);
		break;
	case IPC_STATS:
		processes_stats(e, m->body);
		break;
	case IPC_REPAIR:
		heard_repair(e, m->body);
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
	e->probe_token = options->probe_token;
	e->probe_fds_end = descriptors_end_of_probes();
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
	struct engine *e;

	memory_watch();
	e = calloc(1, sizeof(*e));
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
