/* SPDX-License-Identifier: ISC */
/* An engine after a reboot: goes on with the orders and numbers of before, where the
 * board is new and only there; tells the worker what changes, and not more often than
 * once a second. The clocks are the test's. */
#include "unit.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#include "common/clock.h"
#include "common/log.h"
#include "engine/keep.h"
#include "engine/model.h"
#include "engine/ordering.h"
#include "engine/state.h"
#include "read_conf.h"
#include "system/system.h"

#define HOUR (3600 * NSEC_PER_SEC)
#define YEAR (365 * 24 * HOUR)

static uint64_t mono, wall;

uint64_t __wrap_clock_mono_ns(void);
uint64_t __wrap_clock_wall_ns(void);

uint64_t
__wrap_clock_mono_ns(void)
{
	return mono;
}

uint64_t
__wrap_clock_wall_ns(void)
{
	return wall;
}

static const char two_links[] =
    "link \"a\" { index 1; interface wan1; gateway 192.0.2.1; target gateway }\n"
    "link \"b\" { index 2; interface wan2; gateway 192.0.2.2; target gateway }\n";

static struct engine *e;
static int worker; /* its end of the channel */
static struct state saved, told;

static void
pass(uint64_t ns)
{
	mono += ns;
	wall += ns;
}

/* An engine with an empty board, as after a reboot. */
static int
boot(void **state)
{
	int ends[2];

	(void)state;
	mono = 20 * NSEC_PER_SEC;
	wall = 1790000000 * NSEC_PER_SEC;
	e = calloc(1, sizeof(*e));
	e->base = event_base_new();
	e->timers = timers_new(e->base);
	e->board = mmap(NULL, sizeof(*e->board), PROT_READ | PROT_WRITE,
			MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	assert_ptr_not_equal(e->board, MAP_FAILED);
	e->global.events_started = 1;
	assert_int_equal(ipc_pair(ends), 0);
	e->parent = e->snmp = -1;
	e->worker = ends[0];
	worker = ends[1];
	return 0;
}

static int
down(void **state)
{
	(void)state;
	if (e->conf != NULL) { /* without links: frees all links and targets */
		assert_int_equal(model_load(e, calloc(1, sizeof(struct conf))), 0);
		conf_free(e->conf);
	}
	close(e->worker);
	close(worker);
	munmap(e->board, sizeof(*e->board));
	timers_free(e->timers);
	event_base_free(e->base);
	free(e->links);
	free(e->keep);
	free(e);
	return 0;
}

static void
configure(void)
{
	assert_int_equal(model_load(e, must_read(two_links)), 0);
	e->global.started_ns = mono;
}

static void
fill(void)
{
	struct state_link *l = &saved.links[0];

	memset(&saved, 0, sizeof(saved));
	saved.saved_wall_ns = wall;
	saved.events_last = 500;
	saved.set_lock = 3;
	saved.nlinks = 3;
	strcpy(l->name, "b");
	l->transitions = 4;
	l->up_ns = 1000;
	l->down_ns = 2000;
	l->order.admin = ADMIN_DRAIN;
	l->order.actor = ACTOR_CONTROL;
	l->order.forced = 1;
	l->order.timeout_s = 3600;
	l->order.since_wall_ns = wall - HOUR / 2;
	l->rest_ns = HOUR / 2;
	strcpy(l->order.owner, "noc");
	strcpy(l->order.comment, "line card");
	strcpy(saved.links[1].name, "a");
	saved.links[1].order.admin = ADMIN_FORCE_DOWN; /* without an end */
	saved.links[1].order.actor = ACTOR_SNMP;
	strcpy(saved.links[2].name, "gone");
	saved.links[2].order.admin = ADMIN_FORCE_UP;
	saved.links[2].order.actor = ACTOR_SNMP;
}

static void
give_text(const char *text, size_t len)
{
	int fd = sys_text_fd(text, len);

	assert_true(fd >= 0);
	keep_take(e, fd);
	assert_int_equal(fcntl(fd, F_GETFD), -1); /* it is closed, whatever was in it */
}

static void
give(void)
{
	size_t len;
	char *text = state_text(&saved, &len);

	give_text(text, len);
	free(text);
}

static const struct board_link *
row(unsigned index)
{
	return &model_link(e, index)->row;
}

static void
assert_nothing_restored(void)
{
	configure();
	assert_int_equal(e->global.events_last, 0);
	assert_int_equal(e->global.events_started, 1);
	assert_int_equal(e->global.set_lock, 0);
	for (unsigned i = 1; i <= 2; i++) {
		assert_int_equal(row(i)->admin, ADMIN_AUTO);
		assert_int_equal(row(i)->transitions, 0);
		assert_int_equal(row(i)->order_expires_ns, 0);
	}
}

static void
test_goes_on_after_a_reboot(void **state)
{
	(void)state;
	fill();
	wall += HOUR / 4; /* it was off for so long */
	give();
	configure();
	assert_int_equal(e->global.events_last, 1500); /* what was not saved may have been told */
	assert_int_equal(e->global.events_started, 1501);
	assert_int_equal(e->global.notified, 1500);
	assert_int_equal(e->global.set_lock, 3);
	assert_int_equal(row(2)->admin, ADMIN_DRAIN);
	assert_int_equal(row(2)->actor, ACTOR_CONTROL);
	assert_int_equal(row(2)->forced, 1);
	assert_int_equal(row(2)->order_timeout_s, 3600);
	assert_int_equal(row(2)->order_expires_ns, mono + HOUR / 4);
	assert_int_equal(row(2)->order_since_wall_ns, saved.links[0].order.since_wall_ns);
	assert_string_equal(row(2)->owner, "noc");
	assert_string_equal(row(2)->comment, "line card");
	assert_int_equal(row(2)->transitions, 4);
	assert_int_equal(row(2)->up_ns, 1000);
	assert_int_equal(row(2)->down_ns, 2000);
	assert_int_equal(row(1)->admin, ADMIN_FORCE_DOWN);
	assert_int_equal(row(1)->order_expires_ns, 0);
}

static void
test_one_that_ran_out_meanwhile_ends(void **state)
{
	static const uint64_t off[] = {HOUR / 2, HOUR, 40 * YEAR};

	for (size_t i = 0; i < ARRAY_LEN(off); i++) {
		fill();
		wall += off[i];
		give();
		configure();
		assert_int_equal(row(2)->order_expires_ns, mono);
		assert_true(ordering_expire(e, mono));
		ordering_tell(model_link(e, 2));
		assert_int_equal(row(2)->admin, ADMIN_AUTO);
		assert_string_equal(row(2)->owner, "");
		assert_int_equal(row(1)->admin, ADMIN_FORCE_DOWN);
		assert_int_equal(e->global.events_last, 1501); /* and an event says so */
		assert_int_equal(e->board->events[1501].type, EVENT_CONTROL_EXPIRED);
		down(state);
		boot(state);
	}
}

static void
test_a_clock_that_went_back_gives_what_was_left(void **state)
{
	(void)state;
	fill();
	wall = 3 * NSEC_PER_SEC; /* 1970: no battery */
	give();
	configure();
	assert_int_equal(row(2)->order_expires_ns, mono + HOUR / 2);
}

static void
test_not_where_the_board_knows_better(void **state)
{
	(void)state;
	fill();
	e->global.started_ns = 1; /* an engine before this one */
	give();
	assert_nothing_restored();
	/* nor for a link that comes later, nor in the middle of a life */
	give();
	assert_int_equal(e->global.events_last, 0);
}

static void
test_only_the_first_configuration(void **state)
{
	static const char late[] =
	    "link \"a\" { index 1; interface wan1; gateway 192.0.2.1; target gateway }\n"
	    "link \"b\" { index 2; interface wan2; gateway 192.0.2.2; target gateway }\n"
	    "link \"gone\" { index 3; interface wan3; gateway 192.0.2.3; target gateway }\n";

	(void)state;
	fill();
	give();
	configure();
	assert_int_equal(model_load(e, must_read(late)), 0);
	assert_int_equal(row(3)->admin, ADMIN_AUTO);
	assert_int_equal(row(2)->admin, ADMIN_DRAIN);
}

static void
test_what_can_not_be_used(void **state)
{
	int pipes[2];

	fill();
	give_text("", 0);
	give_text("{}", 2);
	give_text("nonsense\0", 9);
	assert_int_equal(pipe(pipes), 0);
	keep_take(e, pipes[0]); /* not even read: there might never be anything */
	close(pipes[1]);
	assert_nothing_restored();
	down(state);
	boot(state);
	fill();
	saved.links[0].order.admin = ADMIN_AUTO;
	saved.links[1].order.comment[0] = 7; /* one link spoils all */
	give();
	assert_nothing_restored();
}

/* What the worker was told: how many texts; the newest is in told. */
static unsigned
texts(void)
{
	struct ipc_message m;
	unsigned n = 0;

	while (ipc_receive(worker, IPC_PEER_ENGINE, &m) == IPC_OK) {
		char error[256], *text;
		size_t len;

		assert_int_equal(m.type, IPC_STATE);
		text = sys_text_read(m.fd, 1 << 20, &len);
		assert_non_null(text);
		assert_int_equal(state_parse(text, len, &told, error, sizeof(error)), 0);
		free(text);
		close(m.fd);
		n++;
	}
	return n;
}

/* So many seconds of heartbeats. */
static unsigned
live(unsigned seconds)
{
	for (unsigned i = 0; i < seconds * 10; i++) {
		pass(NSEC_PER_SEC / 10);
		keep_tick(e);
	}
	return texts();
}

static void
test_the_worker_is_told_what_changes(void **state)
{
	struct board_link *r;

	(void)state;
	keep_tick(e); /* before there is a configuration */
	assert_int_equal(texts(), 0);
	configure();
	assert_int_equal(live(2), 1);
	assert_int_equal(told.nlinks, 2);
	assert_int_equal(live(500), 0);
	r = &model_link(e, 2)->row;
	r->admin = ADMIN_DRAIN;
	r->actor = ACTOR_SNMP;
	r->order_timeout_s = 60;
	r->order_expires_ns = mono + 60 * NSEC_PER_SEC;
	strcpy(r->comment, "now");
	assert_int_equal(live(1), 1);
	assert_int_equal(told.links[1].order.admin, ADMIN_DRAIN);
	assert_true(told.links[1].rest_ns > 58 * NSEC_PER_SEC &&
		    told.links[1].rest_ns <= 60 * NSEC_PER_SEC);
	assert_string_equal(told.links[1].order.comment, "now");
	/* a hundred changes a second are one text a second */
	for (unsigned i = 0; i < 100; i++) {
		e->global.events_last++;
		pass(NSEC_PER_SEC / 100);
		keep_tick(e);
	}
	assert_in_range(texts(), 1, 2);
	live(2);
	assert_int_equal(told.events_last, 100);
	/* what passes by itself is stored now and then */
	r->health = HEALTH_UP;
	assert_int_equal(live(650), 1);
	assert_true(told.links[1].up_ns > 500 * NSEC_PER_SEC);
	/* another wall clock: the saved rests are of the old one */
	wall += YEAR;
	assert_int_equal(live(2), 1);
	assert_int_equal(told.saved_wall_ns / YEAR, wall / YEAR);
	wall -= 10 * NSEC_PER_SEC;
	assert_int_equal(live(2), 1);
	/* another worker; the engine's end */
	keep_worker(e);
	assert_int_equal(live(2), 1);
	e->global.events_last++;
	keep_leave(e);
	assert_int_equal(texts(), 1);
	assert_int_equal(told.events_last, 101);
}

/* A worker that does not listen costs nothing, and is told when it does. */
static void
test_a_full_channel(void **state)
{
	(void)state;
	configure();
	for (unsigned i = 0; i < 2000; i++) {
		e->global.events_last++;
		pass(NSEC_PER_SEC);
		keep_tick(e);
	}
	texts();
	assert_int_equal(live(2), 1);
	assert_int_equal(told.events_last, 2000);
	close(worker);
	worker = -1;
	e->global.events_last++;
	pass(NSEC_PER_SEC);
	keep_tick(e);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test_setup_teardown(test_goes_on_after_a_reboot, boot, down),
	    cmocka_unit_test_setup_teardown(test_one_that_ran_out_meanwhile_ends, boot, down),
	    cmocka_unit_test_setup_teardown(test_a_clock_that_went_back_gives_what_was_left, boot,
					    down),
	    cmocka_unit_test_setup_teardown(test_not_where_the_board_knows_better, boot, down),
	    cmocka_unit_test_setup_teardown(test_only_the_first_configuration, boot, down),
	    cmocka_unit_test_setup_teardown(test_what_can_not_be_used, boot, down),
	    cmocka_unit_test_setup_teardown(test_the_worker_is_told_what_changes, boot, down),
	    cmocka_unit_test_setup_teardown(test_a_full_channel, boot, down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
