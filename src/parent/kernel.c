/* SPDX-License-Identifier: ISC */
/* What the kernel tells the parent. Facts go to engine and worker as they come;
 * drift is put right, but never in a race against another program. */
#include "parent/kernel.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "common/clock.h"
#include "common/log.h"
#include "parent/deprecate.h"
#include "parent/handover.h"

static void
report_setting(void *arg, bool problem, const char *text)
{
	(void)arg;
	if (problem)
		log_warn("%s", text);
	else
		log_info("%s", text);
}

void
kernel_settings(struct parent *p)
{
	sys_settings(p->conf, report_setting, p);
}

static void
on_facts(void *arg, const struct link_facts *facts)
{
	struct parent *p = arg;
	const struct conf_link *link;
	bool other;

	if (facts->link == 0 || facts->link > LINKS_MAX)
		return;
	link = conf_link_by_index(p->conf, facts->link);
	other = facts->ifindex != 0 && facts->ifindex != p->facts[facts->link].ifindex;
	/* an interface that has just appeared has the system's settings */
	if (other)
		sys_settings_link(p->conf, facts->link, report_setting, p);
	p->facts[facts->link] = *facts;
	handover_facts(&p->children[IPC_PEER_ENGINE], facts->link);
	handover_facts(&p->children[IPC_PEER_WORKER], facts->link);
	if (other && link != NULL)
		handover_other_interface(&p->children[IPC_PEER_ENGINE], link);
}

static void
on_drift(void *arg, unsigned link, int family, const char *text)
{
	struct parent *p = arg;
	struct drift *d;

	p->drifted = true;
	/* it may be told while a plan is installed, with no event of the kernel's to follow */
	if (p->on_repair != NULL)
		event_active(p->on_repair, EV_TIMEOUT, 0);
	if (p->ndrifts == DRIFTS_MAX)
		return;
	d = &p->drifts[p->ndrifts++];
	d->link = (uint16_t)link;
	d->family = (uint8_t)family;
	snprintf(d->text, sizeof(d->text), "%s", text);
}

static void
tell_repairs(struct parent *p, int error)
{
	for (unsigned i = 0; i < p->ndrifts; i++) {
		const struct drift *d = &p->drifts[i];
		struct ipc_repair body;

		memset(&body, 0, sizeof(body));
		body.link = d->link;
		body.family = d->family;
		body.error = error;
		memcpy(body.text, d->text, sizeof(body.text));
		handover_note(&p->children[IPC_PEER_ENGINE], IPC_REPAIR, &body, sizeof(body));
		if (error == 0)
			log_warn("put right: %s", d->text);
		else
			log_error("can't be put right (%s): %s", strerror(error), d->text);
	}
	p->ndrifts = 0;
}

static void
repair_if_due(struct parent *p)
{
	uint64_t now = clock_mono_ns(), again;
	struct timeval wait;

	if (!p->drifted || p->releasing || event_pending(p->on_repair, EV_TIMEOUT, NULL))
		return;
	again = ration_take(&p->repairs, now);
	if (again == 0) {
		p->drifted = false;
		p->fighting = false;
		tell_repairs(p, sys_routing_repair(p->routing));
		return;
	}
	if (!p->fighting)
		log_warn("what the daemon made keeps being changed (%s): the next "
			 "repair is in %llu s",
			 p->ndrifts > 0 ? p->drifts[0].text : "?",
			 (unsigned long long)((again - now) / NSEC_PER_SEC));
	p->fighting = true;
	wait.tv_sec = (time_t)((again - now) / NSEC_PER_SEC);
	wait.tv_usec = (suseconds_t)((again - now) % NSEC_PER_SEC / NSEC_PER_USEC) + 1;
	event_add(p->on_repair, &wait);
}

static void
on_repair(evutil_socket_t fd, short what, void *arg)
{
	(void)fd;
	(void)what;
	repair_if_due(arg);
}

/* What passes by itself. */
static bool
is_passing(int error)
{
	return error == EINTR || error == ENOBUFS || error == ENOMEM || error == EAGAIN ||
	       error == EBUSY;
}

void
kernel_configure(struct parent *p)
{
	bool again = p->kernel_owes == KERNEL_CONFIGURE;
	char error[256] = "";

	if (sys_routing_configure(p->routing, p->conf, error, sizeof(error)) == 0) {
		p->kernel_owes = KERNEL_NOTHING;
		return;
	}
	p->kernel_owes = is_passing(errno) ? KERNEL_CONFIGURE : KERNEL_NOTHING;
	if (!again || p->kernel_owes == KERNEL_NOTHING)
		log_error("not all of the kernel's routing could be set up: %s%s", error,
			  p->kernel_owes != KERNEL_NOTHING ? ". Trying again" : "");
}

static void
resync(struct parent *p)
{
	if (sys_routing_resync(p->routing) == 0) {
		if (p->kernel_owes == KERNEL_RESYNC)
			p->kernel_owes = KERNEL_NOTHING;
		return;
	}
	if (p->kernel_owes == KERNEL_NOTHING) {
		log_error("the kernel's routing can't be read: %s. Trying again", strerror(errno));
		p->kernel_owes = KERNEL_RESYNC;
	}
}

void
kernel_tick(struct parent *p)
{
	if (p->kernel_owes == KERNEL_NOTHING || p->releasing || p->leaving)
		return;
	if (p->kernel_owes == KERNEL_CONFIGURE)
		kernel_configure(p);
	else
		resync(p);
	if (p->kernel_owes == KERNEL_NOTHING)
		log_info("the kernel's routing could be read now");
	repair_if_due(p);
}

void
kernel_tell_installed(struct parent *p, const struct sys_apply_counts *counts)
{
	struct ipc_plan_result result;

	memset(&result, 0, sizeof(result));
	result.serial = p->installed.serial;
	result.error = p->install_error;
	result.adds = counts->adds;
	result.deletes = counts->deletes;
	result.installed = p->installed;
	handover_installed(&p->children[IPC_PEER_WORKER]);
	handover_plan_result(&p->children[IPC_PEER_ENGINE], &result);
	deprecate_follow(p);
}

/* What stands may change without a plan. */
static void
follow_what_stands(struct parent *p)
{
	static struct plan installed;
	const struct sys_apply_counts none = {0, 0};

	if (p->installed.serial == 0 || p->releasing ||
	    !sys_routing_stands_otherwise(p->routing, &installed))
		return;
	installed.serial = p->installed.serial;
	p->installed = installed;
	kernel_tell_installed(p, &none);
}

static void
on_routing(evutil_socket_t fd, short what, void *arg)
{
	struct parent *p = arg;

	(void)fd;
	(void)what;
	if (sys_routing_read(p->routing) != 0) {
		log_debug("events of the kernel were lost (%s): reading all of it again",
			  strerror(errno));
		resync(p);
	}
	repair_if_due(p);
	follow_what_stands(p);
}

int
kernel_open(struct parent *p)
{
	struct sys_routing_hooks hooks = {on_facts, on_drift, p};

	p->routing = sys_routing_open(&hooks);
	if (p->routing == NULL)
		return -1;
	p->on_routing =
	    event_new(p->base, sys_routing_fd(p->routing), EV_READ | EV_PERSIST, on_routing, p);
	p->on_repair = evtimer_new(p->base, on_repair, p);
	if (p->on_routing == NULL || p->on_repair == NULL || event_add(p->on_routing, NULL) != 0) {
		errno = ENOMEM;
		return -1;
	}
	return 0;
}

void
kernel_close(struct parent *p)
{
	if (p->on_routing != NULL)
		event_free(p->on_routing);
	if (p->on_repair != NULL)
		event_free(p->on_repair);
	if (p->routing != NULL)
		sys_routing_close(p->routing);
}
