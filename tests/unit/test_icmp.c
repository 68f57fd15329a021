/* SPDX-License-Identifier: ISC */
/* The echo codec reads what it wrote and nothing else. */
#include "unit.h"

#include "common/addr.h"
#include "engine/icmp.h"

static const struct icmp_echo echo = {
    .id = 0x8001, .sequence = 0xfffe, .target = 7, .nonce = 0x0123456789abcdefULL};

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
	    {V6, 8, 'x'},  /* another program's payload */
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

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(a_reply_gives_back_what_the_request_carried),
	    cmocka_unit_test(a_short_packet_is_not_ours),
	    cmocka_unit_test(every_wrong_octet_of_an_ipv4_reply_is_seen),
	    cmocka_unit_test(what_is_no_echo_reply_is_not_ours),
	};

	return cmocka_run_group_tests_name("icmp", tests, NULL, NULL);
}
