/* SPDX-License-Identifier: ISC */
/* The codecs of ARP and neighbour discovery: questions as the standards have them,
 * and nothing taken for an answer that is none. */
#include "unit.h"

#include "engine/neighbour.h"

static const uint8_t own_ll[LLADDR_LEN] = {2, 0, 0, 0, 0, 1},
		     gateway_ll[LLADDR_LEN] = {2, 0, 0, 0, 0, 2};

static struct addr
address(const char *text)
{
	struct addr a;

	assert_int_equal(addr_parse(text, &a), 0);
	return a;
}

static void
an_arp_request_is_written_as_the_standard_says(void **state)
{
	static const uint8_t expected[ARP_SIZE] = {0,   1, 8, 0, 6, 4, 0, 1, 2, 0, 0,   0, 0, 1,
						   192, 0, 2, 9, 0, 0, 0, 0, 0, 0, 192, 0, 2, 1};
	struct arp arp = {.sender = address("192.0.2.9"), .target = address("192.0.2.1")};
	uint8_t out[ARP_SIZE];

	(void)state;
	memcpy(arp.sender_ll, own_ll, LLADDR_LEN);
	arp_request_write(&arp, out);
	assert_memory_equal(out, expected, ARP_SIZE);
	/* without an address of its own it asks as RFC 5227 does */
	arp.sender = (struct addr){0};
	arp_request_write(&arp, out);
	assert_memory_equal(out + 14, "\0\0\0\0", 4);
}

static const uint8_t arp_reply[ARP_SIZE] = {0,   1, 8, 0, 6, 4, 0, 2, 2, 0, 0,   0, 0, 2,
					    192, 0, 2, 1, 2, 0, 0, 0, 0, 1, 192, 0, 2, 9};

static void
an_arp_reply_is_read(void **state)
{
	struct addr gateway = address("192.0.2.1"), own = address("192.0.2.9");
	uint8_t frame[60] = {0};
	struct arp arp;

	(void)state;
	memcpy(frame, arp_reply, ARP_SIZE); /* with the padding of a short frame */
	assert_int_equal(arp_reply_read(frame, sizeof(frame), &arp), 0);
	assert_true(addr_equal(&arp.sender, &gateway));
	assert_true(addr_equal(&arp.target, &own));
	assert_memory_equal(arp.sender_ll, gateway_ll, LLADDR_LEN);
	assert_memory_equal(arp.target_ll, own_ll, LLADDR_LEN);
}

static void
what_is_no_arp_reply_is_refused(void **state)
{
	struct arp arp;

	(void)state;
	for (size_t n = 0; n < ARP_SIZE; n++)
		assert_int_equal(arp_reply_read(arp_reply, n, &arp), -1);
	for (size_t at = 0; at < 8; at++) { /* kind, lengths, operation */
		uint8_t packet[ARP_SIZE];

		memcpy(packet, arp_reply, ARP_SIZE);
		packet[at] ^= 3;
		assert_int_equal(arp_reply_read(packet, ARP_SIZE, &arp), -1);
	}
}

static void
a_solicitation_is_written_as_the_standard_says(void **state)
{
	static const uint8_t expected[SOLICIT_SIZE] = {135,  0,    0, 0, 0, 0, 0, 0, 0x20, 1, 0x0d,
						       0xb8, 0,    1, 0, 0, 0, 0, 0, 0,    0, 0x12,
						       0x34, 0x56, 1, 1, 2, 0, 0, 0, 0,    1};
	struct addr target = address("2001:db8:1::12:3456"), group, expected_group;
	uint8_t out[SOLICIT_SIZE];

	(void)state;
	solicit_write(&target, own_ll, out);
	assert_memory_equal(out, expected, SOLICIT_SIZE);
	group = solicited_node(&target, 7);
	expected_group = address("ff02::1:ff12:3456");
	assert_memory_equal(group.octets, expected_group.octets, 16);
	assert_int_equal(group.scope, 7);
}

/* From fe80::1, solicited, with its link-layer address. */
static const uint8_t advert[32] = {136, 0, 0, 0, 0xe0, 0, 0, 0, 0xfe, 0x80, 0, 0, 0, 0, 0, 0,
				   0,   0, 0, 0, 0,    0, 0, 1, 2,    1,    2, 0, 0, 0, 0, 2};

static void
an_advertisement_is_read(void **state)
{
	struct addr gateway = address("fe80::1");
	uint8_t packet[32];
	struct advert got;

	(void)state;
	assert_int_equal(advert_read(advert, sizeof(advert), &got), 0);
	assert_true(addr_equal(&got.target, &gateway));
	assert_true(got.solicited);
	assert_int_equal(advert_read(advert, 24, &got), 0); /* options may be missing */
	memcpy(packet, advert, sizeof(packet));
	packet[4] = 0xa0;
	assert_int_equal(advert_read(packet, sizeof(packet), &got), 0);
	assert_false(got.solicited);
}

static void
what_is_no_advertisement_is_refused(void **state)
{
	static const struct {
		size_t at;
		uint8_t value;
	} cases[] = {
	    {0, 135},  /* a solicitation */
	    {0, 134},  /* a router's advertisement */
	    {1, 1},    /* code */
	    {8, 0xff}, /* for a group */
	    {25, 0},   /* an option of no length, which never ends */
	    {25, 2},   /* one that is longer than the packet */
	    {25, 255},
	};
	struct advert got;

	(void)state;
	for (size_t n = 0; n < 24; n++)
		assert_int_equal(advert_read(advert, n, &got), -1);
	for (size_t n = 25; n < sizeof(advert); n++) /* half an option */
		assert_int_equal(advert_read(advert, n, &got), -1);
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		uint8_t packet[32];

		memcpy(packet, advert, sizeof(packet));
		packet[cases[i].at] = cases[i].value;
		assert_int_equal(advert_read(packet, sizeof(packet), &got), -1);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(an_arp_request_is_written_as_the_standard_says),
	    cmocka_unit_test(an_arp_reply_is_read),
	    cmocka_unit_test(what_is_no_arp_reply_is_refused),
	    cmocka_unit_test(a_solicitation_is_written_as_the_standard_says),
	    cmocka_unit_test(an_advertisement_is_read),
	    cmocka_unit_test(what_is_no_advertisement_is_refused),
	};

	return cmocka_run_group_tests_name("neighbour", tests, NULL, NULL);
}
