/* SPDX-License-Identifier: ISC */
/* The control socket as its clients see it: each command's answer, and what a
 * slow, broken or hostile client gets. The loop is turned by hand, and time can be
 * leapt over. */
#include "unit.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

#include <event2/event.h>
#include <jansson.h>

#include "common/clock.h"
#include "engine/control.h"
#include "engine/control_request.h"
#include "handmade_board.h"
#include "system/system.h"

enum { ANSWER_MAX = 16 * 1024 * 1024, WAIT_MS = 5000 };

static uint64_t leapt_ns;
static uid_t peer_uid;

uint64_t __real_clock_mono_ns(void);
uint64_t __wrap_clock_mono_ns(void);
int __wrap_sys_peer(int fd, uid_t *uid, gid_t *gid);

uint64_t
__wrap_clock_mono_ns(void)
{
	/* a machine that is up for long, so that old things are possible on a new one */
	return __real_clock_mono_ns() + 1000000 * NSEC_PER_SEC + leapt_ns;
}

int
__wrap_sys_peer(int fd, uid_t *uid, gid_t *gid)
{
	(void)fd;
	*uid = peer_uid;
	*gid = 0;
	return 0;
}

/* ---- an engine's stand-in ---- */

struct asked {
	struct order order;
	uid_t uid;
	enum order_verdict verdict;
	unsigned orders, reloads, releases, verifies, link;
	struct addr target;
	uint32_t token;
	int result;
};

static int
take_reload(void *arg)
{
	struct asked *a = arg;

	a->reloads++;
	return a->result;
}

static int
take_release(void *arg)
{
	struct asked *a = arg;

	a->releases++;
	return a->result;
}

static enum order_verdict
take_order(void *arg, const struct order *order, uid_t uid, char *why, size_t why_size)
{
	struct asked *a = arg;

	a->orders++;
	a->order = *order;
	a->uid = uid;
	snprintf(why, why_size, "%s", a->verdict ? "because of the test" : "");
	return a->verdict;
}

static int
take_verify(void *arg, unsigned link, const struct addr *target, uint32_t token)
{
	struct asked *a = arg;

	a->verifies++;
	a->link = link;
	a->target = *target;
	a->token = token;
	return a->result;
}

struct world {
	struct event_base *base;
	struct control *control;
	struct board *board;
	struct asked asked;
	struct sockaddr_un sun;
	char dir[64];
	char *answer;
	size_t len;
};

static int
set_up(void **state)
{
	struct world *w = calloc(1, sizeof(*w));
	struct control_ops ops = {.order = take_order,
				  .reload = take_reload,
				  .release = take_release,
				  .verify = take_verify,
				  .judgement = handmade_judgement};
	int fd = socket(AF_UNIX, SOCK_STREAM, 0);

	leapt_ns = 0;
	peer_uid = 1000;
	strcpy(w->dir, "/tmp/test_control.XXXXXX");
	assert_non_null(mkdtemp(w->dir));
	w->sun.sun_family = AF_UNIX;
	snprintf(w->sun.sun_path, sizeof(w->sun.sun_path), "%s/s", w->dir);
	assert_int_equal(bind(fd, (struct sockaddr *)&w->sun, sizeof(w->sun)), 0);
	assert_int_equal(listen(fd, 128), 0);
	w->base = event_base_new();
	w->board = handmade_board(clock_mono_ns());
	w->answer = malloc(ANSWER_MAX);
	ops.arg = &w->asked;
	w->control = control_new(w->base, fd, w->board, &ops);
	assert_non_null(w->control);
	*state = w;
	return 0;
}

static int
tear_down(void **state)
{
	struct world *w = *state;

	control_free(w->control);
	event_base_free(w->base);
	handmade_board_free(w->board);
	unlink(w->sun.sun_path);
	rmdir(w->dir);
	free(w->answer);
	free(w);
	return 0;
}

/* ---- a client ---- */

static int
client(struct world *w)
{
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0);

	assert_int_equal(connect(fd, (struct sockaddr *)&w->sun, sizeof(w->sun)), 0);
	return fd;
}

static void
say(int fd, const char *text)
{
	assert_int_equal(send(fd, text, strlen(text), MSG_NOSIGNAL), strlen(text));
}

static void
turn(struct world *w)
{
	event_base_loop(w->base, EVLOOP_ONCE | EVLOOP_NONBLOCK);
}

static void
turn_for(struct world *w, unsigned ms)
{
	uint64_t end_ns = __real_clock_mono_ns() + ms * NSEC_PER_MSEC;

	while (__real_clock_mono_ns() < end_ns)
		turn(w);
}

/* Takes what is there, up to the end of a line: the next one stays. */
static ssize_t
take_line(int fd, char *to, size_t size)
{
	ssize_t n = recv(fd, to, size, MSG_PEEK);
	char *end = n > 0 ? memchr(to, '\n', (size_t)n) : NULL;

	return n > 0 ? recv(fd, to, end ? (size_t)(end - to) + 1 : (size_t)n, 0) : n;
}

/* Turns the loop until a whole line is there. Its length, 0: the daemon closed. */
static size_t
hear(struct world *w, int fd)
{
	uint64_t end_ns = __real_clock_mono_ns() + WAIT_MS * NSEC_PER_MSEC;

	w->len = 0;
	while (w->len == 0 || w->answer[w->len - 1] != '\n') {
		ssize_t n = take_line(fd, w->answer + w->len, ANSWER_MAX - w->len);

		if (n == 0 || (n < 0 && errno == ECONNRESET))
			return 0;
		if (n < 0)
			turn(w);
		else
			w->len += (size_t)n;
		assert_true(__real_clock_mono_ns() < end_ns);
	}
	return w->len;
}

static json_t *
hear_json(struct world *w, int fd)
{
	size_t len = hear(w, fd);
	json_t *line = json_loadb(w->answer, len, JSON_REJECT_DUPLICATES, NULL);

	assert_non_null(line);
	assert_int_equal(json_integer_value(json_object_get(line, "v")), 1);
	return line;
}

static json_t *
ask(struct world *w, const char *request)
{
	int fd = client(w);
	json_t *answer;

	say(fd, request);
	say(fd, "\n");
	answer = hear_json(w, fd);
	close(fd);
	return answer;
}

static json_t *
ask_result(struct world *w, const char *request)
{
	json_t *answer = ask(w, request), *result = json_object_get(answer, "result");

	assert_true(json_is_true(json_object_get(answer, "ok")));
	assert_non_null(result);
	json_incref(result);
	json_decref(answer);
	return result;
}

/* The error's code; its message, which must not be empty, in the answer. */
static void
expect_error(json_t *answer, const char *code)
{
	json_t *error = json_object_get(answer, "error");

	assert_true(json_is_false(json_object_get(answer, "ok")));
	assert_string_equal(json_string_value(json_object_get(error, "code")), code);
	assert_true(json_string_length(json_object_get(error, "message")) > 0);
	json_decref(answer);
}

static const char *
text_of(json_t *o, const char *key)
{
	return json_string_value(json_object_get(o, key));
}

static long long
number_of(json_t *o, const char *key)
{
	return json_is_integer(json_object_get(o, key))
		   ? json_integer_value(json_object_get(o, key))
		   : -1;
}

static bool
is_closed(struct world *w, int fd)
{
	uint64_t end_ns = __real_clock_mono_ns() + WAIT_MS * NSEC_PER_MSEC;
	char octets[4096];
	ssize_t n;

	do {
		turn(w);
		n = recv(fd, octets, sizeof(octets), 0);
		if (n == 0 || (n < 0 && errno == ECONNRESET))
			return true;
	} while (__real_clock_mono_ns() < end_ns);
	return false;
}

/* ---- reading ---- */

static void
status_tells_the_links(void **state)
{
	json_t *r = ask_result(*state, "{\"v\":1,\"command\":\"status\"}");
	json_t *g = json_object_get(r, "global"), *links = json_object_get(r, "links");
	json_t *fibre = json_array_get(links, 0), *dsl = json_array_get(links, 1),
	       *sat = json_array_get(links, 2);

	assert_string_equal(text_of(g, "site"), "lyon-3");
	assert_int_equal(number_of(g, "uptime_s"), 90000);
	assert_int_equal(json_array_size(links), 3);
	assert_string_equal(text_of(fibre, "link"), "fibre");
	assert_string_equal(text_of(fibre, "health"), "up");
	assert_string_equal(text_of(fibre, "oper"), "active");
	assert_int_equal(number_of(fibre, "rtt_avg_us"), 12345);
	assert_int_equal(number_of(fibre, "up_s"), 7300);
	assert_null(json_object_get(fibre, "order"));
	assert_null(json_object_get(fibre, "live_flows"));
	assert_null(json_object_get(dsl, "rtt_avg_us"));
	assert_int_equal(number_of(dsl, "loss_ppm"), 1000000);
	assert_string_equal(text_of(dsl, "health_reason"), "targetsLost");
	assert_string_equal(text_of(json_object_get(sat, "order"), "owner"), "jdoe");
	assert_int_equal(number_of(json_object_get(sat, "order"), "remaining_s"), 6600);
	json_decref(r);
}

static void
one_link_by_name_or_index(void **state)
{
	json_t *r = ask_result(*state, "{\"v\":1,\"command\":\"status\",\"link\":\"dsl\"}");

	assert_int_equal(json_array_size(json_object_get(r, "links")), 1);
	assert_string_equal(text_of(json_array_get(json_object_get(r, "links"), 0), "link"), "dsl");
	json_decref(r);
	r = ask_result(*state, "{\"v\":1,\"command\":\"targets\",\"link\":2}");
	assert_int_equal(json_array_size(json_object_get(r, "targets")), 2);
	json_decref(r);
	expect_error(ask(*state, "{\"v\":1,\"command\":\"status\",\"link\":\"isdn\"}"), "no_link");
	expect_error(ask(*state, "{\"v\":1,\"command\":\"status\",\"link\":1022}"), "no_link");
}

static void
routes_and_plan_have_a_row_per_ip_version(void **state)
{
	json_t *r = ask_result(*state, "{\"v\":1,\"command\":\"routes\"}");
	json_t *rows = json_object_get(r, "routes"), *v4 = json_array_get(rows, 2),
	       *v6 = json_array_get(rows, 3);

	assert_int_equal(json_array_size(rows), 4);
	assert_string_equal(text_of(v6, "gateway"), "fe80::1%wwan0");
	assert_int_equal(number_of(v4, "octets"), 9876543);
	assert_null(json_object_get(v6, "octets")); /* not measured is absent */
	json_decref(r);
	r = ask_result(*state, "{\"v\":1,\"command\":\"plan\",\"link\":\"fibre\"}");
	assert_true(json_is_true(json_object_get(r, "in_step")));
	assert_int_equal(json_array_size(json_object_get(r, "routes")), 1);
	assert_int_equal(number_of(json_array_get(json_object_get(r, "routes"), 0), "weight"), 3);
	json_decref(r);
}

static void
stats_tell_of_the_daemon(void **state)
{
	json_t *r = ask_result(*state, "{\"v\":1,\"command\":\"stats\"}");

	assert_int_equal(number_of(r, "engine_restarts"), 0);
	assert_int_equal(number_of(json_object_get(r, "timer_lateness"), "timers"), 1002);
	json_decref(r);
}

static void
removed_links_are_not_told(void **state)
{
	struct world *w = *state;
	struct board_link gone = {.index = 2, .removed = 1, .name = "dsl"};
	json_t *r;

	board_write(&w->board->links[2], &gone, sizeof(gone));
	r = ask_result(w, "{\"v\":1,\"command\":\"status\"}");
	assert_int_equal(json_array_size(json_object_get(r, "links")), 2);
	json_decref(r);
	expect_error(ask(w, "{\"v\":1,\"command\":\"drain\",\"link\":\"dsl\"}"), "no_link");
}

static json_t *
hear_events(struct world *w, const char *arguments, size_t n, long long first)
{
	char request[128];
	json_t *r, *events;

	snprintf(request, sizeof(request), "{\"v\":1,\"command\":\"events\"%s}", arguments);
	r = ask_result(w, request);
	events = json_object_get(r, "events");
	assert_int_equal(json_array_size(events), n);
	for (size_t i = 0; i < n; i++)
		assert_int_equal(number_of(json_array_get(events, i), "number"),
				 first + (long long)i);
	return r;
}

static void
events_by_limit_and_number(void **state)
{
	json_t *r, *down;

	json_decref(hear_events(*state, ",\"limit\":2", 2, 3));
	json_decref(hear_events(*state, ",\"after\":1,\"limit\":2", 2, 2));
	json_decref(hear_events(*state, ",\"after\":4", 0, 0));
	json_decref(hear_events(*state, ",\"after\":400", 0, 0));
	r = hear_events(*state, "", 4, 1);
	down = json_array_get(json_object_get(r, "events"), 1);
	assert_string_equal(text_of(down, "type"), "linkDown");
	assert_string_equal(text_of(down, "new"), "down");
	assert_string_equal(text_of(down, "time"), "2025-05-01T10:30:00.250Z");
	assert_int_equal(number_of(down, "detection_us"), 2100000);
	assert_null(json_object_get(down, "rtt_us"));
	assert_null(json_object_get(r, "missed"));
	json_decref(r);
}

static void
events_that_are_gone_are_counted(void **state)
{
	struct world *w = *state;
	json_t *r;

	for (int i = 0; i < BOARD_EVENTS + 6; i++)
		handmade_event(w->board, EVENT_LINK_UP, "");
	/* 8202 events, the first 10 are gone */
	r = hear_events(w, ",\"after\":0,\"limit\":3", 3, 11);
	assert_int_equal(number_of(r, "missed"), 10);
	assert_int_equal(number_of(r, "last"), BOARD_EVENTS + 10);
	json_decref(r);
}

static void
a_history_has_its_minutes(void **state)
{
	json_t *r = ask_result(*state, "{\"v\":1,\"command\":\"history\",\"link\":\"fibre\"}");
	json_t *minutes = json_object_get(r, "minutes"), *m;

	/* 60 by default, without the 5 in which nothing ran */
	assert_int_equal(json_array_size(minutes), 55);
	assert_int_equal(number_of(r, "end") - number_of(r, "first"), 60);
	assert_string_equal(text_of(r, "link"), "fibre");
	m = json_array_get(minutes, 54);
	assert_int_equal(number_of(m, "minute"), number_of(r, "end") - 1);
	assert_in_range(number_of(m, "age_s"), 30, 40);
	m = json_array_get(minutes, 0);
	assert_string_equal(text_of(m, "time"), text_of(r, "began"));
	m = json_array_get(minutes, 44); /* 10 minutes before the last */
	assert_string_equal(text_of(m, "health"), "down");
	assert_int_equal(number_of(m, "loss_ppm"), 1000000);
	assert_null(json_object_get(m, "rtt_avg_us"));
	json_decref(r);
	r = ask_result(*state, "{\"v\":1,\"command\":\"history\",\"link\":1,\"minutes\":1440}");
	assert_int_equal(json_array_size(json_object_get(r, "minutes")), 85);
	assert_int_equal(number_of(r, "end") - number_of(r, "first"), 90);
	json_decref(r);
	r = ask_result(*state, "{\"v\":1,\"command\":\"history\",\"link\":\"dsl\"}");
	assert_int_equal(json_array_size(json_object_get(r, "minutes")), 0);
	json_decref(r);
}

static void
targets_have_samples_where_asked(void **state)
{
	json_t *r = ask_result(*state, "{\"v\":1,\"command\":\"targets\",\"link\":1}");
	json_t *t = json_array_get(json_object_get(r, "targets"), 0);

	assert_null(json_object_get(t, "samples_us"));
	json_decref(r);
	r = ask_result(*state, "{\"v\":1,\"command\":\"targets\",\"link\":1,\"samples\":5}");
	t = json_array_get(json_object_get(r, "targets"), 0);
	assert_int_equal(json_array_size(json_object_get(t, "samples_us")), 5);
	json_decref(r);
	expect_error(ask(*state, "{\"v\":1,\"command\":\"targets\",\"samples\":65}"),
		     "bad_argument");
}

static void
a_judgement_is_the_engines(void **state)
{
	json_t *r = ask_result(*state, "{\"v\":1,\"command\":\"judgement\",\"link\":\"fibre\"}");
	json_t *v4 = json_array_get(json_object_get(r, "versions"), 0);

	assert_string_equal(text_of(r, "link"), "fibre");
	assert_int_equal(json_array_size(json_object_get(r, "versions")), 1);
	assert_int_equal(number_of(v4, "targets_up"), 2);
	json_decref(r);
	expect_error(ask(*state, "{\"v\":1,\"command\":\"judgement\"}"), "bad_argument");
}

/* ---- orders ---- */

static void
an_order_reaches_the_engine(void **state)
{
	struct world *w = *state;
	json_t *r =
	    ask_result(w, "{\"v\":1,\"command\":\"drain\",\"link\":\"dsl\",\"timeout_s\":7200,"
			  "\"owner\":\"jdoe\",\"comment\":\"caf\\u00e9\",\"force\":true}");

	assert_string_equal(text_of(r, "link"), "dsl");
	json_decref(r);
	assert_int_equal(w->asked.order.link, 2);
	assert_int_equal(w->asked.order.admin, ADMIN_DRAIN);
	assert_int_equal(w->asked.order.fields,
			 ORDER_ADMIN | ORDER_TIMEOUT | ORDER_OWNER | ORDER_COMMENT);
	assert_int_equal(w->asked.order.timeout_s, 7200);
	assert_int_equal(w->asked.order.force, 1);
	assert_string_equal(w->asked.order.owner, "jdoe");
	assert_string_equal(w->asked.order.comment, "caf\xc3\xa9");
	assert_int_equal(w->asked.uid, 1000);
}

static void
each_order_has_its_admin_status(void **state)
{
	static const struct {
		const char *command;
		unsigned admin;
	} orders[] = {{"drain", ADMIN_DRAIN},
		      {"force-up", ADMIN_FORCE_UP},
		      {"force-down", ADMIN_FORCE_DOWN},
		      {"auto", ADMIN_AUTO}};
	struct world *w = *state;
	char request[128];

	for (size_t i = 0; i < ARRAY_LEN(orders); i++) {
		snprintf(request, sizeof(request), "{\"v\":1,\"command\":\"%s\",\"link\":1}",
			 orders[i].command);
		json_decref(ask_result(w, request));
		assert_int_equal(w->asked.order.admin, orders[i].admin);
		assert_int_equal(w->asked.order.fields, ORDER_ADMIN);
		assert_int_equal(w->asked.order.force, 0);
	}
}

static void
a_refused_order_says_why(void **state)
{
	static const struct {
		enum order_verdict verdict;
		const char *code;
	} refusals[] = {{ORDER_NO_LINK, "no_link"},
			{ORDER_WRONG_VALUE, "bad_argument"},
			{ORDER_INCONSISTENT, "refused"},
			{ORDER_READ_ONLY, "read_only"},
			{ORDER_BUSY, "busy"},
			{ORDER_LOCK, "busy"}};
	struct world *w = *state;

	for (size_t i = 0; i < ARRAY_LEN(refusals); i++) {
		json_t *answer;

		w->asked.verdict = refusals[i].verdict;
		answer = ask(w, "{\"v\":1,\"command\":\"drain\",\"link\":1}");
		assert_non_null(
		    strstr(text_of(json_object_get(answer, "error"), "message"), "of the test"));
		expect_error(answer, refusals[i].code);
	}
}

static void
what_is_wrong_never_reaches_the_engine(void **state)
{
	static const struct {
		const char *request, *code;
	} wrong[] = {
	    {"drain", "malformed"},
	    {"{\"v\":1,\"command\":\"status\"", "malformed"},
	    {"[1]", "malformed"},
	    {"\"status\"", "malformed"},
	    {"{\"v\":1,\"command\":\"status\",\"command\":\"release\"}", "malformed"},
	    {"{\"command\":\"status\"}", "version"},
	    {"{\"v\":2,\"command\":\"status\"}", "version"},
	    {"{\"v\":1}", "unknown_command"},
	    {"{\"v\":1,\"command\":\"Drain\"}", "unknown_command"},
	    {"{\"v\":1,\"command\":7}", "unknown_command"},
	    {"{\"v\":1,\"command\":\"drain\"}", "bad_argument"},
	    {"{\"v\":1,\"command\":\"history\"}", "bad_argument"},
	    {"{\"v\":1,\"command\":\"history\",\"link\":1,\"minutes\":0}", "bad_argument"},
	    {"{\"v\":1,\"command\":\"history\",\"link\":1,\"minutes\":1441}", "bad_argument"},
	    {"{\"v\":1,\"command\":\"history\",\"link\":9}", "no_link"},
	    {"{\"v\":1,\"command\":\"drain\",\"link\":1,\"Force\":true}", "bad_argument"},
	    {"{\"v\":1,\"command\":\"drain\",\"link\":1,\"force\":1}", "bad_argument"},
	    {"{\"v\":1,\"command\":\"drain\",\"link\":1,\"timeout_s\":-1}", "bad_argument"},
	    {"{\"v\":1,\"command\":\"drain\",\"link\":1,\"timeout_s\":4294967296}", "bad_argument"},
	    {"{\"v\":1,\"command\":\"drain\",\"link\":1,\"timeout_s\":\"2h\"}", "bad_argument"},
	    {"{\"v\":1,\"command\":\"drain\",\"link\":1,\"comment\":\"a\\u001bb\"}",
	     "bad_argument"},
	    {"{\"v\":1,\"command\":\"drain\",\"link\":1,\"comment\":\"a\\u0000b\"}", "malformed"},
	    {"{\"v\":1,\"command\":\"drain\",\"link\":1,\"owner\":\"\xff\"}", "malformed"},
	    {"{\"v\":1,\"command\":\"drain\",\"link\":0}", "bad_argument"},
	    {"{\"v\":1,\"command\":\"drain\",\"link\":65537}", "bad_argument"},
	    {"{\"v\":1,\"command\":\"drain\",\"link\":\"\"}", "bad_argument"},
	    {"{\"v\":1,\"command\":\"release\",\"link\":1}", "bad_argument"},
	    {"{\"v\":1,\"command\":\"reload\",\"file\":\"/etc/shadow\"}", "bad_argument"},
	    {"{\"v\":1,\"command\":\"verify\",\"link\":1,\"target\":\"example.net\"}",
	     "bad_argument"},
	    {"{\"v\":1,\"command\":\"events\",\"after\":-1}", "bad_argument"},
	    {"{\"v\":1,\"command\":\"events\",\"limit\":1.5}", "bad_argument"},
	};
	struct world *w = *state;

	for (size_t i = 0; i < ARRAY_LEN(wrong); i++)
		expect_error(ask(w, wrong[i].request), wrong[i].code);
	assert_int_equal(w->asked.orders + w->asked.reloads + w->asked.releases + w->asked.verifies,
			 0);
}

static void
a_comment_has_at_most_64_octets(void **state)
{
	char request[256], comment[TEXT_LEN + 2];

	for (size_t len = TEXT_LEN; len <= TEXT_LEN + 1; len++) {
		memset(comment, 'x', len);
		comment[len] = '\0';
		snprintf(request, sizeof(request),
			 "{\"v\":1,\"command\":\"drain\",\"link\":1,\"comment\":\"%s\"}", comment);
		if (len == TEXT_LEN)
			json_decref(ask_result(*state, request));
		else
			expect_error(ask(*state, request), "bad_argument");
	}
}

/* ---- answers that come later ---- */

static int
wait_for(struct world *w, const char *request, const unsigned *asked)
{
	uint64_t end_ns = __real_clock_mono_ns() + WAIT_MS * NSEC_PER_MSEC;
	unsigned before = *asked;
	int fd = client(w);

	say(fd, request);
	while (*asked == before) {
		turn(w);
		assert_true(__real_clock_mono_ns() < end_ns);
	}
	return fd;
}

static void
reload_answers_when_it_is_done(void **state)
{
	struct world *w = *state;
	struct ipc_reloaded outcome = {.ok = 1};
	int fd = wait_for(w, "{\"v\":1,\"command\":\"reload\"}\n", &w->asked.reloads);
	json_t *answer;

	control_reloaded(w->control, &outcome);
	answer = hear_json(w, fd);
	assert_true(json_is_true(json_object_get(answer, "ok")));
	json_decref(answer);
	close(fd);

	fd = wait_for(w, "{\"v\":1,\"command\":\"reload\"}\n", &w->asked.reloads);
	outcome = (struct ipc_reloaded){.mistakes = 2, .error = "uplinkd.conf:7: no such thing"};
	control_reloaded(w->control, &outcome);
	answer = hear_json(w, fd);
	assert_non_null(
	    strstr(text_of(json_object_get(answer, "error"), "message"), "uplinkd.conf:7"));
	expect_error(answer, "config");
	close(fd);
}

static void
a_parent_that_does_not_answer_is_told(void **state)
{
	struct world *w = *state;
	int fd = wait_for(w, "{\"v\":1,\"command\":\"reload\"}\n", &w->asked.reloads);

	leapt_ns = 11 * NSEC_PER_SEC;
	expect_error(hear_json(w, fd), "timeout");
	close(fd);
	w->asked.result = -1;
	expect_error(ask(w, "{\"v\":1,\"command\":\"reload\"}"), "unavailable");
	expect_error(ask(w, "{\"v\":1,\"command\":\"release\"}"), "unavailable");
	expect_error(ask(w, "{\"v\":1,\"command\":\"verify\",\"link\":1}"), "unavailable");
}

static void
release_is_passed_on(void **state)
{
	struct world *w = *state;

	json_decref(ask_result(w, "{\"v\":1,\"command\":\"release\"}"));
	assert_int_equal(w->asked.releases, 1);
}

static struct ipc_path
path_of_fibre(struct world *w, const char *gateway)
{
	struct ipc_path p = {
	    .id = w->asked.token, .link = 1, .target = w->asked.target, .ifindex = 5};

	strcpy(p.ifname, "wan1");
	assert_int_equal(addr_parse(gateway, &p.gateway), 0);
	assert_int_equal(addr_parse("192.0.2.2", &p.source), 0);
	return p;
}

static void
verify_tells_the_way(void **state)
{
	struct world *w = *state;
	int fd = wait_for(w, "{\"v\":1,\"command\":\"verify\",\"link\":\"fibre\"}\n",
			  &w->asked.verifies);
	struct ipc_path p = path_of_fibre(w, "192.0.2.1"), other = p;
	char text[ADDR_STRLEN];
	json_t *answer, *r;

	/* the link's own first target */
	assert_string_equal(addr_text(&w->asked.target, text), "10.1.0.0");
	other.id += 1;
	other.error = ENETUNREACH;
	control_path(w->control, &other); /* nobody's */
	control_path(w->control, &p);
	answer = hear_json(w, fd);
	r = json_object_get(answer, "result");
	assert_string_equal(text_of(r, "gateway"), "192.0.2.1");
	assert_string_equal(text_of(r, "source"), "192.0.2.2");
	assert_string_equal(text_of(r, "interface"), "wan1");
	assert_true(json_is_true(json_object_get(r, "as_wanted")));
	json_decref(answer);
	close(fd);
}

static void
verify_sees_a_wrong_way_and_none(void **state)
{
	struct world *w = *state;
	const char *request =
	    "{\"v\":1,\"command\":\"verify\",\"link\":\"fibre\",\"target\":\"203.0.113.9\"}\n";
	int fd = wait_for(w, request, &w->asked.verifies);
	struct ipc_path p = path_of_fibre(w, "198.51.100.1");
	json_t *answer;

	control_path(w->control, &p);
	answer = hear_json(w, fd);
	assert_string_equal(text_of(json_object_get(answer, "result"), "target"), "203.0.113.9");
	assert_true(json_is_false(json_object_get(json_object_get(answer, "result"), "as_wanted")));
	json_decref(answer);
	close(fd);

	fd = wait_for(w, request, &w->asked.verifies);
	p = path_of_fibre(w, "192.0.2.1");
	p.error = ENETUNREACH;
	control_path(w->control, &p);
	expect_error(hear_json(w, fd), "no_path");
	close(fd);
}

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
give_sample(struct world *w, const char *link, uint32_t number)
{
	struct recorded r = {.family = V4,
			     .method = METHOD_ICMP,
			     .number = number,
			     .at_ns = 2000 + number,
			     .sent_ns = 1000 + number,
			     .wall_ns = NSEC_PER_SEC,
			     .rtt_us = number % 2 ? 12345 : RTT_UNKNOWN};

	snprintf(r.link, sizeof(r.link), "%s", link);
	assert_int_equal(addr_parse("203.0.113.1", &r.address), 0);
	if (control_recording(w->control))
		control_sample(w->control, &r);
}

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

/* ---- clients that are slow, broken or hostile ---- */

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

static void
many_clients_share_the_turns(void **state)
{
	struct world *w = *state;
	int fds[32];

	handmade_targets(w->board, 1, 1000);
	for (size_t i = 0; i < ARRAY_LEN(fds); i++) {
		fds[i] = client(w);
		say(fds[i], "{\"v\":1,\"command\":\"targets\"}\n");
	}
	for (size_t i = 0; i < ARRAY_LEN(fds); i++) {
		json_t *answer = hear_json(w, fds[i]);

		assert_int_equal(
		    json_array_size(json_object_get(json_object_get(answer, "result"), "targets")),
		    1006);
		json_decref(answer);
		close(fds[i]);
	}
}

#define TEST(function) cmocka_unit_test_setup_teardown(function, set_up, tear_down)

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    TEST(status_tells_the_links),
	    TEST(one_link_by_name_or_index),
	    TEST(routes_and_plan_have_a_row_per_ip_version),
	    TEST(stats_tell_of_the_daemon),
	    TEST(removed_links_are_not_told),
	    TEST(events_by_limit_and_number),
	    TEST(events_that_are_gone_are_counted),
	    TEST(a_history_has_its_minutes),
	    TEST(targets_have_samples_where_asked),
	    TEST(a_judgement_is_the_engines),
	    TEST(an_order_reaches_the_engine),
	    TEST(each_order_has_its_admin_status),
	    TEST(a_refused_order_says_why),
	    TEST(what_is_wrong_never_reaches_the_engine),
	    TEST(a_comment_has_at_most_64_octets),
	    TEST(reload_answers_when_it_is_done),
	    TEST(a_parent_that_does_not_answer_is_told),
	    TEST(release_is_passed_on),
	    TEST(verify_tells_the_way),
	    TEST(verify_sees_a_wrong_way_and_none),
	    TEST(a_follower_gets_each_event),
	    TEST(a_follower_that_lags_is_told_what_it_missed),
	    TEST(a_follower_that_goes_is_forgotten),
	    TEST(a_recorder_gets_each_sample_of_its_link),
	    TEST(a_recorder_that_lags_is_told_what_it_missed),
	    TEST(few_record_at_a_time),
	    TEST(several_requests_on_one_connection),
	    TEST(a_half_closed_client_gets_its_answer),
	    TEST(too_long_a_line_is_refused),
	    TEST(silent_and_half_sent_clients_are_dropped),
	    TEST(a_reader_that_stands_still_is_dropped),
	    TEST(too_many_clients_are_turned_away),
	    TEST(a_long_answer_comes_in_slices),
	    TEST(a_crowd_does_not_hold_the_loop),
	    TEST(many_clients_share_the_turns),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
