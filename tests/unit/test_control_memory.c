/* SPDX-License-Identifier: ISC */
/* The control socket where memory runs out: who can't be answered as a whole is not answered
 * in part, others are, and the loop goes on. */
#include "control_world.h"
#include "unit.h"

#include <errno.h>
#include <sys/socket.h>
#include <unistd.h>

#include "common/clock.h"
#include "common/reserve.h"
#include "engine/control.h"
#include "engine/control_client.h"
#include "engine/memory.h"
#include "handmade_board.h"
#include "scarce.h"

enum heard { NOTHING, ERROR, ANSWER };

/* What was heard last. A line without its end is what a client sees of a connection that has
 * ended, and is nothing. Takes memory. */
static enum heard
heard(const struct world *w)
{
	enum heard all = ANSWER;

	if (w->len == 0 || w->answer[w->len - 1] != '\n')
		return NOTHING;
	for (char *line = w->answer, *end; line < w->answer + w->len; line = end + 1) {
		json_t *json;

		end = memchr(line, '\n', (size_t)(w->answer + w->len - line));
		json = json_loadb(line, (size_t)(end - line), JSON_REJECT_DUPLICATES, NULL);
		assert_non_null(json);
		if (json_object_get(json, "error") != NULL)
			all = ERROR;
		json_decref(json);
	}
	return all;
}

/* What another process says, and what happens, after a request. */
static void
answer_of_the_parent(struct world *w)
{
	struct ipc_path path = {.id = w->asked.token, .link = 1, .target = w->asked.target};
	struct ipc_reloaded reloaded = {.ok = 1};

	control_path(w->control, &path);
	control_reloaded(w->control, &reloaded);
	give_sample(w, "fibre", 7);
	control_event(w->control);
}

/* A client's whole life: it is answered, or its connection ends. */
static void
life(struct world *w, const char *request)
{
	uint64_t end_ns = __real_clock_mono_ns() + WAIT_MS * NSEC_PER_MSEC;
	int fd = client(w);
	ssize_t n = -1;

	w->len = 0;
	say(fd, request);
	while (n != 0 && (w->len == 0 || w->answer[w->len - 1] != '\n')) {
		turn(w);
		answer_of_the_parent(w);
		n = recv(fd, w->answer + w->len, ANSWER_MAX - w->len, 0);
		if (n < 0 && errno == ECONNRESET)
			n = 0;
		w->len += n > 0 ? (size_t)n : 0;
		assert_true(__real_clock_mono_ns() < end_ns);
	}
	close(fd);
	while (w->control->nclients > 0) {
		turn(w);
		assert_true(__real_clock_mono_ns() < end_ns);
	}
}

static bool
answered(struct world *w, const char *request)
{
	life(w, request);
	return heard(w) == ANSWER;
}

static void
memory_runs_out_at_each_request(struct world *w, const char *request)
{
	for (int for_good = 0; for_good < 2; for_good++) {
		bool ran_out;
		long n = 0;

		do {
			uint64_t refused = w->control->refused;

			scarce_after(n++, for_good);
			life(w, request);
			ran_out = scarce_no_more();
			assert_true(heard(w) == ANSWER || ran_out);
			assert_true(heard(w) != NOTHING || w->control->refused > refused);
			assert_true(answered(w, request));
		} while (ran_out);
		assert_true(n > 10);
	}
}

static void
each_request_is_answered_as_a_whole_or_not_at_all(void **state)
{
	static const char *const requests[] = {
	    "{\"v\":1,\"command\":\"stats\"}\n",
	    "{\"v\":1,\"command\":\"status\"}\n",
	    "{\"v\":1,\"command\":\"targets\",\"link\":1,\"samples\":5}\n",
	    "{\"v\":1,\"command\":\"routes\"}\n",
	    "{\"v\":1,\"command\":\"plan\"}\n",
	    "{\"v\":1,\"command\":\"events\"}\n",
	    "{\"v\":1,\"command\":\"history\",\"link\":1,\"minutes\":3}\n",
	    "{\"v\":1,\"command\":\"judgement\",\"link\":1}\n",
	    "{\"v\":1,\"command\":\"drain\",\"link\":\"fibre\",\"comment\":\"caf\\u00e9\"}\n",
	    "{\"v\":1,\"command\":\"verify\",\"link\":\"fibre\"}\n",
	    "{\"v\":1,\"command\":\"reload\"}\n",
	    "{\"v\":1,\"command\":\"release\"}\n",
	    "{\"v\":1,\"command\":\"record\"}\n",
	    "{\"v\":1,\"command\":\"events\",\"follow\":true,\"after\":0}\n",
	};

	for (size_t i = 0; i < ARRAY_LEN(requests); i++)
		memory_runs_out_at_each_request(*state, requests[i]);
}

/* The reserve is lent, not spent: who is refused gives it back. */
static void
hundreds_without_memory_are_refused(void **state)
{
	struct world *w = *state;
	uint64_t refused = w->control->refused;

	for (int i = 0; i < 5 * RESERVE_PIECES; i++) {
		scarce_after(i % 3, true);
		life(w, "{\"v\":1,\"command\":\"stats\"}\n");
		scarce_no_more();
		assert_int_equal(w->len, 0);
	}
	assert_int_equal(w->control->refused - refused, 5 * RESERVE_PIECES);
	assert_true(answered(w, "{\"v\":1,\"command\":\"stats\"}\n"));
}

/* Many at a time are more than one turn's reserve, each. */
static void
a_crowd_without_memory_is_refused(void **state)
{
	struct world *w = *state;
	int fds[100];

	for (int round = 0; round < 3; round++) {
		for (size_t i = 0; i < ARRAY_LEN(fds); i++)
			fds[i] = client(w);
		scarce_after(1, true); /* one for the client's own, none for its stream */
		for (size_t i = 0; i < 2 * ARRAY_LEN(fds); i++) {
			turn(w);
			scarce_after(1, true);
		}
		for (size_t i = 0; i < ARRAY_LEN(fds); i++) {
			assert_true(is_closed(w, fds[i]));
			close(fds[i]);
		}
		scarce_no_more();
		assert_int_equal(w->control->nclients, 0);
		assert_true(answered(w, "{\"v\":1,\"command\":\"stats\"}\n"));
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    CONTROL_TEST(each_request_is_answered_as_a_whole_or_not_at_all),
	    CONTROL_TEST(hundreds_without_memory_are_refused),
	    CONTROL_TEST(a_crowd_without_memory_is_refused),
	};

	memory_watch();
	json_object_seed(1);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
