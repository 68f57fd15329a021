/* SPDX-License-Identifier: ISC */
/* A new process for a role: fork and exec. Between the two only calls that are
 * allowed after a fork, and no way back. */
#include "config.h"

#include "parent/spawn.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "system/system.h"
#include "parent/agent.h"
#include "parent/child.h"

static char self_path[PATH_MAX];

enum { ARGS_MAX = 16, FDS_MAX = 2 + AGENT_FDS_MAX, FDS_SPARE = 64 };

void
spawn_init(const char *argv0)
{
	const char *image = sys_own_image();
	ssize_t n = image == NULL ? -1 : readlink(image, self_path, sizeof(self_path) - 1);

	if (n > 0)
		self_path[n] = '\0';
	else
		snprintf(self_path, sizeof(self_path), "%s", argv0);
}

const char *
spawn_own_path(void)
{
	return self_path;
}

/* The file's own name where it is still what runs: ps then shows it. */
static const char *
self(void)
{
	struct stat named, image;
	const char *self_image = sys_own_image();

	if (self_image == NULL || stat(self_image, &image) != 0)
		return self_path;
	if (stat(self_path, &named) == 0 && named.st_dev == image.st_dev &&
	    named.st_ino == image.st_ino)
		return self_path;
	return self_image;
}

struct order_to_exec {
	const char *path;
	const char *argv[ARGS_MAX];
	unsigned argc;
	int fds[FDS_MAX]; /* from CHILD_CHANNEL_FD on; -1: none, its number stays free */
	unsigned nfds;
	int texts[AGENT_TEXTS]; /* to be closed when it has them */
	bool quiet;             /* its standard error leads nowhere */
	bool realtime;          /* it stays in the parent's scheduling class */
};

static void
push(struct order_to_exec *o, const char *arg)
{
	o->argv[o->argc++] = arg;
}

static void
push_fd(struct order_to_exec *o, int fd)
{
	o->fds[o->nfds++] = fd;
}

/* It is its own master, with all that this takes. Without memory for that it finds
 * nothing there, and ends. */
static void
push_agent(struct order_to_exec *o, const struct parent *p)
{
	int fds[AGENT_FDS_MAX];
	unsigned n = agent_descriptors(p, fds);

	push(o, "-a");
	for (unsigned i = 0; i < n; i++)
		push_fd(o, fds[i]);
	for (unsigned i = 0; i < AGENT_TEXTS; i++)
		o->texts[i] = n > 0 ? fds[i] : -1;
}

static void
fill(struct order_to_exec *o, const struct parent *p, enum ipc_peer role, int channel)
{
	const struct options *opt = p->options;

	memset(o, 0, sizeof(*o));
	o->texts[0] = o->texts[1] = -1;
	push_fd(o, channel);
	o->quiet = !opt->foreground;
	o->path = self();
	switch (role) {
	case IPC_PEER_ENGINE:
		push(o, "uplinkd: engine");
		push(o, "--role=engine");
		o->realtime = p->conf->realtime;
		if (o->realtime)
			push(o, "--realtime");
		push_fd(o, p->board_rw);
		break;
	case IPC_PEER_WORKER:
		push(o, "uplinkd: worker");
		push(o, "--role=worker");
		push(o, "-S");
		push(o, opt->statedir);
		break;
	case IPC_PEER_HOOKS:
		push(o, "uplinkd: hooks");
		push(o, "--role=hooks");
		push(o, "-r");
		push(o, opt->rundir);
		break;
	case IPC_PEER_RUNNER:
		push(o, "uplinkd: runner");
		push(o, "--role=runner");
		break;
	case IPC_PEER_PROBER:
		push(o, "uplinkd: prober");
		o->path = opt->prober_binary;
		break;
	default:
		push(o, "uplinkd: snmp");
		o->path = opt->snmp_binary;
		push_fd(o, p->board_ro);
		if (p->conf->snmp.agent.nlistens > 0)
			push_agent(o, p);
		break;
	}
	if (opt->foreground)
		push(o, "-d");
	if (opt->verbose > 0)
		push(o, "-v");
}

/* Puts them where they belong; everything else is closed. */
static void
closefrom_except(const int *fds, unsigned n)
{
	for (unsigned i = 0; i < n; i++)
		if (fds[i] >= 0)
			dup2(fds[i], CHILD_CHANNEL_FD + (int)i);
		else
			close(CHILD_CHANNEL_FD + (int)i);
	closefrom(CHILD_CHANNEL_FD + (int)n);
}

static void __attribute__((noreturn)) become(const struct order_to_exec *o)
{
	int fds[FDS_MAX], null = open("/dev/null", O_RDWR);
	struct sigaction dfl;
	sigset_t none;

	/* First out of the way of the numbers that they get. */
	for (unsigned i = 0; i < o->nfds; i++) {
		fds[i] = o->fds[i] < 0 ? -1 : fcntl(o->fds[i], F_DUPFD, FDS_SPARE);
		if (o->fds[i] >= 0 && fds[i] < 0)
			_exit(127);
	}
	if (null < 0)
		_exit(127);
	dup2(null, STDIN_FILENO);
	dup2(null, STDOUT_FILENO);
	if (o->quiet)
		dup2(null, STDERR_FILENO);
	closefrom_except(fds, o->nfds);
	if (!o->realtime && sys_schedule(false) != 0)
		_exit(127);
	setsid(); /* an interrupt from the terminal is for the parent alone */
	memset(&dfl, 0, sizeof(dfl));
	dfl.sa_handler = SIG_DFL;
	for (int s = 1; s < NSIG; s++)
		sigaction(s, &dfl, NULL);
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	execv(o->path, (char *const *)(uintptr_t)o->argv);
	_exit(127);
}

pid_t
spawn(const struct parent *p, enum ipc_peer role, int channel)
{
	struct order_to_exec o;
	sigset_t all, before;
	pid_t pid;
	int saved;

	fill(&o, p, role, channel);
	/* The parent's handlers must not run in the child: they would write into
	 * the parent's event loop. */
	sigfillset(&all);
	sigprocmask(SIG_SETMASK, &all, &before);
	pid = fork();
	if (pid == 0)
		become(&o);
	saved = errno;
	for (unsigned i = 0; i < AGENT_TEXTS; i++)
		if (o.texts[i] >= 0)
			close(o.texts[i]);
	sigprocmask(SIG_SETMASK, &before, NULL);
	errno = saved;
	return pid;
}
