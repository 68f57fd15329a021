/* SPDX-License-Identifier: ISC */
/* OpenBSD's routing against a fake kernel: what is made of what the kernel tells, or does not tell,
 * and what is put back. */
#include "openbsd_lab.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

/* The next list of interfaces ends within its first message. */
static bool cut_off;

uint8_t *__real_rtio_dump_interfaces(uint16_t index, size_t *len);
uint8_t *__wrap_rtio_dump_interfaces(uint16_t index, size_t *len);

uint8_t *
__wrap_rtio_dump_interfaces(uint16_t index, size_t *len)
{
	uint8_t *buf = __real_rtio_dump_interfaces(index, len);

	if (cut_off)
		*len = 7;
	cut_off = false;
	return buf;
}

static void
a_lost_link_is_told_and_its_route_is_not_counted(void **state)
{
	(void)state;
	configure(two_links);
	assert_int_equal(apply(3, 1), 0);
	happens("carrier em1 down");
	assert_int_equal(lab.facts[1].carrier, CARRIER_DOWN);
	assert_int_equal(lab.facts[1].admin_up, 1);
	assert_int_equal(apply(-1, 1), 0);
	assert_installed(-1, 1);
	happens("carrier em1 up");
	assert_int_equal(lab.facts[1].carrier, CARRIER_UP);
	assert_int_equal(apply(3, 1), 0);
	assert_installed(3, 1);
	assert_string_equal(routes(0), BOTH);
}

/* The kernel adds 0x80 to its priority then, which a dump shows: it is the same route. */
static void
a_route_without_a_link_is_still_the_daemons(void **state)
{
	(void)state;
	configure(two_links);
	assert_int_equal(apply(3, 1), 0);
	happens("carrier em1 down");
	assert_int_equal(sys_routing_resync(lab.routing), 0);
	assert_string_equal(routes(0), "192.0.2.1:7:down:uplinkd " ONLY_B);
	assert_int_equal(lab.drifts, 0);
	sys_routing_close(lab.routing);
	open_routing();
	configure(two_links);
	assert_string_equal(routes(0), "192.0.2.1:7:down:uplinkd " ONLY_B);
	assert_int_equal(apply(-1, -1), 0);
	assert_installed(-1, 1);
	assert_int_equal(apply(-1, 1), 0);
	assert_int_equal(lab.counts.deletes, 1);
	assert_string_equal(routes(0), ONLY_B);
	assert_int_equal(sys_routing_release(lab.routing), 0);
	assert_string_equal(routes(101), "");
}

/* The link's state may stay "up" then. */
static void
an_interface_that_is_set_down_is_told(void **state)
{
	(void)state;
	configure(two_links);
	assert_int_equal(apply(3, 1), 0);
	happens("ifconfig em1 down");
	assert_int_equal(lab.facts[1].admin_up, 0);
	assert_int_equal(apply(-1, 1), 0);
	assert_string_equal(routes(0), ONLY_B);
	happens("ifconfig em1 up");
	assert_int_equal(lab.facts[1].admin_up, 1);
	assert_string_equal(routes(101), ONLY_A);
	assert_int_equal(apply(3, 1), 0);
	assert_installed(3, 1);
}

static void
the_size_of_an_interfaces_packets_is_told(void **state)
{
	unsigned told;

	(void)state;
	configure(two_links);
	assert_int_equal(lab.facts[1].mtu, 1500);
	told = lab.facts_calls;
	happens("mtu em1 1492");
	assert_int_equal(lab.facts[1].mtu, 1492);
	assert_int_equal(lab.facts_calls, told + 1);
}

static void
check_address_comes_back(bool silent)
{
	configure(two_links);
	assert_int_equal(apply(3, 1), 0);
	kernel(silent ? "silent yes" : "silent no");
	happens("unaddress em1 192.0.2.2");
	assert_false(addr_is_set(&lab.facts[1].route[V4].source));
	assert_string_equal(routes(0), ONLY_B);
	assert_string_equal(routes(101), "");
	/* the kernel's own doing is nobody's fault */
	assert_int_equal(lab.drifts, 0);
	happens("address em1 192.0.2.3/24");
	assert_true(addr_is_set(&lab.facts[1].route[V4].source));
	assert_string_equal(routes(101), ONLY_A);
	assert_string_equal(routes(0), "192.0.2.1:7:up:uplinkd 198.51.100.1:7:up:uplinkd ");
}

static void
routes_that_left_with_an_address_return_with_one(void **state)
{
	(void)state;
	check_address_comes_back(false);
}

static void
also_where_the_kernel_did_not_say_a_word(void **state)
{
	(void)state;
	check_address_comes_back(true);
}

static void
an_interface_may_come_and_go(void **state)
{
	(void)state;
	configure("link \"a\" { interface em1; gateway 192.0.2.1 }\n"
		  "link \"c\" { interface ure0; gateway 203.0.113.1 }\n");
	assert_int_equal(lab.facts[2].ifindex, 0);
	happens("interface ure0 9");
	happens("address ure0 203.0.113.2/24");
	assert_int_equal(lab.facts[2].ifindex, 9);
	assert_string_equal(routes(102), "203.0.113.1:7:up:uplinkd ");
	assert_int_equal(apply(1, 1), 0);
	happens("departure ure0");
	assert_int_equal(lab.facts[2].ifindex, 0);
	assert_string_equal(routes(0), ONLY_A);
	assert_int_equal(apply(1, -1), 0);
	/* with another number */
	happens("interface ure0 12");
	happens("address ure0 203.0.113.2/24");
	assert_int_equal(lab.facts[2].ifindex, 12);
	assert_int_equal(apply(1, 1), 0);
	assert_string_equal(routes(0), ONLY_A "203.0.113.1:7:up:uplinkd ");
}

static void
what_another_process_removes_is_told_and_put_back(void **state)
{
	(void)state;
	configure(two_links);
	assert_int_equal(apply(3, 1), 0);
	happens("route delete 0 192.0.2.1 7");
	assert_int_equal(lab.drifts, 1);
	assert_int_equal(lab.drift_link, 1);
	assert_string_equal(lab.drift,
			    "IPv4 default by 192.0.2.1 in table 0 was removed by process 4242");
	assert_string_equal(routes(0), ONLY_B);
	assert_int_equal(sys_routing_repair(lab.routing), 0);
	assert_string_equal(routes(0), BOTH);
	happens("route delete 102 198.51.100.1 7");
	assert_int_equal(lab.drifts, 2);
	assert_int_equal(lab.drift_link, 2);
	assert_int_equal(sys_routing_repair(lab.routing), 0);
	assert_string_equal(routes(102), ONLY_B);
}

static void
lost_messages_are_made_up_for_by_reading_all(void **state)
{
	(void)state;
	configure(two_links);
	assert_int_equal(apply(3, 1), 0);
	kernel("lose 3");
	kernel("carrier em1 down");
	kernel("unaddress em2 198.51.100.2");
	assert_int_equal(sys_routing_read(lab.routing), 0);
	assert_int_equal(lab.facts[1].carrier, CARRIER_DOWN);
	assert_false(addr_is_set(&lab.facts[2].route[V4].source));
}

/* What is read of it then says nothing of the links; it is read again. */
static void
a_list_that_is_cut_off_takes_no_link_away(void **state)
{
	(void)state;
	configure(two_links);
	assert_int_equal(apply(3, 1), 0);
	kernel("lose 1");
	kernel("carrier em1 down");
	cut_off = true;
	assert_int_equal(sys_routing_read(lab.routing), -1);
	assert_int_not_equal(lab.facts[2].ifindex, 0);
	assert_int_equal(sys_routing_resync(lab.routing), 0);
	assert_int_equal(lab.facts[1].carrier, CARRIER_DOWN);
	assert_int_not_equal(lab.facts[2].ifindex, 0);
	assert_true(addr_is_set(&lab.facts[2].route[V4].source));
}

/* The answer to a request finds no room: it was done all the same. */
static void
an_answer_that_is_lost_is_looked_up(void **state)
{
	(void)state;
	configure(two_links);
	kernel("lose 2");
	assert_int_equal(apply(3, 1), 0);
	assert_installed(3, 1);
	assert_string_equal(routes(0), BOTH);
}

/* The lease is gone, and with it the gateway, but not what the plan has made of it. */
static void
what_outlives_its_gateway_is_told(void **state)
{
	struct plan installed;

	(void)state;
	configure("link \"a\" { interface em1; gateway auto }\n");
	happens("route add 0 192.0.2.1 8 dhcpleased");
	assert_int_equal(apply(1, -1), 0);
	assert_installed(1, -1);
	happens("route delete 0 192.0.2.1 8");
	assert_false(addr_is_set(&lab.facts[1].route[V4].gateway));
	assert_string_equal(routes(0), ONLY_A);
	assert_int_equal(apply(-1, -1), 0);
	assert_installed(1, -1);
	assert_false(sys_routing_stands_otherwise(lab.routing, &installed));
	/* until somebody takes it away, or the kernel */
	happens("carrier em1 down");
	assert_true(sys_routing_stands_otherwise(lab.routing, &installed));
	assert_int_equal(installed.family[V4].count, 0);
	happens("carrier em1 up");
	assert_true(sys_routing_stands_otherwise(lab.routing, &installed));
	assert_int_equal(installed.family[V4].count, 1);
	happens("route delete 0 192.0.2.1 7");
	assert_true(sys_routing_stands_otherwise(lab.routing, &installed));
	assert_int_equal(installed.family[V4].count, 0);
	assert_false(sys_routing_stands_otherwise(lab.routing, &installed));
}

static void
a_gateway_is_learned_from_dhcp_and_from_the_other_end(void **state)
{
	char buf[ADDR_STRLEN];

	(void)state;
	kernel("interface pppoe0 7");
	kernel("address pppoe0 203.0.113.2/32 203.0.113.254");
	configure("link \"a\" { interface em1; gateway auto }\n"
		  "link \"p\" { interface pppoe0; gateway auto }\n");
	assert_false(addr_is_set(&lab.facts[1].route[V4].gateway));
	assert_string_equal(addr_text(&lab.facts[2].route[V4].gateway, buf), "203.0.113.254");
	assert_string_equal(routes(102), "203.0.113.254:7:up:uplinkd ");
	happens("route add 0 192.0.2.1 8 dhcpleased");
	assert_string_equal(addr_text(&lab.facts[1].route[V4].gateway, buf), "192.0.2.1");
	assert_int_equal(lab.facts[1].route[V4].origin, GATEWAY_LEARNED);
	assert_string_equal(routes(101), ONLY_A);
	/* another lease, another gateway */
	happens("route delete 0 192.0.2.1 8");
	assert_string_equal(routes(101), "");
	happens("route add 0 192.0.2.9 8 dhcpleased");
	assert_string_equal(routes(101), "192.0.2.9:7:up:uplinkd ");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    TEST(a_lost_link_is_told_and_its_route_is_not_counted),
	    TEST(a_route_without_a_link_is_still_the_daemons),
	    TEST(an_interface_that_is_set_down_is_told),
	    TEST(the_size_of_an_interfaces_packets_is_told),
	    TEST(routes_that_left_with_an_address_return_with_one),
	    TEST(also_where_the_kernel_did_not_say_a_word),
	    TEST(an_interface_may_come_and_go),
	    TEST(what_another_process_removes_is_told_and_put_back),
	    TEST(lost_messages_are_made_up_for_by_reading_all),
	    TEST(a_list_that_is_cut_off_takes_no_link_away),
	    TEST(an_answer_that_is_lost_is_looked_up),
	    TEST(what_outlives_its_gateway_is_told),
	    TEST(a_gateway_is_learned_from_dhcp_and_from_the_other_end),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
