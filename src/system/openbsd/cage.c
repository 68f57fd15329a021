/* SPDX-License-Identifier: ISC */
/* Keeps a foreign program to a link: its process has the routing table of that link, which holds
 * nothing but the link's default, and so has all that it starts. A process whose table is 0 may
 * take another one without any right; one that has another needs root's to go back, and so do its
 * sockets (setrtable(2), SO_RTABLE). So it makes its sockets itself, and nothing is wished for.
 *
 * A program that leaves its process group by itself is not ended with it: pledge(2) could forbid
 * that only together with much else that programs need. */
#include "config.h"

#include "system/system.h"

#include <sys/types.h>
#include <sys/socket.h>
#include <sys/wait.h>

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <unistd.h>

#include "system/openbsd/links.h"

/* The descriptor ends when the caller becomes its program, or can't. */
int
sys_cage_enter(const struct conf *conf, unsigned link)
{
	uint16_t table = link_table(conf, link);
	int ends[2];

	if (table == 0) {
		errno = ERANGE;
		return -1;
	}
	if (setrtable(table) == -1 || pipe2(ends, O_CLOEXEC) == -1)
		return -1;
	return ends[0];
}

/* Waits for the end of the lifeline, deaf to all but what ends the group. */
static void __attribute__((noreturn)) watch(int lifeline)
{
	sigset_t all;
	ssize_t n;
	char c;

	closefrom(lifeline + 1);
	sigfillset(&all);
	sigprocmask(SIG_SETMASK, &all, NULL);
	do
		n = read(lifeline, &c, 1);
	while (n > 0 || (n == -1 && errno == EINTR));
	kill(0, SIGKILL);
	_exit(1);
}

/* No descriptor sends another signal than SIGIO here, so somebody in the group watches it. Nobody's
 * child, as a program may wait for all of its own. */
int
sys_cage_follow(int lifeline)
{
	pid_t between = fork(), watcher;
	int status;

	if (between == -1)
		return -1;
	if (between == 0) {
		watcher = fork();
		if (watcher == 0)
			watch(lifeline);
		_exit(watcher == -1);
	}
	while (waitpid(between, &status, 0) == -1)
		if (errno != EINTR)
			return -1;
	if (WIFEXITED(status) && WEXITSTATUS(status) == 0)
		return 0;
	errno = EAGAIN;
	return -1;
}

/* There is nothing but its end. */
int
sys_cage_take(int cage, struct sys_cage_wish *wish)
{
	(void)cage, (void)wish;
	errno = EPIPE;
	return -1;
}

void
sys_cage_give(int cage, const struct sys_cage_wish *wish, int fd, int error)
{
	(void)cage, (void)wish, (void)fd, (void)error;
}
