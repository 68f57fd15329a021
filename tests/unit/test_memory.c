/* SPDX-License-Identifier: ISC */
/* Whenever memory runs out: what was asked for is done as a whole or refused with a reason,
 * nothing leaks (the sanitizers see it) and nothing is left half done. */
#include "unit.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include <jansson.h>

#include "common/ipc.h"
#include "common/textstream.h"
#include "conf/conf.h"
#include "conf/secrets.h"
#include "engine/control_request.h"
#include "engine/memory.h"
#include "engine/render.h"
#include "engine/site.h"
#include "engine/state.h"
#include "handmade_board.h"
#include "hooks/environment.h"
#include "parent/configfile.h"
#include "parent/indexes.h"
#include "read_conf.h"
#include "scarce.h"
#include "system/system.h"

/* ---- the state file ---- */

static struct state state_in;
static char *state_whole;

static bool
write_state(void *arg)
{
	size_t len;
	char *text = state_text(&state_in, &len);

	(void)arg;
	if (text == NULL)
		return false;
	assert_string_equal(text, state_whole);
	free(text);
	return true;
}

static bool
read_state(void *arg)
{
	static struct state out, nothing;
	char error[256] = "";
	int rc = state_parse(state_whole, strlen(state_whole), &out, error, sizeof(error));

	(void)arg;
	if (rc == 0) {
		assert_int_equal(out.events_last, 4711);
		assert_int_equal(out.links[0].order.admin, ADMIN_DRAIN);
		return true;
	}
	assert_true(error[0] != '\0');
	assert_memory_equal(&out, &nothing, sizeof(out));
	return false;
}

static void
test_state_file(void **state)
{
	size_t len;

	(void)state;
	state_in.saved_wall_ns = 1790000000000000000;
	state_in.events_last = 4711;
	state_in.nlinks = 2;
	strcpy(state_in.links[0].name, "fibre");
	state_in.links[0].order.admin = ADMIN_DRAIN;
	state_in.links[0].order.actor = ACTOR_CONTROL;
	state_in.links[0].order.timeout_s = 60;
	state_in.links[0].order.since_wall_ns = state_in.saved_wall_ns;
	state_in.links[0].rest_ns = 60000000000;
	strcpy(state_in.links[1].name, "lte");
	state_in.links[1].order.admin = ADMIN_AUTO;
	state_in.links[1].order.actor = ACTOR_DAEMON;
	state_whole = state_text(&state_in, &len);
	assert_non_null(state_whole);
	scarce_everywhere(write_state, NULL);
	scarce_everywhere(read_state, NULL);
	free(state_whole);
}

/* ---- the map of indexes ---- */

static struct conf_index_map map;
static char *map_whole;

static bool
write_map(void *arg)
{
	size_t len;
	char *text = indexes_text(&map, &len);

	(void)arg;
	if (text == NULL)
		return false;
	assert_string_equal(text, map_whole);
	free(text);
	return true;
}

static bool
read_map(void *arg)
{
	static struct conf_index_map out, nothing;
	char error[256] = "";

	(void)arg;
	if (indexes_parse(map_whole, strlen(map_whole), &out, error, sizeof(error)) == 0) {
		assert_memory_equal(&out, &map, sizeof(out));
		return true;
	}
	assert_true(error[0] != '\0');
	assert_memory_equal(&out, &nothing, sizeof(out));
	return false;
}

static void
test_index_map(void **state)
{
	size_t len;

	(void)state;
	strcpy(map.name[1], "fibre");
	strcpy(map.name[7], "lte");
	map_whole = indexes_text(&map, &len);
	assert_non_null(map_whole);
	scarce_everywhere(write_map, NULL);
	scarce_everywhere(read_map, NULL);
	free(map_whole);
}

/* ---- what the engine says ---- */

static bool
read_request(void *line)
{
	struct control_request request;
	struct control_error error = {NULL, ""};

	if (control_request_parse(line, strlen(line), &request, &error)) {
		assert_int_equal(request.command, CONTROL_ORDER);
		assert_int_equal(request.order.admin, ADMIN_DRAIN);
		assert_string_equal(request.link, "fibre");
		return true;
	}
	assert_non_null(error.code);
	assert_true(error.message[0] != '\0');
	return false;
}

static void
test_request(void **state)
{
	static char line[] = "{\"v\":1,\"command\":\"drain\",\"link\":\"fibre\",\"timeout_s\":60,"
			     "\"owner\":\"noc\",\"comment\":\"line card\"}";

	(void)state;
	assert_true(read_request(line));
	scarce_everywhere(read_request, line);
}

static const struct board *board;

static json_t *
row(int which)
{
	const struct board_link *l = &board->links[3];

	switch (which) {
	case 0:
		return render_global(&board->global, 1);
	case 1:
		return render_stats(&board->global, 0, 1);
	case 2:
		return render_link(l, 1);
	case 3:
		return render_route(l, V4, 1);
	case 4:
		return render_plan(l, V4);
	case 5:
		return render_target(&board->targets[0], l, 1);
	case 6:
		return render_event(&board->events[1], 1);
	case 7:
		return render_samples(&board->recent[0], 5);
	}
	return NULL;
}

/* A row that lacks something is known by the count of failures. */
static bool
render_row(void *arg)
{
	const int *which = arg;
	uint64_t failures = memory_failures();
	json_t *json = row(*which);
	char *text = json != NULL ? json_dumps(json, JSON_COMPACT) : NULL;
	bool whole = memory_failures() == failures;

	if (whole)
		assert_non_null(text);
	free(text);
	json_decref(json);
	return whole;
}

static void
test_rows(void **state)
{
	struct board *made = handmade_board(1000000000000);

	(void)state;
	board = made;
	for (int which = 0; which < 8; which++)
		scarce_everywhere(render_row, &which);
	handmade_board_free(made);
}

/* ---- hooks ---- */

static bool
make_environment(void *arg)
{
	const struct hook_job *job = arg;
	struct hook_environment env;
	int rc = hook_environment_make(&env, job);

	if (rc == 0)
		assert_true(env.n > 5 && env.list[env.n] == NULL);
	hook_environment_free(&env);
	return rc == 0;
}

static void
test_environment_of_a_program(void **state)
{
	struct hook_job job = {.event = {.number = 7, .type = EVENT_LINK_DOWN}};

	(void)state;
	strcpy(job.event.link_name, "fibre");
	strcpy(job.event.text, "3 of 3 targets lost");
	scarce_everywhere(make_environment, &job);
}

/* ---- texts that are handed over, secrets ---- */

static bool
hand_over(void *arg)
{
	size_t len = 0;
	int fd = sys_text_fd("text", 4);
	char *text = fd < 0 ? NULL : sys_text_read(fd, 100, &len);

	(void)arg;
	if (fd >= 0)
		close(fd);
	if (text == NULL)
		return false;
	assert_string_equal(text, "text");
	free(text);
	return true;
}

static void
count_mistake(void *arg, bool error, const char *file, int line, const char *message)
{
	unsigned *mistakes = arg;

	(void)file;
	(void)line;
	*mistakes += error && message[0] != '\0';
}

static bool
read_secrets(void *arg)
{
	static const char text[] = "user \"nms\" auth \"Loch Ness\" priv \"Loch Lomond\"\n"
				   "community \"graphs\" \"8fk2-ddw0\"\n";
	unsigned mistakes = 0;
	struct conf_secrets *s =
	    conf_secrets_parse(text, sizeof(text) - 1, "secrets", count_mistake, &mistakes);

	(void)arg;
	assert_true((s == NULL) == (mistakes > 0));
	if (s == NULL)
		return false;
	assert_int_equal(s->n, 2);
	conf_secrets_free(s);
	return true;
}

static void
test_texts(void **state)
{
	(void)state;
	scarce_everywhere(hand_over, NULL);
	scarce_everywhere(read_secrets, NULL);
}

/* ---- what is printed into memory ---- */

static bool
print_lines(void *arg)
{
	struct textstream stream;
	FILE *out = textstream_begin(&stream);
	char *text, *at;
	size_t len;

	(void)arg;
	for (int i = 0; out != NULL && i < 2000; i++) {
		fprintf(out, "line %d\n", i);
		if (i % 100 == 0)
			fflush(out); /* so that a part is refused, and the next is not */
	}
	text = textstream_end(&stream, &len);
	if (text == NULL)
		return false;
	assert_int_equal(strlen(text), len);
	at = text;
	for (int i = 0; i < 2000; i++) {
		char line[32];
		int n = snprintf(line, sizeof(line), "line %d\n", i);

		assert_memory_equal(at, line, (size_t)n);
		at += n;
	}
	assert_int_equal(*at, '\0');
	free(text);
	return true;
}

static bool
print_nothing(void *arg)
{
	struct textstream stream;
	char *text;
	size_t len = 1;

	(void)arg;
	textstream_begin(&stream);
	text = textstream_end(&stream, &len);
	if (text == NULL)
		return false;
	assert_string_equal(text, "");
	assert_int_equal(len, 0);
	free(text);
	return true;
}

static struct conf *pinned_conf;

/* What the children are given: the file's text, and its links' indexes after it. */
static bool
pin(void *arg)
{
	int fd = configfile_pinned(AB, strlen(AB), pinned_conf);
	char *text;
	size_t len;

	(void)arg;
	if (fd < 0)
		return false;
	text = sys_text_read(fd, 4096, &len);
	close(fd);
	if (text == NULL)
		return false;
	assert_int_equal(strncmp(text, AB, strlen(AB)), 0);
	assert_non_null(strstr(text, "index \"a\" 7"));
	assert_non_null(strstr(text, "index \"b\" 9"));
	free(text);
	return true;
}

static void
test_what_is_printed(void **state)
{
	(void)state;
	scarce_everywhere(print_lines, NULL);
	scarce_everywhere(print_nothing, NULL);
	pinned_conf = must_read(AB "index a 7; index b 9\n");
	scarce_everywhere(pin, NULL);
	conf_free(pinned_conf);
}

/* ---- what is judged again ---- */

static bool
make_site(void *arg)
{
	struct site *site = site_new(arg, (struct moment){1000, 2000});

	if (site == NULL)
		return false;
	assert_int_equal(site->nlinks, 2);
	assert_non_null(site_link(site, "b"));
	assert_int_equal(site_link(site, "b")->ntargets, 2);
	site_free(site);
	return true;
}

static void
test_site(void **state)
{
	struct conf *conf = must_read(AB "index a 7; index b 9\n");

	(void)state;
	scarce_everywhere(make_site, conf);
	conf_free(conf);
}

/* ---- messages ---- */

/* They need none: a process without memory still hears and answers. */
static void
test_messages(void **state)
{
	struct ipc_message m;
	int ends[2], fd = sys_text_fd("x", 1);
	struct ipc_config c = {.serial = 3, .text_len = 1};

	(void)state;
	assert_int_equal(ipc_pair(ends), 0);
	scarce_after(0, true);
	assert_int_equal(ipc_send(ends[0], IPC_CONFIG, &c, sizeof(c), fd), 0);
	assert_int_equal(ipc_send(ends[0], IPC_PING, NULL, 0, -1), 0);
	assert_int_equal(ipc_receive(ends[1], IPC_PEER_PARENT, &m), IPC_OK);
	assert_int_equal(m.type, IPC_CONFIG);
	assert_true(m.fd >= 0);
	close(m.fd);
	assert_int_equal(ipc_receive(ends[1], IPC_PEER_PARENT, &m), IPC_OK);
	assert_int_equal(m.type, IPC_PING);
	assert_int_equal(send(ends[0], &c, 3, 0), 3); /* nor does it take any to know nonsense */
	assert_int_equal(ipc_receive(ends[1], IPC_PEER_PARENT, &m), IPC_MALFORMED);
	assert_false(scarce_no_more());
	close(fd);
	close(ends[0]);
	close(ends[1]);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_state_file),
	    cmocka_unit_test(test_index_map),
	    cmocka_unit_test(test_request),
	    cmocka_unit_test(test_rows),
	    cmocka_unit_test(test_environment_of_a_program),
	    cmocka_unit_test(test_texts),
	    cmocka_unit_test(test_what_is_printed),
	    cmocka_unit_test(test_site),
	    cmocka_unit_test(test_messages),
	};

	memory_watch();
	json_object_seed(1);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
