/* SPDX-License-Identifier: ISC */
/* libevent's memory when malloc refuses: what stands keeps its content, what can't be done
 * without is had, and the library never writes through NULL. */
#include "unit.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include <event2/buffer.h>
#include <event2/bufferevent.h>
#include <event2/event.h>

#include "common/reserve.h"
#include "scarce.h"

static void
test_it_is_had_when_malloc_refuses(void **state)
{
	void *pieces[RESERVE_PIECES + 1];
	uint64_t before = reserve_failures();

	(void)state;
	scarce_after(0, true);
	for (int i = 0; i < RESERVE_PIECES; i++) {
		pieces[i] = reserve_malloc(RESERVE_PIECE);
		assert_non_null(pieces[i]);
		memset(pieces[i], i, RESERVE_PIECE);
	}
	errno = 0;
	assert_null(reserve_malloc(1)); /* all is gone */
	assert_int_equal(errno, ENOMEM);
	for (int i = 0; i < RESERVE_PIECES; i++) {
		const unsigned char *octets = pieces[i];

		assert_int_equal(octets[0], i);
		assert_int_equal(octets[RESERVE_PIECE - 1], i);
	}
	reserve_free(pieces[7]);
	assert_null(reserve_malloc(RESERVE_PIECE + 1));
	assert_null(reserve_malloc(SIZE_MAX));
	assert_ptr_equal(reserve_malloc(0), pieces[7]);
	for (int i = 0; i < RESERVE_PIECES; i++)
		reserve_free(pieces[i]);
	reserve_free(NULL);
	assert_true(scarce_no_more());
	assert_int_equal(reserve_failures() - before, RESERVE_PIECES + 4);
	pieces[0] = reserve_malloc(10); /* of malloc's, again */
	reserve_free(pieces[0]);
	assert_int_equal(reserve_failures() - before, RESERVE_PIECES + 4);
}

static void
test_what_grows_keeps_its_content(void **state)
{
	char *p = reserve_malloc(8), *grown;

	(void)state;
	assert_non_null(p);
	memcpy(p, "abcdefg", 8);
	scarce_after(0, true);
	grown = reserve_realloc(p, 100); /* into the reserve */
	assert_non_null(grown);
	assert_string_equal(grown, "abcdefg");
	p = reserve_realloc(grown, 200); /* from one piece to another */
	assert_non_null(p);
	assert_string_equal(p, "abcdefg");
	assert_null(reserve_realloc(p, RESERVE_PIECE + 1));
	assert_string_equal(p, "abcdefg");
	scarce_no_more();
	grown = reserve_realloc(p, 2 * RESERVE_PIECE); /* out of it */
	assert_non_null(grown);
	assert_string_equal(grown, "abcdefg");
	p = reserve_realloc(grown, 3);
	assert_non_null(p);
	assert_memory_equal(p, "abc", 3);
	reserve_free(p);
	p = reserve_realloc(NULL, 3);
	assert_non_null(p);
	reserve_free(p);
}

/* ---- libevent on it ---- */

static void
on_end(struct bufferevent *stream, short what, void *arg)
{
	bool *ended = arg;

	(void)stream, (void)what;
	*ended = true;
}

/* A stream as the daemon makes them; said whether it was made without the reserve. */
static bool
talk(void *arg)
{
	struct event_base *base = arg;
	uint64_t before = reserve_failures();
	struct bufferevent *stream;
	bool ended = false, whole;
	int fds[2];

	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, fds), 0);
	stream = bufferevent_socket_new(base, fds[0], BEV_OPT_CLOSE_ON_FREE);
	assert_non_null(stream);
	bufferevent_setcb(stream, NULL, NULL, on_end, &ended);
	bufferevent_setwatermark(stream, EV_READ, 0, 4097);
	assert_int_equal(bufferevent_enable(stream, EV_READ | EV_WRITE), 0);
	whole = reserve_failures() == before;
	assert_int_equal(send(fds[1], "x", 1, MSG_NOSIGNAL), 1);
	evbuffer_add_printf(bufferevent_get_output(stream), "%d", 1);
	event_base_loop(base, EVLOOP_ONCE | EVLOOP_NONBLOCK);
	bufferevent_free(stream);
	event_base_loop(base, EVLOOP_ONCE | EVLOOP_NONBLOCK); /* it goes in a turn of the loop */
	close(fds[1]);
	return whole && reserve_failures() == before;
}

static void
nothing(evutil_socket_t fd, short what, void *arg)
{
	unsigned *ran = arg;

	(void)fd, (void)what;
	++*ran;
}

static void
test_streams_are_made(void **state)
{
	struct event_base *base = event_base_new();

	(void)state;
	scarce_everywhere(talk, base);
	for (int i = 0; i < 4 * RESERVE_PIECES; i++) { /* nothing of it is kept */
		scarce_after(0, true);
		talk(base);
		scarce_no_more();
	}
	event_base_free(base);
}

/* As many timers as a process has, each of which needs more room in the loop. */
static void
test_timers_are_set(void **state)
{
	enum { TIMERS = 100 };
	struct event_base *base = event_base_new();
	const struct timeval at_once = {0, 0};
	struct event *timers[TIMERS];
	unsigned ran = 0;

	(void)state;
	for (int i = 0; i < TIMERS; i++)
		timers[i] = evtimer_new(base, nothing, &ran);
	scarce_after(0, true);
	for (int i = 0; i < TIMERS; i++)
		assert_int_equal(event_add(timers[i], &at_once), 0);
	while (ran < TIMERS)
		assert_int_equal(event_base_loop(base, EVLOOP_ONCE), 0);
	assert_true(scarce_no_more());
	for (int i = 0; i < TIMERS; i++)
		event_free(timers[i]);
	event_base_free(base);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_it_is_had_when_malloc_refuses),
	    cmocka_unit_test(test_what_grows_keeps_its_content),
	    cmocka_unit_test(test_streams_are_made),
	    cmocka_unit_test(test_timers_are_set),
	};

	reserve_for_libevent();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
