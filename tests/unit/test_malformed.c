/* SPDX-License-Identifier: ISC */
/* Every message that may not be, to the parent, to an engine and to a worker: the
 * sender loses its life or its channel, and nobody else notices. The contract stands
 * here once more, so that a change of it in ipc.c alone is a failure. */
#include "unit.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "common/board.h"
#include "common/clock.h"
#include "common/log.h"
#include "engine/engine.h"
#include "parent/children.h"
#include "parent/requests.h"
#include "system/system.h"
#include "worker/worker.h"

enum { DEADLINE_S = 10 };

/* ---- what may be ---- */

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

struct header {
	uint16_t type, version;
	uint32_t length;
};

struct attack {
	struct header header;
	uint32_t octets; /* that really follow */
	unsigned fds;
	uint32_t first; /* the body's first word: a count, where there is one */
	bool no_header;
};

/* The next one that this sender may not send; false: that was all. n counts them. */
static bool
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

static void
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

static unsigned
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

/* ---- to the parent ---- */

static struct parent parent;
static struct options options;

static int
start_parent(void **state)
{
	static struct conf conf;

	(void)state;
	memset(&parent, 0, sizeof(parent));
	parent.options = &options;
	parent.conf = &conf;
	parent.conf_fd = parent.state_fd = parent.control = -1;
	parent.base = event_base_new();
	parent.take_request = requests_take;
	return children_init(&parent);
}

static int
end_parent(void **state)
{
	(void)state;
	children_free(&parent);
	event_base_free(parent.base);
	return 0;
}

/* The child's end of its channel. */
static int
start_child(struct child *c)
{
	int ends[2];

	assert_int_equal(ipc_pair(ends), 0);
	c->pid = fork();
	if (c->pid == 0)
		for (;;)
			pause();
	assert_true(c->pid > 0);
	c->channel = ends[0];
	c->killed = false;
	/* as children.c does, which knows the callback */
	children_listen(c);
	return ends[1];
}

static void
end_child(struct child *c, int end)
{
	kill(c->pid, SIGKILL);
	assert_int_equal(waitpid(c->pid, NULL, 0), c->pid);
	if (c->channel >= 0) {
		event_del(c->read);
		close(c->channel);
	}
	c->channel = -1;
	c->pid = 0;
	close(end);
}

static void
test_a_child_that_sends_nonsense_is_killed_and_no_other(void **state)
{
	unsigned before = open_descriptors(getpid());

	(void)state;
	for (unsigned role = IPC_PEER_ENGINE; role < CHILDREN_END; role++) {
		struct child *c = &parent.children[role];
		struct child *other =
		    &parent.children[role == IPC_PEER_ENGINE ? IPC_PEER_WORKER : IPC_PEER_ENGINE];
		int other_end = start_child(other);
		struct attack a;
		unsigned n = 0, attacks = 0;

		while (next_attack(&n, 1U << role, &a)) {
			int end = start_child(c);

			launch(end, &a);
			event_base_loop(parent.base, EVLOOP_NONBLOCK);
			if (!c->killed || other->killed)
				fail_msg("%s: type %u, attack %u: %s", c->name, a.header.type, n,
					 other->killed ? "another is killed" : "it lives");
			end_child(c, end);
			attacks++;
		}
		assert_true(attacks > 300);
		end_child(other, other_end);
	}
	assert_int_equal(open_descriptors(getpid()), before);
}

/* Of a good form, but of no sense. */
static void
test_a_child_that_asks_what_it_may_not(void **state)
{
	static const struct {
		enum ipc_peer from;
		enum ipc_type type;
	} cases[] = {
	    {IPC_PEER_ENGINE, IPC_KILL_FLOWS},
	    {IPC_PEER_ENGINE, IPC_SET_ANSWER},
	    {IPC_PEER_ENGINE, IPC_WAKE},
	    {IPC_PEER_ENGINE, IPC_STATE},
	    {IPC_PEER_ENGINE, IPC_PLAN}, /* with the serial 0 */
	    {IPC_PEER_WORKER, IPC_COUNTERS},
	    {IPC_PEER_WORKER, IPC_LIVE_FLOWS},
	    {IPC_PEER_WORKER, IPC_BYPASS},
	    {IPC_PEER_SNMP, IPC_SET_TEST},
	    {IPC_PEER_SNMP, IPC_SET_APPLY},
	    {IPC_PEER_SNMP, IPC_NOTIFIED},
	    {IPC_PEER_PROBER, IPC_ASKED},
	    {IPC_PEER_RUNNER, IPC_NOT_RUN},
	    {IPC_PEER_RUNNER, IPC_CAGE},
	    {IPC_PEER_PROBER, IPC_SOCKET_WANTED}, /* of no kind */
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct child *c = &parent.children[cases[i].from];
		uint32_t length = contract[cases[i].type].length;
		struct attack a = {{(uint16_t)cases[i].type, IPC_VERSION, length},
				   length,
				   contract[cases[i].type].fds,
				   0,
				   false};
		int end = start_child(c);

		launch(end, &a);
		event_base_loop(parent.base, EVLOOP_NONBLOCK);
		if (!c->killed)
			fail_msg("%s lives after type %d", c->name, (int)cases[i].type);
		end_child(c, end);
	}
}

static void
test_blame(void **state)
{
	static const struct {
		enum ipc_peer from;
		uint32_t peer;
		unsigned killed;
	} cases[] = {
	    {IPC_PEER_ENGINE, IPC_PEER_WORKER, W}, {IPC_PEER_ENGINE, IPC_PEER_SNMP, S},
	    {IPC_PEER_WORKER, IPC_PEER_ENGINE, E}, {IPC_PEER_ENGINE, IPC_PEER_ENGINE, E},
	    {IPC_PEER_ENGINE, IPC_PEER_PARENT, E}, {IPC_PEER_ENGINE, 0, E},
	    {IPC_PEER_WORKER, UINT32_MAX, W},      {IPC_PEER_SNMP, IPC_PEER_ENGINE, S},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct ipc_blame b = {.peer = cases[i].peer};
		int ends[CHILDREN_END];

		for (unsigned role = IPC_PEER_ENGINE; role < CHILDREN_END; role++)
			ends[role] = start_child(&parent.children[role]);
		assert_int_equal(ipc_send(ends[cases[i].from], IPC_BLAME, &b, sizeof(b), -1), 0);
		event_base_loop(parent.base, EVLOOP_NONBLOCK);
		for (unsigned role = IPC_PEER_ENGINE; role < CHILDREN_END; role++) {
			assert_int_equal(parent.children[role].killed,
					 (cases[i].killed >> role) & 1);
			end_child(&parent.children[role], ends[role]);
		}
	}
}

/* ---- to an engine, to a worker ---- */

static const char two_links[] =
    "link \"a\" { index 1; interface wan1; gateway 192.0.2.1; target gateway }\n"
    "link \"b\" { index 2; interface wan2; gateway 192.0.2.2; target gateway\n"
    "target 203.0.113.1 http { interval 1s; timeout 1s } }\n";

struct process {
	enum ipc_peer role;
	pid_t pid;
	int parent; /* our end */
	struct board *board;
};

static void
run(enum ipc_peer role, int channel, int board)
{
	struct engine_options engine = {.parent_channel = channel, .board_fd = board};
	struct worker_options worker = {.parent_channel = channel, .state_dir = "/nonexistent"};

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	dup2(open("/dev/null", O_WRONLY | O_CLOEXEC), STDERR_FILENO); /* thousands of lines */
	log_init("test", 1, 0);
	_exit(role == IPC_PEER_ENGINE ? engine_main(&engine) : worker_main(&worker));
}

/* A message of that type within the time; false: none came, or the peer is gone. */
static bool
await(int channel, enum ipc_peer from, enum ipc_type type, struct ipc_message *m)
{
	uint64_t deadline = clock_mono_ns() + DEADLINE_S * NSEC_PER_SEC;

	while (clock_mono_ns() < deadline) {
		struct pollfd p = {.fd = channel, .events = POLLIN};
		enum ipc_status status;

		poll(&p, 1, 100);
		while ((status = ipc_receive(channel, from, m)) == IPC_OK)
			if (m->type == type)
				return true;
		if (status != IPC_AGAIN)
			return false;
	}
	return false;
}

static void
start(struct process *p, enum ipc_peer role)
{
	struct ipc_config config = {.serial = 1, .text_len = sizeof(two_links) - 1};
	int ends[2], fd, board;
	struct ipc_message m;
	char path[64];
	bool fresh;

	p->role = role;
	snprintf(path, sizeof(path), "/tmp/uplinkd-test-board.%d", (int)getpid());
	board = board_create(path, &fresh);
	assert_true(board >= 0);
	unlink(path);
	p->board = board_map_writable(board);
	assert_non_null(p->board);
	assert_int_equal(ipc_pair(ends), 0);
	p->parent = ends[0];
	p->pid = fork();
	if (p->pid == 0)
		run(role, ends[1], board);
	close(ends[1]);
	close(board);
	fd = sys_text_fd(two_links, sizeof(two_links) - 1);
	assert_int_equal(ipc_send(p->parent, IPC_CONFIG, &config, sizeof(config), fd), 0);
	close(fd);
	assert_true(await(p->parent, role, IPC_READY, &m));
}

static void
stop(struct process *p)
{
	int status;

	assert_int_equal(ipc_send(p->parent, IPC_EXIT, NULL, 0, -1), 0);
	assert_int_equal(waitpid(p->pid, &status, 0), p->pid);
	assert_true(WIFEXITED(status));
	assert_int_equal(WEXITSTATUS(status), 0);
	close(p->parent);
	munmap(p->board, sizeof(*p->board));
}

/* The other end of a new channel to that peer. */
static int
connect_peer(struct process *p, enum ipc_peer peer)
{
	struct ipc_channel body = {.peer = peer};
	int ends[2];

	assert_int_equal(ipc_pair(ends), 0);
	assert_int_equal(ipc_send(p->parent, IPC_CHANNEL, &body, sizeof(body), ends[1]), 0);
	close(ends[1]);
	return ends[0];
}

static void
await_closed(int channel)
{
	struct pollfd p = {.fd = channel, .events = POLLIN};
	char buf[8192];
	ssize_t n = 1;

	while (n > 0) {
		assert_int_equal(poll(&p, 1, DEADLINE_S * 1000), 1);
		n = recv(channel, buf, sizeof(buf), 0);
	}
	assert_true(n == 0 || errno == ECONNRESET);
}

/* That peer sends all that it may not send, each on a channel of its own. */
static void
attack_as(enum ipc_peer victim, enum ipc_peer peer)
{
	struct process p;
	struct attack a;
	unsigned n = 0, attacks = 0, before = 0;

	start(&p, victim);
	while (next_attack(&n, 1U << peer, &a)) {
		int channel = connect_peer(&p, peer);
		struct ipc_message m;

		launch(channel, &a);
		if (!await(p.parent, victim, IPC_BLAME, &m))
			fail_msg("type %u, attack %u: nobody is blamed", a.header.type, n);
		assert_int_equal(((const struct ipc_blame *)m.body)->peer, peer);
		await_closed(channel);
		close(channel);
		if (attacks++ == 10)
			before = open_descriptors(p.pid);
	}
	assert_true(attacks > 300);
	assert_true(open_descriptors(p.pid) <= before); /* what was sent along is closed */
	stop(&p);
}

static void
test_nonsense_to_the_engine(void **state)
{
	(void)state;
	attack_as(IPC_PEER_ENGINE, IPC_PEER_SNMP);
	attack_as(IPC_PEER_ENGINE, IPC_PEER_WORKER);
	attack_as(IPC_PEER_ENGINE, IPC_PEER_PROBER);
	attack_as(IPC_PEER_ENGINE, IPC_PEER_RUNNER);
}

static void
test_nonsense_to_the_worker(void **state)
{
	(void)state;
	if (geteuid() != 0)
		skip();
	attack_as(IPC_PEER_WORKER, IPC_PEER_ENGINE);
}

/* The parent's part of a start: facts, and what stands in the kernel. */
static void
let_it_decide(struct process *p)
{
	static struct ipc_plan_result result;
	struct ipc_message m;

	for (uint16_t i = 1; i <= 2; i++) {
		struct link_facts facts = {.link = i};

		assert_int_equal(ipc_send(p->parent, IPC_FACTS, &facts, sizeof(facts), -1), 0);
	}
	assert_true(await(p->parent, IPC_PEER_ENGINE, IPC_PLAN, &m));
	memset(&result, 0, sizeof(result));
	result.serial = ((const struct plan *)m.body)->serial;
	assert_int_equal(ipc_send(p->parent, IPC_PLAN_RESULT, &result, sizeof(result), -1), 0);
	for (unsigned i = 0; p->board->links[2].admin == 0 && i < 1000; i++)
		poll(NULL, 0, 10);
}

/* A SNMP process that was taken over says whatever its messages can hold: the engine
 * goes on, and every order that it took is one that a SET could have given. */
static void
test_a_hostile_snmp_process_can_only_ask(void **state)
{
	static const enum ipc_type types[] = {IPC_SET_TEST, IPC_SET_APPLY, IPC_SET_END,
					      IPC_NOTIFIED, IPC_READY};
	static uint32_t body[sizeof(struct ipc_set) / 4 + 1];
	struct process p;
	uint64_t beat;
	int channel;

	(void)state;
	start(&p, IPC_PEER_ENGINE);
	let_it_decide(&p);
	channel = connect_peer(&p, IPC_PEER_SNMP);
	srand(1);
	for (unsigned i = 0; i < 20000; i++) {
		enum ipc_type type = types[rand() % (int)ARRAY_LEN(types)];
		struct ipc_set *set = (struct ipc_set *)body;
		uint32_t length = contract[type].length;
		struct ipc_message m;

		for (size_t k = 0; k < ARRAY_LEN(body); k++)
			body[k] = (uint32_t)rand() ^ (uint32_t)rand() << 16;
		if (type == IPC_SET_TEST) {
			set->id = (uint32_t)rand() % 3;
			set->count = (uint16_t)(rand() % (rand() % 2 ? 3 : SET_ORDERS_MAX + 1));
			set->has_lock = (uint8_t)(rand() % 4 == 0);
			for (unsigned k = 0; k < set->count; k++) {
				set->orders[k].link = (uint16_t)(rand() % 4);
				set->orders[k].admin = (uint8_t)(rand() % 6);
				set->orders[k].fields &= rand() % 2 ? ORDER_ADMIN : 15;
				set->orders[k].force = (uint8_t)(rand() % 8 == 0);
				if (rand() % 2)
					memset(set->orders[k].owner, 0, 2 * (TEXT_LEN + 1));
			}
			length = (uint32_t)ipc_set_size(set->count);
		} else if (type != IPC_NOTIFIED) {
			body[0] = (uint32_t)rand() % 3;
		}
		while (ipc_send(channel, type, body, length, -1) != 0) {
			assert_int_equal(errno, EAGAIN);
			poll(NULL, 0, 1);
		}
		while (ipc_receive(channel, IPC_PEER_ENGINE, &m) == IPC_OK)
			;
	}
	beat = p.board->global.heartbeat_ns;
	for (unsigned i = 0; p.board->global.heartbeat_ns == beat && i < 500; i++)
		poll(NULL, 0, 10);
	assert_true(p.board->global.heartbeat_ns != beat);
	for (unsigned i = 1; i <= 2; i++) {
		const struct board_link *row = &p.board->links[i];

		assert_in_range(row->admin, ADMIN_AUTO, ADMIN_FORCE_DOWN);
		assert_int_equal(row->forced, 0); /* insisting is for the console */
		assert_true(text_ok(row->owner, strnlen(row->owner, sizeof(row->owner))));
		assert_true(text_ok(row->comment, strnlen(row->comment, sizeof(row->comment))));
	}
	assert_true(p.board->global.notified <= p.board->global.events_last);
	assert_true(p.board->global.sets_taken > 0 && p.board->global.sets_refused > 0);
	close(channel);
	stop(&p);
}

/* What the engine counts of its http target. */
static struct board_target
asked_target(const struct process *p)
{
	struct board_target row = {0};

	for (uint32_t i = 0; i < p->board->global.target_slots && row.method != METHOD_HTTP; i++)
		board_read(&p->board->targets[i], &row, sizeof(row));
	return row;
}

static struct ipc_ask
await_question(int channel)
{
	struct ipc_message m;

	assert_true(await(channel, IPC_PEER_ENGINE, IPC_ASK, &m));
	return *(const struct ipc_ask *)m.body;
}

static void
say(int channel, const struct ipc_ask *question, enum asked_verdict verdict, uint32_t rtt_us)
{
	struct ipc_asked a = {.slot = question->slot,
			      .sequence = question->sequence,
			      .nonce = question->nonce,
			      .rtt_us = rtt_us,
			      .verdict = (uint8_t)verdict,
			      .error = verdict == ASKED_ANSWERED ? 0 : ERROR_TLS};

	assert_int_equal(ipc_send(channel, IPC_ASKED, &a, sizeof(a), -1), 0);
}

static void
await_count(const struct process *p, uint64_t received, uint64_t lost, uint64_t unsent)
{
	struct board_target row = asked_target(p);

	for (unsigned i = 0; i < DEADLINE_S * 100; i++, row = asked_target(p)) {
		if (row.received == received && row.lost == lost && row.send_errors == unsent)
			return;
		poll(NULL, 0, 10);
	}
	fail_msg("received %u, lost %u, not sent %u; wanted %u, %u, %u", (unsigned)row.received,
		 (unsigned)row.lost, (unsigned)row.send_errors, (unsigned)received, (unsigned)lost,
		 (unsigned)unsent);
}

/* A prober that was taken over can lie about the probes that it was asked for, and about
 * nothing else; where it says nothing, nothing is made up, and it is replaced. */
static void
test_a_lying_prober_lies_about_its_own_probes_only(void **state)
{
	struct process p;
	struct ipc_ask question, lie;
	struct ipc_message m;
	struct board_target row;
	int channel;

	(void)state;
	start(&p, IPC_PEER_ENGINE);
	channel = connect_peer(&p, IPC_PEER_PROBER);
	question = await_question(channel);
	assert_int_equal(question.link, 2);
	assert_int_equal(question.place, 1);
	assert_int_equal(question.serial, 1);
	for (unsigned i = 0; i < 6; i++) {
		lie = question;
		if (i == 0)
			lie.nonce ^= 1;
		else if (i == 1)
			lie.sequence ^= 1;
		else if (i == 2)
			lie.sequence ^= INFLIGHT_MAX;
		else if (i == 3)
			lie.slot ^= 1;
		else
			lie.slot = i == 4 ? TARGETS_MAX : UINT32_MAX;
		say(channel, &lie, ASKED_ANSWERED, 1000);
		say(channel, &lie, ASKED_LOST, 1000);
	}
	say(channel, &question, ASKED_UNSENT, 0);
	await_count(&p, 0, 0, 1);
	question = await_question(channel);
	say(channel, &question, ASKED_ANSWERED, 1);
	await_count(&p, 1, 0, 1);
	/* again, and as if it had been another: it is told already */
	say(channel, &question, ASKED_ANSWERED, 1);
	say(channel, &question, ASKED_LOST, 0);
	question = await_question(channel);
	say(channel, &question, ASKED_LOST, UINT32_MAX);
	await_count(&p, 1, 1, 1);
	row = asked_target(&p);
	assert_int_equal(row.last_error, ERROR_TLS);
	assert_int_equal(row.duplicates, 1);
	/* nor does it say how long an answer took that took less */
	question = await_question(channel);
	say(channel, &question, ASKED_ANSWERED, UINT32_MAX);
	await_count(&p, 2, 1, 1);
	row = asked_target(&p);
	assert_true(row.rtt_max_us < 1000000);
	/* silence */
	assert_true(await(p.parent, IPC_PEER_ENGINE, IPC_BLAME, &m));
	assert_int_equal(((const struct ipc_blame *)m.body)->peer, IPC_PEER_PROBER);
	assert_int_equal(((const struct ipc_blame *)m.body)->fault, FAULT_SILENT);
	row = asked_target(&p);
	assert_int_equal(row.received, 2);
	assert_int_equal(row.lost, 1);
	assert_int_equal(row.last_error, ERROR_SILENT);
	close(channel);
	stop(&p);
}

/* One takes another's place while questions to that are out, and has its own time to answer:
 * with an interval of 1 s and 2 s of patience, it is asked for the third time after 2 s, and
 * silent after 4. */
static void
test_a_new_prober_is_not_blamed_for_the_one_before(void **state)
{
	struct process p;
	struct ipc_message m;
	int old, new;
	uint64_t connected_ns;

	(void)state;
	start(&p, IPC_PEER_ENGINE);
	old = connect_peer(&p, IPC_PEER_PROBER);
	assert_true(await(p.parent, IPC_PEER_ENGINE, IPC_BLAME, &m));
	connected_ns = clock_mono_ns();
	new = connect_peer(&p, IPC_PEER_PROBER);
	assert_true(await(p.parent, IPC_PEER_ENGINE, IPC_BLAME, &m));
	assert_int_equal(((const struct ipc_blame *)m.body)->peer, IPC_PEER_PROBER);
	assert_int_equal(((const struct ipc_blame *)m.body)->fault, FAULT_SILENT);
	assert_true(clock_mono_ns() - connected_ns > 3500 * NSEC_PER_MSEC);
	close(old);
	close(new);
	stop(&p);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test_setup_teardown(test_a_child_that_sends_nonsense_is_killed_and_no_other,
					    start_parent, end_parent),
	    cmocka_unit_test_setup_teardown(test_a_child_that_asks_what_it_may_not, start_parent,
					    end_parent),
	    cmocka_unit_test_setup_teardown(test_blame, start_parent, end_parent),
	    cmocka_unit_test(test_nonsense_to_the_engine),
	    cmocka_unit_test(test_nonsense_to_the_worker),
	    cmocka_unit_test(test_a_lying_prober_lies_about_its_own_probes_only),
	    cmocka_unit_test(test_a_new_prober_is_not_blamed_for_the_one_before),
	    cmocka_unit_test(test_a_hostile_snmp_process_can_only_ask),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
