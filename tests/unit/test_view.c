/* SPDX-License-Identifier: ISC */
/* The SNMP side's reading of the board while its writer is in the middle of a row:
 * it waits a little where it knows nothing yet, and only a little. */
#include "config.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <poll.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "common/board.h"
#include "common/clock.h"
#include "subagent/view.h"

enum { LINK = 7 };

static struct board *board;
static struct view *view;

static int
setup(void **state)
{
	char path[] = "/tmp/uplinkd-view.XXXXXX";
	bool fresh;
	int fd;

	(void)state;
	/* What is waited for is another process, for milliseconds: a busy machine must not
	 * keep it from its turn. Where that may not be asked for, it has to be idle. */
	(void)sched_setscheduler(0, SCHED_FIFO, &(const struct sched_param){.sched_priority = 1});
	fd = mkstemp(path);
	assert_true(fd >= 0);
	close(fd);
	fd = board_create(path, &fresh);
	assert_true(fd >= 0);
	unlink(path);
	board = board_map_writable(fd);
	assert_non_null(board);
	board->global.link_slots = LINK + 1;
	board->links[LINK].index = LINK;
	strcpy(board->links[LINK].name, "fibre");
	view = view_open(fd);
	assert_non_null(view);
	close(fd);
	return 0;
}

static int
teardown(void **state)
{
	(void)state;
	view_close(view);
	munmap(board, sizeof(*board));
	return 0;
}

static void
set_writing(bool writing)
{
	board->links[LINK].seq.count = writing ? 3 : 4;
}

/* Another process ends the row that its writer was in, some milliseconds from now. */
static pid_t
end_row_later(void)
{
	pid_t pid = fork();

	assert_true(pid >= 0);
	if (pid == 0) {
		poll(NULL, 0, 5);
		set_writing(false);
		_exit(0);
	}
	return pid;
}

static void
test_a_row_in_the_making_is_waited_for(void **state)
{
	const struct board_link *link = NULL;
	pid_t pid;

	(void)state;
	set_writing(true);
	pid = end_row_later();
	view_begin(view, 10 * NSEC_PER_SEC);
	assert_int_equal(view_link_from(view, 1, &link), LINK);
	assert_string_equal(link->name, "fibre");
	assert_false(view_busy(view));
	assert_int_equal(waitpid(pid, NULL, 0), pid);
}

static void
test_a_known_row_is_answered_at_once(void **state)
{
	const struct board_link *link = NULL;

	(void)state;
	set_writing(false);
	view_begin(view, 10 * NSEC_PER_SEC);
	assert_int_equal(view_link_from(view, 1, &link), LINK);
	set_writing(true);
	view_begin(view, 10 * NSEC_PER_SEC + 1);
	assert_int_equal(view_link_from(view, 1, &link), LINK);
	assert_string_equal(link->name, "fibre");
	assert_false(view_busy(view));
}

/* Of a writer that died within a row, nobody is kept for long. */
static void
test_waiting_has_an_end(void **state)
{
	const struct board_link *link = NULL;
	uint64_t start, first, later = 0;

	(void)state;
	set_writing(true);
	start = clock_mono_ns();
	view_begin(view, 10 * NSEC_PER_SEC);
	assert_int_equal(view_link_from(view, 1, &link), 0);
	assert_true(view_busy(view));
	first = clock_mono_ns() - start;
	for (unsigned i = 1; i <= 10; i++) {
		start = clock_mono_ns();
		view_begin(view, 10 * NSEC_PER_SEC + i);
		assert_int_equal(view_link_from(view, 1, &link), 0);
		assert_true(view_busy(view));
		later += clock_mono_ns() - start;
	}
	/* ten more in the same second wait for nothing */
	assert_true(first >= 20 * NSEC_PER_MSEC);
	assert_true(later < first);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test_setup_teardown(test_a_row_in_the_making_is_waited_for, setup,
					    teardown),
	    cmocka_unit_test_setup_teardown(test_a_known_row_is_answered_at_once, setup, teardown),
	    cmocka_unit_test_setup_teardown(test_waiting_has_an_end, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
