/* SPDX-License-Identifier: ISC */
/* One program as a child of the runner. Between fork and exec it gets its group, its
 * limits and its cage; no shell has anything to do with it. */
#include "config.h"

#include "runner/caged.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include "common/ipc.h"
#include "system/system.h"

/* All programs together may have so many processes: who makes more than the machine
 * can bear makes them fail, and nothing else. */
enum { PROCESSES_MAX = 256, FILES_MAX = 256, NICE = 10 };
enum { FILE_SIZE_MAX = 16 << 20, DATA_MAX = 512 << 20 };

enum { LIFELINE_FD = 3, CHANNEL_FD, FDS_END, SPARE_FD = 10 };

/* ---- in the child ---- */

/* Over the channel, which closes by itself when the program runs. */
static void __attribute__((noreturn)) fail(void)
{
	struct ipc_socket why = {.error = errno};

	ipc_send(CHANNEL_FD, IPC_NOT_RUN, &why, sizeof(why), -1);
	_exit(CAGED_FAILED);
}

static void
limit_all(const struct conf_target *target)
{
	const struct {
		int what;
		rlim_t most;
	} limits[] = {
	    {RLIMIT_NPROC, PROCESSES_MAX},
	    {RLIMIT_NOFILE, FILES_MAX},
	    {RLIMIT_FSIZE, FILE_SIZE_MAX},
	    {RLIMIT_DATA, DATA_MAX},
	    {RLIMIT_CORE, 0},
	    {RLIMIT_CPU, target->probe.timeout_ms / 1000 + 1},
	};

	for (size_t i = 0; i < sizeof(limits) / sizeof(limits[0]); i++) {
		struct rlimit l = {limits[i].most, limits[i].most};

		if (setrlimit(limits[i].what, &l) != 0)
			fail();
	}
	(void)!nice(NICE);
}

/* When the other end closes, which is when the runner has died, the kernel kills the
 * group: any of it that is alive keeps this end open. */
static void
hang_on(void)
{
	if (sys_cage_follow(LIFELINE_FD) != 0)
		fail();
}

/* Nothing else is open: 0 to 2 lead nowhere. */
static void
set_descriptors(int channel, int lifeline)
{
	int null = open("/dev/null", O_RDWR);

	/* first out of the way of the numbers that they get */
	channel = fcntl(channel, F_DUPFD, SPARE_FD);
	lifeline = fcntl(lifeline, F_DUPFD, SPARE_FD);
	if (null < 0 || channel < 0 || lifeline < 0)
		_exit(CAGED_FAILED);
	for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; fd++)
		dup2(null, fd);
	dup2(lifeline, LIFELINE_FD);
	dup2(channel, CHANNEL_FD);
	closefrom(FDS_END);
	if (fcntl(CHANNEL_FD, F_SETFD, FD_CLOEXEC) != 0)
		_exit(CAGED_FAILED);
}

static void
set_signals(void)
{
	struct sigaction dfl;
	sigset_t none;

	memset(&dfl, 0, sizeof(dfl));
	dfl.sa_handler = SIG_DFL;
	for (int s = 1; s < NSIG; s++)
		sigaction(s, &dfl, NULL);
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
}

static void
set_environment(const struct caged_task *task)
{
	static char *nothing[] = {NULL};
	char address[ADDR_STRLEN];

	environ = nothing;
	setenv("PATH", "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", 1);
	setenv("LC_ALL", "C", 1);
	setenv("UPLINK_LINK", task->link->name, 1);
	setenv("UPLINK_INTERFACE", task->link->interface, 1);
	setenv("UPLINK_TARGET", addr_text(task->to, address), 1);
	setenv("UPLINK_IPVERSION", task->to->version == 6 ? "6" : "4", 1);
}

static void __attribute__((noreturn))
become(const struct caged_task *task, int channel, int lifeline)
{
	char *argv[CONF_ARGS_MAX + 1] = {NULL}, *word = task->target->command->text;
	int cage;

	for (unsigned i = 0; i < task->target->command->argc; i++, word += strlen(word) + 1)
		argv[i] = word;
	set_descriptors(channel, lifeline);
	if (argv[0] == NULL || setpgid(0, 0) != 0 || chdir("/") != 0)
		fail();
	hang_on();
	set_environment(task);
	set_signals();
	cage = sys_cage_enter(task->conf, task->link->index);
	if (cage < 0 || ipc_send(CHANNEL_FD, IPC_CAGE, NULL, 0, cage) != 0)
		fail();
	close(cage);
	limit_all(task->target); /* last: what has to be done before needs none of these */
	execv(argv[0], argv);
	fail();
}

/* ---- in the runner ---- */

static pid_t
start(const struct caged_task *task, int channel, int lifeline)
{
	sigset_t all, before;
	pid_t pid;
	int saved;

	/* The runner's handlers must not run in the child. */
	sigfillset(&all);
	sigprocmask(SIG_SETMASK, &all, &before);
	pid = fork();
	if (pid == 0)
		become(task, channel, lifeline);
	saved = errno;
	/* Both sides: whoever comes first. */
	if (pid > 0)
		(void)setpgid(pid, pid);
	sigprocmask(SIG_SETMASK, &before, NULL);
	errno = saved;
	return pid;
}

int
caged_start(struct caged *p, const struct caged_task *task)
{
	int channel[2], lifeline[2], saved;

	if (ipc_pair(channel) != 0)
		return -1;
	if (pipe2(lifeline, O_CLOEXEC) != 0) {
		saved = errno;
		close(channel[0]);
		close(channel[1]);
		errno = saved;
		return -1;
	}
	p->pid = start(task, channel[1], lifeline[0]);
	saved = errno;
	close(channel[1]);
	close(lifeline[0]);
	p->channel = channel[0];
	p->lifeline = lifeline[1];
	if (p->pid > 0)
		return 0;
	close(p->channel);
	close(p->lifeline);
	errno = saved;
	return -1;
}

int
caged_cage(const struct caged *p)
{
	struct ipc_message m;

	switch (ipc_receive(p->channel, IPC_PEER_RUNNER, &m)) {
	case IPC_OK:
		if (m.type == IPC_CAGE)
			return m.fd;
		errno = m.type == IPC_NOT_RUN ? ((const struct ipc_socket *)m.body)->error : EPROTO;
		return -1;
	case IPC_AGAIN:
		errno = EAGAIN;
		return -1;
	default:
		errno = EPIPE;
		return -1;
	}
}
