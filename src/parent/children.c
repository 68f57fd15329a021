/* SPDX-License-Identifier: ISC */
/* The parent's children: started, watched, reaped, started again. Nothing here
 * waits for a child. */
#include "parent/children.h"

#include <errno.h>
#include <pwd.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "common/clock.h"
#include "common/log.h"
#include "parent/agent.h"
#include "parent/boardfile.h"
#include "parent/handover.h"
#include "parent/leave.h"
#include "parent/requests.h"
#include "parent/spawn.h"
#include "parent/statefile.h"

#define READY_LIMIT_NS (10 * NSEC_PER_SEC)
#define FULL_LIMIT_NS (2 * NSEC_PER_SEC)
/* For a port that is in use, or an address that is not there yet. */
static const struct timeval agent_again = {2, 0};
enum { TICKS_PER_SECOND = 4, STILL_TICKS_MAX = 3 * TICKS_PER_SECOND };

static const struct {
	const char *name;
	bool speaks;
	unsigned answers_within_s; /* 0: the engine's heart beats on the board instead */
} kinds[CHILDREN_END] = {
    [IPC_PEER_ENGINE] = {"engine", true, 0},
    [IPC_PEER_WORKER] = {"worker", true, 15}, /* what is slow is its work */
    [IPC_PEER_SNMP] = {"snmp", false, 5},
    [IPC_PEER_HOOKS] = {"hooks", true, 5},
    [IPC_PEER_PROBER] = {"prober", true, 5},
    [IPC_PEER_RUNNER] = {"runner", true, 5},
};

static void
close_channel(struct child *c)
{
	if (c->channel < 0)
		return;
	event_del(c->read);
	event_del(c->flush);
	close(c->channel);
	c->channel = -1;
	handover_forget(c);
}

void
children_kill(struct child *c, const char *fmt, ...)
{
	char reason[256];
	va_list ap;

	if (c->pid == 0 || c->killed)
		return;
	va_start(ap, fmt);
	vsnprintf(reason, sizeof(reason), fmt, ap);
	va_end(ap);
	log_error("the %s process (pid %d) %s: killed", c->name, (int)c->pid, reason);
	c->killed = true;
	kill(c->pid, SIGKILL);
	close_channel(c);
}

static void
on_readable(evutil_socket_t fd, short what, void *arg)
{
	struct child *c = arg;
	struct ipc_message m;

	(void)fd;
	(void)what;
	for (int i = 0; i < 32 && c->channel >= 0; i++) {
		switch (ipc_receive(c->channel, c->role, &m)) {
		case IPC_OK:
			requests_take(c, &m);
			if (m.fd >= 0)
				close(m.fd);
			break;
		case IPC_AGAIN:
			return;
		case IPC_CLOSED:
			/* It is dying, or it has closed the one thing that it must keep. */
			event_del(c->read);
			if (!c->parent->leaving)
				kill(c->pid, SIGKILL);
			return;
		case IPC_MALFORMED:
			children_kill(c, "sent a malformed message");
			return;
		}
	}
}

static void
on_flush(evutil_socket_t fd, short what, void *arg)
{
	(void)fd;
	(void)what;
	handover_flush(arg);
}

static void
died(struct child *c)
{
	uint64_t now = clock_mono_ns();
	struct respawn_verdict v = respawn_died(&c->respawn, c->started_ns, now);
	struct timeval delay = {(time_t)(v.delay_ns / NSEC_PER_SEC), 0};
	struct parent *p = c->parent;

	if (v.keeps_dying && c->role == IPC_PEER_ENGINE) {
		log_error("the engine died three times in 10 s: the board is started afresh");
		boardfile_afresh(p);
		statefile_load(p);
	} else if (v.delay_ns != 0 && c->role == IPC_PEER_ENGINE && p->state_fd >= 0) {
		log_error("the engine still dies: the board is started afresh, and what was saved "
			  "before is left out");
		boardfile_afresh(p);
		statefile_drop(p);
	}
	if (v.delay_ns != 0)
		log_warn("the %s process keeps dying: started again in %llu s", c->name,
			 (unsigned long long)(v.delay_ns / NSEC_PER_SEC));
	if (v.keeps_dying && p->tell_start != NULL && c->role == IPC_PEER_ENGINE)
		p->tell_start(p, 1);
	event_add(c->start, &delay);
}

static void
on_start(evutil_socket_t fd, short what, void *arg)
{
	struct child *c = arg;

	(void)fd;
	(void)what;
	if (c->wanted && c->pid == 0 && !c->parent->leaving) {
		c->restarts += !c->held;
		children_start(c);
	}
}

/* True when they differ from what the engine was told. */
static bool
refresh_stats(struct parent *p)
{
	const struct child *worker = &p->children[IPC_PEER_WORKER];
	struct ipc_stats now = {
	    .engine_restarts = p->children[IPC_PEER_ENGINE].restarts,
	    .worker_restarts = worker->restarts,
	    .snmp_restarts = p->children[IPC_PEER_SNMP].restarts,
	    .hooks_restarts = p->children[IPC_PEER_HOOKS].restarts,
	    .prober_restarts = p->children[IPC_PEER_PROBER].restarts,
	    .runner_restarts = p->children[IPC_PEER_RUNNER].restarts,
	    .log_lost = log_lost() + worker->log_lost_before + worker->log_lost,
	};

	if (memcmp(&now, &p->stats, sizeof(now)) == 0)
		return false;
	p->stats = now;
	return true;
}

void
children_listen(struct child *c)
{
	event_assign(c->read, c->parent->base, c->channel, EV_READ | EV_PERSIST, on_readable, c);
	event_add(c->read, NULL);
}

static int
open_child(struct child *c)
{
	struct parent *p = c->parent;
	int ends[2];

	if (ipc_pair(ends) != 0)
		return -1;
	c->pid = spawn(p, c->role, ends[1]);
	close(ends[1]);
	if (c->pid < 0) {
		c->pid = 0;
		close(ends[0]);
		return -1;
	}
	c->channel = ends[0];
	children_listen(c);
	return 0;
}

/* What it lacks to be started, or NULL. */
static const char *
lacks(const struct child *c)
{
	const struct options *o = c->parent->options;

	switch (c->role) {
	case IPC_PEER_SNMP:
		return access(o->snmp_binary, X_OK) == 0 ? NULL : o->snmp_binary;
	case IPC_PEER_PROBER:
		if (access(o->prober_binary, X_OK) != 0)
			return o->prober_binary;
		return getpwnam(USER_PROBE) != NULL ? NULL : "the user " USER_PROBE;
	case IPC_PEER_RUNNER:
		return getpwnam(USER_PROBE) != NULL ? NULL : "the user " USER_PROBE;
	default:
		return NULL;
	}
}

/* Said once until it is there again. */
static bool
can_start(struct child *c)
{
	const char *what = lacks(c);

	if (what != NULL && !c->absent_logged)
		log_warn("the %s process can't be started: there is no %s. %s", c->name, what,
			 c->role == IPC_PEER_SNMP ? "Running without SNMP"
						  : "Its targets are not asked");
	c->absent_logged = what != NULL;
	return what == NULL;
}

static bool
configured(const struct parent *p, enum ipc_peer role)
{
	switch (role) {
	case IPC_PEER_SNMP:
		return p->conf->snmp.enabled;
	case IPC_PEER_HOOKS:
		return p->conf->nhooks > 0;
	case IPC_PEER_PROBER:
		return conf_has_method(p->conf, conf_method_is_probers);
	case IPC_PEER_RUNNER:
		return conf_has_method(p->conf, conf_method_is_runners);
	default:
		return true;
	}
}

static void
tell_to_leave(struct child *c)
{
	c->leave_by_ns = clock_mono_ns() + NSEC_PER_SEC;
	handover_exit(c);
}

void
children_see_to_optional(struct parent *p)
{
	for (unsigned role = IPC_PEER_SNMP; role < CHILDREN_END; role++) {
		struct child *c = &p->children[role];
		bool wanted = configured(p, role) && can_start(c);

		if (wanted && !c->wanted && c->pid == 0)
			children_start(c);
		if (!wanted && c->pid != 0 && c->leave_by_ns == 0)
			tell_to_leave(c);
		c->wanted = wanted;
	}
}

void
children_renew(struct parent *p)
{
	for (unsigned role = IPC_PEER_PROBER; role <= IPC_PEER_RUNNER; role++) {
		struct child *c = &p->children[role];

		if (c->pid == 0 || c->leave_by_ns != 0)
			continue;
		tell_to_leave(c);
	}
}

void
children_replace_snmp(struct parent *p)
{
	struct child *c = &p->children[IPC_PEER_SNMP];

	if (p->conf->snmp.agent.nlistens == 0)
		agent_close(p);
	if (c->wanted && c->pid == 0)
		children_start(c); /* what kept it from starting may be gone */
	if (c->pid == 0 || c->leave_by_ns != 0)
		return;
	tell_to_leave(c);
}

void
children_start(struct child *c)
{
	struct parent *p = c->parent;

	if (!can_start(c)) {
		c->wanted = false;
		return;
	}
	c->wanted = true;
	c->leave_by_ns = 0;
	event_del(c->start);
	if (c->role == IPC_PEER_SNMP && p->conf->snmp.agent.nlistens > 0 && agent_open(p) != 0) {
		c->held = true;
		event_add(c->start, &agent_again);
		return;
	}
	c->held = false;
	c->killed = false;
	c->ready = false;
	c->full_since_ns = 0;
	children_answered(c);
	c->log_lost_before += c->log_lost;
	c->log_lost = 0;
	c->started_ns = clock_mono_ns();
	if (c->role == IPC_PEER_ENGINE) {
		p->plan_serial = 0;
		p->heartbeat_still = 0;
	}
	if (open_child(c) != 0) {
		log_error("the %s process can't be started: %s", c->name, strerror(errno));
		died(c);
		return;
	}
	log_debug("the %s process has pid %d", c->name, (int)c->pid);
	if (refresh_stats(p) && c->role != IPC_PEER_ENGINE)
		handover_stats(&p->children[IPC_PEER_ENGINE]);
	handover_all(c);
	for (unsigned peer = IPC_PEER_WORKER; peer < CHILDREN_END; peer++)
		if (c->role == IPC_PEER_ENGINE || c->role == peer)
			handover_channel(&p->children[IPC_PEER_ENGINE], &p->children[peer]);
}

static void
log_death(const struct child *c, int status)
{
	const struct parent *p = c->parent;

	if (WIFSIGNALED(status) && !c->killed)
		log_error("the %s process (pid %d) was killed by signal %d (%s)", c->name,
			  (int)c->pid, WTERMSIG(status), strsignal(WTERMSIG(status)));
	else if (WIFEXITED(status) && c->wanted &&
		 ((!p->leaving && c->leave_by_ns == 0) || WEXITSTATUS(status) != 0))
		log_error("the %s process (pid %d) left with status %d", c->name, (int)c->pid,
			  WEXITSTATUS(status));
}

void
children_reap(struct parent *p)
{
	for (unsigned role = IPC_PEER_ENGINE; role < CHILDREN_END; role++) {
		struct child *c = &p->children[role];
		int status;

		if (c->pid == 0 || waitpid(c->pid, &status, WNOHANG) != c->pid)
			continue;
		log_death(c, status);
		/* What it said before it died still counts: a plan, a wish to leave. */
		if (c->channel >= 0 && !p->leaving)
			on_readable(c->channel, EV_READ, c);
		close_channel(c);
		c->pid = 0;
		c->ready = false;
		if (c->wanted && c->leave_by_ns != 0)
			children_start(c); /* it left to be replaced */
		else if (c->wanted)
			died(c);
		leave_child_gone(c, status);
	}
}

static void
watch_heartbeat(struct parent *p, struct child *engine)
{
	uint64_t beat;

	if (p->board == NULL || !engine->ready)
		return;
	beat = __atomic_load_n(&p->board->global.heartbeat_ns, __ATOMIC_RELAXED);
	if (beat != p->heartbeat_ns) {
		p->heartbeat_ns = beat;
		p->heartbeat_still = 0;
	} else if (++p->heartbeat_still >= STILL_TICKS_MAX) {
		children_kill(engine, "has had no heartbeat for 3 s");
	}
}

/* Asks once a second whether it still turns its loop. The parent's own ticks are counted, so
 * that a parent which was stopped itself blames nobody. */
static void
watch_answers(struct child *c)
{
	unsigned limit_s = kinds[c->role].answers_within_s;

	if (limit_s == 0 || (c->speaks && !c->ready))
		return;
	if (!c->asked)
		c->asked = c->parent->ticks % TICKS_PER_SECOND == 0 &&
			   ipc_send(c->channel, IPC_PING, NULL, 0, -1) == 0;
	else if (++c->silent_ticks > limit_s * TICKS_PER_SECOND)
		children_kill(c, "has not answered for %u s", limit_s);
}

void
children_answered(struct child *c)
{
	c->asked = false;
	c->silent_ticks = 0;
}

static void
not_ready(struct child *c)
{
	struct parent *p = c->parent;

	children_kill(c, "was not ready within 10 s");
	if (p->tell_start != NULL && c->role == IPC_PEER_ENGINE)
		p->tell_start(p, 1);
}

void
children_watch(struct parent *p)
{
	uint64_t now = clock_mono_ns();

	for (unsigned role = IPC_PEER_ENGINE; role < CHILDREN_END; role++) {
		struct child *c = &p->children[role];

		if (c->pid == 0 || c->killed)
			continue;
		if (c->speaks && !c->ready && now - c->started_ns > READY_LIMIT_NS)
			not_ready(c);
		else if (c->leave_by_ns != 0 && now > c->leave_by_ns)
			children_kill(c, "did not leave within 1 s");
		else if (c->full_since_ns != 0 && now - c->full_since_ns > FULL_LIMIT_NS)
			children_kill(c, "has read nothing for 2 s");
		else if (role == IPC_PEER_ENGINE)
			watch_heartbeat(p, c);
		else
			watch_answers(c);
	}
	if (++p->ticks % TICKS_PER_SECOND == 0 && refresh_stats(p))
		handover_stats(&p->children[IPC_PEER_ENGINE]);
}

bool
children_gone(const struct parent *p)
{
	for (unsigned role = IPC_PEER_ENGINE; role < CHILDREN_END; role++)
		if (p->children[role].pid != 0)
			return false;
	return true;
}

int
children_init(struct parent *p)
{
	for (unsigned role = IPC_PEER_ENGINE; role < CHILDREN_END; role++) {
		struct child *c = &p->children[role];

		c->parent = p;
		c->role = role;
		c->name = kinds[role].name;
		c->speaks = kinds[role].speaks;
		c->channel = -1;
		for (unsigned peer = 0; peer < CHILDREN_END; peer++)
			c->owed.channel[peer] = -1;
		c->read = event_new(p->base, -1, EV_READ | EV_PERSIST, on_readable, c);
		c->flush = evtimer_new(p->base, on_flush, c);
		c->start = evtimer_new(p->base, on_start, c);
		if (c->read == NULL || c->flush == NULL || c->start == NULL)
			return -1;
	}
	return 0;
}

void
children_free(struct parent *p)
{
	for (unsigned role = IPC_PEER_ENGINE; role < CHILDREN_END; role++) {
		struct child *c = &p->children[role];

		if (c->parent == NULL)
			continue;
		close_channel(c);
		if (c->read != NULL)
			event_free(c->read);
		if (c->flush != NULL)
			event_free(c->flush);
		if (c->start != NULL)
			event_free(c->start);
	}
}
