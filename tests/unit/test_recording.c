/* SPDX-License-Identifier: ISC */
/* A sample as a line reads back the same, and a damaged line is no sample. */
#include "unit.h"

#include <stdio.h>
#include <stdlib.h>

#include "common/board.h"
#include "common/clock.h"
#include "common/names.h"
#include "engine/recording.h"

#define WALL_NS (1746100205 * NSEC_PER_SEC + 123 * NSEC_PER_MSEC)

static int
read_text(const char *text, struct recorded *r, const char **why)
{
	uint64_t missed = 0;

	return recording_read(text, strlen(text), r, &missed, why);
}

static void
expect_same_again(const struct recorded *r)
{
	json_t *json = recording_write(r);
	char *text = json_dumps(json, JSON_COMPACT);
	struct recorded again;
	const char *why;

	assert_int_equal(read_text(text, &again, &why), 1);
	assert_string_equal(again.link, r->link);
	assert_true(addr_equal(&again.address, &r->address));
	assert_string_equal(again.query, r->query);
	assert_int_equal(again.gateway, r->gateway);
	assert_int_equal(again.family, r->family);
	assert_int_equal(again.method, r->method);
	assert_int_equal(again.port, r->port);
	assert_int_equal(again.query_type, r->query_type);
	assert_int_equal(again.number, r->number);
	assert_int_equal(again.at_ns, r->at_ns);
	assert_int_equal(again.sent_ns, r->sent_ns);
	assert_int_equal(again.wall_ns, r->wall_ns);
	assert_int_equal(again.rtt_us, r->rtt_us);
	assert_int_equal(again.late, r->late);
	free(text);
	json_decref(json);
}

static void
test_each_kind_reads_back_the_same(void **state)
{
	struct recorded r = {.link = "t\xc3\xa9l\xc3\xa9",
			     .family = V4,
			     .number = UINT32_MAX,
			     .at_ns = 9000,
			     .sent_ns = 8000,
			     .wall_ns = WALL_NS,
			     .rtt_us = 0};

	(void)state;
	assert_int_equal(addr_parse("203.0.113.1", &r.address), 0);
	for (uint8_t method = METHOD_ICMP; method <= METHOD_COMMAND; method++) {
		r.method = method;
		expect_same_again(&r);
	}
	r.method = METHOD_TCP;
	r.port = 65535;
	r.rtt_us = RTT_UNKNOWN - 1;
	r.late = true;
	expect_same_again(&r);
	r = (struct recorded){.link = "a",
			      .family = V6,
			      .method = METHOD_DNS,
			      .port = 53,
			      .query = "example.net.",
			      .query_type = 28,
			      .wall_ns = WALL_NS,
			      .rtt_us = RTT_UNKNOWN};
	assert_int_equal(addr_parse("2001:db8::1", &r.address), 0);
	expect_same_again(&r);
	/* a gateway that was not known when it was asked */
	r = (struct recorded){.link = "a",
			      .family = V4,
			      .method = METHOD_NEIGHBOUR,
			      .gateway = true,
			      .wall_ns = WALL_NS,
			      .rtt_us = RTT_UNKNOWN};
	expect_same_again(&r);
	assert_int_equal(addr_parse("192.0.2.1", &r.address), 0);
	expect_same_again(&r);
}

/* Its number means nothing on another machine. */
static void
test_an_interface_is_left_out(void **state)
{
	struct recorded r = {.link = "a",
			     .family = V6,
			     .method = METHOD_ICMP,
			     .gateway = true,
			     .wall_ns = WALL_NS,
			     .rtt_us = 7};
	json_t *json;

	(void)state;
	assert_int_equal(addr_parse("fe80::1", &r.address), 0);
	r.address.scope = 3;
	json = recording_write(&r);
	assert_string_equal(json_string_value(json_object_get(json, "target")), "fe80::1");
	json_decref(json);
}

#define TIME "\"time\":\"2025-05-01T11:50:05.123Z\""
#define HEAD                                                                                      \
	"\"link\":\"a\",\"target\":\"203.0.113.1\",\"version\":4,\"method\":\"icmp\",\"number\":" \
	"7,"
#define TIMES "\"at_ns\":9,\"sent_ns\":8,"
#define GOOD "{" HEAD TIMES TIME ",\"rtt_us\":5}"

static void
test_a_damaged_line_is_no_sample(void **state)
{
	static const struct {
		const char *line, *why;
	} bad[] = {
	    {"", "not one JSON object"},
	    {"[]", "not one JSON object"},
	    {GOOD GOOD, "not one JSON object"},
	    {"{\"missed\":-1}", "missed must"},
	    {"{\"missed\":\"7\"}", "missed must"},
	    {"{}", "link must"},
	    {"{\"link\":\"\"}", "link must"},
	    {"{\"link\":\"a\\u001bb\"}", "link must"},
	    {"{\"link\":\"a\",\"target\":\"example.net\"}", "target must"},
	    {"{\"link\":\"a\",\"target\":7}", "target must"},
	    {"{\"link\":\"a\"}", "target is missing"},
	    {"{\"link\":\"a\",\"gateway\":true,\"version\":5}", "version must"},
	    {"{\"link\":\"a\",\"gateway\":true,\"version\":\"4\"}", "version must"},
	    {"{\"link\":\"a\",\"target\":\"203.0.113.1\",\"version\":6}", "do not go together"},
	    {"{\"link\":\"a\",\"target\":\"203.0.113.1\",\"version\":4,\"method\":\"smoke\"}",
	     "method must"},
	    {"{\"link\":\"a\",\"target\":\"203.0.113.1\",\"version\":4}", "method must"},
	    {"{" HEAD TIMES TIME ",\"rtt_us\":5,\"port\":65536}", "port must"},
	    {"{" HEAD TIMES TIME ",\"rtt_us\":5,\"query\":\"a.\"}", "query must"},
	    {"{" HEAD TIMES TIME ",\"rtt_us\":5,\"query_type\":1}", "query must"},
	    {"{" HEAD TIMES TIME ",\"rtt_us\":5,\"query\":\"\",\"query_type\":1}", "query must"},
	    {"{" HEAD TIMES TIME ",\"rtt_us\":5,\"query\":\"a\\nb\",\"query_type\":1}",
	     "query must"},
	    {"{\"link\":\"a\",\"target\":\"203.0.113.1\",\"version\":4,\"method\":\"icmp\","
	     "\"number\":4294967296," TIMES TIME ",\"rtt_us\":5}",
	     "number must"},
	    {"{" HEAD "\"at_ns\":8,\"sent_ns\":9," TIME ",\"rtt_us\":5}", "the second not after"},
	    {"{" HEAD "\"at_ns\":8," TIME ",\"rtt_us\":5}", "the second not after"},
	    {"{" HEAD TIMES "\"rtt_us\":5}", "time must"},
	    {"{" HEAD TIMES "\"time\":\"yesterday\",\"rtt_us\":5}", "time must"},
	    {"{" HEAD TIMES "\"time\":\"1025-05-01T11:50:05Z\",\"rtt_us\":5}", "time must"},
	    {"{" HEAD TIMES "\"time\":\"2025-05-01T11:50:05\",\"rtt_us\":5}", "time must"},
	    {"{" HEAD TIMES "\"time\":\"2025-05-01T11:50:05.Z\",\"rtt_us\":5}", "time must"},
	    {"{" HEAD TIMES "\"time\":\"2025-05-01T11:50:05.12x\",\"rtt_us\":5}", "time must"},
	    {"{" HEAD TIMES "\"time\":\"2025-05-01T11:50:05.123Z.\",\"rtt_us\":5}", "time must"},
	    {"{" HEAD TIMES TIME "}", "either rtt_us or lost"},
	    {"{" HEAD TIMES TIME ",\"rtt_us\":5,\"lost\":true}", "either rtt_us or lost"},
	    {"{" HEAD TIMES TIME ",\"rtt_us\":-5}", "rtt_us must"},
	    {"{" HEAD TIMES TIME ",\"rtt_us\":4294967295}", "rtt_us must"},
	    {"{" HEAD TIMES TIME ",\"lost\":true,\"late\":true}", "a late answer"},
	};
	struct recorded r;
	const char *why;

	(void)state;
	assert_int_equal(read_text(GOOD, &r, &why), 1);
	for (size_t i = 0; i < ARRAY_LEN(bad); i++) {
		if (read_text(bad[i].line, &r, &why) != -1)
			fail_msg("taken: %s", bad[i].line);
		if (strstr(why, bad[i].why) == NULL)
			fail_msg("%s\nis refused because %s", bad[i].line, why);
	}
}

/* As exact as it is written. */
static void
test_times(void **state)
{
	static const struct {
		const char *fraction;
		uint64_t ns;
	} times[] = {{"Z", 0},
		     {".5Z", 500 * NSEC_PER_MSEC},
		     {".007Z", 7 * NSEC_PER_MSEC},
		     {".123456789Z", 123456789}};
	struct recorded r;
	const char *why;
	char line[256];

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(times); i++) {
		snprintf(line, sizeof(line),
			 "{" HEAD TIMES "\"time\":\"2025-05-01T11:50:05%s\",\"lost\":true}",
			 times[i].fraction);
		assert_int_equal(read_text(line, &r, &why), 1);
		assert_int_equal(r.wall_ns, 1746100205 * NSEC_PER_SEC + times[i].ns);
		assert_int_equal(r.rtt_us, RTT_UNKNOWN);
	}
}

static void
test_what_was_missed_is_counted(void **state)
{
	uint64_t missed = 1;
	struct recorded r;
	const char *why;

	(void)state;
	assert_int_equal(recording_read("{\"v\":1,\"missed\":41}", 18, &r, &missed, &why), -1);
	assert_int_equal(recording_read("{\"v\":1,\"missed\":41}", 19, &r, &missed, &why), 0);
	assert_int_equal(missed, 42);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_each_kind_reads_back_the_same),
	    cmocka_unit_test(test_an_interface_is_left_out),
	    cmocka_unit_test(test_a_damaged_line_is_no_sample),
	    cmocka_unit_test(test_times),
	    cmocka_unit_test(test_what_was_missed_is_counted),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
