/* SPDX-License-Identifier: ISC */
/* What the children ask of the parent. Nothing that they say is believed: links
 * by index are looked up in the parent's own configuration. */
#include "parent/requests.h"

#include <errno.h>
#include <string.h>

#include "common/log.h"
#include "parent/child.h"
#include "parent/handover.h"
#include "parent/kernel.h"
#include "parent/leave.h"
#include "parent/plan_check.h"
#include "parent/reload.h"

static void
install_plan(struct child *c, const struct plan *plan)
{
	struct parent *p = c->parent;
	struct sys_apply_counts counts = {0, 0};

	p->install_error = sys_routing_apply(p->routing, plan, &p->installed, &counts);
	p->installed.serial = plan->serial;
	if (p->install_error != 0)
		log_warn("plan %llu is not wholly installed: %s", (unsigned long long)plan->serial,
			 strerror(p->install_error));
	else
		log_debug("plan %llu is installed: %u added, %u removed",
			  (unsigned long long)plan->serial, counts.adds, counts.deletes);
	kernel_tell_installed(p, &counts);
}

static void
refuse_plan(struct child *c, uint64_t serial)
{
	struct ipc_plan_result result;

	memset(&result, 0, sizeof(result));
	result.serial = serial;
	result.error = ESTALE;
	handover_plan_result(c, &result);
}

static void
take_plan(struct child *c, const struct plan *plan)
{
	struct parent *p = c->parent;
	char reason[128];

	switch (plan_check(plan, p->plan_serial, p->conf, &p->map, reason, sizeof(reason))) {
	case PLAN_GOOD:
		p->plan_serial = plan->serial;
		install_plan(c, plan);
		return;
	case PLAN_STALE:
		/* Its next plan, for the configuration that is on its way, is right. */
		log_debug("plan %llu is for another configuration: %s",
			  (unsigned long long)plan->serial, reason);
		p->plan_serial = plan->serial;
		refuse_plan(c, plan->serial);
		return;
	case PLAN_MALFORMED:
		child_kill(c, "sent a plan that can't be (%s)", reason);
		return;
	}
}

static void
answer_path(struct child *c, const struct ipc_path *question)
{
	struct parent *p = c->parent;
	struct ipc_path answer;
	struct sys_path path;

	memset(&answer, 0, sizeof(answer));
	memset(&path, 0, sizeof(path));
	answer.id = question->id;
	answer.link = question->link;
	answer.target = question->target;
	if (!addr_is_set(&question->target) || conf_link_by_index(p->conf, question->link) == NULL)
		answer.error = EINVAL;
	else
		answer.error =
		    sys_routing_path(p->routing, question->link, &question->target, &path);
	answer.ifindex = path.ifindex;
	answer.gateway = path.gateway;
	answer.source = path.source;
	memcpy(answer.ifname, path.ifname, sizeof(answer.ifname));
	answer.ifname[IFNAME_LEN] = '\0';
	handover_note(c, IPC_PATH_ANSWER, &answer, sizeof(answer));
}

static void
take_ready(struct child *c)
{
	struct parent *p = c->parent;

	c->ready = true;
	log_debug("the %s process is ready", c->name);
	if (c->role == IPC_PEER_ENGINE && p->tell_start != NULL)
		p->tell_start(p, 0);
}

/* Engine and worker have no power over each other, nor over the SNMP process: whom
 * they caught with a message that can't be, the parent ends. */
static void
take_blame(struct child *c, const struct ipc_blame *b)
{
	struct parent *p = c->parent;

	if (b->peer < IPC_PEER_ENGINE || b->peer >= CHILDREN_END || b->peer == c->role)
		child_kill(c, "blames a process that is none");
	else if (!p->releasing && !p->leaving)
		child_kill(&p->children[b->peer],
			   b->fault == FAULT_SILENT ? "does not answer the %s process"
						    : "sent a malformed message to the %s process",
			   c->name);
}

void
requests_take(struct child *c, const struct ipc_message *m)
{
	struct parent *p = c->parent;

	if (m->type == IPC_READY) {
		take_ready(c);
		return;
	}
	if (m->type == IPC_PONG) {
		child_answered(c);
		return;
	}
	if (c->role == IPC_PEER_WORKER && m->type == IPC_STATS) {
		c->log_lost = ((const struct ipc_stats *)m->body)->log_lost;
		return;
	}
	if (m->type == IPC_BLAME) {
		take_blame(c, m->body);
		return;
	}
	if (m->type == IPC_SOCKET_WANTED) {
		if (!p->releasing && !p->leaving)
			link_sockets_answer(c, m->body);
		return;
	}
	if (c->role != IPC_PEER_ENGINE) {
		child_kill(c, "sent a message that is not for the parent");
		return;
	}
	if (p->releasing || p->leaving)
		return;
	switch (m->type) {
	case IPC_PLAN:
		take_plan(c, m->body);
		return;
	case IPC_PATH:
		answer_path(c, m->body);
		return;
	case IPC_RELOAD:
		reload(p);
		return;
	case IPC_RELEASE:
		leave_release(p);
		return;
	default:
		child_kill(c, "sent a message that is not for the parent");
	}
}
