/* SPDX-License-Identifier: ISC */
/* The worker as a process of its own, between a parent and an engine that the test
 * plays, in a network and mount namespace of its own. */
#include "config.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "common/clock.h"
#include "common/ipc.h"
#include "common/log.h"
#include "netns.h"
#include "system/system.h"
#include "worker/worker.h"

enum { DEADLINE_S = 30 }; /* what failed is tried again after 10 s */

static const char two_links[] =
    "link \"a\" { index 1; interface wan1; gateway 192.0.2.1; target gateway }\n"
    "link \"b\" { index 2; interface wan2; gateway auto inet; target gateway }\n";
static const char shared_links[] =
    "link \"a\" { index 1; interface wan1; gateway 192.0.2.1; target gateway }\n"
    "link \"b\" { interface wan1; gateway auto inet; target gateway }\n"
    "index \"b\" 7\n";

static char state_dir[] = "/tmp/uplinkd-test-worker.XXXXXX";

struct process {
	pid_t pid;
	int parent, engine; /* our ends */
	int log;            /* what it logs, to be read */
};

/* ---- the process and its two partners ---- */

static void
run_worker(int channel, int log)
{
	struct worker_options options = {.parent_channel = channel, .state_dir = state_dir};

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	dup2(log, STDERR_FILENO);
	log_init("worker", 1, 0);
	_exit(worker_main(&options));
}

static void
give(struct process *p, enum ipc_type type, const void *body, size_t size, int fd)
{
	assert_int_equal(ipc_send(p->parent, type, body, size, fd), 0);
	if (fd != -1)
		close(fd);
}

/* Waits for a message of that type, passing over others. False after limit_ms. */
static bool
await(int channel, enum ipc_type type, struct ipc_message *message, unsigned limit_ms)
{
	uint64_t deadline = clock_mono_ns() + limit_ms * NSEC_PER_MSEC;

	while (clock_mono_ns() < deadline) {
		struct pollfd p = {.fd = channel, .events = POLLIN};
		enum ipc_status status;

		poll(&p, 1, 100);
		while ((status = ipc_receive(channel, IPC_PEER_WORKER, message)) == IPC_OK)
			if (message->type == type)
				return true;
		assert_int_not_equal(status, IPC_MALFORMED);
		if (status == IPC_CLOSED)
			return false;
	}
	return false;
}

/* It has done what it was at, and all that it was told. */
static void
settle(struct process *p)
{
	struct ipc_message message;

	give(p, IPC_PING, NULL, 0, -1);
	assert_true(await(p->parent, IPC_PONG, &message, DEADLINE_S * 1000));
}

static struct process
start(void)
{
	struct process p = {.engine = -1, .log = memfd_create("log", MFD_CLOEXEC)};
	struct ipc_message message;
	int ends[2];

	assert_int_equal(ipc_pair(ends), 0);
	p.parent = ends[0];
	p.pid = fork();
	if (p.pid == 0) {
		close(ends[0]);
		run_worker(ends[1], p.log);
	}
	close(ends[1]);
	assert_true(await(p.parent, IPC_READY, &message, DEADLINE_S * 1000));
	return p;
}

static int
end_of(struct process *p)
{
	uint64_t deadline = clock_mono_ns() + DEADLINE_S * NSEC_PER_SEC;
	int status;

	while (clock_mono_ns() < deadline) {
		if (waitpid(p->pid, &status, WNOHANG) == p->pid) {
			if (p->parent != -1)
				close(p->parent);
			if (p->engine != -1)
				close(p->engine);
			close(p->log);
			return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
		}
		poll(NULL, 0, 10);
	}
	fail_msg("the worker does not end");
	return -1;
}

static void
stop(struct process *p)
{
	give(p, IPC_EXIT, NULL, 0, -1);
	assert_int_equal(end_of(p), 0);
}

static void
configure(struct process *p, const char *text)
{
	struct ipc_config config = {.serial = 1, .text_len = (uint32_t)strlen(text)};

	give(p, IPC_CONFIG, &config, sizeof(config), sys_text_fd(text, strlen(text)));
}

static void
connect_engine(struct process *p)
{
	struct ipc_channel channel = {.peer = IPC_PEER_ENGINE};
	int ends[2];

	assert_int_equal(ipc_pair(ends), 0);
	if (p->engine != -1)
		close(p->engine);
	p->engine = ends[0];
	give(p, IPC_CHANNEL, &channel, sizeof(channel), ends[1]);
}

/* How often the line with that text was logged. */
static unsigned
logged(const struct process *p, const char *text)
{
	char buf[16384];
	ssize_t len = pread(p->log, buf, sizeof(buf) - 1, 0);
	unsigned count = 0;

	assert_true(len >= 0);
	buf[len] = '\0';
	for (const char *at = buf; (at = strstr(at, text)); at++)
		count++;
	return count;
}

static void
await_logs(const struct process *p, const char *text, unsigned count)
{
	uint64_t deadline = clock_mono_ns() + DEADLINE_S * NSEC_PER_SEC;

	while (logged(p, text) < count) {
		if (clock_mono_ns() > deadline)
			fail_msg("not logged %u times: %s", count, text);
		poll(NULL, 0, 20);
	}
}

static void
await_log(const struct process *p, const char *text)
{
	await_logs(p, text, 1);
}

/* Waits until the kernel's ruleset holds the text, or does not. */
static void
await_ruleset(const char *text, bool there)
{
	static char ruleset[65536];
	uint64_t deadline = clock_mono_ns() + DEADLINE_S * NSEC_PER_SEC;

	do {
		netns_output(-1, "nft list ruleset", ruleset, sizeof(ruleset));
		if ((strstr(ruleset, text) != NULL) == there)
			return;
		poll(NULL, 0, 20);
	} while (clock_mono_ns() < deadline);
	fail_msg("the ruleset %s: %s\n%s", there ? "lacks" : "still has", text, ruleset);
}

static void
read_file(const char *name, char *text, size_t size)
{
	char path[128];
	FILE *file;

	snprintf(path, sizeof(path), "%s/%s", state_dir, name);
	file = fopen(path, "re");
	text[0] = '\0';
	if (!file)
		return;
	text[fread(text, 1, size - 1, file)] = '\0';
	fclose(file);
}

/* ---- tests ---- */

static void
test_exit_leaves_the_ruleset(void **state)
{
	struct process p = start();

	(void)state;
	configure(&p, two_links);
	await_ruleset("ipv4 . \"wan2\" : \"use4_2\"", true);
	stop(&p);
	await_ruleset("ipv4 . \"wan2\" : \"use4_2\"", true);
	/* so does the parent's death, and the next worker takes over */
	p = start();
	close(p.parent);
	p.parent = -1;
	assert_int_equal(end_of(&p), 0);
	await_ruleset("ipv4 . \"wan2\" : \"use4_2\"", true);
}

static void
test_malformed_message_ends_it(void **state)
{
	struct process p = start();

	(void)state;
	assert_int_equal(send(p.parent, "nonsense", 8, 0), 8);
	assert_int_equal(end_of(&p), 1);
	/* a message of the wrong one to say it */
	p = start();
	give(&p, IPC_KILL_FLOWS, &(struct ipc_flows){.link = 1}, sizeof(struct ipc_flows), -1);
	assert_int_equal(end_of(&p), 1);
}

static void
test_facts_and_release(void **state)
{
	struct process p = start();
	struct link_facts facts = {.link = 7};

	(void)state;
	configure(&p, shared_links);
	await_ruleset("\"wan1\" . 192.0.2.1 : \"use4_1\"", true);
	await_ruleset(": \"use4_7\"", false);
	addr_parse("192.0.2.99", &facts.route[V4].gateway);
	addr_parse("192.0.2.7", &facts.route[V4].source);
	give(&p, IPC_FACTS, &facts, sizeof(facts), -1);
	await_ruleset("\"wan1\" . 192.0.2.99 : \"use4_7\"", true);
	await_ruleset("\"wan1\" . 192.0.2.99 : 192.0.2.7", true);
	/* another configuration: what is gone goes */
	configure(&p, two_links);
	await_ruleset("use4_7", false);
	await_ruleset("ipv4 . \"wan1\" : \"use4_1\"", true);
	/* someone's flush is put right: one that meets a load in the load itself, any other is told
	 */
	settle(&p);
	netns_run(-1, "nft flush ruleset");
	await_ruleset("ipv4 . \"wan1\" : \"use4_1\"", true);
	assert_int_equal(logged(&p, "someone has changed or removed"), 1);
	settle(&p);
	netns_run(-1, "nft flush chain inet uplinkd postrouting");
	await_ruleset("ct mark & 0x0007ff00 == 0x00000000 jump leave", true);
	assert_int_equal(logged(&p, "someone has changed or removed"), 2);
	/* what others do elsewhere is their business */
	netns_run(-1, "nft add table inet other; nft add chain inet other x");
	poll(NULL, 0, 1500);
	assert_int_equal(logged(&p, "someone has changed or removed"), 2);
	netns_run(-1, "nft delete table inet other");
	/* told to let go, it does, and stays so */
	give(&p, IPC_RELEASE, NULL, 0, -1);
	await_ruleset("uplinkd", false);
	give(&p, IPC_FACTS, &facts, sizeof(facts), -1);
	stop(&p);
	await_ruleset("uplinkd", false);
}

/* Put right at once and told, but with a limit on fights. */
static void
test_changes_by_others_are_told(void **state)
{
	enum { FIGHT = 20 };
	struct process p = start();
	struct ipc_message message;
	const struct ipc_repair *repair;
	int repaired = 0;

	(void)state;
	configure(&p, two_links);
	connect_engine(&p);
	await_ruleset("use4_2", true);
	while (logged(&p, "keeps being changed") == 0) {
		assert_true(repaired++ < FIGHT);
		settle(&p);
		netns_run(-1, "nft flush ruleset");
		assert_true(await(p.engine, IPC_REPAIR, &message, DEADLINE_S * 1000));
		repair = message.body;
		assert_int_equal(repair->error, 0);
		assert_int_equal(repair->link, 0);
		assert_string_equal(repair->text, "table inet uplinkd was changed or removed");
		await_ruleset("use4_2", true);
	}
	/* five are free, the sixth had to wait, and was told when it was done */
	assert_int_equal(repaired, 6);
	assert_int_equal(logged(&p, "someone has changed or removed"), 5);
	stop(&p);
}

static void
test_engine(void **state)
{
	struct process p = start();
	struct ipc_message message;
	struct ipc_flows kill = {.link = 1};
	const struct ipc_counters *counters;
	const struct ipc_flows *flows;
	bool seen[3] = {false};
	uint32_t epoch;

	(void)state;
	configure(&p, two_links);
	connect_engine(&p);
	assert_true(await(p.engine, IPC_COUNTERS, &message, 3000));
	counters = message.body;
	assert_int_equal(counters->count, 2);
	assert_int_equal(counters->counters[0].link, 1);
	assert_int_equal(counters->counters[1].link, 2);
	epoch = counters->epoch;
	while (!seen[1] || !seen[2]) {
		assert_true(await(p.engine, IPC_LIVE_FLOWS, &message, 5000));
		flows = message.body;
		assert_in_range(flows->link, 1, 2);
		assert_int_equal(flows->count, 0);
		seen[flows->link] = true;
	}
	assert_int_equal(ipc_send(p.engine, IPC_KILL_FLOWS, &kill, sizeof(kill), -1), 0);
	assert_true(await(p.engine, IPC_FLOWS_KILLED, &message, 3000));
	flows = message.body;
	assert_int_equal(flows->link, 1);
	assert_int_equal(flows->count, 0);

	/* the engine dies: the next one is served, and the counters go on */
	connect_engine(&p);
	assert_true(await(p.engine, IPC_COUNTERS, &message, 3000));
	counters = message.body;
	assert_int_equal(counters->epoch, epoch);
	/* one that talks nonsense loses its channel, no more */
	assert_int_equal(send(p.engine, "nonsense", 8, 0), 8);
	assert_false(await(p.engine, IPC_FLOWS_KILLED, &message, 3000));
	connect_engine(&p);
	assert_true(await(p.engine, IPC_COUNTERS, &message, 3000));
	/* one that asks for the impossible, and then reads nothing, holds up nobody */
	kill.link = 9999;
	assert_int_equal(ipc_send(p.engine, IPC_KILL_FLOWS, &kill, sizeof(kill), -1), 0);
	kill.link = 2;
	for (int i = 0; i < 400; i++)
		(void)ipc_send(p.engine, IPC_KILL_FLOWS, &kill, sizeof(kill), -1);
	stop(&p);
}

/* One clear line, no more for the same thing, and it goes on by itself. */
static void
test_without_nft(void **state)
{
	struct process p;
	char nft[128];

	(void)state;
	netns_run(-1, "nft flush ruleset");
	netns_output(-1, "printf %s $(realpath $(which nft))", nft, sizeof(nft));
	assert_int_equal(mount("/dev/null", nft, NULL, MS_BIND, NULL), 0);
	p = start();
	configure(&p, two_links);
	await_log(&p, "install the package nftables");
	configure(&p, two_links);
	configure(&p, shared_links);
	connect_engine(&p);
	poll(NULL, 0, 1500); /* a retry or two */
	assert_int_equal(logged(&p, "ruleset not loaded"), 1);
	assert_int_equal(umount(nft), 0);
	await_ruleset("uplinkd", true);
	stop(&p);
}

static void
test_bad_configuration(void **state)
{
	struct process p = start();

	(void)state;
	configure(&p, two_links);
	await_ruleset("ipv4 . \"wan2\" : \"use4_2\"", true);
	configure(&p, "link \"a\" { nonsense }\n");
	await_log(&p, "the ruleset stays as it is");
	await_ruleset("ipv4 . \"wan2\" : \"use4_2\"", true);
	stop(&p);
}

/* ---- the index map ---- */

static void
test_indexes(void **state)
{
	static const char map[] = "{\"a\": 1}\n", next[] = "{\"a\": 1, \"b\": 2}\n";
	struct process p = start();
	uint64_t deadline = clock_mono_ns() + DEADLINE_S * NSEC_PER_SEC;
	char text[128], path[128];
	struct stat st;

	(void)state;
	give(&p, IPC_INDEXES, NULL, 0, sys_text_fd(map, strlen(map)));
	give(&p, IPC_INDEXES, NULL, 0, sys_text_fd(next, strlen(next)));
	do
		read_file("indexes.json", text, sizeof(text));
	while (strcmp(text, next) != 0 && clock_mono_ns() < deadline);
	assert_string_equal(text, next);
	snprintf(path, sizeof(path), "%s/indexes.json", state_dir);
	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(st.st_mode & 07777, 0600);
	stop(&p);
}

static int
store(const char *dir, const char *map, char *error, size_t size)
{
	int fd = sys_text_fd(map, strlen(map)),
	    result = worker_store(dir, "indexes.json", fd, error, size);

	close(fd);
	return result;
}

/* ---- the engine's state ---- */

static void
tell_state(struct process *p, const char *text)
{
	int fd = sys_text_fd(text, strlen(text));

	assert_int_equal(ipc_send(p->engine, IPC_STATE, NULL, 0, fd), 0);
	close(fd);
}

static void
await_state(const char *want)
{
	uint64_t deadline = clock_mono_ns() + 2 * DEADLINE_S * NSEC_PER_SEC;
	char text[128];

	do {
		read_file("state.json", text, sizeof(text));
		if (strcmp(text, want) == 0)
			return;
		poll(NULL, 0, 10);
	} while (clock_mono_ns() < deadline);
	fail_msg("state.json is not %s but %s", want, text);
}

static ino_t
state_inode(void)
{
	char path[128];
	struct stat st;

	snprintf(path, sizeof(path), "%s/state.json", state_dir);
	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(st.st_mode & 07777, 0600);
	return st.st_ino;
}

static void
test_state_is_stored(void **state)
{
	struct process p = start();
	unsigned files = 0;
	ino_t last = 0;
	char text[16];
	int pipes[2];
	uint64_t start_ns = clock_mono_ns();

	(void)state;
	connect_engine(&p);
	tell_state(&p, "first");
	await_state("first");
	/* what comes faster than once a second is stored once a second: the newest */
	for (unsigned i = 0; i < 100; i++) {
		snprintf(text, sizeof(text), "n%u", i);
		tell_state(&p, text);
		if (state_inode() != last)
			files++;
		last = state_inode();
		poll(NULL, 0, 5);
	}
	await_state("n99");
	assert_in_range(files, 1, 2 + (clock_mono_ns() - start_ns) / NSEC_PER_SEC);
	/* what is no text is not even read */
	assert_int_equal(pipe(pipes), 0);
	assert_int_equal(ipc_send(p.engine, IPC_STATE, NULL, 0, pipes[0]), 0);
	await_log(&p, "the state is not stored");
	close(pipes[0]);
	close(pipes[1]);
	await_state("n99");
	/* the last word is read before the worker leaves, also right after another */
	tell_state(&p, "almost");
	tell_state(&p, "end");
	stop(&p);
	await_state("end");
}

/* Said once, and stored as soon as there is room. */
static void
test_state_on_a_full_disk(void **state)
{
	static char big[60000], text[8];
	struct process p;

	(void)state;
	assert_int_equal(mount("none", state_dir, "tmpfs", 0, "size=16k"), 0);
	memset(big, 'x', sizeof(big) - 1);
	p = start();
	connect_engine(&p);
	tell_state(&p, "old");
	await_state("old");
	tell_state(&p, big);
	await_log(&p, "the state is not stored");
	await_state("old");
	assert_int_equal(mount("none", state_dir, "tmpfs", MS_REMOUNT, "size=1m"), 0);
	await_log(&p, "stored again");
	read_file("state.json", text, sizeof(text));
	assert_string_equal(text, "xxxxxxx");
	assert_int_equal(logged(&p, "the state is not stored"), 1);
	assert_int_equal(mount("none", state_dir, "tmpfs", MS_REMOUNT | MS_RDONLY, NULL), 0);
	tell_state(&p, "read-only");
	await_log(&p, "Read-only file system");
	stop(&p); /* it leaves all the same */
	assert_int_equal(umount(state_dir), 0);
}

/* On a full disk the old map stays whole, and the reason is told. */
static void
test_disk_full(void **state)
{
	struct process p;
	char text[128], error[512], command[256];
	static char big[60000];

	(void)state;
	assert_int_equal(mount("none", state_dir, "tmpfs", 0, "size=16k"), 0);
	memset(big, 'x', sizeof(big) - 1);
	assert_int_equal(store(state_dir, "old\n", error, sizeof(error)), 0);
	assert_int_equal(store(state_dir, big, error, sizeof(error)), -1);
	assert_non_null(strstr(error, "No space left"));
	read_file("indexes.json", text, sizeof(text));
	assert_string_equal(text, "old\n");
	read_file("indexes.json.new", text, sizeof(text));
	assert_string_equal(text, "");

	p = start();
	give(&p, IPC_INDEXES, NULL, 0, sys_text_fd(big, sizeof(big) - 1));
	await_log(&p, "indexes is not stored");
	assert_int_equal(logged(&p, "indexes is not stored"), 1);
	give(&p, IPC_INDEXES, NULL, 0, sys_text_fd("new\n", 4));
	do
		read_file("indexes.json", text, sizeof(text));
	while (strcmp(text, "old\n") == 0);
	assert_string_equal(text, "new\n");
	/* what found no room is stored when there is some */
	await_log(&p, "indexes is stored again");
	give(&p, IPC_INDEXES, NULL, 0, sys_text_fd(big, sizeof(big) - 1));
	await_logs(&p, "indexes is not stored", 2);
	assert_int_equal(mount("none", state_dir, "tmpfs", MS_REMOUNT, "size=1m"), 0);
	await_logs(&p, "indexes is stored again", 2);
	read_file("indexes.json", text, 8);
	assert_string_equal(text, "xxxxxxx");
	stop(&p);
	assert_int_equal(umount(state_dir), 0);

	/* a folder that can't be made; a link where the new file should be */
	assert_int_equal(store("/proc/none/here", "x", error, sizeof(error)), -1);
	assert_non_null(strstr(error, "/proc/none/here"));
	snprintf(command, sizeof(command), "ln -s %s/elsewhere %s/indexes.json.new", state_dir,
		 state_dir);
	assert_int_equal(system(command), 0);
	assert_int_equal(store(state_dir, "x", error, sizeof(error)), -1);
	snprintf(command, sizeof(command), "rm %s/indexes.json.new; ! test -e %s/elsewhere",
		 state_dir, state_dir);
	assert_int_equal(system(command), 0);
}

/* ---- */

static int
make_lab(void **state)
{
	(void)state;
	assert_non_null(mkdtemp(state_dir));
	assert_true(netns_enter_new());
	assert_int_equal(unshare(CLONE_NEWNS), 0);
	assert_int_equal(mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL), 0);
	return 0;
}

static int
end_lab(void **state)
{
	char command[128];

	(void)state;
	snprintf(command, sizeof(command), "rm -rf %s", state_dir);
	return system(command);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_exit_leaves_the_ruleset),
	    cmocka_unit_test(test_malformed_message_ends_it),
	    cmocka_unit_test(test_facts_and_release),
	    cmocka_unit_test(test_changes_by_others_are_told),
	    cmocka_unit_test(test_engine),
	    cmocka_unit_test(test_without_nft),
	    cmocka_unit_test(test_bad_configuration),
	    cmocka_unit_test(test_indexes),
	    cmocka_unit_test(test_disk_full),
	    cmocka_unit_test(test_state_is_stored),
	    cmocka_unit_test(test_state_on_a_full_disk),
	};

	if (geteuid() != 0) {
		puts("needs root: skipped");
		return 77;
	}
	return cmocka_run_group_tests(tests, make_lab, end_lab);
}
