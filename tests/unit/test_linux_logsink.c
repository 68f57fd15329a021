/* SPDX-License-Identifier: ISC */
/* A log line is taken at once or not at all, whatever stands at the other end: a
 * stopped terminal, a full pipe, a syslog that does not read or is restarted. */
#include "unit.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pty.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mount.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <syslog.h>
#include <termios.h>
#include <unistd.h>

#include "common/clock.h"
#include "system/system.h"

static const char line[] = "link fibre down: 3 of 3 targets lost, loss 100.0 %";

static unsigned slow;

static int
send_line(int sink, bool to_stderr)
{
	uint64_t start = clock_mono_ns(), took;
	int rc = sys_log_send(sink, to_stderr, LOG_WARNING, "engine", line, strlen(line));

	took = clock_mono_ns() - start;
	slow += took > 50 * NSEC_PER_MSEC;
	return rc;
}

/* Sends until nothing is taken any more: never late. A terminal that was full may have room
 * again: the kernel hands what it holds on to the other end in its own time. */
static unsigned
fill(int sink, bool to_stderr)
{
	enum { IN_A_ROW = 100 };
	unsigned taken = 0, refused = 0;

	slow = 0;
	while (refused < IN_A_ROW) {
		if (send_line(sink, to_stderr) != 0) {
			refused++;
			continue;
		}
		assert_true(++taken < 1000000);
		refused = slow = 0;
	}
	/* some may meet another program on a busy machine, but one that waits does so each time */
	assert_true(slow < IN_A_ROW / 2);
	return taken;
}

/* A sink with fd as standard error. */
static int
open_with_stderr(int fd)
{
	int saved = dup(STDERR_FILENO), sink;

	dup2(fd, STDERR_FILENO);
	sink = sys_log_open(true);
	dup2(saved, STDERR_FILENO);
	close(saved);
	assert_int_not_equal(sink, -1);
	return sink;
}

/* So many lines are there and no more, and each is whole. A terminal hands them over in the
 * kernel's own time. */
static void
expect_lines(int fd, unsigned wanted)
{
	enum { DEADLINE_MS = 10000, NO_MORE_MS = 50 };
	static char all[1 << 20];
	char expected[128];
	size_t len = 0;
	ssize_t n;
	unsigned ends = 0, count = 0;
	struct pollfd pfd = {.fd = fd, .events = POLLIN};

	snprintf(expected, sizeof(expected), "engine: %s", line);
	while (len < sizeof(all) - 1 &&
	       poll(&pfd, 1, ends < wanted ? DEADLINE_MS : NO_MORE_MS) == 1 &&
	       (n = read(fd, all + len, sizeof(all) - 1 - len)) > 0)
		for (; n > 0; n--)
			ends += all[len++] == '\n';
	all[len] = '\0';
	for (char *save, *l = strtok_r(all, "\r\n", &save); l != NULL;
	     l = strtok_r(NULL, "\r\n", &save)) {
		assert_string_equal(l, expected);
		count++;
	}
	assert_int_equal(count, wanted);
}

static void
test_a_full_pipe(void **state)
{
	int ends[2], sink;
	unsigned taken;

	(void)state;
	assert_int_equal(pipe(ends), 0);
	sink = open_with_stderr(ends[1]);
	taken = fill(sink, true);
	expect_lines(ends[0], taken);
	assert_int_equal(send_line(sink, true), 0);
	expect_lines(ends[0], 1);
	/* the pipe itself is others' too and blocks as before */
	assert_int_equal(fcntl(ends[1], F_GETFL) & O_NONBLOCK, 0);
	close(ends[0]);
	signal(SIGPIPE, SIG_IGN);
	assert_int_equal(send_line(sink, true), -1);
	close(ends[1]);
	close(sink);
}

static void
test_a_stopped_terminal(void **state)
{
	struct termios raw;
	int master, slave, sink;

	(void)state;
	assert_int_equal(openpty(&master, &slave, NULL, NULL, NULL), 0);
	tcgetattr(slave, &raw);
	cfmakeraw(&raw);
	tcsetattr(slave, TCSANOW, &raw);
	sink = open_with_stderr(slave);
	assert_int_equal(send_line(sink, true), 0);
	expect_lines(master, 1);
	assert_int_equal(tcflow(slave, TCOOFF), 0);
	fill(sink, true);
	assert_int_equal(fcntl(slave, F_GETFL) & O_NONBLOCK, 0);
	assert_int_equal(tcflow(slave, TCOON), 0);
	assert_int_equal(send_line(sink, true), 0);
	expect_lines(master, 1);
	close(master);
	close(slave);
	close(sink);
}

static void
test_a_terminal_nobody_reads(void **state)
{
	int master, slave, sink;

	(void)state;
	assert_int_equal(openpty(&master, &slave, NULL, NULL, NULL), 0);
	sink = open_with_stderr(slave);
	fill(sink, true);
	close(master);
	close(slave);
	close(sink);
}

static void
test_a_socket_as_standard_error(void **state)
{
	int ends[2], sink;
	unsigned taken;

	(void)state;
	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, ends), 0);
	sink = open_with_stderr(ends[1]);
	taken = fill(sink, true);
	assert_true(taken > 10);
	close(ends[0]);
	close(ends[1]);
	close(sink);
}

static void
test_a_file_is_appended_to(void **state)
{
	char name[] = "/tmp/uplinkd-log-XXXXXX";
	int fd = mkstemp(name), sink;

	(void)state;
	assert_int_equal(write(fd, "old\n", 4), 4);
	lseek(fd, 0, SEEK_SET);
	sink = open_with_stderr(fd);
	assert_int_equal(send_line(sink, true), 0);
	assert_int_equal(lseek(fd, 0, SEEK_END), 4 + strlen("engine: ") + strlen(line) + 1);
	close(fd);
	close(sink);
	unlink(name);
}

/* ---- syslog ---- */

/* /dev/log of this process alone. */
static int
make_place(void **state)
{
	(void)state;
	if (unshare(CLONE_NEWNS) != 0 || mount("none", "/", NULL, MS_REC | MS_PRIVATE, NULL) != 0)
		return -1;
	return mount("none", "/dev", "tmpfs", 0, NULL);
}

static int
open_reader(void)
{
	const struct sockaddr_un at = {.sun_family = AF_UNIX, .sun_path = "/dev/log"};
	int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_NONBLOCK, 0);

	unlink("/dev/log");
	assert_int_equal(bind(fd, (const struct sockaddr *)&at, sizeof(at)), 0);
	return fd;
}

static void
test_syslog_gets_the_line(void **state)
{
	int reader = open_reader(), sink = sys_log_open(false), pid, day, hour, minute, second,
	    at = 0;
	char buf[512] = "", month[4];

	(void)state;
	assert_int_equal(send_line(sink, false), 0);
	assert_true(recv(reader, buf, sizeof(buf) - 1, 0) > 0);
	/* daemon.warning */
	assert_int_equal(sscanf(buf, "<28>%3s %2d %2d:%2d:%2d engine[%d]: %n", month, &day, &hour,
				&minute, &second, &pid, &at),
			 6);
	assert_int_equal(pid, getpid());
	assert_string_equal(buf + at, line);
	assert_int_equal(buf[4 + 4], day < 10 ? ' ' : '0' + day / 10);
	close(reader);
	close(sink);
}

static void
test_a_syslog_that_does_not_read(void **state)
{
	int reader = open_reader(), sink = sys_log_open(false);
	char buf[512];
	unsigned taken, read_back = 0;

	(void)state;
	taken = fill(sink, false);
	while (recv(reader, buf, sizeof(buf), 0) > 0)
		read_back++;
	assert_int_equal(read_back, taken);
	assert_int_equal(send_line(sink, false), 0);
	close(reader);
	close(sink);
}

static void
test_a_syslog_that_is_restarted(void **state)
{
	int reader, sink;
	char buf[512];

	(void)state;
	unlink("/dev/log");
	sink = sys_log_open(false); /* not there yet */
	assert_int_not_equal(sink, -1);
	assert_int_equal(send_line(sink, false), -1);
	reader = open_reader();
	assert_int_equal(send_line(sink, false), 0);
	close(reader);
	assert_int_equal(send_line(sink, false), -1);
	reader = open_reader();
	assert_int_equal(send_line(sink, false), 0);
	assert_true(recv(reader, buf, sizeof(buf), 0) > 0);
	close(reader);
	close(sink);
}

int
main(void)
{
	const struct CMUnitTest standard_error[] = {
	    cmocka_unit_test(test_a_full_pipe),
	    cmocka_unit_test(test_a_stopped_terminal),
	    cmocka_unit_test(test_a_terminal_nobody_reads),
	    cmocka_unit_test(test_a_socket_as_standard_error),
	    cmocka_unit_test(test_a_file_is_appended_to),
	};
	const struct CMUnitTest to_syslog[] = {
	    cmocka_unit_test(test_syslog_gets_the_line),
	    cmocka_unit_test(test_a_syslog_that_does_not_read),
	    cmocka_unit_test(test_a_syslog_that_is_restarted),
	};
	int failed;

	alarm(60); /* what blocks would do so for ever */
	failed = cmocka_run_group_tests(standard_error, NULL, NULL);

	if (geteuid() != 0)
		return failed != 0 ? failed : 77; /* the rest needs a /dev/log of its own */
	return failed + cmocka_run_group_tests(to_syslog, make_place, NULL);
}
