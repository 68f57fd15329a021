/* SPDX-License-Identifier: ISC */
/* The DNS codec: a query as RFC 1035 has it, and no answer but the one to it. */
#include "unit.h"

#include <stdio.h>

#include "engine/dns.h"

static const struct dns_query query = {.id = 0xbeef, .type = 28, .name = "www.Example-1.net"};

static const uint8_t wire[] = {0xbe, 0xef, 1,   0,   0,   1,   0,   0,   0,   0,   0,   0,
			       3,    'w',  'w', 'w', 9,   'E', 'x', 'a', 'm', 'p', 'l', 'e',
			       '-',  '1',  3,   'n', 'e', 't', 0,   0,   28,  0,   1};

/* The answer to it, with a record behind. Returns its length. */
static size_t
make_answer(uint8_t packet[static 512])
{
	static const uint8_t record[] = {0xc0, 12, 0, 28, 0, 1, 0, 0, 0, 60, 0, 4, 1, 2, 3, 4};

	memset(packet, 0, 512);
	memcpy(packet, wire, sizeof(wire));
	packet[2] = 0x81;
	packet[3] = 0x80;
	packet[7] = 1;
	memcpy(packet + sizeof(wire), record, sizeof(record));
	return sizeof(wire) + sizeof(record);
}

static void
a_query_is_written_as_the_standard_says(void **state)
{
	uint8_t out[DNS_QUERY_MAX];

	(void)state;
	assert_int_equal(dns_query_write(&query, out), sizeof(wire));
	assert_memory_equal(out, wire, sizeof(wire));
}

static void
names_are_written_or_refused(void **state)
{
	static const char label[] =
	    "a123456789b123456789c123456789d123456789e123456789f123456789g12";
	static const struct {
		const char *name;
		size_t len; /* of the name on the wire, 0: refused */
	} cases[] = {
	    {".", 1},    {"", 1},   {"a", 3},  {"a.", 3},   {"a.b", 5},
	    {"a..b", 0}, {".a", 0}, {"..", 0}, {label, 65},
	};
	char text[300];
	uint8_t out[DNS_QUERY_MAX];

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct dns_query q = {.name = cases[i].name};
		size_t expected = cases[i].len ? 12 + cases[i].len + 4 : 0;

		assert_int_equal(dns_query_write(&q, out), expected);
	}
	/* 63 octets are the most of a label, 255 of a name */
	snprintf(text, sizeof(text), "%sx", label);
	assert_int_equal(dns_query_write(&(struct dns_query){.name = text}, out), 0);
	snprintf(text, sizeof(text), "%s.%s.%s.%.61s", label, label, label, label);
	assert_int_equal(dns_query_write(&(struct dns_query){.name = text}, out), DNS_QUERY_MAX);
	snprintf(text, sizeof(text), "%s.%s.%s.%.62s", label, label, label, label);
	assert_int_equal(dns_query_write(&(struct dns_query){.name = text}, out), 0);
}

static void
an_answer_tells_code_and_truncation(void **state)
{
	uint8_t packet[512];
	struct dns_answer answer;
	size_t len = make_answer(packet);

	(void)state;
	assert_int_equal(dns_answer_read(packet, len, &query, &answer), 0);
	assert_int_equal(answer.rcode, 0);
	assert_false(answer.truncated);
	packet[2] |= 2;
	packet[3] |= 3;
	assert_int_equal(dns_answer_read(packet, len, &query, &answer), 0);
	assert_int_equal(answer.rcode, 3);
	assert_true(answer.truncated);
}

static void
letters_of_either_case_are_the_same(void **state)
{
	uint8_t packet[512];
	struct dns_answer answer;
	size_t len = make_answer(packet);

	(void)state;
	packet[13] = 'W';
	packet[17] = 'e';
	assert_int_equal(dns_answer_read(packet, len, &query, &answer), 0);
}

static void
a_short_packet_is_no_answer(void **state)
{
	uint8_t packet[512];
	struct dns_answer answer;

	(void)state;
	make_answer(packet);
	for (size_t n = 0; n < sizeof(wire); n++)
		assert_int_equal(dns_answer_read(packet, n, &query, &answer), -1);
	assert_int_equal(dns_answer_read(packet, sizeof(wire), &query, &answer), 0);
	assert_int_equal(dns_id(packet, 1), -1);
	assert_int_equal(dns_id(packet, 2), 0xbeef);
}

static void
what_is_not_the_answer_is_refused(void **state)
{
	static const struct {
		size_t at;
		uint8_t value;
	} cases[] = {
	    {0, 0xbf},           /* identifier */
	    {1, 0xee},           /* the other half */
	    {2, 0x01},           /* a query */
	    {2, 0x91},           /* another operation */
	    {5, 0},              /* no question */
	    {5, 2},              /* two */
	    {4, 1},              /* 257 */
	    {12, 4},             /* the length of a label */
	    {12, 0xc0},          /* a pointer: to itself, were it followed */
	    {13, 'x'},           /* another name */
	    {13, 'w' - 32 - 32}, /* no letter */
	    {25, '1' + 32},
	    {30, 3},  /* a name that goes on */
	    {31, 1},  /* the type */
	    {32, 60}, /* its other half, near to the first by a letter's case */
	    {33, 1},  /* the class */
	    {34, 3},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		uint8_t packet[512];
		struct dns_answer answer;
		size_t len = make_answer(packet);

		packet[cases[i].at] = cases[i].value;
		if (dns_answer_read(packet, len, &query, &answer) != -1)
			fail_msg("octet %zu as %u is taken", cases[i].at, cases[i].value);
	}
}

/* The number of a type is no letter: its case counts. */
static void
a_type_that_looks_like_a_letter(void **state)
{
	struct dns_query q = {.id = 1, .type = 'a', .name = "x"};
	uint8_t packet[DNS_QUERY_MAX];
	struct dns_answer answer;
	size_t len = dns_query_write(&q, packet);

	(void)state;
	packet[2] |= 0x80;
	assert_int_equal(dns_answer_read(packet, len, &q, &answer), 0);
	q.type = 'A';
	assert_int_equal(dns_answer_read(packet, len, &q, &answer), -1);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(a_query_is_written_as_the_standard_says),
	    cmocka_unit_test(names_are_written_or_refused),
	    cmocka_unit_test(an_answer_tells_code_and_truncation),
	    cmocka_unit_test(letters_of_either_case_are_the_same),
	    cmocka_unit_test(a_short_packet_is_no_answer),
	    cmocka_unit_test(what_is_not_the_answer_is_refused),
	    cmocka_unit_test(a_type_that_looks_like_a_letter),
	};

	return cmocka_run_group_tests_name("dns", tests, NULL, NULL);
}
