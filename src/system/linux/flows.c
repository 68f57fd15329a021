/* SPDX-License-Identifier: ISC */
/* The netlink sockets of the worker's part, and one way to talk over them. It may
 * wait for the kernel, but never for longer than ANSWER_S at a time. */
#include "config.h"

#include <arpa/inet.h>
#include <errno.h>
#include <linux/netfilter.h>
#include <linux/netfilter/nfnetlink.h>
#include <stdlib.h>
#include <string.h>
#include <sys/time.h>

#include "system/linux/flows.h"
#include "system/linux/netlink.h"
#include "system/system.h"

enum { ANSWER_S = 10, CHANGES_ROOM = 4096 };

struct mnl_socket *
flows_open_socket(int bus)
{
	struct mnl_socket *socket = mnl_socket_open2(bus, SOCK_CLOEXEC);
	struct timeval limit = {.tv_sec = ANSWER_S};

	if (!socket)
		return NULL;
	if (mnl_socket_bind(socket, 0, MNL_SOCKET_AUTOPID) == -1 ||
	    setsockopt(mnl_socket_get_fd(socket), SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof(limit)) ==
		-1) {
		int saved = errno;

		mnl_socket_close(socket);
		errno = saved;
		return NULL;
	}
	return socket;
}

/* That there is something to read says all: what does not fit may be lost. */
static struct mnl_socket *
open_changes(void)
{
	struct mnl_socket *socket =
	    mnl_socket_open2(NETLINK_NETFILTER, SOCK_CLOEXEC | SOCK_NONBLOCK);
	int room = CHANGES_ROOM;

	if (!socket)
		return NULL;
	(void)setsockopt(mnl_socket_get_fd(socket), SOL_SOCKET, SO_RCVBUF, &room, sizeof(room));
	if (mnl_socket_bind(socket, 1u << (NFNLGRP_NFTABLES - 1), MNL_SOCKET_AUTOPID) == -1) {
		mnl_socket_close(socket);
		return NULL;
	}
	return socket;
}

int
sys_ruleset_watch(const struct sys_flows *f)
{
	return f->changes ? mnl_socket_get_fd(f->changes) : -1;
}

void
sys_ruleset_seen(struct sys_flows *f)
{
	enum { AT_MOST = 10000 }; /* a flood must not keep the worker */

	for (int i = 0; f->changes && i < AT_MOST; i++)
		if (mnl_socket_recvfrom(f->changes, f->answer, sizeof(f->answer)) == -1 &&
		    errno == EAGAIN)
			return;
}

struct sys_flows *
sys_flows_open(void)
{
	struct sys_flows *f = calloc(1, sizeof(*f));

	if (!f)
		return NULL;
	f->netfilter = flows_open_socket(NETLINK_NETFILTER);
	f->diag = flows_open_socket(NETLINK_SOCK_DIAG);
	if (!f->netfilter || !f->diag) {
		int saved = errno;

		sys_flows_close(f);
		errno = saved;
		return NULL;
	}
	f->changes = open_changes();
	return f;
}

void
sys_flows_close(struct sys_flows *f)
{
	if (!f)
		return;
	if (f->netfilter)
		mnl_socket_close(f->netfilter);
	if (f->diag)
		mnl_socket_close(f->diag);
	if (f->changes)
		mnl_socket_close(f->changes);
	free(f);
}

struct nlmsghdr *
flows_netfilter_request(struct sys_flows *f, unsigned subsystem, unsigned type, uint16_t flags,
			uint8_t family)
{
	struct nlmsghdr *request = mnl_nlmsg_put_header(f->request);
	struct nfgenmsg *general;

	request->nlmsg_type = (uint16_t)(subsystem << 8 | type);
	request->nlmsg_flags = (uint16_t)(NLM_F_REQUEST | flags);
	request->nlmsg_seq = ++f->seq;
	general = mnl_nlmsg_put_extra_header(request, sizeof(*general));
	general->nfgen_family = family;
	general->version = NFNETLINK_V0;
	return request;
}

/* What an earlier request left unread must not be taken for this one's answer. */
static bool
is_old(const char *answer, size_t len, uint32_t seq)
{
	const struct nlmsghdr *header = (const void *)answer;

	return len >= sizeof(*header) && header->nlmsg_seq != seq;
}

static bool
is_end(const char *answer, size_t len)
{
	const struct nlmsghdr *header = (const void *)answer;
	int left = (int)len;

	for (; netlink_ok(header, left); header = mnl_nlmsg_next(header, &left))
		if (header->nlmsg_type == NLMSG_DONE || header->nlmsg_type == NLMSG_ERROR)
			return true;
	return false;
}

/* One that was disturbed by a change is read to its end all the same: before that the kernel
 * begins no other one on this socket. */
int
flows_talk(struct sys_flows *f, struct mnl_socket *socket, const void *request, size_t size,
	   uint32_t seq, mnl_cb_t each, void *arg)
{
	unsigned port = mnl_socket_get_portid(socket);
	int more = MNL_CB_OK;
	bool disturbed = false;

	if (mnl_socket_sendto(socket, request, size) == -1)
		return -1;
	while (more > MNL_CB_STOP) {
		ssize_t len = mnl_socket_recvfrom(socket, f->answer, sizeof(f->answer));

		if (len == -1 && errno == EINTR)
			continue;
		if (len == -1)
			return -1;
		if (is_old(f->answer, (size_t)len, seq))
			continue;
		more = mnl_cb_run(f->answer, netlink_whole(f->answer, (size_t)len), seq, port, each,
				  arg);
		if (more != MNL_CB_ERROR || errno != EINTR)
			continue;
		disturbed = true;
		more = is_end(f->answer, (size_t)len) ? MNL_CB_STOP : MNL_CB_OK;
	}
	if (disturbed && more != MNL_CB_ERROR) {
		errno = EINTR;
		more = MNL_CB_ERROR;
	}
	return more == MNL_CB_ERROR ? -1 : 0;
}

int
flows_talk_one(struct sys_flows *f, struct mnl_socket *socket, const struct nlmsghdr *request,
	       mnl_cb_t each, void *arg)
{
	return flows_talk(f, socket, request, request->nlmsg_len, request->nlmsg_seq, each, arg);
}

int
flows_attribute(const struct nlattr *attr, void *arg)
{
	const struct flows_attributes *attributes = arg;

	if (mnl_attr_get_type(attr) <= attributes->max)
		attributes->tb[mnl_attr_get_type(attr)] = attr;
	return MNL_CB_OK;
}

static bool
holds(const struct nlattr *attr, enum mnl_attr_data_type type)
{
	return attr != NULL && mnl_attr_validate(attr, type) == 0;
}

uint8_t
flows_get_u8(const struct nlattr *attr)
{
	return holds(attr, MNL_TYPE_U8) ? mnl_attr_get_u8(attr) : 0;
}

uint16_t
flows_get_u16(const struct nlattr *attr)
{
	return holds(attr, MNL_TYPE_U16) ? mnl_attr_get_u16(attr) : 0;
}

uint32_t
flows_get_u32(const struct nlattr *attr)
{
	return holds(attr, MNL_TYPE_U32) ? mnl_attr_get_u32(attr) : 0;
}

uint64_t
flows_get_u64(const struct nlattr *attr)
{
	return holds(attr, MNL_TYPE_U64) ? mnl_attr_get_u64(attr) : 0;
}

const char *
flows_get_str(const struct nlattr *attr)
{
	return holds(attr, MNL_TYPE_NUL_STRING) ? mnl_attr_get_str(attr) : "";
}
