/* SPDX-License-Identifier: ISC */
/* Who follows the events or records the samples: each line once, and a word about those that
 * one who lags has missed. */
#include "control_world.h"
#include "unit.h"

#include <unistd.h>

#include "common/clock.h"
#include "engine/control.h"
#include "handmade_board.h"

/* ---- followers ---- */

static void
a_follower_gets_each_event(void **state)
{
	struct world *w = *state;
	int fd = client(w);
	json_t *line;

	say(fd, "{\"v\":1,\"command\":\"events\",\"follow\":true,\"limit\":1}\n");
	line = hear_json(w, fd);
	assert_int_equal(number_of(json_object_get(line, "result"), "last"), 4);
	json_decref(line);
	for (long long n = 4; n < 8; n++) {
		line = hear_json(w, fd);
		assert_int_equal(number_of(json_object_get(line, "event"), "number"), n);
		json_decref(line);
		handmade_event(w->board, EVENT_LINK_UP, "up");
		control_event(w->control);
	}
	/* It may say nothing for as long as it likes. */
	leapt_ns = 3600 * NSEC_PER_SEC;
	json_decref(hear_json(w, fd));
	turn_for(w, 2500); /* two sweeps */
	handmade_event(w->board, EVENT_LINK_UP, "up");
	control_event(w->control);
	json_decref(hear_json(w, fd));
	close(fd);
}

static void
a_follower_that_lags_is_told_what_it_missed(void **state)
{
	struct world *w = *state;
	long long next = 1, missed = 0;
	int fd = client(w);

	say(fd, "{\"v\":1,\"command\":\"events\",\"follow\":true,\"after\":0}\n");
	json_decref(hear_json(w, fd));
	for (int i = 0; i < 2 * BOARD_EVENTS; i++) {
		handmade_event(w->board, EVENT_LINK_UP, "up");
		control_event(w->control);
		if (i % 64 == 0)
			turn(w);
	}
	while (next <= 2 * BOARD_EVENTS + 4) {
		json_t *line = hear_json(w, fd);

		if (json_object_get(line, "missed") != NULL) {
			missed += number_of(line, "missed");
			next += number_of(line, "missed");
		} else {
			assert_int_equal(number_of(json_object_get(line, "event"), "number"), next);
			next++;
		}
		json_decref(line);
	}
	assert_true(missed > 0); /* else the test has tested nothing */
	close(fd);
}

static void
a_follower_that_goes_is_forgotten(void **state)
{
	struct world *w = *state;

	for (int i = 0; i < 200; i++) {
		int fd = client(w);

		say(fd, "{\"v\":1,\"command\":\"events\",\"follow\":true}\n");
		json_decref(hear_json(w, fd));
		close(fd);
		handmade_event(w->board, EVENT_LINK_UP, "up");
		control_event(w->control);
	}
	json_decref(ask_result(w, "{\"v\":1,\"command\":\"status\"}"));
}

/* ---- recorders ---- */

static void
a_recorder_gets_each_sample_of_its_link(void **state)
{
	struct world *w = *state;
	int all = client(w), one = client(w);
	json_t *line;

	assert_false(control_recording(w->control));
	say(all, "{\"v\":1,\"command\":\"record\"}\n");
	json_decref(hear_json(w, all));
	say(one, "{\"v\":1,\"command\":\"record\",\"link\":\"fibre\"}\n");
	json_decref(hear_json(w, one));
	assert_true(control_recording(w->control));
	give_sample(w, "lte", 6);
	give_sample(w, "fibre", 7);
	line = hear_json(w, one);
	assert_string_equal(text_of(json_object_get(line, "sample"), "link"), "fibre");
	assert_string_equal(text_of(json_object_get(line, "sample"), "target"), "203.0.113.1");
	assert_int_equal(number_of(json_object_get(line, "sample"), "rtt_us"), 12345);
	json_decref(line);
	line = hear_json(w, all);
	assert_int_equal(number_of(json_object_get(line, "sample"), "number"), 6);
	assert_true(json_is_true(json_object_get(json_object_get(line, "sample"), "lost")));
	json_decref(line);
	json_decref(hear_json(w, all));
	close(all);
	close(one);
	turn_for(w, 50);
	assert_false(control_recording(w->control));
}

/* One that stands still costs a bounded memory, and is told what it missed. */
static void
a_recorder_that_lags_is_told_what_it_missed(void **state)
{
	enum { SAMPLES = 20000 };
	struct world *w = *state;
	uint32_t next = 0, missed = 0;
	int fd = client(w);

	say(fd, "{\"v\":1,\"command\":\"record\"}\n");
	json_decref(hear_json(w, fd));
	for (uint32_t i = 0; i < SAMPLES; i++) {
		give_sample(w, "fibre", i);
		if (i % 64 == 0)
			turn(w);
	}
	while (next < SAMPLES) {
		json_t *line = hear_json(w, fd);

		if (json_object_get(line, "missed") != NULL) {
			missed += (uint32_t)number_of(line, "missed");
			next += (uint32_t)number_of(line, "missed");
		} else {
			assert_int_equal(number_of(json_object_get(line, "sample"), "number"),
					 next);
			next++;
		}
		json_decref(line);
		if (missed == 0 && next > 100) /* it takes again: and so hears of the rest */
			give_sample(w, "fibre", SAMPLES);
	}
	assert_true(missed > 0);
	close(fd);
}

static void
few_record_at_a_time(void **state)
{
	struct world *w = *state;
	int fds[4];
	json_t *answer;

	for (size_t i = 0; i < ARRAY_LEN(fds); i++) {
		fds[i] = client(w);
		say(fds[i], "{\"v\":1,\"command\":\"record\"}\n");
		json_decref(hear_json(w, fds[i]));
	}
	answer = ask(w, "{\"v\":1,\"command\":\"record\"}");
	expect_error(answer, "busy");
	for (size_t i = 0; i < ARRAY_LEN(fds); i++)
		close(fds[i]);
	turn_for(w, 50);
	json_decref(ask_result(w, "{\"v\":1,\"command\":\"record\"}"));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    CONTROL_TEST(a_follower_gets_each_event),
	    CONTROL_TEST(a_follower_that_lags_is_told_what_it_missed),
	    CONTROL_TEST(a_follower_that_goes_is_forgotten),
	    CONTROL_TEST(a_recorder_gets_each_sample_of_its_link),
	    CONTROL_TEST(a_recorder_that_lags_is_told_what_it_missed),
	    CONTROL_TEST(few_record_at_a_time),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
