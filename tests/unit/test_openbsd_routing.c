/* SPDX-License-Identifier: ISC */
/* OpenBSD's routing against a fake kernel: what is made, taken over, read back and removed, and
 * that nothing foreign is touched. */
#include "openbsd_lab.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "read_conf.h"

static void
each_link_gets_a_table_of_its_own(void **state)
{
	(void)state;
	configure(two_links);
	assert_string_equal(routes(101), ONLY_A);
	assert_string_equal(routes(102), ONLY_B);
	assert_string_equal(routes(0), "");
}

static void
the_facts_are_told(void **state)
{
	char buf[ADDR_STRLEN];

	(void)state;
	configure(two_links);
	assert_int_equal(lab.facts_calls, 2);
	assert_int_equal(lab.facts[1].carrier, CARRIER_UP);
	assert_int_equal(lab.facts[1].admin_up, 1);
	assert_int_equal(lab.facts[1].ifindex, 2);
	assert_string_equal(lab.facts[1].ifname, "em1");
	assert_string_equal(addr_text(&lab.facts[1].route[V4].gateway, buf), "192.0.2.1");
	assert_string_equal(addr_text(&lab.facts[1].route[V4].source, buf), "192.0.2.2");
	assert_int_equal(lab.facts[1].route[V4].origin, GATEWAY_CONFIGURED);
}

static void
a_plan_becomes_multipath_defaults_and_is_read_back(void **state)
{
	(void)state;
	configure(two_links);
	assert_int_equal(apply(3, 1), 0);
	assert_string_equal(routes(0), BOTH);
	assert_installed(3, 1);
	assert_int_equal(lab.counts.adds, 2);
	assert_int_equal(apply(-1, 1), 0);
	assert_string_equal(routes(0), ONLY_B);
	assert_installed(-1, 1);
	assert_int_equal(lab.counts.deletes, 1);
	assert_int_equal(apply(3, 1), 0);
	assert_installed(3, 1);
	/* the tables of the links stay as they were */
	assert_string_equal(routes(101), ONLY_A);
}

static void
a_drained_link_leaves_the_default_and_keeps_its_place(void **state)
{
	(void)state;
	configure(two_links);
	assert_int_equal(apply(3, 1), 0);
	assert_int_equal(apply(0, 1), 0);
	assert_string_equal(routes(0), ONLY_B);
	assert_installed(0, 1);
}

static void
a_plan_without_weights_changes_nothing(void **state)
{
	(void)state;
	configure(two_links);
	assert_int_equal(apply(3, 1), 0);
	assert_int_equal(apply(0, 0), 0);
	assert_string_equal(routes(0), BOTH);
	assert_int_equal(apply(-1, -1), 0);
	assert_string_equal(routes(0), BOTH);
}

/* A daemon that was killed leaves its routes, and the next one takes them over. */
static void
a_restart_takes_over_without_a_change(void **state)
{
	(void)state;
	configure(two_links);
	assert_int_equal(apply(3, 1), 0);
	sys_routing_close(lab.routing);
	open_routing();
	configure(two_links);
	assert_string_equal(routes(0), BOTH);
	/* the question what stands */
	assert_int_equal(apply(-1, -1), 0);
	assert_installed(3, 1);
	assert_int_equal(apply(3, 1), 0);
	assert_int_equal(lab.counts.adds + lab.counts.deletes, 0);
}

static void
what_an_earlier_configuration_left_is_removed(void **state)
{
	(void)state;
	configure("link \"a\" { interface em1; gateway 192.0.2.1 }\n"
		  "link \"b\" { interface em2; gateway 198.51.100.1 }\n"
		  "link \"c\" { interface em2; gateway 198.51.100.9 }\n");
	assert_string_equal(routes(103), "198.51.100.9:7:up:uplinkd ");
	configure(two_links);
	assert_string_equal(routes(103), "");
	assert_string_equal(routes(102), ONLY_B);
}

static void
foreign_routes_are_left_alone(void **state)
{
	(void)state;
	kernel("route add 0 192.0.2.1 8 dhcpleased");
	kernel("route add 0 198.51.100.77 8");
	configure(two_links);
	assert_int_equal(apply(3, 1), 0);
	assert_string_equal(routes(0), "192.0.2.1:8:up:dhcpleased 198.51.100.77:8:up:- " BOTH);
	assert_int_equal(apply(-1, 1), 0);
	assert_string_equal(routes(0), "192.0.2.1:8:up:dhcpleased 198.51.100.77:8:up:- " ONLY_B);
	/* it comes back, as it does with every lease */
	happens("route delete 0 192.0.2.1 8");
	happens("route add 0 192.0.2.1 8 dhcpleased");
	assert_int_equal(lab.drifts, 0);
	assert_int_equal(sys_routing_release(lab.routing), 0);
	assert_string_equal(routes(0), "192.0.2.1:8:up:dhcpleased 198.51.100.77:8:up:- ");
	assert_string_equal(routes(101), "");
	assert_string_equal(routes(102), "");
}

/* The same gateway at the same priority: the kernel says EEXIST, and the way is there. */
static void
a_foreign_route_in_our_place_is_as_good(void **state)
{
	(void)state;
	configure(two_links);
	/* the daemon has not heard of it */
	kernel("mute yes");
	kernel("route add 0 192.0.2.1 7 other");
	kernel("mute no");
	assert_int_equal(apply(3, 1), 0);
	assert_string_equal(routes(0), "192.0.2.1:7:up:other " ONLY_B);
	assert_installed(3, 1);
	assert_int_equal(sys_routing_release(lab.routing), 0);
	assert_string_equal(routes(0), "192.0.2.1:7:up:other ");
}

/* Somebody was faster: ESRCH is no failure. */
static void
what_is_gone_already_need_not_be_removed(void **state)
{
	(void)state;
	configure(two_links);
	assert_int_equal(apply(3, 1), 0);
	kernel("lose 1"); /* the daemon does not hear of it */
	kernel("route delete 0 192.0.2.1 7");
	assert_int_equal(apply(-1, 1), 0);
	assert_string_equal(routes(0), ONLY_B);
}

static void
a_gateway_off_link_is_an_error_and_takes_nothing_away(void **state)
{
	(void)state;
	configure(two_links);
	assert_int_equal(apply(-1, 1), 0);
	kernel("silent yes");
	kernel("lose 1");
	kernel("unaddress em1 192.0.2.2");
	/* the daemon believes in the address still */
	assert_int_not_equal(apply(3, -1), 0);
	assert_string_equal(routes(0), ONLY_B);
}

static void
answers_are_found_among_the_messages_of_others(void **state)
{
	(void)state;
	kernel("noise yes");
	configure(two_links);
	assert_int_equal(apply(3, 1), 0);
	assert_int_equal(apply(-1, 1), 0);
	assert_installed(-1, 1);
	assert_string_equal(routes(0), ONLY_B);
	assert_int_equal(lab.drifts, 0);
}

static void
ipv6_is_spread_only_where_every_link_rewrites_the_source(void **state)
{
	static const char text[] = "link \"a\" { interface em1; gateway fe80::1; %s }\n"
				   "link \"b\" { interface em2; gateway 2001:db8:2::1; %s }\n";
	char conf[512];
	struct plan plan = {.serial = 1};

	(void)state;
	kernel("address em1 2001:db8:1::2/64");
	kernel("address em1 fe80::9/64");
	kernel("address em2 2001:db8:2::2/64");
	plan.family[V6].count = 2;
	plan.family[V6].members[0] = (struct plan_member){1, 1};
	plan.family[V6].members[1] = (struct plan_member){2, 1};
	snprintf(conf, sizeof(conf), text, "", "");
	configure(conf);
	assert_non_null(strstr(routes(101), "fe80::1"));
	assert_int_equal(sys_routing_apply(lab.routing, &plan, &lab.installed, &lab.counts), 0);
	assert_int_equal(lab.installed.family[V6].count, 2);
	assert_non_null(strstr(routes(0), "fe80::1"));
	assert_null(strstr(routes(0), "2001:db8:2::1"));
	snprintf(conf, sizeof(conf), text, "nat6 masquerade", "nat6 masquerade");
	configure(conf);
	assert_int_equal(sys_routing_apply(lab.routing, &plan, &lab.installed, &lab.counts), 0);
	assert_non_null(strstr(routes(0), "fe80::1"));
	assert_non_null(strstr(routes(0), "2001:db8:2::1"));
}

/* The seed's own set-up: all gateways behind one port. */
static void
two_gateways_behind_one_interface_are_two_routes(void **state)
{
	(void)state;
	configure("link \"a\" { interface em1; gateway 192.0.2.1 }\n"
		  "link \"b\" { interface em1; gateway 192.0.2.9 }\n");
	assert_int_equal(apply(1, 1), 0);
	assert_string_equal(routes(0), ONLY_A "192.0.2.9:7:up:uplinkd ");
	assert_int_equal(apply(-1, 1), 0);
	assert_string_equal(routes(0), "192.0.2.9:7:up:uplinkd ");
	assert_string_equal(routes(101), ONLY_A);
}

static void
an_index_without_a_table_is_named(void **state)
{
	char error[256] = "";

	(void)state;
	lab.conf = must_read("link \"far\" { interface em1; gateway 192.0.2.1; index 156 }\n"
			     "link \"b\" { interface em2; gateway 198.51.100.1; index 155 }\n");
	assert_int_equal(sys_routing_configure(lab.routing, lab.conf, error, sizeof(error)), -1);
	assert_non_null(strstr(error, "link \"far\": index 156 is too large"));
	assert_string_equal(routes(255), ONLY_B);
}

static void
ipv4_by_an_ipv6_gateway_is_no_way(void **state)
{
	(void)state;
	configure("link \"a\" { interface em1; gateway fe80::1 inet; target 203.0.113.1 }\n");
	assert_string_equal(routes(101), "");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    TEST(each_link_gets_a_table_of_its_own),
	    TEST(the_facts_are_told),
	    TEST(a_plan_becomes_multipath_defaults_and_is_read_back),
	    TEST(a_drained_link_leaves_the_default_and_keeps_its_place),
	    TEST(a_plan_without_weights_changes_nothing),
	    TEST(a_restart_takes_over_without_a_change),
	    TEST(what_an_earlier_configuration_left_is_removed),
	    TEST(foreign_routes_are_left_alone),
	    TEST(a_foreign_route_in_our_place_is_as_good),
	    TEST(what_is_gone_already_need_not_be_removed),
	    TEST(a_gateway_off_link_is_an_error_and_takes_nothing_away),
	    TEST(answers_are_found_among_the_messages_of_others),
	    TEST(ipv6_is_spread_only_where_every_link_rewrites_the_source),
	    TEST(two_gateways_behind_one_interface_are_two_routes),
	    TEST(an_index_without_a_table_is_named),
	    TEST(ipv4_by_an_ipv6_gateway_is_no_way),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
