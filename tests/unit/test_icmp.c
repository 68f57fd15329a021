/* SPDX-License-Identifier: ISC */
/* The echo codec reads what it wrote and nothing else. */
#include "unit.h"

#include <errno.h>

#include "common/addr.h"
#include "engine/icmp.h"

static const struct icmp_echo echo = {.id = 0x8001,
				      .sequence = 0xfffe,
				      .token = 0x89abcdef,
				      .target = 7,
				      .nonce = 0x0123456789abcdefULL};

/* The reply to our request as a raw socket gives it. Returns its length. */
static size_t
reply(int family, uint8_t packet[static 64])
{
	uint8_t request[ICMP_ECHO_SIZE];
	size_t len = icmp_request_write(family, &echo, request), header = family == V4 ? 20 : 0;

	memset(packet, 0, 64);
	if (family == V4) {
		packet[0] = 0x45;
		packet[9] = 1;
		/* from type 8 to type 0: the checksum grows by 0x0800 */
		unsigned sum = (unsigned)(request[2] << 8 | request[3]) + 0x0800;

		sum = (sum & 0xffff) + (sum >> 16);
		request[2] = (uint8_t)(sum >> 8);
		request[3] = (uint8_t)sum;
	}
	request[0] = family == V4 ? 0 : 129;
	memcpy(packet + header, request, len);
	return header + len;
}

static void
a_reply_gives_back_what_the_request_carried(void **state)
{
	(void)state;
	for (int family = V4; family <= V6; family++) {
		uint8_t packet[64];
		struct icmp_echo got = {0};

		assert_int_equal(icmp_reply_read(family, packet, reply(family, packet), &got), 0);
		assert_int_equal(got.id, echo.id);
		assert_int_equal(got.sequence, echo.sequence);
		assert_int_equal(got.target, echo.target);
		assert_int_equal(got.token, echo.token);
		assert_true(got.nonce == echo.nonce);
	}
}

static void
a_short_packet_is_not_ours(void **state)
{
	(void)state;
	for (int family = V4; family <= V6; family++) {
		uint8_t packet[64];
		struct icmp_echo got;
		size_t len = reply(family, packet);

		for (size_t n = 0; n < len; n++)
			assert_int_equal(icmp_reply_read(family, packet, n, &got), -1);
	}
}

static void
every_wrong_octet_of_an_ipv4_reply_is_seen(void **state)
{
	(void)state;
	for (size_t i = 20; i < 20 + ICMP_ECHO_SIZE; i++) {
		uint8_t packet[64];
		struct icmp_echo got;
		size_t len = reply(V4, packet);

		packet[i] ^= 0x10;
		assert_int_equal(icmp_reply_read(V4, packet, len, &got), -1);
	}
}

static void
what_is_no_echo_reply_is_not_ours(void **state)
{
	static const struct {
		int family;
		size_t at;
		uint8_t value;
	} cases[] = {
	    {V4, 0, 0x65}, /* version */
	    {V4, 0, 0x44}, /* header too short */
	    {V4, 0, 0x4f}, /* header longer than the packet leaves room for */
	    {V4, 9, 17},   /* UDP */
	    {V4, 6, 0x20}, /* more fragments */
	    {V4, 7, 1},    /* fragment offset */
	    {V4, 20, 8},   /* an echo request */
	    {V6, 0, 128},  /* an echo request */
	    {V6, 0, 1},    /* destination unreachable */
	    {V6, 1, 1},    /* code */
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		uint8_t packet[64];
		struct icmp_echo got;
		size_t len = reply(cases[i].family, packet);

		packet[cases[i].at] = cases[i].value;
		assert_int_equal(icmp_reply_read(cases[i].family, packet, len, &got), -1);
	}
}

static void
a_request_has_the_size_that_was_asked_for(void **state)
{
	static uint8_t out[ICMP_ECHO_MAX];
	static const uint16_t sizes[][2] = {
	    {0, 16}, {16, 16}, {17, 17}, {1472, 1472}, {8952, 8952}};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(sizes); i++) {
		struct icmp_echo sized = echo, got;
		uint8_t packet[20 + ICMP_ECHO_MAX] = {[0] = 0x45, [9] = 1};
		size_t len;

		sized.size = sizes[i][0];
		len = icmp_request_write(V4, &sized, out);
		assert_int_equal(len, 8 + sizes[i][1]);
		/* as the reply to it: the type goes, and with it its part of the checksum */
		unsigned sum = (unsigned)(out[2] << 8 | out[3]) + 0x0800;

		sum = (sum & 0xffff) + (sum >> 16);
		out[0] = 0;
		out[2] = (uint8_t)(sum >> 8);
		out[3] = (uint8_t)sum;
		memcpy(packet + 20, out, len);
		assert_int_equal(icmp_reply_read(V4, packet, 20 + len, &got), 0);
		assert_int_equal(got.size, sizes[i][1]);
	}
}

/* ---- errors ---- */

static void
put_checksum(uint8_t *p, size_t len)
{
	uint32_t sum = 0;

	p[2] = p[3] = 0;
	for (size_t i = 0; i + 1 < len; i += 2)
		sum += (uint32_t)(p[i] << 8 | p[i + 1]);
	while (sum >> 16)
		sum = (sum & 0xffff) + (sum >> 16);
	p[2] = (uint8_t)(~sum >> 8);
	p[3] = (uint8_t)~sum;
}

/* A router says type and code of our request, quoting so many octets of it. */
static size_t
error_packet(int family, uint8_t type, uint8_t code, size_t quoted, uint8_t packet[static 256])
{
	static const uint8_t ip4[20] = {0x45, 0, 0,   44, 0, 0, 0x40, 0, 1,   1,
					0,    0, 192, 0,  2, 9, 203,  0, 113, 1};
	static const uint8_t ip6[40] = {0x60, 0,           0, 0,    0,    24,      58,
					1,    [24] = 0x20, 1, 0x0d, 0xb8, [39] = 7};
	size_t outer = family == V4 ? 20 : 0, inner = family == V4 ? 20 : 40;
	uint8_t request[ICMP_ECHO_SIZE], *icmp = packet + outer;

	memset(packet, 0, 256);
	if (family == V4) {
		packet[0] = 0x45;
		packet[9] = 1;
	}
	icmp[0] = type;
	icmp[1] = code;
	memcpy(icmp + 8, family == V4 ? ip4 : ip6, inner);
	icmp_request_write(family, &echo, request);
	memcpy(icmp + 8 + inner, request, quoted);
	put_checksum(icmp, 8 + inner + quoted);
	return outer + 8 + inner + quoted;
}

static void
an_error_tells_whose_it_is_and_what(void **state)
{
	static const struct {
		int family;
		uint8_t type, code;
		int error;
	} cases[] = {
	    {V4, 3, 0, ENETUNREACH},   {V4, 3, 1, EHOSTUNREACH}, {V4, 3, 3, ECONNREFUSED},
	    {V4, 3, 4, EMSGSIZE},      {V4, 3, 13, EACCES},      {V4, 3, 99, EHOSTUNREACH},
	    {V4, 11, 0, EHOSTUNREACH}, {V4, 12, 0, EPROTO},      {V6, 1, 0, ENETUNREACH},
	    {V6, 1, 1, EACCES},        {V6, 1, 3, EHOSTUNREACH}, {V6, 1, 99, EHOSTUNREACH},
	    {V6, 2, 0, EMSGSIZE},      {V6, 3, 0, EHOSTUNREACH}, {V6, 4, 0, EPROTO},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		uint8_t packet[256];
		struct icmp_error got;
		int family = cases[i].family;
		size_t len =
		    error_packet(family, cases[i].type, cases[i].code, ICMP_ECHO_SIZE, packet);

		assert_int_equal(icmp_error_read(family, packet, len, &got), 0);
		assert_int_equal(got.error, cases[i].error);
		assert_int_equal(got.echo.id, echo.id);
		assert_int_equal(got.echo.sequence, echo.sequence);
		assert_true(got.quoted);
		assert_true(got.echo.nonce == echo.nonce);
		assert_int_equal(got.echo.target, echo.target);
		assert_int_equal(got.to.version, family == V4 ? 4 : 6);
		assert_int_equal(got.to.octets[family == V4 ? 3 : 15], family == V4 ? 1 : 7);
	}
}

/* Eight octets of the request are all that a router has to quote. */
static void
a_short_quote_still_has_the_sequence(void **state)
{
	(void)state;
	for (int family = V4; family <= V6; family++) {
		uint8_t packet[256];
		struct icmp_error got;
		uint8_t type = family == V4 ? 11 : 3;
		size_t len = error_packet(family, type, 0, 8, packet);

		assert_int_equal(icmp_error_read(family, packet, len, &got), 0);
		assert_int_equal(got.echo.sequence, echo.sequence);
		assert_false(got.quoted);
		for (size_t n = 0; n < 8; n++) {
			len = error_packet(family, type, 0, n, packet);
			assert_int_equal(icmp_error_read(family, packet, len, &got), -1);
		}
	}
}

static void
what_is_no_error_of_ours_is_refused(void **state)
{
	static const struct {
		int family;
		uint8_t type;
		size_t at; /* in the ICMP message, behind its header */
		uint8_t value;
	} cases[] = {
	    {V4, 0, 8, 0x45},     /* a reply */
	    {V4, 5, 8, 0x45},     /* a redirect */
	    {V4, 11, 8, 0x65},    /* what is quoted is not IPv4 */
	    {V4, 11, 17, 17},     /* UDP */
	    {V4, 11, 8 + 20, 0},  /* a reply is quoted */
	    {V6, 129, 8, 0x60},   /* a reply */
	    {V6, 3, 8, 0x45},     /* what is quoted is not IPv6 */
	    {V6, 3, 14, 17},      /* UDP */
	    {V6, 3, 8 + 40, 129}, /* a reply is quoted */
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		uint8_t packet[256];
		struct icmp_error got;
		int family = cases[i].family;
		size_t outer = family == V4 ? 20 : 0;
		size_t len = error_packet(family, cases[i].type, 0, ICMP_ECHO_SIZE, packet);

		packet[outer + cases[i].at] = cases[i].value;
		put_checksum(packet + outer, len - outer);
		if (icmp_error_read(family, packet, len, &got) != -1)
			fail_msg("case %zu is taken", i);
	}
	/* a checksum that is wrong */
	uint8_t packet[256];
	struct icmp_error got;
	size_t len = error_packet(V4, 11, 0, ICMP_ECHO_SIZE, packet);

	packet[22] ^= 1;
	assert_int_equal(icmp_error_read(V4, packet, len, &got), -1);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(a_reply_gives_back_what_the_request_carried),
	    cmocka_unit_test(a_short_packet_is_not_ours),
	    cmocka_unit_test(every_wrong_octet_of_an_ipv4_reply_is_seen),
	    cmocka_unit_test(what_is_no_echo_reply_is_not_ours),
	    cmocka_unit_test(a_request_has_the_size_that_was_asked_for),
	    cmocka_unit_test(an_error_tells_whose_it_is_and_what),
	    cmocka_unit_test(a_short_quote_still_has_the_sequence),
	    cmocka_unit_test(what_is_no_error_of_ours_is_refused),
	};

	return cmocka_run_group_tests_name("icmp", tests, NULL, NULL);
}
