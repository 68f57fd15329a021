/* SPDX-License-Identifier: ISC */
/* From events to facts, repairs of what the kernel itself removed, and drift:
 * what someone else removed. The daemon's own changes echo back as events too;
 * they carry its socket's id and mean nothing. */
#include "config.h"

#include "system/linux/events.h"

#include <errno.h>
#include <linux/rtnetlink.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "system/linux/limits.h"
#include "system/linux/routes.h"
#include "system/linux/rules.h"

/* ---- noting ---- */

static void
touch(struct batch *batch, const struct link *link)
{
	batch->touched[link->conf->index] = true;
	batch->any_touched = true;
}

static bool
learns(const struct link *link)
{
	return link->conf->route[V4].gateway_kind == CONF_GATEWAY_AUTO ||
	       link->conf->route[V6].gateway_kind == CONF_GATEWAY_AUTO;
}

/* The links on an interface, by its number or its present name. */
static void
touch_interface(struct sys_routing *r, struct batch *batch, uint32_t ifindex)
{
	const struct view_interface *interface = view_interface_by_index(&r->view, ifindex);

	for (size_t i = 0; i < r->nlinks; i++) {
		const struct link *link = &r->links[i];

		if (link->facts.ifindex != ifindex &&
		    (interface == NULL || strcmp(interface->name, link->conf->interface) != 0))
			continue;
		touch(batch, link);
		/* with an interface the kernel takes away IPv4 routes without an event */
		batch->reload_defaults |= learns(link);
	}
}

/* A source in the file may stand on any interface. */
static void
touch_sources(struct sys_routing *r, struct batch *batch)
{
	for (size_t i = 0; i < r->nlinks; i++)
		for (int family = 0; family < FAMILIES; family++)
			if (addr_is_set(&r->links[i].conf->route[family].source))
				touch(batch, &r->links[i]);
}

static void
note_route(struct sys_routing *r, struct batch *batch, const struct nlmsghdr *nlh)
{
	struct message_route route;
	const struct link *link;

	if (!message_route(nlh, &route))
		return;
	if (!routes_own(r, &route)) {
		batch->reload_defaults |= route.dst.plen == 0;
		return;
	}
	if (nlh->nlmsg_pid != 0) {
		batch->check_routes[route.family] = true;
		return;
	}
	/* the kernel's doing: an interface or an address went */
	link = routes_link_of_table(r, route.table);
	if (link != NULL)
		touch(batch, link);
	batch->any_touched = true;
}

void
events_note(struct sys_routing *r, struct batch *batch, const struct nlmsghdr *nlh)
{
	uint32_t ifindex;
	int family;

	switch (nlh->nlmsg_type) {
	case RTM_NEWLINK:
	case RTM_DELLINK:
		ifindex = view_note_interface(&r->view, nlh);
		if (ifindex != 0)
			touch_interface(r, batch, ifindex);
		break;
	case RTM_NEWADDR:
	case RTM_DELADDR:
		ifindex = view_note_address(&r->view, nlh);
		if (ifindex != 0) {
			touch_interface(r, batch, ifindex);
			touch_sources(r, batch);
		}
		break;
	case RTM_NEWROUTE:
	case RTM_DELROUTE:
		if (nlh->nlmsg_pid != r->command.portid)
			note_route(r, batch, nlh);
		break;
	case RTM_NEWRULE:
	case RTM_DELRULE:
		family = rules_event_family(r, nlh);
		if (family >= 0 && nlh->nlmsg_pid != r->command.portid)
			batch->check_rules[family] = true;
		break;
	}
}

void
events_everything(struct batch *batch)
{
	memset(batch, 1, sizeof(*batch));
	/* who removed a route is not known any more: all are put back without a word */
	memset(batch->check_routes, 0, sizeof(batch->check_routes));
}

/* ---- drift ---- */

struct drift {
	uint16_t link;
	uint8_t family;
	char text[80];
};

struct drifts {
	const bool *excused; /* links whose tables the kernel itself may have emptied, or NULL */
	bool seen[LINKS_MAX + 1][FAMILIES];
	struct drift *list;
	size_t count, room;
};

static void
note_drift(void *arg, unsigned link, int family, const char *text)
{
	struct drifts *d = arg;

	/* one for a link says enough */
	if (d->seen[link][family] || (d->excused != NULL && d->excused[link]))
		return;
	if (d->count == d->room) {
		size_t room = d->room == 0 ? 16 : d->room * 2;
		struct drift *grown = reallocarray(d->list, room, sizeof(*grown));

		if (grown == NULL)
			return;
		d->list = grown;
		d->room = room;
	}
	d->seen[link][family] = true;
	d->list[d->count] = (struct drift){.link = (uint16_t)link, .family = (uint8_t)family};
	snprintf(d->list[d->count].text, sizeof(d->list[0].text), "%s", text);
	d->count++;
}

static int
look_for_drift(struct sys_routing *r, const struct batch *batch, struct drifts *drifts)
{
	char text[80];
	int rc = 0;

	for (int family = 0; family < FAMILIES; family++) {
		if (batch->check_rules[family])
			rc |= rules_check(r, family, note_drift, drifts);
		if (!batch->check_routes[family])
			continue;
		drifts->excused = batch->touched;
		rc |= routes_check(r, family, note_drift, drifts);
		drifts->excused = NULL;
		if (default_stands(r, family))
			continue;
		snprintf(text, sizeof(text), "%s default in table %u was removed or changed",
			 family_name(family), r->conf->table_base);
		note_drift(drifts, 0, family, text);
	}
	return rc;
}

/* ---- settling ---- */

/* Worth telling before anything else is done. */
static bool
lost_something(const struct link *old, const struct link *now)
{
	if (now->facts.carrier == CARRIER_DOWN && old->facts.carrier != CARRIER_DOWN)
		return true;
	return (old->hop[V4].usable && !now->hop[V4].usable) ||
	       (old->hop[V6].usable && !now->hop[V6].usable);
}

struct changes {
	bool facts[LINKS_MAX + 1]; /* the hook is still to be called */
	bool prefix;
};

static void
derive(struct sys_routing *r, const struct batch *batch, struct changes *changes)
{
	for (size_t i = 0; i < r->nlinks; i++) {
		struct link *link = &r->links[i], old = *link;
		unsigned index = link->conf->index;

		if (!batch->touched[index])
			continue;
		link_derive(link, &r->view);
		if (facts_equal(&old.facts, &link->facts))
			continue;
		changes->prefix |= memcmp(&old.facts.route[V6].prefix,
					  &link->facts.route[V6].prefix, sizeof(struct addr)) != 0;
		if (lost_something(&old, link))
			r->hooks.facts(r->hooks.arg, &link->facts);
		else
			changes->facts[index] = true;
	}
}

/* What the kernel took with an interface or address, and what a new gateway or
 * prefix calls for. */
static void
put_back(struct sys_routing *r, const struct batch *batch, const struct changes *changes)
{
	struct rules_result result;

	for (int family = 0; family < FAMILIES; family++) {
		if (!r->carried[family])
			continue;
		for (size_t i = 0; i < r->nlinks; i++)
			if (batch->touched[r->links[i].conf->index])
				routes_sync_link(r, &r->links[i], family);
		if (r->planned[family])
			default_ensure(r, family, true, NULL);
	}
	if (changes->prefix && r->carried[V6])
		rules_sync(r, V6, &result);
}

static int
reload_defaults(struct sys_routing *r, struct batch *batch)
{
	bool any = false;

	for (size_t i = 0; i < r->nlinks; i++) {
		if (!learns(&r->links[i]))
			continue;
		touch(batch, &r->links[i]);
		any = true;
	}
	return any ? view_load_defaults(&r->view, &r->command) : 0;
}

static void
tell(struct sys_routing *r, const struct changes *changes, const struct drifts *drifts)
{
	for (size_t i = 0; i < r->nlinks; i++)
		if (changes->facts[r->links[i].conf->index])
			r->hooks.facts(r->hooks.arg, &r->links[i].facts);
	for (size_t i = 0; i < drifts->count; i++)
		r->hooks.drift(r->hooks.arg, drifts->list[i].link, drifts->list[i].family,
			       drifts->list[i].text);
}

int
events_settle(struct sys_routing *r, struct batch *batch)
{
	struct drifts drifts = {0};
	struct changes changes = {0};
	char failure[160] = "";
	unsigned failures = r->failures;
	int rc = 0;

	if (r->conf == NULL)
		return 0;
	routing_note_errors(r, failure, sizeof(failure));
	if (batch->reload_defaults)
		rc |= reload_defaults(r, batch);
	derive(r, batch, &changes);
	rc |= look_for_drift(r, batch, &drifts);
	if (batch->any_touched)
		put_back(r, batch, &changes);
	/* where the interface is just going down its own event is under way */
	if (failures != r->failures && r->error_number != ENETDOWN && r->error_number != ENODEV)
		note_drift(&drifts, 0, V4, failure);
	routing_note_errors(r, NULL, 0);
	tell(r, &changes, &drifts);
	free(drifts.list);
	return rc == 0 ? 0 : -1;
}
