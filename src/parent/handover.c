/* SPDX-License-Identifier: ISC */
/* What the parent tells its children. Sending never waits: what a child is owed
 * is noted, and sent from the event loop as far as its channel has room. */
#include "parent/handover.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/time.h>
#include <unistd.h>

#include "common/clock.h"
#include "common/log.h"
#include "parent/child.h"
#include "parent/indexes.h"

enum { RETRY_US = 5000, SCARCE_S = 1 };

/* What became of a message: the child is going, its channel has no room now, it was sent (or
 * is no longer needed), it can't be made now and stays owed, while others go on. */
enum { GOING = -1, FULL = 0, SENT = 1, LATER = 2 };

static void
due(struct child *c)
{
	if (c->pid != 0 && c->channel >= 0)
		event_active(c->flush, EV_TIMEOUT, 0);
}

/* One message: never LATER. */
static int
deliver(struct child *c, enum ipc_type type, const void *body, size_t length, int fd)
{
	struct timeval retry = {0, RETRY_US};

	if (ipc_send(c->channel, type, body, length, fd) == 0) {
		c->full_since_ns = 0;
		return SENT;
	}
	if (errno == EAGAIN) {
		if (c->full_since_ns == 0)
			c->full_since_ns = clock_mono_ns();
		event_add(c->flush, &retry);
		return FULL;
	}
	/* EPIPE: it has died, its end is noticed elsewhere. */
	if (errno != EPIPE)
		child_kill(c, "can't be told something: %s", strerror(errno));
	return GOING;
}

/* There is no room for a descriptor, or no memory: then it is owed until there is. */
static bool
scarce(struct child *c, const char *what, int error)
{
	struct timeval again = {SCARCE_S, 0};

	if (error != EMFILE && error != ENFILE && error != ENOMEM && error != ENOBUFS)
		return false;
	if (!c->scarce_logged)
		log_error("the %s process can't be given %s yet: %s. Trying again until it is "
			  "possible",
			  c->name, what, strerror(error));
	c->scarce_logged = true;
	event_add(c->flush, &again);
	return true;
}

static int
send_state(struct child *c)
{
	return c->parent->state_fd < 0 ? SENT : deliver(c, IPC_STATE, NULL, 0, c->parent->state_fd);
}

static int
send_config(struct child *c)
{
	struct parent *p = c->parent;
	struct ipc_config body = {p->conf_serial, (uint32_t)p->conf_len, p->started_ns,
				  p->started_wall_ns};

	return deliver(c, IPC_CONFIG, &body, sizeof(body), p->conf_fd);
}

static int
send_plan_result(struct child *c)
{
	return deliver(c, IPC_PLAN_RESULT, &c->owed.result, sizeof(c->owed.result), -1);
}

static int
send_plan(struct child *c)
{
	return deliver(c, IPC_PLAN, &c->parent->installed, sizeof(c->parent->installed), -1);
}

static int
send_settings(struct child *c)
{
	const struct conf_snmp *snmp = &c->parent->conf->snmp;
	struct ipc_settings body;

	memset(&body, 0, sizeof(body));
	memcpy(body.agentx, snmp->agentx, sizeof(body.agentx));
	body.notify_limit = snmp->notify_limit;
	body.notify_targets = snmp->notify_targets;
	return deliver(c, IPC_SETTINGS, &body, sizeof(body), -1);
}

static int
send_control_socket(struct child *c)
{
	return deliver(c, IPC_CONTROL_SOCKET, NULL, 0, c->parent->control);
}

static int
send_indexes(struct child *c)
{
	size_t len;
	char *text = indexes_text(&c->parent->map, &len);
	int fd = text == NULL ? -1 : sys_text_fd(text, len), result;

	free(text);
	if (fd < 0 && scarce(c, "the map of link indexes", text == NULL ? ENOMEM : errno))
		return LATER;
	if (fd < 0) {
		log_error("the map of link indexes can't be handed to the worker: %s",
			  strerror(errno));
		return SENT;
	}
	result = deliver(c, IPC_INDEXES, NULL, 0, fd);
	close(fd);
	return result;
}

static int
send_stats(struct child *c)
{
	return deliver(c, IPC_STATS, &c->parent->stats, sizeof(c->parent->stats), -1);
}

static int
send_release(struct child *c)
{
	return deliver(c, IPC_RELEASE, NULL, 0, -1);
}

static int
send_exit(struct child *c)
{
	return deliver(c, IPC_EXIT, NULL, 0, -1);
}

static int
flush_one(struct child *c, bool *owed, int (*send)(struct child *))
{
	int result;

	if (!*owed)
		return SENT;
	result = send(c);
	if (result == SENT)
		*owed = false;
	return result;
}

static int
flush_channels(struct child *c)
{
	for (unsigned peer = 0; peer < CHILDREN_END; peer++) {
		struct ipc_channel body = {peer, 0};
		int result;

		if (c->owed.channel[peer] < 0)
			continue;
		result = deliver(c, IPC_CHANNEL, &body, sizeof(body), c->owed.channel[peer]);
		if (result <= 0)
			return result;
		close(c->owed.channel[peer]);
		c->owed.channel[peer] = -1;
	}
	return SENT;
}

static int
flush_facts(struct child *c)
{
	for (unsigned link = 1; link <= LINKS_MAX; link++) {
		int result;

		if (!c->owed.facts[link])
			continue;
		result = deliver(c, IPC_FACTS, &c->parent->facts[link],
				 sizeof(c->parent->facts[link]), -1);
		if (result <= 0)
			return result;
		c->owed.facts[link] = false;
	}
	return SENT;
}

/* Who sees a connection answered can't tell by which interface: only the kernel can. */
static int
open_probe_socket(const struct parent *p, const struct ipc_probe_socket *what)
{
	int fd = sys_probe_socket(p->conf, what->link, what->family, what->method), saved;

	if (fd < 0 || what->ifindex == 0 || sys_tcp_keep_to(fd, what->ifindex) == 0)
		return fd;
	saved = errno;
	close(fd);
	errno = saved;
	return -1;
}

static int
send_socket(struct child *c, unsigned link, int family, unsigned method, uint16_t number)
{
	struct ipc_probe_socket body = {.link = (uint16_t)link,
					.family = (uint8_t)family,
					.method = (uint8_t)method,
					.number = number};
	const struct conf_link *conf = conf_link_by_index(c->parent->conf, link);
	int fd, result;

	if (link != 0 && conf == NULL)
		return SENT; /* gone meanwhile */
	if (method == METHOD_TCP)
		body.ifindex = c->parent->facts[link].ifindex;
	fd = link != 0 ? open_probe_socket(c->parent, &body) : sys_echo_socket(family);
	if (fd < 0 && scarce(c, "all probe sockets", errno))
		return LATER;
	if (fd < 0) {
		log_error("%s%s can't be probed by %s over %s: %s", conf ? "link " : "no link",
			  conf ? conf->name : "", method_name(method),
			  family == V4 ? "IPv4" : "IPv6", strerror(errno));
		return SENT;
	}
	result = deliver(c, IPC_PROBE_SOCKET, &body, sizeof(body), fd);
	close(fd);
	return result;
}

static int
flush_range(struct child *c, unsigned link, int family, unsigned method)
{
	struct socket_range *r = &c->owed.sockets[method][family][link];

	for (; r->next < r->end; r->next++) {
		int result = send_socket(c, link, family, method, r->next);

		if (result == LATER)
			return SENT; /* as far as the next range is concerned */
		if (result <= 0)
			return result;
	}
	return SENT;
}

/* Those that hear before those that ask. */
static int
flush_sockets(struct child *c)
{
	for (unsigned link = 0; link <= LINKS_MAX; link++)
		for (int family = 0; family < FAMILIES; family++)
			for (unsigned method = 0; method < PROBE_METHODS; method++) {
				int result = flush_range(c, link, family, method);

				if (result <= 0)
					return result;
			}
	return SENT;
}

static int
flush_notes(struct child *c)
{
	struct owed *o = &c->owed;

	while (o->note_count > 0) {
		struct note *n = &o->notes[o->note_first];
		int result = deliver(c, n->type, n->body, n->length, -1);

		if (result <= 0)
			return result;
		free(n->body);
		o->note_first = (o->note_first + 1) % NOTES_MAX;
		o->note_count--;
	}
	return SENT;
}

/* What was before, the configuration before all that refers to it, then what is
 * urgent. */
void
handover_flush(struct child *c)
{
	struct owed *o = &c->owed;

	if (c->pid == 0 || c->channel < 0)
		return;
	if (flush_one(c, &o->state, send_state) > 0 && flush_one(c, &o->config, send_config) > 0 &&
	    flush_one(c, &o->plan_result, send_plan_result) > 0 &&
	    flush_one(c, &o->settings, send_settings) > 0 && flush_facts(c) > 0 &&
	    flush_one(c, &o->plan, send_plan) > 0 && flush_channels(c) > 0 &&
	    flush_sockets(c) > 0 && flush_one(c, &o->control_socket, send_control_socket) > 0 &&
	    flush_one(c, &o->indexes, send_indexes) > 0 &&
	    flush_one(c, &o->stats, send_stats) > 0 && flush_notes(c) > 0 &&
	    flush_one(c, &o->release, send_release) > 0)
		flush_one(c, &o->exit, send_exit);
}

static void
owe_range(struct socket_range *r, uint16_t from, uint16_t to)
{
	if (from >= to)
		return;
	/* what is owed already is told on the way */
	r->next = r->next < r->end && r->next < from ? r->next : from;
	r->end = to;
}

void
handover_all(struct child *c)
{
	static const struct probe_sockets none;
	const struct conf *conf = c->parent->conf;
	const struct probe_sockets shared = probe_sockets_shared(conf);
	bool engine = c->role == IPC_PEER_ENGINE, worker = c->role == IPC_PEER_WORKER;
	bool snmp = c->role == IPC_PEER_SNMP;

	child_owed_nothing(c);
	c->owed.state = engine;
	c->owed.config = !snmp;
	c->owed.control_socket = engine;
	c->owed.stats = engine;
	c->owed.plan = worker && sys_ruleset_follows_plan() && c->parent->installed.serial != 0;
	c->owed.settings = snmp;
	c->owed.indexes = worker && c->parent->map_changed;
	for (size_t i = 0; (engine || worker) && i < conf->nlinks; i++) {
		const struct conf_link *link = &conf->links[i];

		c->owed.facts[link->index] = true;
		if (engine) {
			struct probe_sockets needed =
			    probe_sockets_needed(link, c->parent->tcp_left_out);

			handover_sockets(c, link->index, &none, &needed);
		}
	}
	if (engine)
		handover_sockets(c, 0, &none, &shared);
	due(c);
}

static void
owe_channel(struct child *c, enum ipc_peer peer, int fd)
{
	if (c->owed.channel[peer] >= 0)
		close(c->owed.channel[peer]);
	c->owed.channel[peer] = fd;
	due(c);
}

int
handover_channel(struct child *a, struct child *b)
{
	int ends[2];

	if (a->pid == 0 || b->pid == 0)
		return 0;
	if (ipc_pair(ends) != 0) {
		/* its successor gets one, when there is room for it */
		child_kill(b, "can't be given a channel to the %s process: %s", a->name,
			   strerror(errno));
		return -1;
	}
	owe_channel(a, b->role, ends[0]);
	owe_channel(b, a->role, ends[1]);
	return 0;
}

void
handover_config(struct child *c)
{
	c->owed.config = true;
	due(c);
}

void
handover_facts(struct child *c, unsigned link)
{
	c->owed.facts[link] = true;
	due(c);
}

void
handover_sockets(struct child *c, unsigned link, const struct probe_sockets *had,
		 const struct probe_sockets *needed)
{
	for (unsigned method = 0; method < PROBE_METHODS; method++)
		for (int family = 0; family < FAMILIES; family++)
			owe_range(&c->owed.sockets[method][family][link], had->n[method][family],
				  needed->n[method][family]);
	due(c);
}

void
handover_other_interface(struct child *c, const struct conf_link *link)
{
	struct probe_sockets needed = probe_sockets_needed(link, c->parent->tcp_left_out),
			     had = needed;

	memset(had.n[METHOD_TCP], 0, sizeof(had.n[METHOD_TCP]));
	handover_sockets(c, link->index, &had, &needed);
}

void
handover_plan_result(struct child *c, const struct ipc_plan_result *result)
{
	struct owed *o = &c->owed;
	uint32_t adds = o->plan_result ? o->result.adds : 0;
	uint32_t deletes = o->plan_result ? o->result.deletes : 0;

	o->result = *result;
	o->result.adds += adds;
	o->result.deletes += deletes;
	o->plan_result = true;
	due(c);
}

void
handover_installed(struct child *c)
{
	if (!sys_ruleset_follows_plan())
		return;
	c->owed.plan = true;
	due(c);
}

void
handover_indexes(struct child *c)
{
	c->owed.indexes = true;
	due(c);
}

void
handover_settings(struct child *c)
{
	c->owed.settings = true;
	due(c);
}

void
handover_stats(struct child *c)
{
	c->owed.stats = true;
	due(c);
}

void
handover_release(struct child *c)
{
	c->owed.release = true;
	due(c);
}

void
handover_exit(struct child *c)
{
	c->owed.exit = true;
	due(c);
}

void
handover_note(struct child *c, enum ipc_type type, const void *body, size_t length)
{
	struct owed *o = &c->owed;
	struct note *n = &o->notes[(o->note_first + o->note_count) % NOTES_MAX];

	if (c->pid == 0 || c->channel < 0)
		return;
	if (o->note_count == NOTES_MAX) {
		child_kill(c, "does not read: %d messages wait for it", NOTES_MAX);
		return;
	}
	n->body = malloc(length);
	if (n->body == NULL)
		return;
	memcpy(n->body, body, length);
	n->type = type;
	n->length = length;
	o->note_count++;
	due(c);
}
