/* SPDX-License-Identifier: ISC */
/* Messages to the parent that may not be, or that are too many: the sender loses its life, or its
 * turn, and nobody else notices. */
#include "unit.h"

#include <signal.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "attacks.h"
#include "parent/children.h"
#include "parent/requests.h"

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
		struct attack a = attack_of_type(cases[i].type);
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
	    {IPC_PEER_ENGINE, IPC_PEER_WORKER, 1U << IPC_PEER_WORKER},
	    {IPC_PEER_ENGINE, IPC_PEER_SNMP, 1U << IPC_PEER_SNMP},
	    {IPC_PEER_WORKER, IPC_PEER_ENGINE, 1U << IPC_PEER_ENGINE},
	    {IPC_PEER_ENGINE, IPC_PEER_ENGINE, 1U << IPC_PEER_ENGINE},
	    {IPC_PEER_ENGINE, IPC_PEER_PARENT, 1U << IPC_PEER_ENGINE},
	    {IPC_PEER_ENGINE, 0, 1U << IPC_PEER_ENGINE},
	    {IPC_PEER_WORKER, UINT32_MAX, 1U << IPC_PEER_WORKER},
	    {IPC_PEER_SNMP, IPC_PEER_ENGINE, 1U << IPC_PEER_SNMP},
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

/* ---- too many messages ---- */

static unsigned heard[CHILDREN_END];

/* As a reload, or a plan over many links. */
static void
take_long(struct child *c, const struct ipc_message *m)
{
	const struct timespec long_time = {0, 8 * 1000000};

	(void)m;
	heard[c->role]++;
	nanosleep(&long_time, NULL);
}

static void
test_a_flood_leaves_each_turn_to_the_others_too(void **state)
{
	enum { FLOOD = 20 };
	struct child *engine = &parent.children[IPC_PEER_ENGINE];
	struct child *worker = &parent.children[IPC_PEER_WORKER];
	int engine_end = start_child(engine), worker_end = start_child(worker);

	(void)state;
	parent.take_request = take_long;
	memset(heard, 0, sizeof(heard));
	for (unsigned i = 0; i < FLOOD; i++)
		assert_int_equal(ipc_send(engine_end, IPC_RELOAD, NULL, 0, -1), 0);
	for (unsigned turn = 1; turn <= FLOOD; turn++) {
		assert_int_equal(ipc_send(worker_end, IPC_PONG, NULL, 0, -1), 0);
		event_base_loop(parent.base, EVLOOP_NONBLOCK | EVLOOP_ONCE);
		assert_int_equal(heard[IPC_PEER_ENGINE], turn);
		assert_int_equal(heard[IPC_PEER_WORKER], turn);
	}
	end_child(engine, engine_end);
	end_child(worker, worker_end);
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
	    cmocka_unit_test_setup_teardown(test_a_flood_leaves_each_turn_to_the_others_too,
					    start_parent, end_parent),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
