/* SPDX-License-Identifier: ISC */
/* What outlives a reboot, as text: what was written is read again, nothing else is
 * taken, and no order ever gets more time than it had. */
#include "unit.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "common/clock.h"
#include "common/names.h"
#include "engine/state.h"

#define WALL (1790000000 * NSEC_PER_SEC)

static struct state in, out;
static char error[256];

static void
fill(void)
{
	struct state_link *l;

	memset(&in, 0, sizeof(in));
	in.saved_wall_ns = WALL;
	in.events_last = 4711;
	in.set_lock = 12;
	in.nlinks = 2;
	l = &in.links[0];
	strcpy(l->name, "fibre \"a\\b\"");
	l->transitions = 7;
	l->up_ns = 1000000000001;
	l->down_ns = 5;
	l->order.admin = ADMIN_DRAIN;
	l->order.actor = ACTOR_SNMP;
	l->order.timeout_s = 3600;
	l->order.since_wall_ns = WALL - 600 * NSEC_PER_SEC;
	l->rest_ns = 3000 * NSEC_PER_SEC;
	strcpy(l->order.owner, "noc \"night\\day\"");
	strcpy(l->order.comment, "fünf €");
	l = &in.links[1];
	strcpy(l->name, "lte");
	l->order.admin = ADMIN_AUTO;
	l->order.actor = ACTOR_DAEMON;
}

static char *
written(size_t *len)
{
	char *text = state_text(&in, len);

	assert_non_null(text);
	assert_int_equal(strlen(text), *len);
	return text;
}

static void
assert_nothing_known(void)
{
	static const struct state nothing;

	assert_memory_equal(&out, &nothing, sizeof(out));
}

static void
test_round_trip(void **state)
{
	size_t len;
	char *text;

	(void)state;
	fill();
	text = written(&len);
	assert_int_equal(state_parse(text, len, &out, error, sizeof(error)), 0);
	assert_memory_equal(&in, &out, sizeof(in));
	assert_ptr_equal(state_link(&out, "lte"), &out.links[1]);
	assert_null(state_link(&out, "LTE"));
	free(text);
	memset(&in, 0, sizeof(in));
	text = written(&len);
	assert_int_equal(state_parse(text, len, &out, error, sizeof(error)), 0);
	assert_nothing_known();
	free(text);
}

/* The largest that can be is still a file that is read. */
static void
test_largest(void **state)
{
	uint64_t start;
	size_t len;
	char *text;

	(void)state;
	fill();
	in.nlinks = LINKS_MAX;
	in.events_last = INT64_MAX / 2;
	for (unsigned i = 0; i < LINKS_MAX; i++) {
		struct state_link *l = &in.links[i];

		*l = in.links[0];
		memset(l->name, '"', NAME_LEN);
		snprintf(l->name, sizeof(l->name), "%028u", i);
		memset(l->name + 28, '"', NAME_LEN - 28);
		l->name[NAME_LEN] = '\0';
		l->transitions = UINT32_MAX;
		l->up_ns = l->down_ns = INT64_MAX;
		l->order.timeout_s = ORDER_TIMEOUT_MAX_S;
		l->rest_ns = ORDER_TIMEOUT_MAX_S * NSEC_PER_SEC;
		memset(l->order.owner, '\\', TEXT_LEN);
		memset(l->order.comment, '"', TEXT_LEN);
	}
	start = clock_mono_ns();
	text = written(&len);
	print_message("%zu octets, %.1f ms\n", len, (double)(clock_mono_ns() - start) / 1e6);
	assert_true(len < 1 << 20);
	assert_int_equal(state_parse(text, len, &out, error, sizeof(error)), 0);
	assert_memory_equal(&in, &out, sizeof(in));
	free(text);
}

/* Whatever octet is lost or changed: nothing of it is believed. */
static void
test_damage(void **state)
{
	size_t len;
	char *text;

	(void)state;
	fill();
	text = written(&len);
	for (size_t cut = 0; cut < len; cut++) {
		assert_int_equal(state_parse(text, cut, &out, error, sizeof(error)), -1);
		assert_nothing_known();
	}
	for (size_t at = 0; at < len; at++)
		for (unsigned bit = 0; bit < 8; bit++) {
			text[at] ^= (char)(1 << bit);
			assert_int_equal(state_parse(text, len, &out, error, sizeof(error)), -1);
			assert_nothing_known();
			text[at] ^= (char)(1 << bit);
		}
	assert_int_equal(state_parse(text, len, &out, error, sizeof(error)), 0);
	free(text);
}

/* The text with one place changed and a checksum that is right for it, as a bug of
 * another version or a hand with a compiler would leave it. */
static void
parse_changed(const char *from, const char *to)
{
	static const char head[] = "{\"checksum\":\"";
	char *text, *at, whole[8192], sum[17];
	uint64_t fnv = 0xcbf29ce484222325ULL;
	size_t len, behind = sizeof(head) - 1 + 16 + 2;

	fill();
	text = written(&len);
	at = strstr(text, from);
	assert_non_null(at);
	snprintf(whole, sizeof(whole), "%.*s%s%s", (int)(at - text), text, to, at + strlen(from));
	for (const char *p = whole + behind; *p != '\0'; p++)
		fnv = (fnv ^ (unsigned char)*p) * 0x100000001b3ULL;
	snprintf(sum, sizeof(sum), "%016" PRIx64, fnv);
	memcpy(whole + sizeof(head) - 1, sum, 16);
	error[0] = '\0';
	if (state_parse(whole, strlen(whole), &out, error, sizeof(error)) != 0) {
		assert_string_not_equal(error, "");
		assert_null(strstr(error, "checksum"));
		assert_nothing_known();
	}
	free(text);
}

static void
test_values_are_checked(void **state)
{
	static const struct {
		const char *from, *to, *error;
	} cases[] = {
	    {"\"version\": 1", "\"version\": 2", "version 2, this program knows 1"},
	    {"\"version\": 1", "\"version\": \"1\"", "version"},
	    {"\"version\": 1,", "", "version"},
	    {"\"version\": 1", "\"version\": 1, \"version\": 1", "duplicate"},
	    {"4711", "-1", "events_last"},
	    {"4711", "4611686018427387904", "events_last"},
	    {"4711", "99999999999999999999", "line"},
	    {"4711", "4711.0", "events_last"},
	    {"\"set_lock\": 12", "\"set_lock\": 2147483648", "set_lock"},
	    {"1790000000000000000", "-5", "saved_wall_ns"},
	    {"\"links\": [", "\"link\": [", "links"},
	    {"\"lte\"", "\"\"", "name"},
	    {"\"lte\"", "\"a\\u0000b\"", "line"},
	    {"\"lte\"", "\"a\\nb\"", "name"},
	    {"\"lte\"", "\"123456789012345678901234567890123\"", "name"},
	    {"\"lte\"", "\"fibre \\\"a\\\\b\\\"\"", "twice"},
	    {"\"transitions\": 7", "\"transitions\": 4294967296", "transitions"},
	    {"1000000000001", "-1", "up_ns"},
	    {"\"down_ns\": 5", "\"down_ns\": null", "down_ns"},
	    {"\"drain\"", "\"auto\"", "admin"},
	    {"\"drain\"", "\"force-up\"", "admin"},
	    {"\"drain\"", "4", "admin"},
	    {"\"snmp\"", "\"nobody\"", "actor"},
	    {"\"forced\": false", "\"forced\": 0", "order"},
	    {"\"timeout_s\": 3600", "\"timeout_s\": 31622401", "timeout_s"},
	    /* never more time than was ordered */
	    {"\"timeout_s\": 3600", "\"timeout_s\": 2999", "rest_ns"},
	    {"\"timeout_s\": 3600", "\"timeout_s\": 0", "rest_ns"},
	    {"\"rest_ns\": 3", "\"rest_ns\": -3", "rest_ns"},
	    {"\"order\": null", "\"order\": []", "order"},
	    {"\"order\": null", "\"order\": {}", "order"},
	    {"fünf", "f\xfcnf", "line"},
	    {"fünf", "f\\u009bnf", "comment"},
	    {"night", "night\\u202e", "owner"},
	    {"night", "0123456789012345678901234567890123456789012345678901234567890", "owner"},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		parse_changed(cases[i].from, cases[i].to);
		if (strstr(error, cases[i].error) == NULL)
			fail_msg("%s for %s: \"%s\"", cases[i].to, cases[i].from, error);
	}
	/* what a later version adds without another meaning is passed over */
	parse_changed("\"set_lock\"", "\"new\": [1], \"set_lock\"");
	assert_string_equal(error, "");
	assert_memory_equal(&in, &out, sizeof(in));
}

static void
test_rest(void **state)
{
	const uint64_t year = 365 * 24 * 3600 * NSEC_PER_SEC, hour = 3600 * NSEC_PER_SEC;

	(void)state;
	assert_int_equal(state_rest(hour, WALL, WALL), hour);
	assert_int_equal(state_rest(hour, WALL, WALL + hour / 4), hour - hour / 4);
	assert_int_equal(state_rest(hour, WALL, WALL + hour), 0);
	assert_int_equal(state_rest(hour, WALL, WALL + 30 * year), 0);
	assert_int_equal(state_rest(hour, WALL, WALL - 1), hour);
	assert_int_equal(state_rest(hour, WALL, 0), hour);
	assert_int_equal(state_rest(0, WALL, 0), 0);
	assert_int_equal(state_rest(hour, 0, UINT64_MAX), 0);
}

static void
test_what_is_worth_storing(void **state)
{
	(void)state;
	fill();
	out = in;
	out.saved_wall_ns++;
	out.links[0].up_ns++;
	out.links[0].down_ns++;
	out.links[0].rest_ns--;
	assert_true(state_same(&in, &out));
	out.links[0].order.expires_ns++; /* its timer was started again */
	assert_false(state_same(&in, &out));
	out = in;
	out.links[1].transitions++;
	assert_false(state_same(&in, &out));
	out = in;
	out.events_last++;
	assert_false(state_same(&in, &out));
	out = in;
	out.set_lock++;
	assert_false(state_same(&in, &out));
	out = in;
	out.nlinks--;
	assert_false(state_same(&in, &out));
	out = in;
	out.links[1].name[0] = 'L';
	assert_false(state_same(&in, &out));
	out = in;
	out.links[0].order.comment[0] = 'F';
	assert_false(state_same(&in, &out));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_round_trip), cmocka_unit_test(test_largest),
	    cmocka_unit_test(test_damage),     cmocka_unit_test(test_values_are_checked),
	    cmocka_unit_test(test_rest),       cmocka_unit_test(test_what_is_worth_storing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
