/* SPDX-License-Identifier: ISC */
/* Follows what is installed: the prefix of a link that carries no new IPv6 flow is
 * deprecated again and again, since whoever announces it says the opposite now and
 * then; one that carries again is preferred some times, until its announcer goes on.
 * Where no link carries anything, nothing is said. */
#include "config.h"

#include "parent/deprecate.h"

#include <errno.h>
#include <string.h>

#include "common/log.h"

enum {
	AGAIN_S = 5,
	PREFERRED_TIMES = 3,
};

static bool
carries(const struct parent *p, unsigned link)
{
	const struct plan_family *f = &p->installed.family[V6];

	for (unsigned i = 0; i < f->count; i++)
		if (f->members[i].link == link)
			return f->members[i].weight > 0;
	return false;
}

static bool
anyone_carries(const struct parent *p)
{
	const struct plan_family *f = &p->installed.family[V6];

	for (unsigned i = 0; i < f->count; i++)
		if (f->members[i].weight > 0)
			return true;
	return false;
}

/* Hosts have its prefix themselves: no other one takes its place on the way. */
static bool
has_hosts(const struct conf_link *link)
{
	const struct conf_route *r = &link->route[V6];

	return r->gateway_kind != CONF_GATEWAY_NONE && r->nat == CONF_NAT_NONE &&
	       addr_is_set(&r->prefix);
}

static void
say(struct parent *p, const struct conf_link *link, bool preferred)
{
	for (unsigned i = 0; i < p->conf->ndeprecate; i++) {
		const char *ifname = p->conf->deprecate_on[i];
		int error = sys_advertise(p->routing, ifname, &link->route[V6].prefix, preferred);

		if (error != 0 && error != ENOENT)
			log_debug("no router advertisement on %s: %s", ifname, strerror(error));
	}
}

/* Whether it is to be said again. */
static bool
follow_link(struct parent *p, const struct conf_link *link)
{
	struct deprecation *d = &p->deprecation;
	bool preferred = carries(p, link->index);

	if (preferred == d->deprecated[link->index]) {
		log_info("link %s: hosts are told that its prefix is %s", link->name,
			 preferred ? "preferred again" : "deprecated");
		d->deprecated[link->index] = !preferred;
		d->times_left[link->index] = PREFERRED_TIMES;
	}
	if (!preferred) {
		say(p, link, false);
		return true;
	}
	if (d->times_left[link->index] == 0)
		return false;
	say(p, link, true);
	return --d->times_left[link->index] > 0;
}

static void
on_again(evutil_socket_t fd, short what, void *arg)
{
	(void)fd;
	(void)what;
	deprecate_follow(arg);
}

void
deprecate_follow(struct parent *p)
{
	struct timeval again = {.tv_sec = AGAIN_S};
	bool any = false;

	if (p->conf->ndeprecate == 0 || !sys_can_advertise() || p->installed.serial == 0 ||
	    !anyone_carries(p))
		return;
	for (size_t i = 0; i < p->conf->nlinks; i++)
		if (has_hosts(&p->conf->links[i]))
			any |= follow_link(p, &p->conf->links[i]);
	if (p->deprecation.again == NULL)
		p->deprecation.again = evtimer_new(p->base, on_again, p);
	if (any && p->deprecation.again != NULL)
		evtimer_add(p->deprecation.again, &again);
}

void
deprecate_close(struct parent *p)
{
	if (p->deprecation.again != NULL)
		event_free(p->deprecation.again);
	p->deprecation.again = NULL;
}
