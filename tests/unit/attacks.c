/* SPDX-License-Identifier: ISC */
#include "attacks.h"

#include <stdio.h>
#include <sys/socket.h>
#include <unistd.h>

#include "common/facts.h"
#include "common/order.h"
#include "common/plan.h"

#define P (1U << IPC_PEER_PARENT)
#define E (1U << IPC_PEER_ENGINE)
#define W (1U << IPC_PEER_WORKER)
#define S (1U << IPC_PEER_SNMP)
#define H (1U << IPC_PEER_HOOKS)
#define B (1U << IPC_PEER_PROBER)
#define R (1U << IPC_PEER_RUNNER)

static const struct {
	uint32_t length;
	unsigned from;
	unsigned fds;
} contract[IPC__END] = {
    [IPC_CONFIG] = {sizeof(struct ipc_config), P, 1},
    [IPC_FACTS] = {sizeof(struct link_facts), P, 0},
    [IPC_PROBE_SOCKET] = {sizeof(struct ipc_probe_socket), P, 1},
    [IPC_CONTROL_SOCKET] = {0, P, 1},
    [IPC_CHANNEL] = {sizeof(struct ipc_channel), P, 1},
    [IPC_PLAN] = {sizeof(struct plan), E, 0},
    [IPC_PLAN_RESULT] = {sizeof(struct ipc_plan_result), P, 0},
    [IPC_RELOAD] = {0, E, 0},
    [IPC_RELOADED] = {sizeof(struct ipc_reloaded), P, 0},
    [IPC_RELEASE] = {0, P | E, 0},
    [IPC_READY] = {0, E | W | S | H | B | R, 0},
    [IPC_STATS] = {sizeof(struct ipc_stats), P | W, 0},
    [IPC_REPAIR] = {sizeof(struct ipc_repair), P | W, 0},
    [IPC_INDEXES] = {0, P, 1},
    [IPC_SETTINGS] = {sizeof(struct ipc_settings), P, 0},
    [IPC_EXIT] = {0, P, 0},
    [IPC_PING] = {0, P, 0},
    [IPC_PONG] = {0, W | S | H | B | R, 0},
    [IPC_KILL_FLOWS] = {sizeof(struct ipc_flows), E, 0},
    [IPC_FLOWS_KILLED] = {sizeof(struct ipc_flows), W, 0},
    [IPC_COUNTERS] = {8, W, 0}, /* without entries */
    [IPC_LIVE_FLOWS] = {sizeof(struct ipc_flows), W, 0},
    [IPC_BYPASS] = {sizeof(struct ipc_bypass), W, 0},
    [IPC_SET_TEST] = {16, S, 0}, /* without orders */
    [IPC_SET_APPLY] = {sizeof(struct ipc_set_id), S, 0},
    [IPC_SET_END] = {sizeof(struct ipc_set_id), S, 0},
    [IPC_SET_ANSWER] = {sizeof(struct ipc_set_answer), E, 0},
    [IPC_NOTIFIED] = {sizeof(struct ipc_notified), S, 0},
    [IPC_PATH] = {sizeof(struct ipc_path), E, 0},
    [IPC_PATH_ANSWER] = {sizeof(struct ipc_path), P, 0},
    [IPC_WAKE] = {0, E, 0},
    [IPC_BLAME] = {sizeof(struct ipc_blame), E | W, 0},
    [IPC_EVENT] = {sizeof(struct ipc_event), E, 0},
    [IPC_SYNC] = {0, H, 0},
    [IPC_HOOKS] = {sizeof(struct ipc_hooks), H, 0},
    [IPC_STATE] = {0, P | E, 1},
    [IPC_ASK] = {sizeof(struct ipc_ask), E, 0},
    [IPC_ASKED] = {sizeof(struct ipc_asked), B | R, 0},
    [IPC_SOCKET_WANTED] = {sizeof(struct ipc_socket_wanted), B | R, 0},
    [IPC_SOCKET] = {sizeof(struct ipc_socket), P, 1},
    [IPC_CAGE] = {0, R, 1},
    [IPC_NOT_RUN] = {sizeof(struct ipc_socket), R, 0},
    [IPC_NO_SOCKET] = {sizeof(struct ipc_socket), P, 0},
};

struct attack
attack_of_type(enum ipc_type type)
{
	return (struct attack){{(uint16_t)type, IPC_VERSION, contract[type].length},
			       contract[type].length,
			       contract[type].fds,
			       0,
			       false};
}

bool
next_attack(unsigned *n, unsigned from, struct attack *a)
{
	enum { VARIANTS = 13 };

	for (;; (*n)++) {
		unsigned type = *n / VARIANTS, variant = *n % VARIANTS;
		bool known = type > 0 && type < IPC__END;
		uint32_t length = known ? contract[type].length : 0;
		bool may = known && (contract[type].from & from);

		if (type > IPC__END + 1)
			return false;
		*a = (struct attack){{(uint16_t)type, IPC_VERSION, length},
				     length,
				     known ? contract[type].fds : 0,
				     0,
				     false};
		if (type == IPC__END + 1)
			a->header.type = UINT16_MAX;
		switch (variant) {
		case 0: /* as it should be, from the wrong one */
			break;
		case 1:
			a->header.version = 0;
			break;
		case 2:
			a->header.version = IPC_VERSION + 1;
			break;
		case 3: /* longer than it says, and than it may be */
			a->octets++;
			break;
		case 4:
			a->header.length = ++a->octets;
			break;
		case 5: /* shorter */
			a->octets -= length > 0;
			a->header.length += length == 0;
			break;
		case 6:
			a->header.length = a->octets = length > 0 ? length - 1 : 7;
			break;
		case 7:
			a->header.length = UINT32_MAX;
			break;
		case 8: /* a descriptor too many, or one too few */
			a->fds = !a->fds;
			break;
		case 9:
			a->fds = 3;
			break;
		case 10: /* larger than any may be; without even a header */
			a->header.length = a->octets = 200000;
			break;
		case 11:
			a->no_header = true;
			a->octets = 3;
			break;
		case 12: /* nothing, with something that has to be closed */
			a->no_header = true;
			a->octets = 0;
			a->fds = 1;
			break;
		}
		if (type == IPC_COUNTERS || type == IPC_SET_TEST)
			a->first = variant == 5 ? UINT32_MAX : 0;
		if (variant == 0 && may)
			continue;
		(*n)++;
		return true;
	}
}

void
launch(int channel, const struct attack *a)
{
	static char body[200000];
	struct iovec iov[2] = {{(void *)(uintptr_t)&a->header, sizeof(a->header)},
			       {body, a->octets}};
	union {
		struct cmsghdr align;
		char space[CMSG_SPACE(3 * sizeof(int))];
	} control;
	struct msghdr msg = {.msg_iov = iov + a->no_header, .msg_iovlen = 2U - a->no_header};

	memset(body, 0, sizeof(body));
	memcpy(body, &a->first, sizeof(a->first));
	memcpy(body + 4, &a->first, 2); /* where struct ipc_set has its count */
	if (a->fds > 0) {
		struct cmsghdr *c;

		memset(&control, 0, sizeof(control));
		msg.msg_control = &control;
		msg.msg_controllen = CMSG_SPACE(a->fds * sizeof(int));
		c = CMSG_FIRSTHDR(&msg);
		c->cmsg_level = SOL_SOCKET;
		c->cmsg_type = SCM_RIGHTS;
		c->cmsg_len = CMSG_LEN(a->fds * sizeof(int));
		memset(CMSG_DATA(c), 0, a->fds * sizeof(int)); /* standard input */
	}
	assert_true(sendmsg(channel, &msg, MSG_NOSIGNAL) >= 0);
}

unsigned
open_descriptors(pid_t pid)
{
	char path[64], target[8];
	unsigned n = 0;

	for (int fd = 0; fd < 200; fd++) {
		snprintf(path, sizeof(path), "/proc/%d/fd/%d", (int)pid, fd);
		n += readlink(path, target, sizeof(target)) >= 0;
	}
	return n;
}
