/* SPDX-License-Identifier: ISC */
/* An engine that has not the memory to adopt a board leaves, and leaves the board as it was:
 * the next one finds all of it. */
#include "unit.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include <event2/event.h>

#include "common/clock.h"
#include "engine/engine.h"
#include "engine/memory.h"
#include "engine/model.h"
#include "engine/publish.h"
#include "engine/timers.h"
#include "read_conf.h"
#include "scarce.h"

enum { LINKS = 4, TARGETS = 8, EVENTS = 4 };

static const char text[] =
    "link a { index 1; interface wan1; gateway 192.0.2.1; target 203.0.113.1; target gateway }\n"
    "link b { index 2; interface wan2; gateway 192.0.2.9; target 203.0.113.1; target gateway }\n"
    "link c { index 3; interface wan3; gateway 192.0.2.17; target 203.0.113.1; target gateway }\n";

/* What of a board such links may touch. */
struct part {
	struct board_global global;
	struct board_link links[LINKS];
	struct board_target targets[TARGETS];
	struct board_event events[EVENTS];
	struct board_window windows[TARGETS];
	struct board_recent recent[TARGETS];
};

static struct board *board;

static void
take_part(struct part *p)
{
	memset(p, 0, sizeof(*p));
	p->global = board->global;
	memcpy(p->links, board->links, sizeof(p->links));
	memcpy(p->targets, board->targets, sizeof(p->targets));
	memcpy(p->events, board->events, sizeof(p->events));
	memcpy(p->windows, board->windows, sizeof(p->windows));
	memcpy(p->recent, board->recent, sizeof(p->recent));
}

static void
put_part(const struct part *p)
{
	board->global = p->global;
	memcpy(board->links, p->links, sizeof(p->links));
	memcpy(board->targets, p->targets, sizeof(p->targets));
	memcpy(board->events, p->events, sizeof(p->events));
	memcpy(board->windows, p->windows, sizeof(p->windows));
	memcpy(board->recent, p->recent, sizeof(p->recent));
}

static struct engine *
boot(void)
{
	struct engine *e = calloc(1, sizeof(*e));

	assert_non_null(e);
	e->base = event_base_new();
	e->timers = timers_new(e->base);
	e->board = board;
	e->parent = e->worker = e->snmp = e->hooks = -1;
	if (!publish_adopt_global(board, &e->global))
		memset(&e->global, 0, sizeof(e->global));
	if (e->global.events_started == 0)
		e->global.events_started = 1;
	return e;
}

/* In a process of its own, as it is: it ends with what it did not get. */
enum { ADOPTED, REFUSED, LOST };

static void
adopt(long n, bool for_good)
{
	struct engine *e = boot();
	struct conf *conf = must_read(text);
	bool taken;

	scarce_after(n, for_good);
	taken = model_load(e, conf) == 0;
	if (scarce_no_more() && !taken)
		_exit(REFUSED);
	if (!taken)
		_exit(LOST);
	for (unsigned i = 1; i < LINKS; i++) {
		const struct link *link = model_link(e, i);

		if (link == NULL || link->row.transitions != 40 + i ||
		    link->row.admin != ADMIN_DRAIN || link->ntargets != 2)
			_exit(LOST);
		for (size_t k = 0; k < 2; k++)
			if (link->targets[k]->row.index == 0 ||
			    link->targets[k]->row.sent != 1000 * i + link->targets[k]->slot)
				_exit(LOST);
	}
	publish_rows(e);
	_exit(ADOPTED);
}

static int
end_of(long n, bool for_good)
{
	pid_t pid = fork();
	int status;

	if (pid == 0)
		adopt(n, for_good);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFEXITED(status));
	return WEXITSTATUS(status);
}

static void
first_engine(void)
{
	struct engine *e = boot();

	assert_int_equal(model_load(e, must_read(text)), 0);
	for (unsigned i = 1; i < LINKS; i++) {
		struct link *link = model_link(e, i);

		link->row.transitions = 40 + i;
		link->row.admin = ADMIN_DRAIN;
		for (size_t k = 0; k < 2; k++)
			link->targets[k]->row.sent = 1000 * i + link->targets[k]->slot;
	}
	publish_rows(e);
	publish_global(e);
	_exit(0);
}

static void
test_what_can_not_be_adopted_stays(void **state)
{
	static struct part before, after;
	int status, end = LOST;
	pid_t pid = fork();

	(void)state;
	if (pid == 0)
		first_engine();
	waitpid(pid, &status, 0);
	assert_int_equal(status, 0);
	assert_int_equal(board->links[3].transitions, 43);
	take_part(&before);
	for (int for_good = 0; for_good < 2; for_good++) {
		long n = 0;

		for (; (end = end_of(n, for_good)) == REFUSED; n++) {
			take_part(&after);
			assert_memory_equal(&after, &before, sizeof(before));
		}
		assert_int_equal(end, ADOPTED);
		assert_true(n > 10);
		put_part(&before);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_what_can_not_be_adopted_stays),
	};

	memory_watch();
	board = mmap(NULL, sizeof(*board), PROT_READ | PROT_WRITE,
		     MAP_SHARED | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	assert_ptr_not_equal(board, MAP_FAILED);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
