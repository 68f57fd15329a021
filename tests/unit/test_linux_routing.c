/* SPDX-License-Identifier: ISC */
/* Rules, tables and the plan's default in a real kernel: made, taken over, read
 * back, put right and removed, and nothing foreign touched. */
#include "unit.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include <linux/rtnetlink.h>

#include "common/clock.h"
#include "netns.h"
#include "read_conf.h"
#include "system/linux/monitor.h"
#include "system/system.h"

enum { DRIFTS = 64, TEXT = 1 << 20 };

static struct {
	struct sys_routing *r;
	struct conf *conf;
	int isp; /* the other ends of all interfaces */
	struct link_facts facts[LINKS_MAX + 1];
	uint64_t facts_ns[LINKS_MAX + 1];
	unsigned facts_calls;
	struct {
		unsigned link;
		int family;
		char text[160];
	} drift[DRIFTS];
	unsigned drifts;
} lab;

static char text[TEXT];

static void
on_facts(void *arg, const struct link_facts *facts)
{
	(void)arg;
	assert_in_range(facts->link, 1, LINKS_MAX);
	lab.facts[facts->link] = *facts;
	lab.facts_ns[facts->link] = clock_mono_ns();
	lab.facts_calls++;
}

static void
on_drift(void *arg, unsigned link, int family, const char *what)
{
	(void)arg;
	if (lab.drifts == DRIFTS)
		return;
	lab.drift[lab.drifts].link = link;
	lab.drift[lab.drifts].family = family;
	snprintf(lab.drift[lab.drifts].text, sizeof(lab.drift[0].text), "%s", what);
	lab.drifts++;
}

/* ---- the place ---- */

static int
setup(void **state)
{
	(void)state;
	memset(&lab, 0, sizeof(lab));
	if (!netns_enter_new())
		fail_msg("root is needed: network namespaces");
	lab.isp = netns_make();
	return 0;
}

static int
teardown(void **state)
{
	(void)state;
	sys_routing_close(lab.r);
	conf_free(lab.conf);
	close(lab.isp);
	return 0;
}

/* wan1.. with 10.0.N.2/24 and 2001:db8:N::2/64; the gateways are .1 and ::1. */
static void
make_wans(unsigned n)
{
	for (unsigned i = 1; i <= n; i++) {
		char near[16], far[16];

		snprintf(near, sizeof(near), "wan%u", i);
		snprintf(far, sizeof(far), "isp%u", i);
		netns_veth(-1, near, lab.isp, far);
		netns_run(-1, "ip addr add 10.0.%u.2/24 dev wan%u", i, i);
		netns_run(-1, "ip addr add 2001:db8:%u::2/64 dev wan%u nodad", i, i);
		netns_run(lab.isp, "ip addr add 10.0.%u.1/24 dev isp%u", i, i);
		netns_run(lab.isp, "ip addr add 2001:db8:%u::1/64 dev isp%u nodad", i, i);
	}
}

static void
open_routing(void)
{
	const struct sys_routing_hooks hooks = {on_facts, on_drift, NULL};

	lab.r = sys_routing_open(&hooks);
	assert_non_null(lab.r);
}

static void
configure(const char *config)
{
	struct conf *old = lab.conf;
	char error[256];

	if (lab.r == NULL)
		open_routing();
	lab.conf = must_read(config);
	if (sys_routing_configure(lab.r, lab.conf, error, sizeof(error)) != 0)
		fail_msg("configure: %s", error);
	conf_free(old);
}

/* The process died: nothing was told to the kernel. */
static void
forget_routing(void)
{
	sys_routing_close(lab.r);
	lab.r = NULL;
}

static const char *
two_links(void)
{
	return "link \"one\" { index 1; interface wan1; gateway 10.0.1.1; gateway 2001:db8:1::1 }\n"
	       "link \"two\" { index 2; interface wan2; gateway 10.0.2.1; gateway 2001:db8:2::1 "
	       "}\n";
}

static const char *
three_links(void)
{
	return "link \"one\" { index 1; interface wan1; gateway 10.0.1.1; gateway 2001:db8:1::1 }\n"
	       "link \"two\" { index 2; interface wan2; gateway 10.0.2.1; gateway 2001:db8:2::1 }\n"
	       "link \"three\" { index 3; interface wan3; gateway 10.0.3.1; "
	       "gateway 2001:db8:3::1 }\n";
}

static const char *
output(const char *command)
{
	netns_output(-1, command, text, sizeof(text));
	return text;
}

static bool
shows(const char *command, const char *needle)
{
	bool found = strstr(output(command), needle) != NULL;

	if (!found)
		printf("not in the output of %s: %s\n%s", command, needle, text);
	return found;
}

static unsigned
lines(const char *command)
{
	unsigned n = 0;

	for (const char *c = output(command); *c != '\0'; c++)
		n += *c == '\n';
	return n;
}

/* Reads events until done says so, or for so many milliseconds; true: done. */
static bool
read_until(bool (*done)(void), int ms)
{
	uint64_t deadline = clock_mono_ns() + (uint64_t)ms * NSEC_PER_MSEC;

	while (!done()) {
		struct pollfd pfd = {.fd = sys_routing_fd(lab.r), .events = POLLIN};
		uint64_t now = clock_mono_ns();

		if (now >= deadline)
			return false;
		if (poll(&pfd, 1, (int)((deadline - now) / NSEC_PER_MSEC) + 1) == 1)
			assert_int_equal(sys_routing_read(lab.r), 0);
	}
	return true;
}

static bool
never(void)
{
	return false;
}

/* ---- plans ---- */

static struct plan
plan_of(unsigned n, const unsigned weights[])
{
	struct plan plan = {.serial = 1};

	for (int family = 0; family < FAMILIES; family++) {
		plan.family[family].count = (uint16_t)n;
		for (unsigned i = 0; i < n; i++)
			plan.family[family].members[i] = (struct plan_member){
			    .link = (uint16_t)(i + 1),
			    .weight = (uint16_t)weights[i],
			};
	}
	return plan;
}

static struct sys_apply_counts
apply(const struct plan *plan)
{
	struct plan installed;
	struct sys_apply_counts counts;

	assert_int_equal(sys_routing_apply(lab.r, plan, &installed, &counts), 0);
	for (int family = 0; family < FAMILIES; family++)
		assert_memory_equal(&installed.family[family], &plan->family[family],
				    sizeof(plan->family[family]));
	return counts;
}

/* ---- tests ---- */

static void
test_makes_rules_and_tables(void **state)
{
	(void)state;
	make_wans(2);
	configure(two_links());
	assert_true(shows("ip -4 rule", "7001:\tfrom all fwmark 0x40100/0x7ff00 lookup 7001"));
	assert_true(shows("ip -4 rule", "8999:\tfrom all fwmark 0x40000/0x40000 unreachable"));
	assert_true(
	    shows("ip -4 rule", "9000:\tfrom all lookup main suppress_prefixlength 0 proto 77"));
	assert_true(shows("ip -4 rule", "9002:\tfrom all fwmark 0x200/0x7ff00 lookup 7002"));
	assert_true(shows("ip -4 rule", "11500:\tfrom all lookup 7000 proto 77"));
	assert_true(shows("ip -6 rule", "7002:\tfrom all fwmark 0x40200/0x7ff00 lookup 7002"));
	assert_int_equal(lines("ip -4 rule show | grep 'proto 77'"), 7);
	assert_int_equal(lines("ip -6 rule show | grep 'proto 77'"), 7);
	assert_true(shows("ip -4 route show table 7002", "default via 10.0.2.1 dev wan2 proto 77"));
	assert_true(
	    shows("ip -6 route show table 7001", "default via 2001:db8:1::1 dev wan1 proto 77"));
	assert_string_equal(output("ip -4 route show table 7000 2>/dev/null"), "");
}

static void
test_tells_the_facts(void **state)
{
	char buf[ADDR_STRLEN];

	(void)state;
	make_wans(2);
	configure(two_links());
	assert_int_equal(lab.facts_calls, 2);
	assert_int_equal(lab.facts[2].carrier, CARRIER_UP);
	assert_int_equal(lab.facts[2].admin_up, 1);
	assert_int_not_equal(lab.facts[2].ifindex, 0);
	assert_string_equal(lab.facts[2].ifname, "wan2");
	assert_string_equal(addr_text(&lab.facts[2].route[V4].gateway, buf), "10.0.2.1");
	assert_string_equal(addr_text(&lab.facts[2].route[V4].source, buf), "10.0.2.2");
	assert_string_equal(addr_text(&lab.facts[2].route[V6].source, buf), "2001:db8:2::2");
	assert_string_equal(addr_text(&lab.facts[2].route[V6].prefix, buf), "2001:db8:2::/64");
	assert_int_equal(lab.facts[2].route[V4].origin, GATEWAY_CONFIGURED);
}

/* A restart after kill -9 sends nothing that changes anything. */
static void
test_takes_over_without_a_change(void **state)
{
	const unsigned weights[] = {3, 1};
	const struct plan plan = plan_of(2, weights);
	struct mnl_socket *events;
	struct sys_apply_counts counts;
	char buf[4096];

	(void)state;
	make_wans(2);
	configure(two_links());
	apply(&plan);
	forget_routing();
	events = monitor_open();
	assert_non_null(events);
	configure(two_links());
	counts = apply(&plan);
	assert_int_equal(counts.adds, 0);
	assert_int_equal(counts.deletes, 0);
	assert_int_equal(mnl_socket_recvfrom(events, buf, sizeof(buf)), -1);
	assert_int_equal(errno, EAGAIN);
	mnl_socket_close(events);
	assert_true(shows("ip -4 route show table 7000", "via 10.0.1.1 dev wan1 weight 3"));
}

static void
test_weights_as_the_kernel_shows_them(void **state)
{
	const unsigned weights[] = {1, 2, 255}, fewer[] = {1, 0, 255}, one[] = {0, 7, 0};
	struct plan plan = plan_of(3, weights);
	struct sys_apply_counts counts;

	(void)state;
	make_wans(3);
	configure("nat6 masquerade\n"
		  "link \"one\" { index 1; interface wan1; gateway 10.0.1.1; "
		  "gateway 2001:db8:1::1 }\n"
		  "link \"two\" { index 2; interface wan2; gateway 10.0.2.1; "
		  "gateway 2001:db8:2::1 }\n"
		  "link \"three\" { index 3; interface wan3; gateway 10.0.3.1; "
		  "gateway 2001:db8:3::1 }\n");
	apply(&plan);
	assert_true(shows("ip -4 route show table 7000", "via 10.0.1.1 dev wan1 weight 1 "));
	assert_true(shows("ip -4 route show table 7000", "via 10.0.2.1 dev wan2 weight 2 "));
	assert_true(shows("ip -4 route show table 7000", "via 10.0.3.1 dev wan3 weight 255 "));
	assert_true(shows("ip -6 route show table 7000", "via 2001:db8:3::1 dev wan3 weight 255 "));
	plan = plan_of(3, fewer);
	counts = apply(&plan);
	assert_int_equal(counts.adds, 0);
	assert_int_equal(counts.deletes, 2);
	assert_null(strstr(output("ip -4 route show table 7000"), "wan2"));
	assert_null(strstr(output("ip -6 route show table 7000"), "wan2"));
	plan = plan_of(3, one);
	apply(&plan);
	assert_true(shows("ip -4 route show table 7000", "default via 10.0.2.1 dev wan2 proto 77"));
	assert_true(
	    shows("ip -6 route show table 7000", "default via 2001:db8:2::1 dev wan2 proto 77"));
	assert_int_equal(lines("ip -6 route show table 7000"), 1);
}

static void
test_ipv6_goes_out_by_source_prefix(void **state)
{
	const unsigned both[] = {1, 1}, drained[] = {1, 0};
	struct plan plan = plan_of(2, both);

	(void)state;
	make_wans(2);
	configure(two_links());
	assert_null(strstr(output("ip -6 rule"), "2001:db8"));
	apply(&plan);
	assert_true(shows("ip -6 rule", "10101:\tfrom 2001:db8:1::/64 lookup 7001 proto 77"));
	assert_true(shows("ip -6 rule", "10102:\tfrom 2001:db8:2::/64 lookup 7002 proto 77"));
	/* without NAT only one link may be the others' way */
	assert_true(shows("ip -6 route show table 7000", "default via 2001:db8:1::1 dev wan1"));
	assert_int_equal(lines("ip -6 route show table 7000"), 1);
	plan = plan_of(2, drained);
	apply(&plan);
	assert_true(shows("ip -6 rule", "from 2001:db8:2::/64"));
	plan = plan_of(1, both);
	apply(&plan);
	assert_null(strstr(output("ip -6 rule"), "2001:db8:2"));
	assert_true(shows("ip -6 rule", "from 2001:db8:1::/64"));
}

static void
test_a_plan_without_weight_keeps_what_is_there(void **state)
{
	const unsigned some[] = {1, 2}, none[] = {0, 0};
	struct plan plan = plan_of(2, some), empty = plan_of(0, none), installed;
	struct sys_apply_counts counts;
	char before[4096];

	(void)state;
	make_wans(2);
	configure(two_links());
	apply(&plan);
	netns_output(-1, "ip route show table 7000; ip -6 rule", before, sizeof(before));
	assert_int_equal(sys_routing_apply(lab.r, &empty, &installed, &counts), 0);
	assert_int_equal(counts.adds + counts.deletes, 0);
	assert_string_equal(output("ip route show table 7000; ip -6 rule"), before);
	assert_memory_equal(&installed.family, &plan.family, sizeof(plan.family));
}

static void
test_release_leaves_what_was_there(void **state)
{
	const unsigned weights[] = {1, 1, 1};
	const struct plan plan = plan_of(3, weights);
	const char *all = "ip -4 rule; ip -6 rule; ip -4 route show table all; "
			  "ip -6 route show table all";
	char before[16384];

	(void)state;
	make_wans(3);
	netns_run(-1, "ip route add default via 10.0.1.9 proto dhcp");
	netns_run(-1, "ip route add default via 10.0.2.9 proto dhcp metric 77");
	netns_run(-1, "ip route add default via 10.0.2.9 proto static table 7000");
	netns_run(-1, "ip rule add pref 9000 fwmark 0x80000/0x80000 lookup 99");
	netns_run(-1, "ip -6 route add default via 2001:db8:1::9 proto ra metric 1024");
	netns_output(-1, all, before, sizeof(before));
	configure(three_links());
	apply(&plan);
	assert_true(shows("ip route show table main", "default via 10.0.1.9 dev wan1 proto dhcp"));
	assert_int_equal(sys_routing_release(lab.r), 0);
	assert_string_equal(output(all), before);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
	    TEST(test_makes_rules_and_tables),
	    TEST(test_tells_the_facts),
	    TEST(test_takes_over_without_a_change),
	    TEST(test_weights_as_the_kernel_shows_them),
	    TEST(test_ipv6_goes_out_by_source_prefix),
	    TEST(test_a_plan_without_weight_keeps_what_is_there),
	    TEST(test_release_leaves_what_was_there),
	};

	(void)read_until;
	(void)never;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
