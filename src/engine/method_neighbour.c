/* SPDX-License-Identifier: ISC */
/* Asking the gateway whether it is there on the link, by ARP or by neighbour
 * discovery. Neither has a sequence or a nonce: an answer is that of the newest
 * probe, if that one waits. What answers the kernel's own questions looks the
 * same, and says the same. */
#include "config.h"

#include <errno.h>
#include <string.h>

#include "engine/method.h"
#include "engine/neighbour.h"
#include "system/datagram.h"
#include "system/system.h"

enum { BATCH = 64 };

/* The newest probe of the link's target with that address, while it waits. */
static struct probe *
match(const struct probe_socket *s, const struct addr *from, struct target **target)
{
	for (size_t i = 0; i < s->link->ntargets; i++) {
		struct target *t = s->link->targets[i];
		struct probe *probe = probing_probe(t, (uint16_t)(t->next_sequence - 1));

		if (t->conf.method != METHOD_NEIGHBOUR || t->conf.family != s->family ||
		    !probing_is_target(t, from) || probe->state != PROBE_WAITING)
			continue;
		*target = t;
		return probe;
	}
	return NULL;
}

/* ---- ARP ---- */

/* The probe keeps the link-layer address that the answer must name. */
static uint64_t
lladdr_number(const uint8_t lladdr[static LLADDR_LEN])
{
	uint64_t n = 0;

	memcpy(&n, lladdr, LLADDR_LEN);
	return n;
}

static int
send_arp(struct target *t, const struct addr *to, struct probe *probe, int fd)
{
	const struct link_facts *facts = &t->link->facts;
	struct arp arp = {.sender = facts->route[V4].source, .target = *to};
	uint8_t packet[ARP_SIZE];

	if (sys_arp_lladdr(fd, facts->ifname, arp.sender_ll) != 0)
		return -1;
	probe->nonce = lladdr_number(arp.sender_ll);
	arp_request_write(&arp, packet);
	return sys_arp_send(fd, facts->ifindex, packet, sizeof(packet));
}

/* From who says to be it, to us: to our link-layer address and our own. */
static void
take_arp(const struct probe_socket *s, const uint8_t *packet, size_t len,
	 const struct sys_arp_from *from)
{
	const struct addr *own = &s->link->facts.route[V4].source;
	struct arrival a = {.ifindex = from->ifindex, .wall_ns = from->wall_ns};
	struct arp arp;
	struct target *t;
	struct probe *probe;

	if (arp_reply_read(packet, len, &arp) != 0 ||
	    memcmp(arp.sender_ll, from->lladdr, LLADDR_LEN) != 0 ||
	    (addr_is_set(own) && !addr_equal(own, &arp.target)))
		return;
	probe = match(s, &arp.sender, &t);
	if (probe != NULL && probe->nonce == lladdr_number(arp.target_ll))
		probing_answered(t, probe, &a);
}

static void
receive_arp(const struct probe_socket *s)
{
	uint8_t packet[64]; /* with the padding of a short frame */
	struct sys_arp_from from;

	for (int i = 0; i < BATCH; i++) {
		ssize_t n = sys_arp_receive(s->fd, packet, sizeof(packet), &from);

		if (n < 0)
			return;
		if (n > 0)
			take_arp(s, packet, (size_t)n, &from);
	}
}

/* ---- neighbour discovery ---- */

static int
send_solicitation(struct target *t, const struct addr *to, int fd)
{
	const struct link_facts *facts = &t->link->facts;
	const struct addr group = solicited_node(to, facts->ifindex);
	const struct datagram_way way = {
	    .to = &group, .source = probing_source(t, to), .ifindex = facts->ifindex};
	uint8_t packet[SOLICIT_SIZE], lladdr[LLADDR_LEN];

	if (sys_arp_lladdr(fd, facts->ifname, lladdr) != 0)
		return -1;
	solicit_write(to, lladdr, packet);
	return datagram_send(fd, &way, packet, sizeof(packet));
}

/* A hop limit of 255 can't come from beyond the link. */
static void
take_advert(void *arg, const uint8_t *packet, size_t len, const struct arrival *a)
{
	const struct probe_socket *s = arg;
	struct advert advert;
	struct target *t;
	struct probe *probe;

	if (a->hops != 255 || advert_read(packet, len, &advert) != 0 || !advert.solicited)
		return;
	probe = match(s, &advert.target, &t);
	if (probe != NULL)
		probing_answered(t, probe, a);
}

/* ---- both ---- */

static int
ask(struct target *t, const struct addr *to, struct probe *probe)
{
	int fd = sockets_first(t->link, METHOD_NEIGHBOUR, t->conf.family)->fd;

	if (t->link->facts.ifindex == 0) {
		errno = ENODEV;
		return -1;
	}
	return t->conf.family == V4 ? send_arp(t, to, probe, fd) : send_solicitation(t, to, fd);
}

static void
ready(struct probe_socket *s)
{
	if (s->family == V4)
		receive_arp(s);
	else
		datagram_receive(s->fd, take_advert, s);
}

static void
look(struct target *t, struct probe *probe)
{
	struct probe_socket *s = sockets_first(t->link, METHOD_NEIGHBOUR, t->conf.family);

	(void)probe;
	if (s == NULL)
		return;
	if (s->family == V4)
		receive_arp(s);
	else
		datagram_drain(s->fd, DATAGRAM_ALL, take_advert, s);
}

const struct method_ops method_neighbour = {.send = ask, .ready = ready, .look = look};
