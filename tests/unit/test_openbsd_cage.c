/* SPDX-License-Identifier: ISC */
/* How a command's program is kept to its link on OpenBSD: by the routing table of its process. The
 * runner's own code starts it; only setrtable(2) is played. */
#include "unit.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "openbsd/setrtable.h"
#include "read_conf.h"
#include "runner/caged.h"
#include "system/system.h"

enum { LIMIT_MS = 10000 };

struct running {
	struct conf *conf;
	struct caged program;
};

static void
start(struct running *r, const char *command, unsigned index)
{
	struct caged_task task;
	char text[512];

	snprintf(text, sizeof(text),
		 "link \"a\" { interface em1; gateway 192.0.2.1; target 203.0.113.1 command %s }\n",
		 command);
	r->conf = must_read(text);
	r->conf->links[0].index = (uint16_t)index;
	task = (struct caged_task){r->conf, &r->conf->links[0], &r->conf->links[0].targets[0],
				   &r->conf->links[0].targets[0].addr};
	assert_int_equal(caged_start(&r->program, &task), 0);
}

static int
status_of(const struct running *r)
{
	int status;

	assert_int_equal(waitpid(r->program.pid, &status, 0), r->program.pid);
	assert_true(WIFEXITED(status));
	return WEXITSTATUS(status);
}

/* What its group leaves behind is ended as the runner does it. */
static void
bury(struct running *r)
{
	(void)kill(-r->program.pid, SIGKILL);
	close(r->program.channel);
	close(r->program.lifeline);
	conf_free(r->conf);
}

static void
await(int fd)
{
	struct pollfd p = {.fd = fd, .events = POLLIN};

	assert_int_equal(poll(&p, 1, LIMIT_MS), 1);
}

/* Until nobody is in the group; false: somebody is, to the end. */
static bool
group_ends(pid_t group)
{
	for (int i = 0; i < LIMIT_MS / 10; i++) {
		(void)waitpid(group, NULL, WNOHANG);
		if (kill(-group, 0) == -1 && errno == ESRCH)
			return true;
		poll(NULL, 0, 10);
	}
	return false;
}

static void
a_program_has_the_table_of_its_link(void **state)
{
	struct running r;

	(void)state;
	start(&r, "/bin/sh -c \"exit $FAKE_RTABLE\"", 7);
	assert_int_equal(status_of(&r), 107);
	bury(&r);
}

static void
a_link_without_a_table_has_no_programs(void **state)
{
	struct running r;
	int cage;

	(void)state;
	start(&r, "/bin/true", 156);
	await(r.program.channel);
	cage = caged_cage(&r.program);
	assert_int_equal(cage, -1);
	assert_int_equal(errno, ERANGE);
	assert_int_equal(status_of(&r), CAGED_FAILED);
	bury(&r);
}

/* Whoever has a table can take no other. */
static void
who_is_caged_stays_so(void **state)
{
	struct running r;

	(void)state;
	assert_int_equal(setrtable(109), 0);
	start(&r, "/bin/true", 7);
	assert_int_equal(status_of(&r), CAGED_FAILED);
	await(r.program.channel);
	assert_int_equal(caged_cage(&r.program), -1);
	assert_int_equal(errno, EPERM);
	bury(&r);
}

/* It makes its sockets itself: the cage only tells that there is nothing to wish for. */
static void
nothing_is_wished_for(void **state)
{
	struct sys_cage_wish wish;
	struct running r;
	int cage;

	(void)state;
	start(&r, "/bin/true", 1);
	await(r.program.channel);
	cage = caged_cage(&r.program);
	assert_true(cage >= 0);
	await(cage);
	assert_int_equal(sys_cage_take(cage, &wish), -1);
	close(cage);
	assert_int_equal(status_of(&r), 0);
	bury(&r);
}

/* A program may wait for all of its children: who watches the lifeline is none of them. */
static void
the_watcher_is_no_child_of_the_program(void **state)
{
	struct running r;

	(void)state;
	start(
	    &r,
	    "/bin/sh -c \"for f in /proc/[0-9]*/stat; do read p c s parent rest < $f || continue; "
	    "[ $parent = $$ ] && exit 1; done; exit 0\"",
	    1);
	assert_int_equal(status_of(&r), 0);
	bury(&r);
}

static void
with_the_runner_all_of_it_ends(void **state)
{
	struct running r;

	(void)state;
	start(&r, "/bin/sh -c \"trap '' TERM HUP INT; sleep 600 & sleep 600\"", 1);
	assert_int_equal(kill(-r.program.pid, 0), 0);
	await(r.program.channel);
	close(caged_cage(&r.program));
	close(r.program.lifeline); /* as the runner's death does */
	assert_true(group_ends(r.program.pid));
	close(r.program.channel);
	conf_free(r.conf);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(a_program_has_the_table_of_its_link),
	    cmocka_unit_test(a_link_without_a_table_has_no_programs),
	    cmocka_unit_test(nothing_is_wished_for),
	    cmocka_unit_test(the_watcher_is_no_child_of_the_program),
	    cmocka_unit_test(with_the_runner_all_of_it_ends),
	    cmocka_unit_test(who_is_caged_stays_so), /* last, as it holds for this process too */
	};

	alarm(60); /* whatever hangs */
	return cmocka_run_group_tests(tests, NULL, NULL);
}
