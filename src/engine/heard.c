/* SPDX-License-Identifier: ISC */
/* From the parent's messages into the links' rows; what follows from it is decided
 * elsewhere. */
#include "config.h"

#include "engine/heard.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "common/log.h"
#include "engine/decide.h"
#include "engine/publish.h"
#include "engine/sockets.h"

void
heard_facts(struct engine *e, const struct link_facts *facts)
{
	struct link *link = model_link(e, facts->link);

	if (link == NULL) /* of a link that the next configuration brings */
		return;
	link->facts = *facts;
	link->facts_known = true;
	link->row.ifindex = facts->ifindex;
	link->row.carrier = facts->carrier;
	for (int f = 0; f < FAMILIES; f++) {
		link->row.route[f].gateway = facts->route[f].gateway;
		link->row.route[f].gateway_origin = facts->route[f].origin;
		link->row.route[f].source = facts->route[f].source;
		link->row.route[f].prefix = facts->route[f].prefix;
	}
	publish_link(link);
	decide(e);
}

/* A message whose descriptor finds no room can't be read: so some is kept free of probes. */
static bool
has_room(struct engine *e, const struct link *link, int fd)
{
	if (fd < e->probe_fds_end)
		return true;
	if (!e->probe_fds_short)
		log_error("%s%s can't have all its probe sockets, nor those after it: too few "
			  "open files are allowed (ulimit -n, LimitNOFILE)",
			  link ? "link " : "all links", link ? link->row.name : "");
	e->probe_fds_short = true;
	return false;
}

void
heard_probe_socket(struct engine *e, const struct ipc_message *m)
{
	const struct ipc_probe_socket *s = m->body;
	struct link *link = model_link(e, s->link);

	if ((s->link != 0 && link == NULL) || !has_room(e, link, m->fd))
		close(m->fd);
	else if (sockets_set(e, link, s, m->fd) != 0)
		log_error("%s%s: no probe socket: %s", link ? "link " : "all links",
			  link ? link->row.name : "", strerror(errno));
}

void
heard_repair(struct engine *e, const struct ipc_repair *r)
{
	char text[sizeof(r->text)];
	struct link *link = model_link(e, r->link);
	struct event_draft d = {.type = r->error ? EVENT_ROUTE_FAILED : EVENT_ROUTE_REPAIRED,
				.link = link,
				.reason = r->error ? REASON_ROUTE_ERROR : REASON_FOREIGN_CHANGE,
				.family = r->link ? (r->family == V6 ? 6 : 4) : 0,
				.text = text};

	memcpy(text, r->text, sizeof(text));
	text[sizeof(text) - 1] = '\0';
	e->global.repairs += r->error == 0;
	if (link != NULL && r->family < FAMILIES) {
		link->row.route[r->family].drift++;
		link->row.route[r->family].errors += r->error != 0;
		publish_link(link);
	}
	publish_event(e, &d);
}
