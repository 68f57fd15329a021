/* SPDX-License-Identifier: ISC */
/* Messages between the processes. One table says of each type how long it is,
 * who may say it and whether a descriptor comes with it; whatever does not fit
 * the table is malformed. */
#include "config.h"

#include "common/ipc.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum {
	BODY_MAX = sizeof(struct ipc_counters) > sizeof(struct ipc_plan_result)
		       ? sizeof(struct ipc_counters)
		       : sizeof(struct ipc_plan_result)
};

struct wire_header {
	uint16_t type;
	uint16_t version;
	uint32_t length; /* of the body */
};

#define FROM(peer) (1U << (peer))
#define PARENT FROM(IPC_PEER_PARENT)
#define ENGINE FROM(IPC_PEER_ENGINE)
#define WORKER FROM(IPC_PEER_WORKER)
#define SNMP FROM(IPC_PEER_SNMP)
#define HOOKS FROM(IPC_PEER_HOOKS)
#define ASKERS (FROM(IPC_PEER_PROBER) | FROM(IPC_PEER_RUNNER))

static const struct rule {
	uint32_t length;   /* exact, or the longest where variable */
	uint32_t shortest; /* where variable, else 0 */
	uint8_t from;
	uint8_t fd;
} rules[IPC__END] = {
    [IPC_CONFIG] = {sizeof(struct ipc_config), 0, PARENT, 1},
    [IPC_FACTS] = {sizeof(struct link_facts), 0, PARENT, 0},
    [IPC_PROBE_SOCKET] = {sizeof(struct ipc_probe_socket), 0, PARENT, 1},
    [IPC_CONTROL_SOCKET] = {0, 0, PARENT, 1},
    [IPC_CHANNEL] = {sizeof(struct ipc_channel), 0, PARENT, 1},
    [IPC_PLAN] = {sizeof(struct plan), 0, ENGINE | PARENT, 0},
    [IPC_PLAN_RESULT] = {sizeof(struct ipc_plan_result), 0, PARENT, 0},
    [IPC_RELOAD] = {0, 0, ENGINE, 0},
    [IPC_RELOADED] = {sizeof(struct ipc_reloaded), 0, PARENT, 0},
    [IPC_RELEASE] = {0, 0, ENGINE | PARENT, 0},
    [IPC_READY] = {0, 0, ENGINE | WORKER | SNMP | HOOKS | ASKERS, 0},
    [IPC_STATS] = {sizeof(struct ipc_stats), 0, PARENT | WORKER, 0},
    [IPC_REPAIR] = {sizeof(struct ipc_repair), 0, PARENT | WORKER, 0},
    [IPC_INDEXES] = {0, 0, PARENT, 1},
    [IPC_SETTINGS] = {sizeof(struct ipc_settings), 0, PARENT, 0},
    [IPC_EXIT] = {0, 0, PARENT, 0},
    [IPC_PING] = {0, 0, PARENT, 0},
    [IPC_PONG] = {0, 0, WORKER | SNMP | HOOKS | ASKERS, 0},
    [IPC_KILL_FLOWS] = {sizeof(struct ipc_flows), 0, ENGINE, 0},
    [IPC_FLOWS_KILLED] = {sizeof(struct ipc_flows), 0, WORKER, 0},
    [IPC_COUNTERS] = {sizeof(struct ipc_counters), offsetof(struct ipc_counters, counters), WORKER,
		      0},
    [IPC_LIVE_FLOWS] = {sizeof(struct ipc_flows), 0, WORKER, 0},
    [IPC_BYPASS] = {sizeof(struct ipc_bypass), 0, WORKER, 0},
    [IPC_SET_TEST] = {sizeof(struct ipc_set), offsetof(struct ipc_set, orders), SNMP, 0},
    [IPC_SET_APPLY] = {sizeof(struct ipc_set_id), 0, SNMP, 0},
    [IPC_SET_END] = {sizeof(struct ipc_set_id), 0, SNMP, 0},
    [IPC_SET_ANSWER] = {sizeof(struct ipc_set_answer), 0, ENGINE, 0},
    [IPC_NOTIFIED] = {sizeof(struct ipc_notified), 0, SNMP, 0},
    [IPC_PATH] = {sizeof(struct ipc_path), 0, ENGINE, 0},
    [IPC_PATH_ANSWER] = {sizeof(struct ipc_path), 0, PARENT, 0},
    [IPC_WAKE] = {0, 0, ENGINE, 0},
    [IPC_BLAME] = {sizeof(struct ipc_blame), 0, ENGINE | WORKER, 0},
    [IPC_EVENT] = {sizeof(struct ipc_event), 0, ENGINE, 0},
    [IPC_SYNC] = {0, 0, HOOKS, 0},
    [IPC_HOOKS] = {sizeof(struct ipc_hooks), 0, HOOKS, 0},
    [IPC_STATE] = {0, 0, PARENT | ENGINE, 1},
    [IPC_ASK] = {sizeof(struct ipc_ask), 0, ENGINE, 0},
    [IPC_ASKED] = {sizeof(struct ipc_asked), 0, ASKERS, 0},
    [IPC_SOCKET_WANTED] = {sizeof(struct ipc_socket_wanted), 0, ASKERS, 0},
    [IPC_SOCKET] = {sizeof(struct ipc_socket), 0, PARENT, 1},
    [IPC_CAGE] = {0, 0, FROM(IPC_PEER_RUNNER), 1},
    [IPC_NOT_RUN] = {sizeof(struct ipc_socket), 0, FROM(IPC_PEER_RUNNER), 0},
    [IPC_NO_SOCKET] = {sizeof(struct ipc_socket), 0, PARENT, 0},
};

int
ipc_pair(int ends[2])
{
	/* A plan must fit at once, whatever the system's default is. */
	int size = 256 * 1024;

	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, ends) != 0)
		return -1;
	for (int i = 0; i < 2; i++)
		if (setsockopt(ends[i], SOL_SOCKET, SO_SNDBUF, &size, sizeof(size)) != 0) {
			int saved = errno;

			close(ends[0]);
			close(ends[1]);
			errno = saved;
			return -1;
		}
	return 0;
}

int
ipc_send(int channel, enum ipc_type type, const void *body, size_t length, int fd)
{
	struct wire_header header = {
	    .type = (uint16_t)type, .version = IPC_VERSION, .length = (uint32_t)length};
	struct iovec iov[2] = {{&header, sizeof(header)}, {(void *)(uintptr_t)body, length}};
	union {
		struct cmsghdr align;
		char space[CMSG_SPACE(sizeof(int))];
	} control;
	struct msghdr msg = {.msg_iov = iov, .msg_iovlen = length > 0 ? 2 : 1};

	if (fd >= 0) {
		struct cmsghdr *c;

		memset(&control, 0, sizeof(control));
		msg.msg_control = &control;
		msg.msg_controllen = sizeof(control.space);
		c = CMSG_FIRSTHDR(&msg);
		c->cmsg_level = SOL_SOCKET;
		c->cmsg_type = SCM_RIGHTS;
		c->cmsg_len = CMSG_LEN(sizeof(int));
		memcpy(CMSG_DATA(c), &fd, sizeof(fd));
	}
	for (;;) {
		if (sendmsg(channel, &msg, MSG_DONTWAIT | MSG_NOSIGNAL) >= 0)
			return 0;
		if (errno == EINTR)
			continue;
		if (errno == EWOULDBLOCK || errno == ENOBUFS || errno == ENOMEM ||
		    errno == ETOOMANYREFS)
			errno = EAGAIN;
		if (errno == ECONNRESET)
			errno = EPIPE;
		return -1;
	}
}

/* The first descriptor of the message, all further ones closed; -1: none. */
static int
take_descriptor(struct msghdr *msg, unsigned *count)
{
	int first = -1;

	*count = 0;
	for (struct cmsghdr *c = CMSG_FIRSTHDR(msg); c != NULL; c = CMSG_NXTHDR(msg, c)) {
		if (c->cmsg_level != SOL_SOCKET || c->cmsg_type != SCM_RIGHTS)
			continue;
		for (size_t i = 0; i + sizeof(int) <= c->cmsg_len - CMSG_LEN(0); i += sizeof(int)) {
			int fd;

			memcpy(&fd, CMSG_DATA(c) + i, sizeof(fd));
			if (++*count == 1)
				first = fd;
			else
				close(fd);
		}
	}
	return first;
}

/* The tail of the two structs with one has exactly the entries that it says. */
static int
tail_fits(uint16_t type, const void *body, uint32_t length)
{
	if (type == IPC_COUNTERS) {
		uint32_t count = ((const struct ipc_counters *)body)->count;

		return count <= 2 * LINKS_MAX && length == ipc_counters_size(count);
	}
	if (type == IPC_SET_TEST) {
		uint32_t count = ((const struct ipc_set *)body)->count;

		return count <= SET_ORDERS_MAX && length == ipc_set_size(count);
	}
	return 1;
}

static int
fits(const struct wire_header *h, size_t received, enum ipc_peer from, const void *body,
     unsigned fds)
{
	const struct rule *rule;

	if (received < sizeof(*h) || h->version != IPC_VERSION || h->type == 0 ||
	    h->type >= IPC__END)
		return 0;
	rule = &rules[h->type];
	if (h->length != received - sizeof(*h) || (rule->from & FROM(from)) == 0 || fds != rule->fd)
		return 0;
	if (rule->shortest == 0)
		return h->length == rule->length;
	return h->length >= rule->shortest && h->length <= rule->length &&
	       tail_fits(h->type, body, h->length);
}

static void
fill(struct ipc_message *message, const struct wire_header *header, const void *body)
{
	message->type = header->type;
	message->version = header->version;
	message->length = header->length;
	message->body = body;
}

enum ipc_status
ipc_receive(int channel, enum ipc_peer from, struct ipc_message *message)
{
	static union {
		uint64_t align;
		char octets[BODY_MAX + 8]; /* room to see one that is too long */
	} body;
	struct wire_header header;
	struct iovec iov[2] = {{&header, sizeof(header)}, {body.octets, sizeof(body.octets)}};
	union {
		struct cmsghdr align;
		char space[CMSG_SPACE(4 * sizeof(int))];
	} control;
	struct msghdr msg = {.msg_iov = iov,
			     .msg_iovlen = 2,
			     .msg_control = &control,
			     .msg_controllen = sizeof(control.space)};
	unsigned fds;
	ssize_t n;

	do
		n = recvmsg(channel, &msg, MSG_DONTWAIT | MSG_CMSG_CLOEXEC);
	while (n < 0 && errno == EINTR);
	if (n < 0)
		return errno == EAGAIN || errno == EWOULDBLOCK ? IPC_AGAIN : IPC_CLOSED;
	message->fd = take_descriptor(&msg, &fds);
	if (n == 0 && fds == 0)
		return IPC_CLOSED; /* or an empty message, which is none either */
	if ((msg.msg_flags & (MSG_TRUNC | MSG_CTRUNC)) ||
	    !fits(&header, (size_t)n, from, body.octets, fds)) {
		if (message->fd >= 0)
			close(message->fd);
		message->fd = -1;
		errno = EBADMSG;
		/* the kernel drops a descriptor that finds no room; the rest is as it was sent */
		if ((msg.msg_flags & (MSG_TRUNC | MSG_CTRUNC)) == MSG_CTRUNC && fds == 0 &&
		    fits(&header, (size_t)n, from, body.octets, 1)) {
			fill(message, &header, body.octets);
			errno = EMFILE;
		}
		return IPC_MALFORMED;
	}
	fill(message, &header, body.octets);
	return IPC_OK;
}

size_t
ipc_counters_size(uint32_t count)
{
	return offsetof(struct ipc_counters, counters) + count * sizeof(struct ipc_counter);
}

size_t
ipc_set_size(uint32_t count)
{
	return offsetof(struct ipc_set, orders) + count * sizeof(struct order);
}
