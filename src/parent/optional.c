/* SPDX-License-Identifier: ISC */
/* The children that not everybody needs: the SNMP process, that of the hooks, prober and
 * runner. They run where the configuration asks for them and what they need is installed. */
#include "parent/optional.h"

#include "common/clock.h"
#include "parent/agent.h"
#include "parent/child.h"
#include "parent/children.h"
#include "parent/handover.h"

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
optional_see_to(struct parent *p)
{
	for (unsigned role = IPC_PEER_SNMP; role < CHILDREN_END; role++) {
		struct child *c = &p->children[role];
		bool wanted = configured(p, role) && child_possible(c);

		if (wanted && !c->wanted && c->pid == 0)
			children_start(c);
		if (!wanted && c->pid != 0 && c->leave_by_ns == 0)
			tell_to_leave(c);
		c->wanted = wanted;
	}
}

void
optional_renew(struct parent *p)
{
	for (unsigned role = IPC_PEER_PROBER; role <= IPC_PEER_RUNNER; role++) {
		struct child *c = &p->children[role];

		if (c->pid == 0 || c->leave_by_ns != 0)
			continue;
		tell_to_leave(c);
	}
}

void
optional_replace_snmp(struct parent *p)
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
