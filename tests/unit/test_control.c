/* SPDX-License-Identifier: ISC */
/* The control socket as its clients see it: each command's answer. */
#include "control_world.h"
#include "unit.h"

#include <errno.h>
#include <stdio.h>
#include <unistd.h>

#include "common/clock.h"
#include "engine/control.h"
#include "handmade_board.h"

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

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    CONTROL_TEST(status_tells_the_links),
	    CONTROL_TEST(one_link_by_name_or_index),
	    CONTROL_TEST(routes_and_plan_have_a_row_per_ip_version),
	    CONTROL_TEST(stats_tell_of_the_daemon),
	    CONTROL_TEST(removed_links_are_not_told),
	    CONTROL_TEST(events_by_limit_and_number),
	    CONTROL_TEST(events_that_are_gone_are_counted),
	    CONTROL_TEST(a_history_has_its_minutes),
	    CONTROL_TEST(targets_have_samples_where_asked),
	    CONTROL_TEST(a_judgement_is_the_engines),
	    CONTROL_TEST(an_order_reaches_the_engine),
	    CONTROL_TEST(each_order_has_its_admin_status),
	    CONTROL_TEST(a_refused_order_says_why),
	    CONTROL_TEST(what_is_wrong_never_reaches_the_engine),
	    CONTROL_TEST(a_comment_has_at_most_64_octets),
	    CONTROL_TEST(reload_answers_when_it_is_done),
	    CONTROL_TEST(a_parent_that_does_not_answer_is_told),
	    CONTROL_TEST(release_is_passed_on),
	    CONTROL_TEST(verify_tells_the_way),
	    CONTROL_TEST(verify_sees_a_wrong_way_and_none),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
