/* SPDX-License-Identifier: ISC */
/* Running pfctl(8). */
#include "config.h"

#include "system/openbsd/pfctl.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "common/clock.h"
#include "system/openbsd/limits.h"
#include "system/openbsd/pfio.h"

enum { LIMIT_S = 30, EXIT_NO_EXEC = 127, OUTPUT_MAX = 4 << 20, COMPLAINT = 512 };

/* One run: what goes in, what comes out. */
struct run {
	const char *input;
	size_t input_len, written;
	char *output;
	size_t output_len, output_room;
	char complaint[COMPLAINT];
	size_t complaint_len;
	int in, out, err; /* our ends, -1: closed */
};

/* In the child: nothing but three descriptors. */
static void __attribute__((noreturn)) become(char *const argv[], int in, int out, int err)
{
	static char *const envp[] = {(char *)"PATH=/sbin:/usr/sbin:/bin:/usr/bin",
				     (char *)"LC_ALL=C", NULL};
	sigset_t none;

	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	signal(SIGPIPE, SIG_DFL);
	if (dup2(in, STDIN_FILENO) == -1 || dup2(out, STDOUT_FILENO) == -1 ||
	    dup2(err, STDERR_FILENO) == -1)
		_exit(EXIT_NO_EXEC);
	closefrom(STDERR_FILENO + 1);
	execve(argv[0], argv, envp);
	_exit(EXIT_NO_EXEC);
}

static void
close_end(int *fd)
{
	if (*fd >= 0)
		close(*fd);
	*fd = -1;
}

static pid_t
start(struct run *r, char *const argv[])
{
	int ends[3][2] = {{-1, -1}, {-1, -1}, {-1, -1}};
	pid_t child = -1;

	/* a socket, as writing to one can do without SIGPIPE when pfctl has had enough */
	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends[0]) == 0 &&
	    pipe2(ends[1], O_CLOEXEC) == 0 && pipe2(ends[2], O_CLOEXEC) == 0)
		child = fork();
	if (child == 0)
		become(argv, ends[0][0], ends[1][1], ends[2][1]);
	close_end(&ends[0][0]);
	close_end(&ends[1][1]);
	close_end(&ends[2][1]);
	r->in = ends[0][1];
	r->out = ends[1][0];
	r->err = ends[2][0];
	return child;
}

static void
feed(struct run *r)
{
	ssize_t n = r->written < r->input_len
			? send(r->in, r->input + r->written, r->input_len - r->written,
			       MSG_DONTWAIT | MSG_NOSIGNAL)
			: 0;

	if (n > 0)
		r->written += (size_t)n;
	if (r->written == r->input_len || (n == -1 && errno != EAGAIN && errno != EINTR))
		close_end(&r->in);
}

static void
take_output(struct run *r)
{
	ssize_t n;

	if (r->output_room - r->output_len < 4096) {
		size_t room = r->output_room == 0 ? 16384 : r->output_room * 2;
		char *grown = room > OUTPUT_MAX ? NULL : realloc(r->output, room);

		if (grown == NULL) {
			close_end(&r->out);
			return;
		}
		r->output = grown;
		r->output_room = room;
	}
	n = read(r->out, r->output + r->output_len, r->output_room - r->output_len - 1);
	if (n > 0)
		r->output_len += (size_t)n;
	else if (n == 0 || errno != EINTR)
		close_end(&r->out);
}

/* The beginning of it is enough. */
static void
take_complaint(struct run *r)
{
	char buf[256];
	ssize_t n = read(r->err, buf, sizeof(buf));

	for (ssize_t i = 0; i < n && r->complaint_len + 1 < sizeof(r->complaint); i++)
		r->complaint[r->complaint_len++] = buf[i];
	if (n == 0 || (n == -1 && errno != EINTR))
		close_end(&r->err);
}

/* Until it has closed its output, or the time is over: false. */
static bool
attend(struct run *r)
{
	uint64_t deadline = clock_mono_ns() + LIMIT_S * NSEC_PER_SEC;

	while (r->out >= 0 || r->err >= 0) {
		struct pollfd fds[] = {
		    {r->in, POLLOUT, 0}, {r->out, POLLIN, 0}, {r->err, POLLIN, 0}};
		uint64_t now = clock_mono_ns();

		if (now >= deadline)
			return false;
		if (poll(fds, 3, (int)((deadline - now) / NSEC_PER_MSEC) + 1) < 1)
			continue;
		if (r->in >= 0 && fds[0].revents != 0)
			feed(r);
		if (r->out >= 0 && fds[1].revents != 0)
			take_output(r);
		if (r->err >= 0 && fds[2].revents != 0)
			take_complaint(r);
	}
	return true;
}

static int
reap(pid_t child)
{
	int status;

	while (waitpid(child, &status, 0) == -1)
		if (errno != EINTR)
			return -1;
	return status;
}

/* One line of it, without the "stdin:1: " that names no file anybody has. */
static void
explain(const struct run *r, char *error, size_t size)
{
	int len = (int)strcspn(r->complaint, "\n");

	snprintf(error, size, "pfctl: %.*s", len, len > 0 ? r->complaint : "failed");
}

/* 0, or -1 with the reason. */
static int
run(struct run *r, char *const argv[], char *error, size_t error_size)
{
	pid_t child = start(r, argv);
	bool ended;
	int status;

	if (child == -1) {
		snprintf(error, error_size, "pfctl can't be started: %s", strerror(errno));
	} else {
		ended = attend(r);
		if (!ended)
			kill(child, SIGKILL);
		status = reap(child);
		r->complaint[r->complaint_len] = '\0';
		if (!ended)
			snprintf(error, error_size, "pfctl took longer than %d s", LIMIT_S);
		else if (WIFEXITED(status) && WEXITSTATUS(status) == EXIT_NO_EXEC)
			snprintf(error, error_size, "%s can't be run", argv[0]);
		else if (!WIFEXITED(status) || WEXITSTATUS(status) != 0)
			explain(r, error, error_size);
		else
			error[0] = '\0';
	}
	close_end(&r->in);
	close_end(&r->out);
	close_end(&r->err);
	return child != -1 && error[0] == '\0' ? 0 : -1;
}

/* ---- what is asked of it ---- */

static void
name_anchor(enum pf_part part, char anchor[static 64])
{
	snprintf(anchor, 64, "%s/%s", OWN_ANCHOR, pf_part_name(part));
}

static char *
word(const char *text)
{
	return (char *)(uintptr_t)text;
}

int
pfctl_load(enum pf_part part, const char *text, size_t len, char *error, size_t error_size)
{
	char anchor[64];
	char *const argv[] = {word(pfio_program()), word("-q"), word("-a"), anchor,
			      word("-f"),           word("-"),  NULL};
	struct run r = {.input = text, .input_len = len};
	int rc;

	name_anchor(part, anchor);
	rc = run(&r, argv, error, error_size);
	free(r.output);
	return rc;
}

static char *
show(char *const argv[], size_t *len, char *error, size_t error_size)
{
	struct run r = {.input = ""};

	if (run(&r, argv, error, error_size) != 0) {
		free(r.output);
		return NULL;
	}
	*len = r.output_len;
	if (r.output == NULL)
		return calloc(1, 1);
	r.output[r.output_len] = '\0';
	return r.output;
}

char *
pfctl_show(enum pf_part part, const char *what, size_t *len, char *error, size_t error_size)
{
	char anchor[64];
	char *const argv[] = {word(pfio_program()), word("-q"), word("-a"), anchor,
			      word("-s"),           word(what), NULL};

	name_anchor(part, anchor);
	return show(argv, len, error, error_size);
}

char *
pfctl_show_interfaces(size_t *len, char *error, size_t error_size)
{
	char *const argv[] = {word(pfio_program()), word("-q"),         word("-v"),
			      word("-s"),           word("Interfaces"), NULL};

	return show(argv, len, error, error_size);
}

char *
pfctl_show_main(size_t *len, char *error, size_t error_size)
{
	char *const argv[] = {word(pfio_program()), word("-q"), word("-s"), word("rules"), NULL};

	return show(argv, len, error, error_size);
}

int
pfctl_flush(enum pf_part part, char *error, size_t error_size)
{
	char anchor[64];
	char *const rules[] = {word(pfio_program()), word("-q"),    word("-a"), anchor,
			       word("-F"),           word("rules"), NULL};
	struct run r = {.input = ""};
	int rc;

	name_anchor(part, anchor);
	rc = run(&r, rules, error, error_size);
	free(r.output);
	return rc;
}
