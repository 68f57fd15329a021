/* SPDX-License-Identifier: ISC */
/* The end of the daemon: children first, within a bounded time. Release goes in
 * order: the parent's routes, then the worker's rules, then the others. */
#include "parent/leave.h"

#include <errno.h>
#include <signal.h>
#include <string.h>
#include <sys/wait.h>

#include "common/log.h"
#include "parent/child.h"
#include "parent/children.h"
#include "parent/handover.h"
#include "parent/notify.h"

enum { EXIT_LIMIT_S = 1, RELEASE_LIMIT_S = 10 };

static void
set_deadline(struct parent *p, int seconds)
{
	struct timeval limit = {seconds, 0};

	event_add(p->on_deadline, &limit);
}

static void
stop_loop_when_alone(struct parent *p)
{
	if (p->leaving && children_gone(p))
		event_base_loopbreak(p->base);
}

static void
kill_the_rest(struct parent *p)
{
	bool any = false;

	for (unsigned role = IPC_PEER_ENGINE; role < CHILDREN_END; role++) {
		struct child *c = &p->children[role];

		if (c->pid == 0 || c->killed)
			continue;
		child_kill(c, "did not leave within %d s", EXIT_LIMIT_S);
		any = true;
	}
	if (any)
		set_deadline(p, EXIT_LIMIT_S);
	else /* killed and still there: not ours to wait for */
		event_base_loopbreak(p->base);
}

static void
on_deadline(evutil_socket_t fd, short what, void *arg)
{
	struct parent *p = arg;

	(void)fd;
	(void)what;
	if (p->leaving) {
		kill_the_rest(p);
		return;
	}
	log_error("the worker did not remove its rules within %d s", RELEASE_LIMIT_S);
	leave(p, 1);
}

int
leave_init(struct parent *p)
{
	p->on_deadline = evtimer_new(p->base, on_deadline, p);
	return p->on_deadline == NULL ? -1 : 0;
}

void
leave(struct parent *p, int status)
{
	if (p->leaving)
		return;
	p->leaving = true;
	p->exit_status = status;
	notify_supervisor("STOPPING=1");
	for (unsigned role = IPC_PEER_ENGINE; role < CHILDREN_END; role++) {
		p->children[role].wanted = false;
		/* The worker stores what the engine says last. */
		if (role != IPC_PEER_WORKER || p->children[IPC_PEER_ENGINE].pid == 0)
			handover_exit(&p->children[role]);
	}
	set_deadline(p, EXIT_LIMIT_S);
	/* Through the loop, also where nobody is left: this may be called before it. */
	if (children_gone(p))
		event_active(p->on_deadline, EV_TIMEOUT, 0);
}

void
leave_release(struct parent *p)
{
	struct child *worker = &p->children[IPC_PEER_WORKER];
	int error;

	if (p->releasing || p->leaving)
		return;
	log_info("releasing: what the daemon made in the kernel is removed");
	p->releasing = true;
	event_del(p->on_routing);
	event_del(p->on_repair);
	for (unsigned role = IPC_PEER_ENGINE; role < CHILDREN_END; role++)
		p->children[role].wanted = false;
	error = sys_routing_release(p->routing);
	if (error != 0) {
		log_error("not all routes and rules could be removed: %s", strerror(error));
		p->exit_status = 1;
	}
	if (worker->pid == 0 || worker->killed)
		children_start(worker);
	handover_release(worker);
	handover_exit(worker);
	set_deadline(p, RELEASE_LIMIT_S);
}

static void
worker_released(struct parent *p, int status)
{
	if (!WIFEXITED(status) || WEXITSTATUS(status) != 0) {
		log_error("the worker left before all its rules were removed: start uplinkd and "
			  "release again");
		p->exit_status = 1;
	}
	if (p->exit_status == 0)
		log_info("released: nothing of the daemon is left in the kernel");
	leave(p, p->exit_status);
}

void
leave_child_gone(struct child *c, int status)
{
	struct parent *p = c->parent;

	if (p->releasing && !p->leaving && c->role == IPC_PEER_WORKER)
		worker_released(p, status);
	if (p->leaving && c->role == IPC_PEER_ENGINE) {
		handover_exit(&p->children[IPC_PEER_WORKER]);
		set_deadline(p, EXIT_LIMIT_S);
	}
	stop_loop_when_alone(p);
}
