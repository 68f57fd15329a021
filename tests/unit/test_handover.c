/* SPDX-License-Identifier: ISC */
/* What a child is told: the configuration before all else; of what changes while
 * it does not read, the newest; nothing that grows; and the parent never waits. */
#include "unit.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "common/clock.h"
#include "parent/child.h"
#include "parent/children.h"
#include "parent/handover.h"
#include "parent/probe_sockets.h"
#include "parent/requests.h"
#include "parent/watch.h"

static struct parent parent;
static struct options options;
static struct child *engine, *worker;
static int engine_end, worker_end; /* what they read */

static void
start(struct child *c, int *end)
{
	int ends[2];

	assert_int_equal(ipc_pair(ends), 0);
	c->channel = ends[0];
	*end = ends[1];
	c->pid = fork();
	if (c->pid == 0)
		for (;;)
			pause();
	assert_true(c->pid > 0);
}

static int
setup(void **state)
{
	static struct conf_link links[] = {{.index = 3, .name = "a"}, {.index = 1022, .name = "b"}};
	static struct conf conf = {.links = links, .nlinks = 2, .snmp.agentx = "/agentx"};

	(void)state;
	memset(&parent, 0, sizeof(parent));
	parent.options = &options;
	parent.conf = &conf;
	parent.conf_serial = 7;
	parent.conf_fd = open("/dev/null", O_RDONLY | O_CLOEXEC);
	parent.state_fd = -1;
	parent.control = open("/dev/null", O_RDONLY | O_CLOEXEC);
	parent.facts[3].link = 3;
	parent.facts[1022].link = 1022;
	parent.base = event_base_new();
	parent.take_request = requests_take;
	assert_int_equal(children_init(&parent), 0);
	engine = &parent.children[IPC_PEER_ENGINE];
	worker = &parent.children[IPC_PEER_WORKER];
	start(engine, &engine_end);
	start(worker, &worker_end);
	return 0;
}

static int
teardown(void **state)
{
	(void)state;
	for (unsigned role = IPC_PEER_ENGINE; role < CHILDREN_END; role++)
		if (parent.children[role].pid > 0) {
			kill(parent.children[role].pid, SIGKILL);
			waitpid(parent.children[role].pid, NULL, 0);
		}
	children_free(&parent);
	event_base_free(parent.base);
	close(parent.conf_fd);
	close(parent.control);
	close(engine_end);
	close(worker_end);
	return 0;
}

/* One turn of the loop, then what the child has received as one word a message. */
static const char *
told(int end)
{
	static const char *const names[IPC__END] = {
	    [IPC_STATE] = "state",
	    [IPC_CONFIG] = "config",
	    [IPC_FACTS] = "facts",
	    [IPC_CHANNEL] = "channel",
	    [IPC_CONTROL_SOCKET] = "control",
	    [IPC_STATS] = "stats",
	    [IPC_INDEXES] = "indexes",
	    [IPC_PLAN_RESULT] = "result",
	    [IPC_REPAIR] = "repair",
	    [IPC_RELEASE] = "release",
	    [IPC_EXIT] = "exit",
	    [IPC_PING] = "ping",
	    [IPC_PROBE_SOCKET] = "socket",
	    [IPC_SETTINGS] = "settings",
	};
	static char words[4096];
	struct ipc_message m;

	words[0] = '\0';
	event_base_loop(parent.base, EVLOOP_NONBLOCK);
	while (ipc_receive(end, IPC_PEER_PARENT, &m) == IPC_OK) {
		size_t n = strlen(words);

		snprintf(words + n, sizeof(words) - n, "%s%s", n > 0 ? " " : "", names[m.type]);
		if (m.fd >= 0)
			close(m.fd);
	}
	return words;
}

static void
test_a_new_child_is_told_everything(void **state)
{
	(void)state;
	handover_all(engine);
	handover_channel(engine, worker);
	assert_string_equal(told(engine_end), "config facts facts channel control stats");
	assert_string_equal(told(worker_end), "channel");
	parent.map_changed = true;
	handover_all(worker);
	assert_string_equal(told(worker_end), "config facts facts indexes");
	assert_string_equal(told(engine_end), "");
	/* what outlived the last boot, before the links that it is about */
	parent.state_fd = sys_text_fd("{}", 2);
	handover_all(engine);
	assert_string_equal(told(engine_end), "state config facts facts control stats");
	close(parent.state_fd);
	parent.state_fd = -1;
}

static void
test_the_configuration_comes_first(void **state)
{
	(void)state;
	handover_facts(engine, 3);
	handover_stats(engine);
	handover_config(engine);
	assert_string_equal(told(engine_end), "config facts stats");
	handover_exit(worker);
	handover_release(worker);
	assert_string_equal(told(worker_end), "release exit");
}

/* Fills the engine's channel with plan results until there is no more room. */
static unsigned
fill(void)
{
	struct ipc_plan_result result;
	unsigned n = 0;

	memset(&result, 0, sizeof(result));
	while (engine->full_since_ns == 0) {
		result.serial = ++n;
		result.adds = 1;
		handover_plan_result(engine, &result);
		event_base_loop(parent.base, EVLOOP_NONBLOCK);
		assert_true(n < 100000);
	}
	return n;
}

static void
test_a_full_channel_keeps_the_newest(void **state)
{
	struct ipc_plan_result last = {.serial = 1000000, .adds = 1};
	unsigned n, adds = 0, facts = 0;
	uint64_t serial = 0, deadline = clock_mono_ns() + 5 * NSEC_PER_SEC;
	uint32_t ifindex = 0;
	struct ipc_message m;

	(void)state;
	n = fill();
	for (unsigned i = 1; i <= 1000; i++) {
		parent.facts[3].ifindex = i;
		handover_facts(engine, 3);
		event_base_loop(parent.base, EVLOOP_NONBLOCK);
	}
	handover_plan_result(engine, &last);
	while (facts == 0 && clock_mono_ns() < deadline) {
		event_base_loop(parent.base, EVLOOP_NONBLOCK);
		while (ipc_receive(engine_end, IPC_PEER_PARENT, &m) == IPC_OK) {
			const struct ipc_plan_result *r = m.body;

			if (m.type == IPC_FACTS) {
				ifindex = ((const struct link_facts *)m.body)->ifindex;
				facts++;
				continue;
			}
			assert_true(r->serial > serial);
			serial = r->serial;
			adds += r->adds;
		}
	}
	assert_int_equal(facts, 1);
	assert_int_equal(ifindex, 1000);
	assert_int_equal(serial, 1000000);
	assert_int_equal(adds, n + 1); /* no route's change is lost from the count */
	assert_int_equal(engine->full_since_ns, 0);
}

/* A link's interface was made anew: sockets that keep out what comes in by another are
 * replaced, all of them, and no others. */
static void
test_another_interface_takes_new_connections(void **state)
{
	static const struct conf_probe probe = {
	    .interval_ms = 1000, .timeout_ms = 1000, .down_after = 3};
	static struct conf_target targets[] = {
	    {.method = METHOD_ICMP, .family = V4, .probe = probe},
	    {.method = METHOD_DNS, .family = V4, .probe = probe},
	    {.method = METHOD_TCP, .family = V4, .probe = probe},
	    {.method = METHOD_TCP, .family = V6, .probe = probe},
	    {.method = METHOD_TCP, .family = V6, .probe = probe},
	};
	const struct conf_link link = {
	    .index = 3, .targets = targets, .ntargets = ARRAY_LEN(targets)};
	const struct probe_sockets needed = probe_sockets_needed(&link, 0);

	(void)state;
	handover_other_interface(engine, &link);
	for (unsigned method = 0; method < PROBE_METHODS; method++)
		for (int family = 0; family < FAMILIES; family++) {
			const struct socket_range *r = &engine->owed.sockets[method][family][3];

			if (method != METHOD_TCP) {
				assert_int_equal(r->next, r->end);
				continue;
			}
			assert_int_equal(r->next, 0);
			assert_int_equal(r->end, needed.n[METHOD_TCP][family]);
			assert_true(r->end > 0);
		}
}

static void
test_too_many_notes_kill(void **state)
{
	struct ipc_repair repair;
	int status;

	(void)state;
	memset(&repair, 0, sizeof(repair));
	fill();
	for (int i = 0; i < NOTES_MAX; i++)
		handover_note(engine, IPC_REPAIR, &repair, sizeof(repair));
	assert_false(engine->killed);
	handover_note(engine, IPC_REPAIR, &repair, sizeof(repair));
	assert_true(engine->killed);
	assert_int_equal(waitpid(engine->pid, &status, 0), engine->pid);
	assert_true(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL);
	engine->pid = 0;
	/* and what is said to nobody is forgotten */
	handover_note(engine, IPC_REPAIR, &repair, sizeof(repair));
	handover_config(engine);
	event_base_loop(parent.base, EVLOOP_NONBLOCK);
}

static void
test_a_child_that_never_reads_is_killed(void **state)
{
	(void)state;
	engine->ready = true;
	engine->started_ns = worker->started_ns = clock_mono_ns();
	worker->ready = true;
	fill();
	watch_children(&parent);
	assert_false(engine->killed);
	engine->full_since_ns -= 3 * NSEC_PER_SEC;
	watch_children(&parent);
	assert_true(engine->killed);
	assert_false(worker->killed);
}

static void
test_a_child_that_is_never_ready_is_killed(void **state)
{
	(void)state;
	engine->started_ns = clock_mono_ns() - 9 * NSEC_PER_SEC;
	worker->started_ns = clock_mono_ns() - 11 * NSEC_PER_SEC;
	watch_children(&parent);
	assert_false(engine->killed);
	assert_true(worker->killed);
}

static void
test_a_still_heart_is_noticed(void **state)
{
	struct board *board = calloc(1, sizeof(*board));

	(void)state;
	assert_non_null(board);
	parent.board = board;
	engine->ready = worker->ready = true;
	engine->started_ns = worker->started_ns = clock_mono_ns();
	for (int i = 0; i < 100; i++) {
		/* whatever the number is: an old one, or one from the future */
		board->global.heartbeat_ns = i % 2 ? UINT64_MAX : 1;
		watch_children(&parent);
	}
	for (int i = 0; i < 11; i++)
		watch_children(&parent);
	assert_false(engine->killed);
	watch_children(&parent);
	assert_true(engine->killed);
	parent.board = NULL;
	free(board);
}

static void
test_a_child_that_turns_its_loop_no_more_is_killed(void **state)
{
	enum { TICKS = 4 * 15 };

	(void)state;
	worker->ready = true;
	worker->started_ns = clock_mono_ns();
	for (int i = 0; i < 10 * TICKS; i++) {
		watch_children(&parent);
		child_answered(worker);
	}
	assert_false(worker->killed);
	for (int i = 0; i < TICKS + 4 && !worker->killed; i++) {
		assert_false(worker->killed);
		watch_children(&parent);
	}
	watch_children(&parent);
	assert_true(worker->killed);
}

/* No descriptor can be opened until descriptors_again. */
static struct rlimit descriptors;

static void
no_descriptors(void)
{
	struct rlimit none;

	assert_int_equal(getrlimit(RLIMIT_NOFILE, &descriptors), 0);
	none = descriptors;
	none.rlim_cur = 3;
	assert_int_equal(setrlimit(RLIMIT_NOFILE, &none), 0);
}

static void
descriptors_again(void)
{
	assert_int_equal(setrlimit(RLIMIT_NOFILE, &descriptors), 0);
}

static void
test_what_can_not_be_made_is_told_when_it_can(void **state)
{
	uint64_t deadline = clock_mono_ns() + 5 * NSEC_PER_SEC;
	const char *words = "";

	(void)state;
	no_descriptors();
	handover_indexes(worker);
	handover_release(worker);
	assert_string_equal(told(worker_end), "release");
	descriptors_again();
	while (words[0] == '\0' && clock_mono_ns() < deadline)
		words = told(worker_end);
	assert_string_equal(words, "indexes");
	assert_string_equal(told(worker_end), "");
}

static void
test_a_child_without_a_channel_is_replaced(void **state)
{
	(void)state;
	no_descriptors();
	assert_int_equal(handover_channel(engine, worker), -1);
	descriptors_again();
	assert_false(engine->killed);
	assert_true(worker->killed);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test_setup_teardown(test_a_new_child_is_told_everything, setup, teardown),
	    cmocka_unit_test_setup_teardown(test_the_configuration_comes_first, setup, teardown),
	    cmocka_unit_test_setup_teardown(test_a_full_channel_keeps_the_newest, setup, teardown),
	    cmocka_unit_test_setup_teardown(test_another_interface_takes_new_connections, setup,
					    teardown),
	    cmocka_unit_test_setup_teardown(test_too_many_notes_kill, setup, teardown),
	    cmocka_unit_test_setup_teardown(test_a_child_that_never_reads_is_killed, setup,
					    teardown),
	    cmocka_unit_test_setup_teardown(test_a_child_that_is_never_ready_is_killed, setup,
					    teardown),
	    cmocka_unit_test_setup_teardown(test_a_still_heart_is_noticed, setup, teardown),
	    cmocka_unit_test_setup_teardown(test_a_child_that_turns_its_loop_no_more_is_killed,
					    setup, teardown),
	    cmocka_unit_test_setup_teardown(test_what_can_not_be_made_is_told_when_it_can, setup,
					    teardown),
	    cmocka_unit_test_setup_teardown(test_a_child_without_a_channel_is_replaced, setup,
					    teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
