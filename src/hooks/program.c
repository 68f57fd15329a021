/* SPDX-License-Identifier: ISC */
/* One run of a program. It is a session of its own with its own user, an empty standard
 * input, and nothing of ours: no descriptor, no right, no variable but those of the
 * event. Its output is read up to a bound, for the log. */
#include "config.h"

#include "hooks/program.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "common/clock.h"
#include "common/log.h"
#include "hooks/environment.h"
#include "system/system.h"

enum { GRACE_S = 1, CANNOT = 127 };

/* ---- in the child ---- */

static void
default_signals(void)
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

static void __attribute__((noreturn))
become(const struct conf_hook *hook, char *const *env, const char *folder, int output)
{
	const char *argv[HOOK_ARGS_MAX + 2] = {hook->program};
	const char *step = "";
	int null = open("/dev/null", O_RDONLY);

	for (uint32_t i = 0; i < hook->nargs; i++)
		argv[i + 1] = hook->args[i];
	if (null < 0 || dup2(null, STDIN_FILENO) < 0 || dup2(output, STDOUT_FILENO) < 0 ||
	    dup2(output, STDERR_FILENO) < 0)
		_exit(CANNOT);
	closefrom(STDERR_FILENO + 1);
	setsid();
	umask(022);
	default_signals();
	if (sys_confine_program(hook->user, &step) != 0) {
		dprintf(STDERR_FILENO, "user %s: %s: %s", hook->user, step, strerror(errno));
		_exit(CANNOT);
	}
	if (chdir(folder) != 0 && chdir("/") != 0)
		_exit(CANNOT);
	execve(hook->program, (char *const *)(uintptr_t)argv, env);
	dprintf(STDERR_FILENO, "it can't be run by %s: %s", hook->user, strerror(errno));
	_exit(CANNOT);
}

/* ---- its output ---- */

static void
close_output(struct program *p)
{
	if (p->reader != NULL)
		event_free(p->reader);
	p->reader = NULL;
	if (p->output >= 0)
		close(p->output);
	p->output = -1;
}

/* Takes what is there; what goes beyond the bound is read and forgotten. */
static void
read_output(struct program *p)
{
	char buf[1024];

	for (int turns = 0; p->output >= 0 && turns < 16; turns++) {
		ssize_t n = read(p->output, buf, sizeof(buf));

		if (n == -1 && (errno == EAGAIN || errno == EINTR))
			return;
		if (n <= 0) {
			close_output(p);
			return;
		}
		for (ssize_t i = 0; i < n && p->said_len < PROGRAM_SAID_MAX; i++)
			p->said[p->said_len++] = buf[i];
	}
}

static void
on_output(evutil_socket_t fd, short what, void *arg)
{
	(void)fd;
	(void)what;
	read_output(arg);
}

/* One line of plain text, whatever it wrote. */
static const char *
said(struct program *p)
{
	while (p->said_len > 0 && (unsigned char)p->said[p->said_len - 1] <= ' ')
		p->said_len--;
	p->said[p->said_len] = '\0';
	for (size_t i = 0; i < p->said_len; i++)
		if ((unsigned char)p->said[i] < ' ' || (unsigned char)p->said[i] >= 0x7f)
			p->said[i] = p->said[i] == '\n' ? '|' : '?';
	return p->said;
}

/* ---- its time ---- */

static void
on_timeout(evutil_socket_t fd, short what, void *arg)
{
	struct program *p = arg;
	struct timeval grace = {GRACE_S, 0};

	(void)fd;
	(void)what;
	kill(-p->pid, p->asked ? SIGKILL : SIGTERM);
	p->asked = true;
	event_add(p->timeout, &grace);
}

static int
watch(struct program *p, struct event_base *base)
{
	struct timeval limit = {(time_t)(p->hook.timeout_ms / 1000),
				(suseconds_t)(p->hook.timeout_ms % 1000 * 1000)};

	p->reader = event_new(base, p->output, EV_READ | EV_PERSIST, on_output, p);
	p->timeout = evtimer_new(base, on_timeout, p);
	return p->reader == NULL || p->timeout == NULL || event_add(p->reader, NULL) != 0 ||
		       event_add(p->timeout, &limit) != 0
		   ? -1
		   : 0;
}

/* ---- life ---- */

static void
drop(struct program *p)
{
	close_output(p);
	if (p->timeout != NULL)
		event_free(p->timeout);
	p->timeout = NULL;
	p->pid = 0;
}

/* The pipe that it will write to; the end to give it, or -1. */
static int
open_output(struct program *p)
{
	int ends[2];

	if (pipe2(ends, O_CLOEXEC) != 0)
		return -1;
	if (fcntl(ends[0], F_SETFL, O_NONBLOCK) != 0) {
		close(ends[0]);
		close(ends[1]);
		return -1;
	}
	p->output = ends[0];
	return ends[1];
}

int
program_start(struct program *p, struct event_base *base, const struct conf_hook *hook,
	      const struct hook_job *job, const char *folder)
{
	struct hook_environment env;
	sigset_t all, before;
	int given, error;

	memset(p, 0, sizeof(*p));
	p->output = -1;
	p->hook = *hook;
	p->job = *job;
	p->started_ns = clock_mono_ns();
	if (hook_environment_make(&env, job) != 0)
		return -1;
	given = open_output(p);
	/* Our handlers must not run in the child: they would write into our event loop. */
	sigfillset(&all);
	sigprocmask(SIG_SETMASK, &all, &before);
	p->pid = given >= 0 && watch(p, base) == 0 ? fork() : -1;
	if (p->pid == 0)
		become(hook, env.list, folder, given);
	error = errno;
	sigprocmask(SIG_SETMASK, &before, NULL);
	if (given >= 0)
		close(given);
	hook_environment_free(&env);
	if (p->pid < 0)
		drop(p);
	errno = error;
	return p->pid == 0 ? -1 : 0;
}

/* How it ended, in words. True: well. */
static bool
describe_end(struct program *p, int status, char *text, size_t size)
{
	const struct ipc_event *e = &p->job.event;
	double took = (double)(clock_mono_ns() - p->started_ns) / NSEC_PER_SEC;
	const char *words = said(p), *colon = p->said_len > 0 ? ": " : "";
	bool well = false;
	char how[128];

	if (p->asked)
		snprintf(how, sizeof(how), "ended after %.1f s, its time (%.1f s) being over", took,
			 p->hook.timeout_ms / 1e3);
	else if (WIFSIGNALED(status) && WTERMSIG(status) == SIGSYS)
		snprintf(how, sizeof(how),
			 "was ended by the kernel: it made a system call that no hook may, see "
			 "uplinkd.conf(5)");
	else if (WIFSIGNALED(status))
		snprintf(how, sizeof(how), "was ended by signal %d", WTERMSIG(status));
	else if (WEXITSTATUS(status) != 0)
		snprintf(how, sizeof(how), "failed with status %d", WEXITSTATUS(status));
	else
		well = snprintf(how, sizeof(how), "went well in %.3f s", took) > 0;
	snprintf(text, size, "hook %s on %s%s%s %s%s%s", p->hook.program,
		 e->number == 0 ? "sync" : event_type_name(e->type), e->link_name[0] ? " " : "",
		 e->link_name, how, colon, words);
	return well;
}

bool
program_ended(struct program *p, int status, char *text, size_t size)
{
	bool well;

	/* What it has started and left behind ends with it. */
	kill(-p->pid, SIGKILL);
	read_output(p);
	well = describe_end(p, status, text, size);
	if (well)
		log_debug("%s", text);
	else
		log_warn("%s", text);
	drop(p);
	return well;
}

void
program_kill(struct program *p)
{
	if (p->pid > 0)
		kill(-p->pid, SIGKILL);
	drop(p);
}
