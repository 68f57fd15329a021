/* SPDX-License-Identifier: ISC */
/* What each process may still ask of the kernel once it is set up: what it needs, and
 * not what whoever has taken it over would want. Each attempt is a process of its own,
 * which the kernel must end; the same attempt without a filter must not end it. */
#include "unit.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/bpf.h>
#include <linux/if_packet.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "common/ipc.h"
#include "system/linux/landlock.h"
#include "system/system.h"

#ifdef LIMIT_CALLS

enum { NO_FILTER = -1 };
enum {
	P = 1 << SYS_ROLE_PARENT,
	E = 1 << SYS_ROLE_ENGINE,
	W = 1 << SYS_ROLE_WORKER,
	S = 1 << SYS_ROLE_SNMP,
	B = 1 << SYS_ROLE_PROBER,
};

static int channel[2]; /* open before the filter */

/* ---- attempts ---- */

static void
open_file(void)
{
	(void)open("/etc/passwd", O_RDONLY | O_CLOEXEC);
}

static void
run_program(void)
{
	static char *const none[] = {NULL};

	execve("/nonexistent", none, none);
}

static void
new_process(void)
{
	if (fork() == 0)
		_exit(0);
}

static void
socket_of(int domain, int type)
{
	int fd = socket(domain, type, 0);

	if (fd >= 0)
		close(fd);
}

static void
inet_socket(void)
{
	socket_of(AF_INET, SOCK_DGRAM);
}

static void
packet_socket(void)
{
	socket_of(AF_PACKET, SOCK_DGRAM);
}

static void
netlink_socket(void)
{
	socket_of(AF_NETLINK, SOCK_RAW);
}

static void
unix_socket(void)
{
	socket_of(AF_UNIX, SOCK_STREAM);
}

static void
vsock_socket(void)
{
	socket_of(AF_VSOCK, SOCK_STREAM);
}

static void
signal_another(void)
{
	kill(getppid(), 0);
}

static void
signal_anothers_thread(void)
{
	syscall(SYS_tgkill, getppid(), getppid(), 0);
}

static void
trace(void)
{
	ptrace(PTRACE_ATTACH, 0x3fffffff, NULL, NULL); /* there is no such process */
}

static void
read_memory(void)
{
	syscall(SYS_process_vm_readv, getppid(), NULL, 0, NULL, 0, 0);
}

static void
executable_memory(void)
{
	void *p = mmap(NULL, 4096, PROT_READ | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	munmap(p, 4096);
}

static void
make_executable(void)
{
	static char page[8192];
	char *start = (char *)(((uintptr_t)page + 4095) & ~(uintptr_t)4095);

	mprotect(start, 4096, PROT_READ | PROT_EXEC);
	mprotect(start, 4096, PROT_READ | PROT_WRITE);
}

static void
terminal(void)
{
	char c = 'x';

	ioctl(channel[0], TIOCSTI, &c);
}

static void
mount_something(void)
{
	mount("none", "/nonexistent", "tmpfs", 0, NULL);
}

static void
new_namespace(void)
{
	unshare(CLONE_NEWUTS);
}

static void
process_in_namespace(void)
{
	if (syscall(SYS_clone, CLONE_NEWUTS | SIGCHLD, NULL, NULL, NULL, NULL) == 0)
		_exit(0);
}

static void
load_bpf(void)
{
	syscall(SYS_bpf, BPF_PROG_LOAD, NULL, 0);
}

static void
load_module(void)
{
	syscall(SYS_init_module, NULL, 0, "");
}

static void
set_clock(void)
{
	const struct timespec none = {-1, -1};

	syscall(SYS_clock_settime, CLOCK_REALTIME, &none);
}

static void
become_another(void)
{
	(void)!setresuid(getuid(), getuid(), getuid());
}

static void
change_owner(void)
{
	(void)!chown("/nonexistent", 0, 0);
}

static void
listen_for_others(void)
{
	listen(channel[0], 1);
}

static void
keep_secrets(void)
{
	syscall(SYS_keyctl, -1);
}

static void
io_ring(void)
{
	syscall(SYS_io_uring_setup, 0, NULL);
}

/* Calls of another kind of machine, which the kernel would translate. */
static void
other_machine(void)
{
#if defined(__x86_64__) && !defined(__ILP32__)
	syscall(0x40000000 | SYS_getpid); /* x32 */
#else
	syscall(SYS_mount, NULL, NULL, NULL, 0, NULL);
#endif
}

static const struct {
	const char *name;
	void (*attempt)(void);
	unsigned may; /* these roles live on */
} attempts[] = {
    {"open a file", open_file, P | W},
    {"run a program", run_program, P | W},
    {"start a process", new_process, P | W},
    {"AF_INET socket", inet_socket, P},
    {"AF_PACKET socket", packet_socket, P},
    {"AF_NETLINK socket", netlink_socket, P | W},
    {"AF_UNIX socket", unix_socket, P | W | S},
    {"AF_VSOCK socket", vsock_socket, 0},
    {"signal another process", signal_another, P | W},
    {"signal another's thread", signal_anothers_thread, P | W},
    {"trace", trace, 0},
    {"read another's memory", read_memory, 0},
    {"map executable memory", executable_memory, P | W},
    {"make memory executable", make_executable, P | W},
    {"write to a terminal's input", terminal, P | W},
    {"mount", mount_something, 0},
    {"make a namespace", new_namespace, 0},
    {"start a process in a namespace", process_in_namespace, 0},
    {"load BPF", load_bpf, 0},
    {"load a module", load_module, 0},
    {"set the clock", set_clock, 0},
    {"become another user", become_another, P},
    {"change an owner", change_owner, P},
    {"listen", listen_for_others, P},
    {"use the kernel's keys", keep_secrets, 0},
    /* without success: programs that may try */
    {"use io_uring", io_ring, P | W},
    {"use another machine's calls", other_machine, 0},
};

/* ---- what is needed ---- */

static int failed; /* line */

#define NEED(condition)                      \
	do {                                 \
		if (!(condition) && !failed) \
			failed = __LINE__;   \
	} while (0)

static int
by_octet(const void *a, const void *b)
{
	return *(const char *)a - *(const char *)b;
}

/* libc sorts what is large in another way, and asks the kernel for more then. */
static void
sort(size_t size)
{
	char *p = calloc(size, 64);

	NEED(p != NULL);
	if (p != NULL)
		qsort(p, size, 64, by_octet);
	free(p);
}

static void
everyday(void)
{
	char buf[64];
	void *p = malloc(1 << 22);

	sort(4);
	sort(1 << 16);
	NEED(p != NULL);
	free(p);
	NEED(ipc_send(channel[0], IPC_WAKE, NULL, 0, -1) == 0);
	NEED(recv(channel[1], buf, sizeof(buf), 0) > 0);
	NEED(fcntl(channel[0], F_GETFL) >= 0);
	NEED(mmap(NULL, 4096, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0) != MAP_FAILED);
	NEED(time(NULL) > 0 && getpid() > 0);
}

static void
of_the_engine(void)
{
	int fd = sys_text_fd("text", 4);
	char *text;
	size_t len;

	NEED(fd >= 0);
	text = sys_text_read(fd, 100, &len);
	NEED(text != NULL && len == 4);
	free(text);
	NEED(ipc_send(channel[0], IPC_STATE, NULL, 0, fd) == 0);
	close(fd);
}

static void
of_the_worker(void)
{
	pid_t pid;
	int status = -1;

	/* forks, and runs what has a shell, libraries and files in it */
	NEED(system("echo x | grep -q x && nft --version >/dev/null && ls / >/dev/null") == 0);
	pid = fork();
	if (pid == 0)
		_exit(sys_limit_calls(SYS_ROLE_ENGINE) == 0 ? 7 : 1);
	NEED(waitpid(pid, &status, 0) == pid && WIFEXITED(status) && WEXITSTATUS(status) == 7);
}

/* ---- the attempts ---- */

/* Runs it in a process with that role's filter: its wait status. */
static int
status_of(int role, void (*action)(void))
{
	int status;
	pid_t pid;

	fflush(stdout);
	pid = fork();
	assert_int_not_equal(pid, -1);
	if (pid == 0) {
		failed = 0;
		if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0 ||
		    (role != NO_FILTER && sys_limit_calls((enum sys_role)role) != 0))
			_exit(99);
		action();
		_exit(failed ? 1 + failed % 98 : 0);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	return status;
}

/* Those that have a filter of their own. */
static const struct {
	enum sys_role role;
	const char *name;
} filtered[] = {{SYS_ROLE_PARENT, "parent"}, {SYS_ROLE_ENGINE, "engine"},
		{SYS_ROLE_WORKER, "worker"}, {SYS_ROLE_SNMP, "snmp"},
		{SYS_ROLE_AGENT, "agent"},   {SYS_ROLE_PROBER, "prober"}};

static void
test_what_is_not_needed_ends_the_process(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(attempts); i++) {
		int status = status_of(NO_FILTER, attempts[i].attempt);

		if (!WIFEXITED(status))
			fail_msg("%s: ends a process without a filter", attempts[i].name);
		for (size_t k = 0; k < ARRAY_LEN(filtered); k++) {
			bool lives = attempts[i].may & 1U << filtered[k].role;

			status = status_of(filtered[k].role, attempts[i].attempt);
			if (lives ? !WIFEXITED(status)
				  : !WIFSIGNALED(status) || WTERMSIG(status) != SIGSYS)
				fail_msg("%s: the %s %s", attempts[i].name, filtered[k].name,
					 lives ? "is ended" : "goes on");
		}
	}
}

static void
test_what_is_needed_is_allowed(void **state)
{
	(void)state;
	for (size_t k = 0; k < ARRAY_LEN(filtered); k++)
		assert_int_equal(status_of(filtered[k].role, everyday), 0);
	assert_int_equal(status_of(SYS_ROLE_ENGINE, of_the_engine), 0);
	assert_int_equal(status_of(SYS_ROLE_WORKER, of_the_worker), 0);
	assert_int_equal(status_of(SYS_ROLE_PARENT, of_the_worker), 0);
}

/* Without a filter, which would end who only tries. */
static void
without_files(void)
{
	int open_before = open("/etc/passwd", O_RDONLY | O_CLOEXEC);
	char octet;

	NEED(open_before >= 0);
	NEED(landlock_no_files() == 0);
	NEED(read(open_before, &octet, 1) == 1);
	NEED(open("/etc/passwd", O_RDONLY | O_CLOEXEC) < 0 && errno == EACCES);
	NEED(open("/proc/self/status", O_RDONLY | O_CLOEXEC) < 0 && errno == EACCES);
	NEED(open("/tmp/new", O_WRONLY | O_CREAT | O_CLOEXEC, 0600) < 0 && errno == EACCES);
	NEED(mkdir("/tmp/new", 0700) < 0 && errno == EACCES);
	NEED(unlink("/tmp") < 0 && truncate("/etc/passwd", 0) < 0);
	NEED(execl("/bin/true", "true", (char *)NULL) < 0 && errno == EACCES);
}

static void
test_no_file_can_be_had(void **state)
{
	int status = status_of(NO_FILTER, without_files);

	(void)state;
	if (syscall(SYS_landlock_create_ruleset, NULL, 0, 1) < 1) /* a kernel without it */
		return;
	assert_true(WIFEXITED(status));
	assert_int_equal(WEXITSTATUS(status), 0);
}

/* An assertion ends its process by SIGABRT, not as if it had been taken over. */
static void
test_an_abort_is_an_abort(void **state)
{
	(void)state;
	for (size_t k = 0; k < ARRAY_LEN(filtered); k++) {
		int status = status_of(filtered[k].role, abort);

		assert_true(WIFSIGNALED(status));
		assert_int_equal(WTERMSIG(status), SIGABRT);
	}
}

static int
open_channel(void **state)
{
	(void)state;
	return ipc_pair(channel);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_what_is_not_needed_ends_the_process),
	    cmocka_unit_test(test_what_is_needed_is_allowed),
	    cmocka_unit_test(test_no_file_can_be_had),
	    cmocka_unit_test(test_an_abort_is_an_abort),
	};

	return cmocka_run_group_tests(tests, open_channel, NULL);
}

#else

int
main(void)
{
	puts("built without filters of system calls: skipped");
	return 77;
}

#endif
