/* SPDX-License-Identifier: ISC */
/* What a process gives up, keeps and locks, and small questions to the system. */
#include "unit.h"

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <linux/capability.h>
#include <pwd.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "system/system.h"

#define CAP(c) (1ULL << (c))

/* In a child, of whose failures nothing may be lost: 0, or the line. */
#define CHECK(condition)                                                          \
	do {                                                                      \
		if (!(condition)) {                                               \
			printf("line %d: %s (errno: %s)\n", __LINE__, #condition, \
			       strerror(errno));                                  \
			fflush(stdout);                                           \
			return __LINE__;                                          \
		}                                                                 \
	} while (0)

/* Runs body in a child; it must return 0. */
static void
in_child(int (*body)(void))
{
	pid_t pid;
	int status;

	fflush(stdout);
	pid = fork();
	assert_int_not_equal(pid, -1);
	if (pid == 0)
		_exit(body() == 0 ? 0 : 1);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFEXITED(status));
	assert_int_equal(WEXITSTATUS(status), 0);
}

/* A line of /proc/self/status as a number of that base; UINT64_MAX: no such line. */
static uint64_t
status_of(const char *name, int base)
{
	char line[256];
	uint64_t value = UINT64_MAX;
	FILE *f = fopen("/proc/self/status", "re");

	while (f != NULL && fgets(line, sizeof(line), f) != NULL)
		if (strncmp(line, name, strlen(name)) == 0 && line[strlen(name)] == ':')
			value = strtoull(line + strlen(name) + 1, NULL, base);
	if (f != NULL)
		fclose(f);
	return value;
}

static int
confine(enum sys_role role, const char *user)
{
	const char *step = "";

	if (sys_confine(role, user, &step) == 0)
		return 0;
	printf("%s: %s\n", step, strerror(errno));
	return -1;
}

/* ---- giving up ---- */

static int
has_nothing(enum sys_role role)
{
	const struct passwd *nobody = getpwnam("nobody");
	int ends[2], got = pipe(ends);
	pid_t victim = fork(); /* still root; leaves when this process does */
	char end;

	if (victim == 0) {
		close(ends[1]);
		_exit((int)read(ends[0], &end, 1));
	}
	CHECK(got == 0);
	CHECK(victim != -1);
	CHECK(nobody != NULL);
	CHECK(confine(role, "nobody") == 0);
	CHECK(status_of("CapPrm", 16) == 0);
	CHECK(status_of("CapEff", 16) == 0);
	CHECK(status_of("CapInh", 16) == 0);
	CHECK(status_of("CapBnd", 16) == 0);
	CHECK(status_of("CapAmb", 16) == 0);
	CHECK(status_of("NoNewPrivs", 10) == 1);
	CHECK(prctl(PR_GET_DUMPABLE) == 0);
	CHECK(getuid() == nobody->pw_uid && geteuid() == nobody->pw_uid);
	CHECK(getgid() == nobody->pw_gid && getegid() == nobody->pw_gid);
	CHECK(getgroups(0, NULL) == 1);
	CHECK(setuid(0) != 0 && errno == EPERM);
	CHECK(kill(victim, SIGKILL) != 0 && errno == EPERM);
	CHECK(ptrace(PTRACE_ATTACH, victim, NULL, NULL) != 0);
	CHECK(socket(AF_INET, SOCK_RAW, 1) < 0 && errno == EPERM);
	return 0;
}

static int
engine_has_nothing(void)
{
	return has_nothing(SYS_ROLE_ENGINE);
}

static int
snmp_has_nothing(void)
{
	return has_nothing(SYS_ROLE_SNMP);
}

static void
test_engine_and_snmp_keep_nothing(void **state)
{
	(void)state;
	in_child(engine_has_nothing);
	in_child(snmp_has_nothing);
}

static int
worker_has_one(void)
{
	CHECK(confine(SYS_ROLE_WORKER, NULL) == 0);
	CHECK(status_of("CapPrm", 16) == CAP(CAP_NET_ADMIN));
	CHECK(status_of("CapEff", 16) == CAP(CAP_NET_ADMIN));
	CHECK(status_of("CapBnd", 16) == CAP(CAP_NET_ADMIN));
	CHECK(status_of("NoNewPrivs", 10) == 1);
	CHECK(getuid() == 0);
	CHECK(prctl(PR_GET_DUMPABLE) == 0);
	/* what it starts has no more */
	CHECK(system("grep -q '^CapEff:.0000000000001000$' /proc/self/status") == 0);
	CHECK(setuid(65534) != 0 && errno == EPERM);
	return 0;
}

static void
test_worker_keeps_net_admin_alone(void **state)
{
	(void)state;
	in_child(worker_has_one);
}

static int
engine_of_a_confined_parent(void)
{
	CHECK(confine(SYS_ROLE_PARENT, NULL) == 0);
	CHECK(status_of("CapEff", 16) == (CAP(CAP_NET_ADMIN) | CAP(CAP_NET_RAW) | CAP(CAP_SETUID) |
					  CAP(CAP_SETGID) | CAP(CAP_KILL)));
	CHECK(status_of("CapBnd", 16) == status_of("CapEff", 16));
	/* a child that is started again later still gets where it should be */
	pid_t pid = fork();
	int status;

	if (pid == 0) {
		CHECK(confine(SYS_ROLE_ENGINE, "nobody") == 0);
		CHECK(status_of("CapPrm", 16) == 0);
		CHECK(kill(getppid(), 0) != 0 && errno == EPERM);
		alarm(20);
		for (;;)
			pause();
	}
	CHECK(pid != -1);
	CHECK(kill(pid, SIGKILL) == 0);
	CHECK(waitpid(pid, &status, 0) == pid);
	CHECK(WIFSIGNALED(status));
	return 0;
}

static void
test_parent_can_still_start_and_end_children(void **state)
{
	(void)state;
	in_child(engine_of_a_confined_parent);
}

static int
child_follows(void)
{
	CHECK(confine(SYS_ROLE_ENGINE, "nobody") == 0);
	int signal_number = 0;

	CHECK(prctl(PR_GET_PDEATHSIG, &signal_number) == 0);
	CHECK(signal_number == SIGKILL);
	return 0;
}

static void
test_children_end_with_the_parent(void **state)
{
	(void)state;
	in_child(child_follows);
}

static int
unknown_user(void)
{
	const char *step = "";

	CHECK(sys_confine(SYS_ROLE_ENGINE, "no such user", &step) != 0);
	CHECK(errno == ENOENT);
	CHECK(strcmp(step, "look up the user") == 0);
	return 0;
}

static void
test_an_unknown_user_is_an_error_with_its_step(void **state)
{
	(void)state;
	in_child(unknown_user);
}

/* ---- real-time ---- */

static unsigned reports;

static void
count_report(void *arg, bool problem, const char *text)
{
	(void)arg;
	(void)problem;
	(void)text;
	reports++;
}

static int
realtime_without_a_large_footprint(void)
{
	const size_t size = 80 << 20;
	uint64_t before;
	int fd = memfd_create("board", MFD_CLOEXEC);
	volatile char *map;

	sys_realtime(count_report, NULL);
	CHECK(sched_getscheduler(0) == (SCHED_RR | SCHED_RESET_ON_FORK) || reports > 0);
	CHECK(ftruncate(fd, (off_t)size) == 0);
	before = status_of("VmRSS", 10);
	map = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	CHECK(map != MAP_FAILED);
	map[size / 2] = 1;
	CHECK(status_of("VmRSS", 10) < before + 1024);
	return 0;
}

static int
child_status(int (*run)(void))
{
	pid_t pid = fork();
	int status = -1;

	if (pid == 0)
		_exit(run());
	return pid != -1 && waitpid(pid, &status, 0) == pid ? status : -1;
}

static int
engine_in_its_class(void)
{
	sys_realtime(count_report, NULL);
	return sched_getscheduler(0) == (SCHED_RR | SCHED_RESET_ON_FORK) ? 0 : 1;
}

static int
other_child(void)
{
	return sys_schedule(false) == 0 && sched_getscheduler(0) == SCHED_OTHER ? 0 : 1;
}

/* Also where no limit can be raised, and no right is left. */
static int
class_is_inherited(void)
{
	const struct rlimit none = {0, 0};

	CHECK(setrlimit(RLIMIT_RTPRIO, &none) == 0);
	CHECK(sys_schedule(true) == 0);
	CHECK(confine(SYS_ROLE_PARENT, NULL) == 0);
	CHECK(child_status(engine_in_its_class) == 0);
	CHECK(child_status(other_child) == 0);
	CHECK(child_status(engine_in_its_class) == 0); /* one that is started again */
	return 0;
}

static void
test_the_engine_is_in_real_time_though_the_right_is_gone(void **state)
{
	(void)state;
	in_child(class_is_inherited);
}

/* What takes long in the kernel has the last processor, and the engine the others. */
static int
engine_keeps_off_the_last_processor(void)
{
	cpu_set_t before, after;
	int last = CPU_SETSIZE - 1;

	CHECK(sched_getaffinity(0, sizeof(before), &before) == 0);
	sys_realtime(count_report, NULL);
	CHECK(sched_getaffinity(0, sizeof(after), &after) == 0);
	while (!CPU_ISSET(last, &before))
		last--;
	if (CPU_COUNT(&before) > 1)
		CPU_CLR(last, &before);
	CHECK(CPU_EQUAL(&before, &after));
	/* the only one is not given away */
	CHECK(sched_setaffinity(0, sizeof(after), &after) == 0);
	while (CPU_COUNT(&after) > 1) {
		sys_realtime(count_report, NULL);
		CHECK(sched_getaffinity(0, sizeof(after), &after) == 0);
	}
	sys_realtime(count_report, NULL);
	CHECK(sched_getaffinity(0, sizeof(after), &after) == 0 && CPU_COUNT(&after) == 1);
	return 0;
}

static void
test_the_engine_keeps_off_the_processor_of_long_work(void **state)
{
	(void)state;
	in_child(engine_keeps_off_the_last_processor);
}

static int
realtime_refused(void)
{
	CHECK(confine(SYS_ROLE_SNMP, "nobody") == 0);
	reports = 0;
	sys_realtime(count_report, NULL);
	CHECK(reports > 0);
	return 0;
}

static void
test_real_time_does_not_make_sparse_memory_resident(void **state)
{
	(void)state;
	in_child(realtime_without_a_large_footprint);
	in_child(realtime_refused);
}

/* ---- small questions ---- */

static void
test_boot_id(void **state)
{
	char a[40], b[40];

	(void)state;
	assert_int_equal(sys_boot_id(a), 0);
	assert_int_equal(sys_boot_id(b), 0);
	assert_int_equal(strlen(a), 36);
	assert_string_equal(a, b);
}

static void
test_a_text_for_another_process_can_not_change(void **state)
{
	const char *text = "link \"a\" { interface wan1 }\n";
	const size_t len = strlen(text);
	char buf[64] = "";
	int fd;

	(void)state;
	fd = sys_text_fd(text, len);
	assert_int_not_equal(fd, -1);
	assert_int_equal(read(fd, buf, sizeof(buf)), len);
	assert_string_equal(buf, text);
	assert_int_equal(pwrite(fd, "x", 1, 0), -1);
	assert_int_equal(ftruncate(fd, 0), -1);
	assert_ptr_equal(mmap(NULL, len, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0), MAP_FAILED);
	assert_ptr_not_equal(mmap(NULL, len, PROT_READ, MAP_PRIVATE, fd, 0), MAP_FAILED);
	close(fd);
	fd = sys_text_fd("", 0);
	assert_int_not_equal(fd, -1);
	close(fd);
}

static void
test_the_peer_of_a_socket(void **state)
{
	uid_t uid = 1;
	gid_t gid = 1;
	int ends[2], fd;

	(void)state;
	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, ends), 0);
	assert_int_equal(sys_peer(ends[0], &uid, &gid), 0);
	assert_int_equal(uid, geteuid());
	assert_int_equal(gid, getegid());
	close(ends[0]);
	close(ends[1]);
	fd = open("/dev/null", O_RDONLY);
	assert_int_equal(sys_peer(fd, &uid, &gid), -1);
	close(fd);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_engine_and_snmp_keep_nothing),
	    cmocka_unit_test(test_worker_keeps_net_admin_alone),
	    cmocka_unit_test(test_parent_can_still_start_and_end_children),
	    cmocka_unit_test(test_children_end_with_the_parent),
	    cmocka_unit_test(test_an_unknown_user_is_an_error_with_its_step),
	    cmocka_unit_test(test_real_time_does_not_make_sparse_memory_resident),
	    cmocka_unit_test(test_the_engine_is_in_real_time_though_the_right_is_gone),
	    cmocka_unit_test(test_the_engine_keeps_off_the_processor_of_long_work),
	    cmocka_unit_test(test_boot_id),
	    cmocka_unit_test(test_a_text_for_another_process_can_not_change),
	    cmocka_unit_test(test_the_peer_of_a_socket),
	};

	if (geteuid() != 0)
		return 77; /* skipped: only root can give something up */
	return cmocka_run_group_tests(tests, NULL, NULL);
}
