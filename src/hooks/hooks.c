/* SPDX-License-Identifier: ISC */
/* The process of the hooks. The engine says what happens, the configuration what is run
 * then; a run of each program at a time, the others wait in a bounded queue. */
#include "config.h"

#include "hooks/hooks.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "child/handed.h"
#include "common/log.h"
#include "common/reserve.h"
#include "hooks/program.h"
#include "hooks/queue.h"
#include "system/system.h"

/* Those of hooks that the configuration has no more take a place until they end. */
enum { RUNS_MAX = 2 * HOOKS_MAX };

struct hooks {
	struct event_base *base;
	struct event *from_parent, *from_engine, *child_ended;
	int parent, engine; /* channels; engine -1: none */
	int status;         /* of the process's exit */
	char folder[4096];
	struct conf *conf; /* NULL: none yet */
	struct hook_queue queue;
	struct ipc_hooks outcome; /* so far, as the engine is told */
	int failing;              /* the hook whose failure stands in it, -1: none */
	struct run {
		struct program program; /* pid 0: a free place */
		int hook;               /* its number; -1: the configuration has it no more */
	} runs[RUNS_MAX];
};

static void
leave(struct hooks *h, int status)
{
	h->status = status;
	event_base_loopbreak(h->base);
}

/* ---- running ---- */

static uint64_t
busy_hooks(const struct hooks *h)
{
	uint64_t busy = 0;

	for (size_t i = 0; i < RUNS_MAX; i++)
		if (h->runs[i].program.pid != 0 && h->runs[i].hook >= 0)
			busy |= 1ULL << h->runs[i].hook;
	return busy;
}

static struct run *
free_run(struct hooks *h)
{
	for (size_t i = 0; i < RUNS_MAX; i++)
		if (h->runs[i].program.pid == 0)
			return &h->runs[i];
	return NULL;
}

static void
tell_outcome(struct hooks *h)
{
	/* Where there is no room the next one says it all. */
	if (h->engine >= 0)
		ipc_send(h->engine, IPC_HOOKS, &h->outcome, sizeof(h->outcome), -1);
}

/* hook -1: one that the configuration has no more. */
static void
count_end(struct hooks *h, int hook, bool well, const char *text)
{
	h->outcome.ended++;
	h->outcome.failed += !well;
	if (!well && hook >= 0) {
		h->failing = hook;
		snprintf(h->outcome.error, sizeof(h->outcome.error), "%s", text);
	} else if (well && hook >= 0 && hook == h->failing) {
		h->failing = -1;
		h->outcome.error[0] = '\0';
	}
	tell_outcome(h);
}

static void
run_due(struct hooks *h)
{
	char text[PROGRAM_END_LEN];
	struct hook_job job;
	struct run *run;

	while (h->conf != NULL && (run = free_run(h)) != NULL &&
	       hook_queue_take(&h->queue, busy_hooks(h), &job)) {
		const struct conf_hook *hook = &h->conf->hooks[job.hook];

		run->hook = (int)job.hook;
		if (program_start(&run->program, h->base, hook, &job, h->folder) == 0)
			continue;
		snprintf(text, sizeof(text), "hook %s can't be started: %s", hook->program,
			 strerror(errno));
		log_error("%s", text);
		count_end(h, (int)job.hook, false, text);
	}
}

static void
on_child(evutil_socket_t fd, short what, void *arg)
{
	struct hooks *h = arg;
	char text[PROGRAM_END_LEN];
	int status;
	pid_t pid;

	(void)fd;
	(void)what;
	while ((pid = waitpid(-1, &status, WNOHANG)) > 0)
		for (size_t i = 0; i < RUNS_MAX; i++) {
			struct run *run = &h->runs[i];

			if (run->program.pid == pid)
				count_end(h, run->hook,
					  program_ended(&run->program, status, text, sizeof(text)),
					  text);
		}
	run_due(h);
}

/* ---- events ---- */

/* A look at how things stand is one run for a hook of all links, and one for the link
 * of its own where it has one. */
static bool
concerns(const struct hooks *h, const struct conf_hook *hook, const struct ipc_event *e)
{
	unsigned bit = e->number == 0 ? HOOK_SYNC : e->type;

	if (bit >= 64 || (hook->events & (1ULL << bit)) == 0)
		return false;
	if (hook->link != 0)
		return e->link != 0 && h->conf->links[hook->link - 1].index == e->link;
	return e->number != 0 || e->link == 0;
}

static void
take_event(struct hooks *h, const struct ipc_event *e)
{
	struct ipc_event clean = *e;

	if (h->conf == NULL)
		return;
	clean.link_name[sizeof(clean.link_name) - 1] = '\0';
	clean.site[sizeof(clean.site) - 1] = '\0';
	clean.text[sizeof(clean.text) - 1] = '\0';
	for (unsigned i = 0; i < h->conf->nhooks; i++) {
		if (!concerns(h, &h->conf->hooks[i], &clean))
			continue;
		if (hook_queue_add(&h->queue, i, &clean))
			continue;
		if (h->outcome.left_out++ % HOOK_JOBS_MAX == 0)
			log_warn("%d runs of hooks wait, more than there is room for: the oldest "
				 "are left out (%llu so far)",
				 HOOK_JOBS_MAX, (unsigned long long)h->outcome.left_out);
		tell_outcome(h);
	}
	run_due(h);
}

static void
engine_gone(struct hooks *h)
{
	if (h->from_engine != NULL)
		event_free(h->from_engine);
	h->from_engine = NULL;
	if (h->engine >= 0)
		close(h->engine);
	h->engine = -1;
}

static void
on_engine(evutil_socket_t fd, short what, void *arg)
{
	enum { SHARE = 64 };
	struct hooks *h = arg;
	struct ipc_message m;
	enum ipc_status status = IPC_OK;

	(void)what;
	for (int i = 0; i < SHARE && status == IPC_OK; i++) {
		status = ipc_receive(fd, IPC_PEER_ENGINE, &m);
		if (status == IPC_OK && m.type == IPC_EVENT)
			take_event(h, m.body);
		if (status == IPC_OK && m.fd >= 0)
			close(m.fd);
	}
	if (status == IPC_CLOSED || status == IPC_MALFORMED)
		engine_gone(h); /* the next one comes from the parent */
}

/* What was missed may be seen from how things stand. */
static void
ask_for_state(struct hooks *h)
{
	if (h->engine >= 0 && h->conf != NULL)
		ipc_send(h->engine, IPC_SYNC, NULL, 0, -1);
}

/* ---- configuration ---- */

static int
find_hook(const struct conf *conf, const struct conf_hook *hook)
{
	for (size_t i = 0; i < conf->nhooks; i++)
		if (conf_same_hook(&conf->hooks[i], hook))
			return (int)i;
	return -1;
}

/* What runs and what waits belongs to the hooks that stay. */
static void
renumber(struct hooks *h, const struct conf *next)
{
	int to[HOOKS_MAX] = {0};

	for (size_t i = 0; i < h->conf->nhooks; i++)
		to[i] = find_hook(next, &h->conf->hooks[i]);
	hook_queue_renumber(&h->queue, to, h->conf->nhooks);
	for (size_t i = 0; i < RUNS_MAX; i++)
		if (h->runs[i].program.pid != 0 && h->runs[i].hook >= 0)
			h->runs[i].hook = to[h->runs[i].hook];
	if (h->failing >= 0)
		h->failing = to[h->failing];
	if (h->failing < 0)
		h->outcome.error[0] = '\0';
	tell_outcome(h);
}

static void
take_config(struct hooks *h, int fd)
{
	struct conf *conf = handed_config(fd);

	if (conf == NULL) {
		log_error("the parent's configuration can't be used here: the hooks stay as they "
			  "are");
		return;
	}
	if (h->conf != NULL)
		renumber(h, conf);
	conf_free(h->conf);
	h->conf = conf;
	ask_for_state(h);
	run_due(h);
}

/* ---- the parent ---- */

static void
take_channel(struct hooks *h, int fd, const struct ipc_channel *channel)
{
	if (channel->peer != IPC_PEER_ENGINE) {
		close(fd);
		return;
	}
	engine_gone(h);
	h->engine = fd;
	h->from_engine = event_new(h->base, fd, EV_READ | EV_PERSIST, on_engine, h);
	if (h->from_engine == NULL || event_add(h->from_engine, NULL) != 0) {
		log_error("no room for the engine's channel");
		engine_gone(h);
		return;
	}
	tell_outcome(h);
	ask_for_state(h);
}

static void
parent_message(struct hooks *h, const struct ipc_message *m)
{
	switch (m->type) {
	case IPC_CONFIG:
		take_config(h, m->fd);
		break;
	case IPC_CHANNEL:
		take_channel(h, m->fd, m->body);
		break;
	case IPC_PING:
		(void)ipc_send(h->parent, IPC_PONG, NULL, 0, -1);
		break;
	case IPC_EXIT:
		leave(h, 0);
		break;
	default: /* not for the hooks */
		if (m->fd >= 0)
			close(m->fd);
	}
}

static void
on_parent(evutil_socket_t fd, short what, void *arg)
{
	struct hooks *h = arg;
	struct ipc_message m;
	enum ipc_status status = IPC_OK;

	(void)what;
	while (!event_base_got_break(h->base) &&
	       (status = ipc_receive(fd, IPC_PEER_PARENT, &m)) == IPC_OK)
		parent_message(h, &m);
	if (status == IPC_CLOSED)
		leave(h, 0);
	if (status == IPC_MALFORMED) {
		log_error("the parent sent a message that may not be");
		leave(h, 1);
	}
}

/* ---- life ---- */

static int
set_up(struct hooks *h, const char *rundir)
{
	const char *step = "";

	signal(SIGPIPE, SIG_IGN);
	signal(SIGINT, SIG_IGN); /* a terminal sends these to all; the parent tells us */
	signal(SIGHUP, SIG_IGN);
	snprintf(h->folder, sizeof(h->folder), "%s/" HOOKS_FOLDER, rundir);
	if (sys_confine(SYS_ROLE_HOOKS, NULL, &step) != 0) {
		log_error("confinement: %s: %s", step, strerror(errno));
		return -1;
	}
	reserve_for_libevent();
	h->base = event_base_new();
	if (h->base == NULL)
		return -1;
	h->from_parent = event_new(h->base, h->parent, EV_READ | EV_PERSIST, on_parent, h);
	h->child_ended = evsignal_new(h->base, SIGCHLD, on_child, h);
	if (h->from_parent == NULL || h->child_ended == NULL ||
	    event_add(h->from_parent, NULL) != 0 || event_add(h->child_ended, NULL) != 0)
		return -1;
	tzset(); /* opens the zone's file */
	if (sys_limit_calls(SYS_ROLE_HOOKS) != 0)
		return -1;
	return ipc_send(h->parent, IPC_READY, NULL, 0, -1);
}

static void
tear_down(struct hooks *h)
{
	for (size_t i = 0; i < RUNS_MAX; i++)
		program_kill(&h->runs[i].program);
	engine_gone(h);
	if (h->from_parent != NULL)
		event_free(h->from_parent);
	if (h->child_ended != NULL)
		event_free(h->child_ended);
	if (h->base != NULL)
		event_base_free(h->base);
	conf_free(h->conf);
	free(h);
}

int
hooks_main(int channel, const char *rundir)
{
	struct hooks *h = calloc(1, sizeof(*h));
	int status = 1;

	if (h == NULL) {
		log_error("no memory");
		return 1;
	}
	h->parent = channel;
	h->engine = -1;
	h->failing = -1;
	for (size_t i = 0; i < RUNS_MAX; i++)
		h->runs[i].program.output = -1;
	if (set_up(h, rundir) == 0) {
		event_base_dispatch(h->base);
		status = h->status;
	} else {
		log_error("the hooks can't start: %s", strerror(errno));
	}
	tear_down(h);
	return status;
}
