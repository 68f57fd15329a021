/* SPDX-License-Identifier: ISC */
/* The parent's children: started, listened to, buried, started again. Nothing here
 * waits for a child. */
#include "parent/children.h"

#include <errno.h>
#include <signal.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "common/clock.h"
#include "common/log.h"
#include "parent/agent.h"
#include "parent/boardfile.h"
#include "parent/child.h"
#include "parent/handover.h"
#include "parent/spawn.h"
#include "parent/statefile.h"
#include "parent/stats.h"

/* For a port that is in use, or an address that is not there yet. */
static const struct timeval agent_again = {2, 0};

/* What a child may take of one turn of the loop, whatever its messages cost: a flood of plans
 * or of wishes to reload must not keep signals, the watch and the others waiting. */
enum { SHARE = 32 };
#define SHARE_NS (5 * NSEC_PER_MSEC)

/* Until then (0: whatever time it takes), and at least one message. */
static void
listen_to(struct child *c, uint64_t until_ns)
{
	struct ipc_message m;

	for (int i = 0; i < SHARE && c->channel >= 0; i++) {
		if (i > 0 && until_ns != 0 && clock_mono_ns() >= until_ns)
			return;
		switch (ipc_receive(c->channel, c->role, &m)) {
		case IPC_OK:
			c->parent->take_request(c, &m);
			if (m.fd >= 0)
				close(m.fd);
			break;
		case IPC_AGAIN:
			return;
		case IPC_CLOSED:
			/* It is dying, or it has closed the one thing that it must keep. */
			event_del(c->read);
			if (!c->parent->leaving && c->pid != 0)
				kill(c->pid, SIGKILL);
			return;
		case IPC_MALFORMED:
			child_kill(c, "sent a malformed message");
			return;
		}
	}
}

static void
on_readable(evutil_socket_t fd, short what, void *arg)
{
	(void)fd;
	(void)what;
	listen_to(arg, clock_mono_ns() + SHARE_NS);
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

void
children_start(struct child *c)
{
	struct parent *p = c->parent;

	if (!child_possible(c)) {
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
	c->scarce_logged = false;
	c->full_since_ns = 0;
	child_answered(c);
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
	stats_tell(p);
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
		c->pid = 0; /* the number may be another process's from here on */
		/* What it said before it died still counts: a plan, a wish to leave. */
		if (c->channel >= 0 && !p->leaving)
			listen_to(c, 0);
		child_close_channel(c);
		c->ready = false;
		if (c->wanted && c->leave_by_ns != 0)
			children_start(c); /* it left to be replaced */
		else if (c->wanted)
			died(c);
		p->child_gone(c, status);
	}
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

		child_init(c, p, role);
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
		child_close_channel(c);
		if (c->read != NULL)
			event_free(c->read);
		if (c->flush != NULL)
			event_free(c->flush);
		if (c->start != NULL)
			event_free(c->start);
	}
}
