/* SPDX-License-Identifier: ISC */
/* What a slow, broken or hostile client of the control socket gets, and that it costs the
 * loop and the others nothing. */
#include "control_world.h"
#include "unit.h"

#include <errno.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "common/clock.h"
#include "engine/control_request.h"
#include "handmade_board.h"

static void
several_requests_on_one_connection(void **state)
{
	struct world *w = *state;
	int fd = client(w);

	say(fd, "{\"v\":1,\"command\":\"stats\"}\r\nnonsense\n{\"v\":1,\"command\":\"status\"}");
	json_decref(hear_json(w, fd));
	expect_error(hear_json(w, fd), "malformed");
	say(fd, "\n");
	json_decref(hear_json(w, fd));
	close(fd);
}

static void
a_half_closed_client_gets_its_answer(void **state)
{
	struct world *w = *state;
	int fd = client(w);

	say(fd, "{\"v\":1,\"command\":\"status\"}"); /* without a newline, even */
	shutdown(fd, SHUT_WR);
	json_decref(hear_json(w, fd));
	assert_int_equal(hear(w, fd), 0);
	close(fd);
}

static void
too_long_a_line_is_refused(void **state)
{
	struct world *w = *state;
	char line[2 * CONTROL_REQUEST_MAX];
	int fd = client(w);

	memset(line, ' ', sizeof(line));
	assert_int_equal(send(fd, line, sizeof(line), MSG_NOSIGNAL), sizeof(line));
	expect_error(hear_json(w, fd), "too_long");
	assert_true(is_closed(w, fd));
	close(fd);

	fd = client(w);
	memcpy(line, "{\"v\":1,\"command\":\"stats\"}", 25);
	line[CONTROL_REQUEST_MAX] = '\n';
	assert_int_equal(send(fd, line, CONTROL_REQUEST_MAX + 1, MSG_NOSIGNAL),
			 CONTROL_REQUEST_MAX + 1);
	json_decref(hear_json(w, fd));
	close(fd);
}

static void
silent_and_half_sent_clients_are_dropped(void **state)
{
	struct world *w = *state;
	int silent = client(w), half = client(w), trickling = client(w);

	say(half, "{\"v\":1,");
	say(trickling, "{");
	for (int i = 0; i < 20; i++)
		turn(w);
	leapt_ns = 29 * NSEC_PER_SEC;
	say(trickling, " "); /* more octets do not buy more time */
	for (int i = 0; i < 20; i++)
		turn(w);
	assert_int_equal(send(half, " ", 1, MSG_NOSIGNAL), 1);
	leapt_ns = 31 * NSEC_PER_SEC;
	assert_true(is_closed(w, silent));
	assert_true(is_closed(w, half));
	assert_true(is_closed(w, trickling));
	close(silent);
	close(half);
	close(trickling);
}

static void
a_reader_that_stands_still_is_dropped(void **state)
{
	struct world *w = *state;
	int fd = client(w), other;
	size_t len = 0;
	ssize_t n;

	handmade_targets(w->board, 1, 10000);
	say(fd, "{\"v\":1,\"command\":\"targets\"}\n");
	for (int i = 0; i < 2000; i++)
		turn(w);
	/* Meanwhile others are served. */
	other = client(w);
	say(other, "{\"v\":1,\"command\":\"stats\"}\n");
	json_decref(hear_json(w, other));
	close(other);
	for (int leap = 1; leap <= 2; leap++) {
		/* one sweep sees how much waits, another that it still does */
		leapt_ns = leap * 31 * NSEC_PER_SEC;
		turn_for(w, 1500);
	}
	while ((n = recv(fd, w->answer, ANSWER_MAX, 0)) > 0)
		len += (size_t)n;
	assert_true(n == 0 || errno == ECONNRESET);
	assert_in_range(len, 1, 1024 * 1024); /* of 4 MB */
	close(fd);
}

static void
too_many_clients_are_turned_away(void **state)
{
	struct world *w = *state;
	int fds[64];

	for (size_t i = 0; i < 60; i++)
		fds[i] = client(w);
	for (int i = 0; i < 20; i++)
		turn(w);
	expect_error(ask(w, "{\"v\":1,\"command\":\"status\"}"), "too_many_clients");
	peer_uid = 0; /* root still gets in */
	json_decref(ask_result(w, "{\"v\":1,\"command\":\"status\"}"));
	for (int i = 0; i < 20; i++)
		turn(w); /* that one has gone */
	for (size_t i = 60; i < 64; i++)
		fds[i] = client(w);
	for (int i = 0; i < 20; i++)
		turn(w);
	expect_error(ask(w, "{\"v\":1,\"command\":\"status\"}"), "too_many_clients");
	for (size_t i = 0; i < 64; i++)
		close(fds[i]);
	peer_uid = 1000;
	for (int i = 0; i < 20; i++)
		turn(w);
	json_decref(ask_result(w, "{\"v\":1,\"command\":\"status\"}"));
}

static uint64_t
cpu_ns(void)
{
	struct timespec t;

	clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
	return (uint64_t)t.tv_sec * NSEC_PER_SEC + (uint64_t)t.tv_nsec;
}

/* One turn of the loop; *longest: of all so far, in processor time, which a busy
 * machine does not change. */
static void
timed_turn(struct world *w, uint64_t *longest)
{
	uint64_t start_ns = cpu_ns();

	turn(w);
	start_ns = cpu_ns() - start_ns;
	if (*longest < start_ns)
		*longest = start_ns;
}

/* The whole table arrives, and no turn of the loop takes long: 2 ms by design, with
 * room here for sanitizers. At once it would be 100 ms and more. */
static void
a_long_answer_comes_in_slices(void **state)
{
	struct world *w = *state;
	uint64_t longest = 0, end_ns = __real_clock_mono_ns() + 30 * NSEC_PER_SEC;
	int fd = client(w);
	size_t len = 0;
	json_t *answer;

	handmade_targets(w->board, 1, 10000);
	say(fd, "{\"v\":1,\"command\":\"targets\"}\n");
	while (len == 0 || w->answer[len - 1] != '\n') {
		ssize_t n = recv(fd, w->answer + len, ANSWER_MAX - len, 0);

		if (n > 0)
			len += (size_t)n;
		else
			timed_turn(w, &longest);
		assert_true(__real_clock_mono_ns() < end_ns);
	}
	answer = json_loadb(w->answer, len, 0, NULL);
	assert_int_equal(
	    json_array_size(json_object_get(json_object_get(answer, "result"), "targets")), 10006);
	json_decref(answer);
	close(fd);
	assert_in_range(longest, 0, 50 * NSEC_PER_MSEC);
}

/* So do 60 clients that ask as fast as they can. */
static void
a_crowd_does_not_hold_the_loop(void **state)
{
	struct world *w = *state;
	uint64_t longest = 0;
	int fds[60];

	handmade_targets(w->board, 1, 1000);
	for (size_t i = 0; i < ARRAY_LEN(fds); i++)
		fds[i] = client(w);
	for (int round = 0; round < 100; round++) {
		for (size_t i = 0; i < ARRAY_LEN(fds); i++) {
			send(fds[i], "{\"v\":1,\"command\":\"targets\"}\n", 28, MSG_NOSIGNAL);
			while (recv(fds[i], w->answer, ANSWER_MAX, 0) > 0)
				;
		}
		timed_turn(w, &longest);
	}
	for (size_t i = 0; i < ARRAY_LEN(fds); i++)
		close(fds[i]);
	assert_in_range(longest, 1, 20 * NSEC_PER_MSEC);
}

/* They are read one after the other: the last one waits for less than the 30 s of an idle one,
 * also where a sanitizer watches and the machine is busy. */
static void
many_clients_share_the_turns(void **state)
{
	struct world *w = *state;
	int fds[12];

	handmade_targets(w->board, 1, 600);
	for (size_t i = 0; i < ARRAY_LEN(fds); i++) {
		fds[i] = client(w);
		say(fds[i], "{\"v\":1,\"command\":\"targets\"}\n");
	}
	for (size_t i = 0; i < ARRAY_LEN(fds); i++) {
		json_t *answer = hear_json(w, fds[i]);

		assert_int_equal(
		    json_array_size(json_object_get(json_object_get(answer, "result"), "targets")),
		    606);
		json_decref(answer);
		close(fds[i]);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    CONTROL_TEST(several_requests_on_one_connection),
	    CONTROL_TEST(a_half_closed_client_gets_its_answer),
	    CONTROL_TEST(too_long_a_line_is_refused),
	    CONTROL_TEST(silent_and_half_sent_clients_are_dropped),
	    CONTROL_TEST(a_reader_that_stands_still_is_dropped),
	    CONTROL_TEST(too_many_clients_are_turned_away),
	    CONTROL_TEST(a_long_answer_comes_in_slices),
	    CONTROL_TEST(a_crowd_does_not_hold_the_loop),
	    CONTROL_TEST(many_clients_share_the_turns),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
