/* SPDX-License-Identifier: ISC */
/* Every message that may not be, to an engine and to a worker: the sender loses its
 * channel, and nobody else notices. */
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

#include "attacks.h"
#include "common/board.h"
#include "common/clock.h"
#include "common/log.h"
#include "engine/engine.h"
#include "system/system.h"
#include "worker/worker.h"

enum { DEADLINE_S = 10 };

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
		uint32_t length = attack_of_type(type).octets;
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
	    cmocka_unit_test(test_nonsense_to_the_engine),
	    cmocka_unit_test(test_nonsense_to_the_worker),
	    cmocka_unit_test(test_a_lying_prober_lies_about_its_own_probes_only),
	    cmocka_unit_test(test_a_new_prober_is_not_blamed_for_the_one_before),
	    cmocka_unit_test(test_a_hostile_snmp_process_can_only_ask),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
