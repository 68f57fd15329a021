/* SPDX-License-Identifier: ISC */
/* From messages to facts, repairs of what the kernel itself removed, and drift: what someone else
 * removed. */
#include "config.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "system/openbsd/limits.h"
#include "system/openbsd/routing.h"
#include "system/openbsd/rtio.h"
#include "system/openbsd/standing.h"

/* ---- noting ---- */

static void
touch(struct batch *batch, const struct link *link)
{
	batch->touched[link->conf->index] = true;
	batch->any_touched = true;
}

/* The links on an interface, by its number or its name; those with a source of their own, which
 * may stand on any. */
static void
touch_interface(struct sys_routing *r, uint16_t ifindex)
{
	const struct world_interface *interface = world_interface_by_index(&r->world, ifindex);

	for (size_t i = 0; i < r->nlinks; i++) {
		const struct link *link = &r->links[i];

		if (link->facts.ifindex == ifindex ||
		    (interface != NULL && strcmp(interface->name, link->conf->interface) == 0) ||
		    addr_is_set(&link->conf->route[V4].source) ||
		    addr_is_set(&link->conf->route[V6].source))
			touch(&r->batch, link);
	}
}

static void
note_gone(struct batch *batch, const struct world_route *route, uint32_t pid)
{
	if (batch->ngone == batch->gone_room) {
		size_t room = batch->gone_room == 0 ? 16 : batch->gone_room * 2;
		struct world_route *gone = reallocarray(batch->gone, room, sizeof(*gone));
		uint32_t *by = NULL;

		if (gone != NULL) {
			batch->gone = gone;
			by = reallocarray(batch->by, room, sizeof(*by));
		}
		if (by == NULL) {
			batch->reread_all = true;
			return;
		}
		batch->by = by;
		batch->gone_room = room;
	}
	batch->gone[batch->ngone] = *route;
	batch->by[batch->ngone++] = pid;
}

void
settle_note(struct sys_routing *r, const struct rtmsg *m)
{
	struct world_route route;
	uint16_t ifindex;

	switch (world_note(&r->world, m, &ifindex, &route)) {
	case WORLD_NOTHING:
		break;
	case WORLD_ADDRESS_GONE:
		r->batch.reread_routes = true;
		touch_interface(r, ifindex);
		break;
	case WORLD_INTERFACE:
	case WORLD_ROUTE_NEW:
		touch_interface(r, ifindex);
		break;
	case WORLD_ROUTE_GONE:
		touch_interface(r, ifindex);
		/* the kernel itself has no pid, and its reasons */
		if (route.own && m->pid != 0 && m->pid != rtio_pid())
			note_gone(&r->batch, &route, m->pid);
		break;
	case WORLD_LOST:
		r->batch.reread_all = true;
		break;
	}
}

void
settle_everything(struct sys_routing *r)
{
	for (size_t i = 0; i < r->nlinks; i++)
		touch(&r->batch, &r->links[i]);
}

void
settle_forget(struct sys_routing *r)
{
	free(r->batch.gone);
	free(r->batch.by);
	memset(&r->batch, 0, sizeof(r->batch));
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

static void
derive(struct sys_routing *r, const struct batch *batch, bool changed[LINKS_MAX + 1])
{
	for (size_t i = 0; i < r->nlinks; i++) {
		struct link *link = &r->links[i], old = *link;

		if (!batch->touched[link->conf->index])
			continue;
		link_derive(link, &r->world);
		if (facts_equal(&old.facts, &link->facts))
			continue;
		if (lost_something(&old, link))
			r->hooks.facts(r->hooks.arg, &link->facts);
		else
			changed[link->conf->index] = true;
	}
}

/* Which process removed it; 0: none did. */
static uint32_t
removed_by(const struct batch *batch, const struct want *want)
{
	for (size_t i = 0; i < batch->ngone; i++)
		if (batch->gone[i].table == want->table &&
		    addr_equal(&batch->gone[i].gateway, &want->gateway))
			return batch->by[i];
	return 0;
}

/* What is wanted and was removed by another process: told, and put back by sys_routing_repair. */
static void
tell_drift(struct sys_routing *r, const struct batch *batch)
{
	char text[160], gateway[ADDR_STRLEN];
	size_t n = 0;
	struct step *steps = batch->ngone > 0 ? standing_steps(r, true, &n) : NULL;

	for (size_t i = 0; i < n; i++) {
		const struct want *want = &steps[i].route;
		uint32_t pid = removed_by(batch, want);

		if (pid == 0)
			continue;
		snprintf(text, sizeof(text),
			 "%s default by %s in table %u was removed by process %u",
			 family_name(want->family), addr_text(&want->gateway, gateway), want->table,
			 pid);
		r->hooks.drift(r->hooks.arg, want->link, want->family, text);
	}
	free(steps);
}

/* What the kernel took with an interface or address, and what a new gateway calls for. What a
 * process removed is not: that would be a race against it. */
static void
put_back(struct sys_routing *r, const struct batch *batch)
{
	size_t n;
	struct step *steps = standing_steps(r, true, &n);
	struct rtmsg m;

	for (size_t i = 0; i < n; i++) {
		if (removed_by(batch, &steps[i].route) != 0)
			continue;
		standing_request(&steps[i], &m);
		(void)talk_request(r, &m);
	}
	free(steps);
}

/* A link's own table follows its gateway. */
static void
take_away(struct sys_routing *r)
{
	size_t n;
	struct step *steps = standing_steps(r, false, &n);
	struct rtmsg m;

	for (size_t i = 0; i < n; i++) {
		if (steps[i].add || steps[i].route.table == MAIN_TABLE)
			continue;
		standing_request(&steps[i], &m);
		(void)talk_request(r, &m);
	}
	free(steps);
}

static int
reread(struct sys_routing *r, struct batch *batch)
{
	if (batch->reread_all) {
		settle_everything(r);
		memcpy(batch->touched, r->batch.touched, sizeof(batch->touched));
		batch->any_touched = true;
		return talk_read_interfaces(r) | talk_read_routes(r, true);
	}
	return batch->reread_routes ? talk_read_routes(r, false) : 0;
}

static int
settle_once(struct sys_routing *r)
{
	struct batch batch = r->batch;
	static bool changed[LINKS_MAX + 1];
	int rc;

	memset(&r->batch, 0, sizeof(r->batch));
	memset(changed, 0, sizeof(changed));
	rc = reread(r, &batch);
	/* a part of it would say that links are gone: it is all read again then */
	if (rc != 0 && batch.reread_all)
		r->batch.reread_all = true;
	else if (r->conf != NULL && batch.any_touched) {
		derive(r, &batch, changed);
		put_back(r, &batch);
		take_away(r);
	}
	for (size_t i = 0; i < r->nlinks; i++)
		if (changed[r->links[i].conf->index])
			r->hooks.facts(r->hooks.arg, &r->links[i].facts);
	tell_drift(r, &batch);
	free(batch.gone);
	free(batch.by);
	return rc;
}

/* While requests are out the kernel tells more. */
int
settle(struct sys_routing *r)
{
	enum { ROUNDS = 8 };
	int rc = 0;

	for (int i = 0; i < ROUNDS && rc == 0; i++) {
		if (!r->batch.any_touched && !r->batch.reread_routes && !r->batch.reread_all)
			break;
		rc = settle_once(r);
	}
	return rc;
}
