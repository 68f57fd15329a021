/* SPDX-License-Identifier: ISC */
/* The router's own connected sockets: finds those whose conversation is cut, and
 * ends them at once instead of leaving them to time out. A socket is only ever
 * named by the cookie that the kernel gave it: naming it by addresses could hit a
 * listening or unconnected socket, which the kernel takes where no connected one
 * is left. */
#include "config.h"

#include <arpa/inet.h>
#include <errno.h>
#include <linux/inet_diag.h>
#include <linux/sock_diag.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdlib.h>
#include <string.h>

#include "system/linux/flows.h"

/* Connected, or about to be; not listening, not already closed. */
#define STATES_TCP                                                                               \
	(1u << TCP_ESTABLISHED | 1u << TCP_SYN_SENT | 1u << TCP_SYN_RECV | 1u << TCP_FIN_WAIT1 | \
	 1u << TCP_FIN_WAIT2 | 1u << TCP_CLOSE_WAIT | 1u << TCP_LAST_ACK | 1u << TCP_CLOSING)
#define STATES_UDP (1u << TCP_ESTABLISHED) /* connected ones */

struct own_socket {
	struct flows_tuple tuple;
	uint8_t diag_family; /* AF_INET6 also for one that talks IPv4 by mapped addresses */
	bool picked;
	struct inet_diag_sockid id;
};

struct flows_sockets {
	struct own_socket *all;
	size_t count, room;
	bool failed;      /* no memory for one of them */
	uint8_t protocol; /* of the dump at hand */
};

static bool
is_mapped(const uint8_t octets[16])
{
	static const uint8_t prefix[12] = {[10] = 0xff, [11] = 0xff};

	return memcmp(octets, prefix, sizeof(prefix)) == 0;
}

/* Addresses as the packets have them: IPv4 where the socket's are mapped. */
static void
tuple_of(struct flows_tuple *tuple, const struct inet_diag_msg *message, uint8_t protocol)
{
	const uint8_t *src = (const void *)message->id.idiag_src;
	const uint8_t *dst = (const void *)message->id.idiag_dst;

	memset(tuple, 0, sizeof(*tuple));
	tuple->protocol = protocol;
	tuple->local_port = message->id.idiag_sport;
	tuple->remote_port = message->id.idiag_dport;
	if (message->idiag_family == AF_INET || (is_mapped(src) && is_mapped(dst))) {
		size_t skip = message->idiag_family == AF_INET ? 0 : 12;

		tuple->family = V4;
		memcpy(tuple->local, src + skip, 4);
		memcpy(tuple->remote, dst + skip, 4);
		return;
	}
	tuple->family = V6;
	memcpy(tuple->local, src, 16);
	memcpy(tuple->remote, dst, 16);
}

static int
each_socket(const struct nlmsghdr *header, void *arg)
{
	const struct inet_diag_msg *message = mnl_nlmsg_get_payload(header);
	struct flows_sockets *sockets = arg;
	struct own_socket *own;

	if (mnl_nlmsg_get_payload_len(header) < sizeof(*message))
		return MNL_CB_OK;
	if (sockets->count == sockets->room) {
		size_t room = sockets->room ? sockets->room * 2 : 64;
		struct own_socket *more = realloc(sockets->all, room * sizeof(*more));

		if (!more) {
			sockets->failed = true;
			return MNL_CB_OK;
		}
		sockets->all = more;
		sockets->room = room;
	}
	own = &sockets->all[sockets->count++];
	memset(own, 0, sizeof(*own));
	tuple_of(&own->tuple, message, sockets->protocol);
	own->diag_family = message->idiag_family;
	own->id = message->id;
	return MNL_CB_OK;
}

static struct nlmsghdr *
diag_request(struct sys_flows *f, uint16_t type, uint16_t flags, struct inet_diag_req_v2 **body)
{
	struct nlmsghdr *request = mnl_nlmsg_put_header(f->request);

	request->nlmsg_type = type;
	request->nlmsg_flags = (uint16_t)(NLM_F_REQUEST | flags);
	request->nlmsg_seq = ++f->seq;
	*body = mnl_nlmsg_put_extra_header(request, sizeof(**body));
	return request;
}

static int
by_tuple(const void *a, const void *b)
{
	const struct own_socket *left = a, *right = b;

	return memcmp(&left->tuple, &right->tuple, sizeof(left->tuple));
}

struct flows_sockets *
flows_sockets_read(struct sys_flows *f)
{
	static const uint8_t protocols[] = {IPPROTO_TCP, IPPROTO_UDP};
	static const uint8_t families[] = {AF_INET, AF_INET6};
	struct flows_sockets *sockets = calloc(1, sizeof(*sockets));

	for (size_t i = 0; sockets && i < 4; i++) {
		struct inet_diag_req_v2 *body;
		struct nlmsghdr *request = diag_request(f, SOCK_DIAG_BY_FAMILY, NLM_F_DUMP, &body);

		sockets->protocol = protocols[i / 2];
		body->sdiag_family = families[i % 2];
		body->sdiag_protocol = sockets->protocol;
		body->idiag_states = sockets->protocol == IPPROTO_TCP ? STATES_TCP : STATES_UDP;
		/* A protocol or family that this kernel can't show has no sockets
		 * that could be ended; the others have. */
		(void)flows_talk_one(f, f->diag, request, each_socket, sockets);
	}
	if (sockets && sockets->count > 0)
		qsort(sockets->all, sockets->count, sizeof(*sockets->all), by_tuple);
	return sockets;
}

void
flows_sockets_free(struct flows_sockets *sockets)
{
	if (!sockets)
		return;
	free(sockets->all);
	free(sockets);
}

void
flows_sockets_pick(struct flows_sockets *sockets, const struct flows_tuple *tuple)
{
	struct own_socket key = {.tuple = *tuple}, *found;

	if (sockets->count == 0)
		return;
	found = bsearch(&key, sockets->all, sockets->count, sizeof(key), by_tuple);
	if (found)
		found->picked = true;
}

static int
destroy(struct sys_flows *f, const struct own_socket *own)
{
	struct inet_diag_req_v2 *body;
	struct nlmsghdr *request = diag_request(f, SOCK_DESTROY, NLM_F_ACK, &body);

	body->sdiag_family = own->diag_family;
	body->sdiag_protocol = own->tuple.protocol;
	body->idiag_states = UINT32_MAX;
	body->id = own->id;
	return flows_talk_one(f, f->diag, request, NULL, NULL);
}

unsigned
flows_sockets_destroy(struct sys_flows *f, struct flows_sockets *sockets)
{
	unsigned ended = 0;

	for (size_t i = 0; i < sockets->count; i++)
		if (sockets->all[i].picked && destroy(f, &sockets->all[i]) == 0)
			ended++;
	return ended;
}
