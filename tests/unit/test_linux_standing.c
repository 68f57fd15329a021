/* SPDX-License-Identifier: ISC */
/* What stands of the plan's default in a real kernel, and what is told of it: also where no
 * plan has put it there, or its gateway is lost. */
#include "linux_lab.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static void
test_a_plan_without_weight_keeps_what_is_there(void **state)
{
	const unsigned some[] = {1, 2}, none[] = {0, 0};
	struct plan plan = lab_plan(2, some), empty = lab_plan(0, none), installed;
	struct sys_apply_counts counts;
	char before[4096];

	(void)state;
	lab_make_wans(2);
	lab_configure(lab_links(2, "", ""));
	lab_apply(&plan);
	netns_output(-1, "ip route show table 7000; ip -6 rule", before, sizeof(before));
	assert_int_equal(sys_routing_apply(lab.r, &empty, &installed, &counts), 0);
	assert_int_equal(counts.adds + counts.deletes, 0);
	assert_string_equal(lab_output("ip route show table 7000; ip -6 rule"), before);
	assert_memory_equal(&installed.family, &plan.family, sizeof(plan.family));
}

static void
test_the_default_of_an_earlier_run_stays_until_a_plan(void **state)
{
	const unsigned weights[] = {1, 1}, second[] = {0, 1};
	struct plan plan = lab_plan(2, weights), nothing = {0}, installed;
	struct sys_apply_counts counts;

	(void)state;
	lab_make_wans(2);
	lab_configure(lab_links(2, "", ""));
	lab_apply(&plan);
	lab_forget();
	lab_configure(lab_links(2, "", ""));
	/* whoever asks is told what stands */
	assert_int_equal(sys_routing_apply(lab.r, &nothing, &installed, &counts), 0);
	assert_memory_equal(&installed.family, &plan.family, sizeof(plan.family));
	assert_true(lab_shows("ip route show table 7000", "wan1"));
	assert_true(lab_shows("ip -6 rule", "from 2001:db8:2::/64 lookup 7002"));
	plan = lab_plan(2, second);
	lab_apply(&plan);
	assert_null(strstr(lab_output("ip route show table 7000"), "wan1"));
}

/* What can't be installed is an error, and what is reported is what stands. */
static void
test_says_what_could_not_be_installed(void **state)
{
	const unsigned weights[] = {1, 1};
	const struct plan plan = lab_plan(2, weights);
	struct plan installed, bad = plan;
	struct sys_apply_counts counts;

	(void)state;
	lab_make_wans(2);
	netns_run(-1, "ip link set wan2 down");
	lab_configure(lab_links(2, "nat6 masquerade\n", ""));
	assert_int_not_equal(sys_routing_apply(lab.r, &plan, &installed, &counts), 0);
	for (int family = 0; family < FAMILIES; family++) {
		assert_int_equal(installed.family[family].count, 1);
		assert_int_equal(installed.family[family].members[0].link, 1);
	}
	/* and a plan that can't be is refused as a whole */
	bad.family[V4].members[1].link = 1;
	assert_int_equal(sys_routing_apply(lab.r, &bad, &installed, &counts), EINVAL);
	bad.family[V4].members[1].link = LINKS_MAX + 1;
	assert_int_equal(sys_routing_apply(lab.r, &bad, &installed, &counts), EINVAL);
	bad.family[V4].count = LINKS_MAX + 1;
	assert_int_equal(sys_routing_apply(lab.r, &bad, &installed, &counts), EINVAL);
}

static const char learns[] = "link \"link1\" { index 1; interface wan1; gateway auto }\n";

/* Something has changed: what stands otherwise than it was told, or -1. */
static int
told_anew(int family)
{
	struct plan installed;

	lab_read_for(50);
	if (!sys_routing_stands_otherwise(lab.r, &installed))
		return -1;
	return installed.family[family].count;
}

static int
stands(int family)
{
	struct plan nothing = {0}, installed;
	struct sys_apply_counts counts;

	assert_int_equal(sys_routing_apply(lab.r, &nothing, &installed, &counts), 0);
	return installed.family[family].count;
}

/* The lease or the router advertisement is gone, and with it the gateway, but not what the
 * plan has made of it, as long as the kernel keeps that. */
static void
test_what_outlives_its_gateway_is_told(void **state)
{
	const unsigned weights[] = {1};
	struct plan plan = lab_plan(1, weights);

	(void)state;
	lab_make_wans(1);
	netns_run(-1, "ip route add default via 10.0.1.1 dev wan1 metric 100");
	netns_run(-1, "ip -6 route add default via 2001:db8:1::1 dev wan1 metric 100");
	lab_configure(learns);
	lab_apply(&plan);
	assert_int_equal(told_anew(V4), -1);
	netns_run(-1, "ip route del default via 10.0.1.1 dev wan1 metric 100");
	netns_run(-1, "ip -6 route del default via 2001:db8:1::1 dev wan1 metric 100");
	lab_read_for(50);
	assert_true(lab_shows("ip route show table 7000", "via 10.0.1.1 dev wan1"));
	assert_true(lab_shows("ip -6 route show table 7000", "via 2001:db8:1::1 dev wan1"));
	assert_int_equal(stands(V4), 1);
	assert_int_equal(stands(V6), 1);
	/* for a new run, too */
	lab_forget();
	lab_configure(learns);
	assert_int_equal(stands(V4), 1);
	assert_int_equal(stands(V6), 1);
	assert_int_equal(told_anew(V4), -1);
	/* the kernel takes one away, a person the other one */
	netns_run(-1, "ip addr del 10.0.1.2/24 dev wan1");
	assert_int_equal(told_anew(V4), 0);
	assert_int_equal(told_anew(V6), -1);
	netns_run(-1, "ip -6 route del default table 7000");
	assert_int_equal(told_anew(V6), 0);
	assert_int_equal(told_anew(V6), -1);
}

/* The kernel gives up a next hop without a carrier only for as long as that lasts. */
static void
test_what_outlives_its_gateway_comes_and_goes_with_the_carrier(void **state)
{
	const unsigned weights[] = {1};
	struct plan plan = lab_plan(1, weights);

	(void)state;
	lab_make_wans(1);
	netns_run(-1, "sysctl -qw net.ipv4.conf.wan1.ignore_routes_with_linkdown=1");
	netns_run(-1, "ip route add default via 10.0.1.1 dev wan1 metric 100");
	lab_configure(learns);
	memset(&plan.family[V6], 0, sizeof(plan.family[V6]));
	lab_apply(&plan);
	netns_run(lab.isp, "ip link set isp1 down");
	netns_run(-1, "ip route del default via 10.0.1.1 dev wan1 metric 100");
	lab_read_for(50);
	assert_int_equal(stands(V4), 0);
	netns_run(lab.isp, "ip link set isp1 up");
	assert_int_equal(told_anew(V4), 1);
}

/* One gateway of a file is told from another one on the same interface. */
static void
test_what_outlives_its_address_is_the_links_whose_gateway_it_is(void **state)
{
	const unsigned weights[] = {1, 0};
	struct plan plan = lab_plan(2, weights), nothing = {0}, installed;
	struct sys_apply_counts counts;

	(void)state;
	lab_make_wans(1);
	netns_run(-1, "ip addr add 10.0.9.2/24 dev wan1");
	lab_configure(
	    "link \"one\" { index 1; interface wan1; gateway 10.0.1.1; source 10.0.1.2 }\n"
	    "link \"two\" { index 2; interface wan1; gateway 10.0.1.9; source 10.0.1.2 }\n");
	memset(&plan.family[V6], 0, sizeof(plan.family[V6]));
	lab_apply(&plan);
	/* not by the kernel, which would take the route away with its prefix */
	netns_run(-1, "ip addr add 10.0.1.3/24 dev wan1");
	netns_run(-1, "sysctl -qw net.ipv4.conf.wan1.promote_secondaries=1");
	netns_run(-1, "ip addr del 10.0.1.2/24 dev wan1");
	lab_read_for(50);
	assert_true(lab_shows("ip route show table 7000", "via 10.0.1.1 dev wan1"));
	assert_int_equal(sys_routing_apply(lab.r, &nothing, &installed, &counts), 0);
	assert_int_equal(installed.family[V4].count, 1);
	assert_int_equal(installed.family[V4].members[0].link, 1);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    LAB_TEST(test_a_plan_without_weight_keeps_what_is_there),
	    LAB_TEST(test_the_default_of_an_earlier_run_stays_until_a_plan),
	    LAB_TEST(test_says_what_could_not_be_installed),
	    LAB_TEST(test_what_outlives_its_gateway_is_told),
	    LAB_TEST(test_what_outlives_its_gateway_comes_and_goes_with_the_carrier),
	    LAB_TEST(test_what_outlives_its_address_is_the_links_whose_gateway_it_is),
	};

	if (geteuid() != 0)
		return 77; /* skipped: namespaces need root */

	return cmocka_run_group_tests(tests, NULL, NULL);
}
