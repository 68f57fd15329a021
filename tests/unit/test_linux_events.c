/* SPDX-License-Identifier: ISC */
/* What routing does on its own when the kernel's state changes: facts told at
 * once, gateways learned, what an interface took with it put back, and what
 * someone else changed noticed and repaired. */
#include "linux_lab.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/if_tun.h>
#include <net/if.h>
#include <poll.h>
#include <stdio.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "common/clock.h"

#define EQUAL_ADDR(a, text) assert_string_equal(addr_text(&(a), buf), text)

static char buf[ADDR_STRLEN];

static void
start(unsigned n, const char *first)
{
	const unsigned weights[] = {1, 1, 1};
	const struct plan plan = lab_plan(n, weights);

	lab_make_wans(n);
	lab_configure(lab_links(n, first, ""));
	lab_apply(&plan);
	lab_read_for(20);
	assert_int_equal(lab.drifts, 0);
}

/* ---- carrier and interfaces ---- */

static bool
first_without_carrier(void)
{
	return lab.facts[1].carrier == CARRIER_DOWN;
}

static bool
first_with_carrier(void)
{
	return lab.facts[1].carrier == CARRIER_UP;
}

static void
settings_changed(void *arg, bool problem, const char *text)
{
	(void)arg;
	if (problem)
		fail_msg("%s", text);
}

static void
test_carrier_loss_is_told_at_once(void **state)
{
	const unsigned weights[] = {1, 1};
	const struct plan plan = lab_plan(2, weights);
	struct plan installed;
	struct sys_apply_counts counts;
	uint64_t start_ns;

	(void)state;
	start(2, "nat6 masquerade\n");
	sys_settings(lab.conf, settings_changed, NULL);
	netns_run(lab.isp, "ip link set isp1 down");
	start_ns = clock_mono_ns();
	assert_true(lab_read_until(first_without_carrier, 500));
	printf("told %.2f ms after the command\n",
	       (double)(int64_t)(lab.facts_ns[1] - start_ns) / 1e6);
	assert_int_equal(lab.facts[1].admin_up, 1);
	assert_int_equal(lab.facts[2].carrier, CARRIER_UP);
	/* what is read back is what the kernel still uses */
	assert_int_not_equal(sys_routing_apply(lab.r, &plan, &installed, &counts), 0);
	assert_int_equal(counts.adds + counts.deletes, 0);
	for (int family = 0; family < FAMILIES; family++) {
		assert_int_equal(installed.family[family].count, 1);
		assert_int_equal(installed.family[family].members[0].link, 2);
	}
	netns_run(lab.isp, "ip link set isp1 up");
	assert_true(lab_read_until(first_with_carrier, 2000));
	lab_apply(&plan);
	assert_int_equal(lab.drifts, 0);
}

static bool
first_down(void)
{
	return !lab.facts[1].admin_up;
}

static bool
first_back(void)
{
	return lab.facts[1].admin_up && lab.facts[1].carrier == CARRIER_UP &&
	       addr_is_set(&lab.facts[1].route[V4].source) &&
	       addr_is_set(&lab.facts[1].route[V6].source);
}

/* With an interface the kernel takes routes and IPv6 addresses away. */
static void
test_an_interface_that_returns_gets_its_routes_back(void **state)
{
	const unsigned weights[] = {1, 1};
	const struct plan plan = lab_plan(2, weights);
	char before[4096], after[4096];
	const char *ours = "ip -4 route show table all proto 77; "
			   "ip -6 route show table all proto 77; ip rule; ip -6 rule";

	(void)state;
	start(2, "nat6 masquerade\n");
	netns_output(-1, ours, before, sizeof(before));
	netns_run(-1, "ip link set wan1 down");
	assert_true(lab_read_until(first_down, 50));
	assert_false(addr_is_set(&lab.facts[1].route[V6].source));
	lab_read_for(50);
	assert_null(strstr(lab_output("ip route show table 7001"), "wan1"));
	netns_run(-1, "ip link set wan1 up; ip addr add 2001:db8:1::2/64 dev wan1 nodad");
	assert_true(lab_read_until(first_back, 2000));
	lab_read_for(50);
	netns_output(-1, ours, after, sizeof(after));
	assert_string_equal(after, before);
	lab_apply(&plan);
	assert_int_equal(lab.drifts, 0);
}

static bool
first_gone(void)
{
	return lab.facts[1].ifindex == 0;
}

static bool
first_has_source(void)
{
	return addr_is_set(&lab.facts[1].route[V4].source);
}

static void
test_an_interface_that_is_made_again(void **state)
{
	(void)state;
	start(2, "");
	netns_run(-1, "ip link del wan1");
	assert_true(lab_read_until(first_gone, 1000));
	assert_false(lab.facts[1].admin_up);
	netns_veth(-1, "other", lab.isp, "isp1");
	netns_run(-1, "ip addr add 10.0.1.2/24 dev other");
	netns_run(-1, "ip link set other down; ip link set other name wan1; ip link set wan1 up");
	assert_true(lab_read_until(first_has_source, 1000));
	lab_read_for(50);
	assert_true(lab_shows("ip route show table 7001", "default via 10.0.1.1 dev wan1"));
	netns_run(-1, "ip link set wan1 down; ip link set wan1 name other");
	assert_true(lab_read_until(first_gone, 1000));
	assert_int_equal(lab.drifts, 0);
}

static bool
first_without_source(void)
{
	return !first_has_source();
}

static bool
first_has_other_source(void)
{
	return strcmp(addr_text(&lab.facts[1].route[V4].source, buf), "10.0.1.77") == 0;
}

/* Without an address of its own a link has no way out: better none than a
 * stranger's source. */
static void
test_a_lost_address_empties_the_table(void **state)
{
	(void)state;
	start(2, "");
	netns_run(-1, "ip addr del 10.0.1.2/24 dev wan1");
	assert_true(lab_read_until(first_without_source, 50));
	lab_read_for(20);
	assert_null(strstr(lab_output("ip route show table 7001"), "default"));
	netns_run(-1, "ip addr add 10.0.1.77/24 dev wan1");
	assert_true(lab_read_until(first_has_other_source, 50));
	lab_read_for(20);
	assert_true(lab_shows("ip route show table 7001", "default via 10.0.1.1 dev wan1"));
	assert_int_equal(lab.drifts, 0);
}

static bool
first_has_other_prefix(void)
{
	return strcmp(addr_text(&lab.facts[1].route[V6].prefix, buf), "2001:db8:aaaa::/56") == 0;
}

static void
test_a_new_prefix_moves_the_rule(void **state)
{
	(void)state;
	start(2, "");
	netns_run(-1, "ip addr add 2001:db8:aaaa::5/56 dev wan1 nodad");
	lab_read_for(20);
	EQUAL_ADDR(lab.facts[1].route[V6].prefix, "2001:db8:1::/64");
	/* out of use, but still there: what dhcpcd or a router advertisement does */
	netns_run(-1, "ip addr change 2001:db8:1::2/64 dev wan1 preferred_lft 0 valid_lft 60");
	assert_true(lab_read_until(first_has_other_prefix, 1000));
	lab_read_for(20);
	assert_true(lab_shows("ip -6 rule", "10101:\tfrom 2001:db8:aaaa::/56 lookup 7001"));
	assert_null(strstr(lab_output("ip -6 rule"), "2001:db8:1::"));
	assert_int_equal(lab.drifts, 0);
}

/* ---- sources ---- */

static void
test_which_address_is_the_source(void **state)
{
	(void)state;
	lab_make_wans(2);
	netns_run(-1, "ip addr flush dev wan1 scope global");
	netns_run(-1, "ip addr add 198.51.100.9/24 dev wan1");
	netns_run(-1, "ip addr add 169.254.1.1/16 scope link dev wan1");
	netns_run(-1, "ip addr add 10.0.1.5/24 dev wan1; ip addr add 10.0.1.6/24 dev wan1");
	netns_run(-1, "sysctl -qw net.ipv6.conf.wan1.accept_dad=1 "
		      "net.ipv6.conf.wan1.dad_transmits=60");
	netns_run(-1, "ip addr add 2001:db8:1::dead/64 dev wan1"); /* tentative, for a minute */
	netns_run(-1, "ip addr add 192.0.2.99/32 dev lo");
	lab_configure(
	    "link \"a\" { index 1; interface wan1; gateway 10.0.1.1; gateway fe80::1 }\n"
	    "link \"b\" { index 2; interface wan2; gateway 10.9.9.9; source 192.0.2.99; "
	    "gateway fe80::1; prefix 2001:db8:f00::/48 }\n"
	    "link \"c\" { index 3; interface wan2; gateway 10.0.2.1; source 192.0.2.100 }\n"
	    "link \"d\" { index 4; interface none1; gateway 10.0.4.1; gateway fe80::4 }\n");
	EQUAL_ADDR(lab.facts[1].route[V4].source, "10.0.1.5");
	EQUAL_ADDR(lab.facts[1].route[V6].source, "-");
	EQUAL_ADDR(lab.facts[1].route[V6].gateway, "fe80::1%wan1");
	EQUAL_ADDR(lab.facts[2].route[V4].source, "192.0.2.99");
	assert_true(lab_shows("ip route show table 7002", "src 192.0.2.99"));
	EQUAL_ADDR(lab.facts[2].route[V6].source, "2001:db8:2::2");
	EQUAL_ADDR(lab.facts[2].route[V6].prefix, "2001:db8:f00::/48");
	/* no such address on this machine: nothing is sent with it */
	EQUAL_ADDR(lab.facts[3].route[V4].source, "-");
	assert_null(strstr(lab_output("ip route show table 7003 2>&1"), "default"));
	assert_int_equal(lab.facts[4].ifindex, 0);
	assert_int_equal(lab.facts[4].carrier, CARRIER_UNKNOWN);
	assert_int_equal(lab.facts[4].route[V4].origin, GATEWAY_CONFIGURED);
}

/* ---- learning ---- */

static const char *expected;

static bool
gateway4_as_expected(void)
{
	return strcmp(addr_text(&lab.facts[1].route[V4].gateway, buf), expected) == 0;
}

static bool
gateway6_as_expected(void)
{
	return strcmp(addr_text(&lab.facts[1].route[V6].gateway, buf), expected) == 0;
}

static void
learns4(const char *command, const char *gateway)
{
	netns_run(-1, "%s", command);
	expected = gateway;
	if (!lab_read_until(gateway4_as_expected, 1000))
		fail_msg("%s: the gateway is %s, not %s", command, buf, gateway);
	lab_read_for(20);
	assert_int_equal(lab.facts[1].route[V4].origin,
			 strcmp(gateway, "-") == 0 ? GATEWAY_NONE : GATEWAY_LEARNED);
	if (strcmp(gateway, "-") != 0)
		assert_true(lab_shows("ip route show table 7001", gateway));
	else
		assert_null(strstr(lab_output("ip route show table 7001"), "default"));
}

static void
test_an_ipv4_gateway_is_learned_and_followed(void **state)
{
	(void)state;
	lab_make_wans(2);
	lab_configure("link \"a\" { index 1; interface wan1; gateway auto inet }\n"
		      "link \"b\" { index 2; interface wan2; gateway 10.0.2.1 }\n");
	assert_int_equal(lab.facts[1].route[V4].origin, GATEWAY_NONE);
	learns4("ip route add default via 10.0.1.9 proto dhcp metric 100", "10.0.1.9");
	learns4("ip route add default via 10.0.1.8 metric 50", "10.0.1.8");
	learns4("ip route replace default via 10.0.1.7 metric 50", "10.0.1.7");
	learns4("ip route add default via 10.0.2.8; ip route del default via 10.0.1.7 metric 50",
		"10.0.1.9");
	learns4("ip route add default metric 20 nexthop via 10.0.2.7 nexthop via 10.0.1.6",
		"10.0.1.6");
	learns4("ip route flush default metric 20; ip route del default metric 100", "-");
	learns4("ip route add default via 10.0.1.5 table 99", "10.0.1.5");
	learns4("ip route add default via 10.0.1.4 metric 500", "10.0.1.4");
	/* the kernel removes it with the interface, without a word */
	learns4("ip link set wan1 down", "-");
	assert_int_equal(lab.drifts, 0);
}

static void
test_an_ipv6_gateway_is_learned_and_followed(void **state)
{
	const char *changes[][2] = {
	    {"ip -6 route add default via fe80::9 dev wan1 proto ra metric 1024", "fe80::9%wan1"},
	    {"ip -6 route add default via fe80::8 dev wan1 proto ra metric 512", "fe80::8%wan1"},
	    {"ip -6 route flush default metric 512", "fe80::9%wan1"},
	    {"ip -6 route del default via fe80::9 dev wan1", "-"},
	    {"ip -6 route add default via 2001:db8:1::99 dev wan1", "2001:db8:1::99"},
	};

	(void)state;
	lab_make_wans(1);
	lab_configure("link \"a\" { index 1; interface wan1; gateway auto inet6 }\n");
	for (unsigned i = 0; i < ARRAY_LEN(changes); i++) {
		netns_run(-1, "%s", changes[i][0]);
		expected = changes[i][1];
		if (!lab_read_until(gateway6_as_expected, 1000))
			fail_msg("%s: the gateway is %s, not %s", changes[i][0], buf, expected);
	}
	lab_read_for(20);
	assert_true(lab_shows("ip -6 route show table 7001", "default via 2001:db8:1::99"));
}

/* A device with carrier for as long as the descriptor is open. */
static int
open_tun(const char *name)
{
	struct ifreq ifr = {.ifr_flags = IFF_TUN | IFF_NO_PI};
	int fd = open("/dev/net/tun", O_RDWR | O_CLOEXEC);

	assert_int_not_equal(fd, -1);
	snprintf(ifr.ifr_name, sizeof(ifr.ifr_name), "%s", name);
	assert_int_equal(ioctl(fd, TUNSETIFF, &ifr), 0);
	return fd;
}

static bool
second_without_carrier(void)
{
	return lab.facts[2].ifindex != 0 && lab.facts[2].carrier == CARRIER_DOWN;
}

static bool
second_gone(void)
{
	return lab.facts[2].ifindex == 0;
}

static void
test_a_point_to_point_device_needs_no_gateway(void **state)
{
	const unsigned weights[] = {1, 3};
	struct plan plan = lab_plan(2, weights);
	struct sys_path path;
	struct addr dst;
	int tun;

	(void)state;
	lab_make_wans(1);
	tun = open_tun("ppp7");
	netns_run(-1, "ip link set ppp7 up; ip addr add 192.0.2.1 peer 192.0.2.254 dev ppp7");
	lab_configure("link \"a\" { index 1; interface wan1; gateway 10.0.1.1 }\n"
		      "link \"b\" { index 2; interface ppp7; gateway auto inet }\n");
	assert_int_equal(lab.facts[2].route[V4].origin, GATEWAY_LEARNED);
	assert_int_equal(lab.facts[2].route[V4].direct, 1);
	/* such a device does not tell more */
	assert_int_equal(lab.facts[2].carrier, CARRIER_UNKNOWN);
	EQUAL_ADDR(lab.facts[2].route[V4].gateway, "-");
	EQUAL_ADDR(lab.facts[2].route[V4].source, "192.0.2.1");
	assert_true(lab_shows("ip route show table 7002", "default dev ppp7"));
	memset(&plan.family[V6], 0, sizeof(plan.family[V6]));
	lab_apply(&plan);
	assert_true(lab_shows("ip route show table 7000", "dev ppp7 weight 3"));
	assert_int_equal(addr_parse("203.0.113.1", &dst), 0);
	assert_int_equal(sys_routing_path(lab.r, 2, &dst, &path), 0);
	assert_string_equal(path.ifname, "ppp7");
	EQUAL_ADDR(path.gateway, "-");
	EQUAL_ADDR(path.source, "192.0.2.1");
	/* another other end: the address is there twice for a moment, and then once */
	netns_run(-1, "ip addr add 192.0.2.1 peer 192.0.2.253 dev ppp7; "
		      "ip addr del 192.0.2.1 peer 192.0.2.254 dev ppp7");
	lab_read_for(20);
	EQUAL_ADDR(lab.facts[2].route[V4].source, "192.0.2.1");
	assert_true(lab_shows("ip route show table 7002", "default dev ppp7"));
	/* a route that someone made, for the device alone, changes nothing */
	netns_run(-1, "ip route add default dev ppp7 metric 5");
	lab_read_for(20);
	assert_int_equal(lab.facts[2].route[V4].direct, 1);
	close(tun);
	assert_true(lab_read_until(second_gone, 1000));
	/* made again by its daemon, before anyone has opened it */
	netns_run(-1, "ip tuntap add ppp7 mode tun; ip link set ppp7 up");
	assert_true(lab_read_until(second_without_carrier, 1000));
	assert_int_equal(lab.drifts, 0);
}

/* ---- churn ---- */

static void
test_specific_routes_of_others_do_not_wake_the_daemon(void **state)
{
	struct pollfd pfd;

	(void)state;
	start(2, "");
	lab_read_for(20);
	netns_run(-1, "for i in $(seq 50); do echo route add 198.51.$i.0/24 via 10.0.1.9; done | "
		      "ip -batch -");
	netns_run(-1, "ip -6 route add 2001:db8:99::/48 via 2001:db8:1::9");
	pfd = (struct pollfd){.fd = sys_routing_fd(lab.r), .events = POLLIN};
	assert_int_equal(poll(&pfd, 1, 20), 0);
	netns_run(-1, "ip route add default via 10.0.1.9 metric 9");
	assert_int_equal(poll(&pfd, 1, 1000), 1);
}

/* ---- drift ---- */

static bool
any_drift(void)
{
	return lab.drifts > 0;
}

static void
test_what_others_remove_is_noticed_and_repaired(void **state)
{
	const struct {
		const char *command;
		unsigned link;
		int family;
		const char *says;
	} changes[] = {
	    {"ip rule del pref 9001", 1, V4, "IPv4 rule 9001"},
	    {"ip rule del pref 10098", 0, V4, "IPv4 rule 10098"},
	    {"ip rule del pref 8850", 0, V4, "IPv4 rule 8850"},
	    {"ip -6 rule del pref 9002", 2, V6, "IPv6 rule 9002"},
	    {"ip -6 rule del pref 10102", 2, V6, "IPv6 rule 10102"},
	    {"ip -6 rule del pref 11500", 0, V6, "IPv6 rule 11500"},
	    {"ip rule flush", 0, V4, "IPv4 rule"},
	    {"ip route flush table 7001", 1, V4, "table 7001"},
	    {"ip -6 route flush table 7002", 2, V6, "table 7002"},
	    {"ip route flush table 7000", 0, V4, "table 7000"},
	    {"ip -6 route del default table 7000", 0, V6, "table 7000"},
	    {"ip route replace default via 10.0.2.9 table 7001 proto 77 metric 77", 1, V4,
	     "table 7001"},
	    {"ip route replace default via 10.0.2.9 table 7000 proto 77 metric 77", 0, V4,
	     "table 7000"},
	    {"ip route replace default via 10.0.2.9 table 7000 proto static metric 77", 0, V4,
	     "table 7000"},
	    {"ip -6 route replace default via 2001:db8:2::9 table 7000 proto 77 metric 77", 0, V6,
	     "table 7000"},
	};
	const char *ours = "ip -4 route show table all proto 77; "
			   "ip -6 route show table all proto 77; "
			   "ip rule | grep 'proto 77'; ip -6 rule | grep 'proto 77'";
	char before[4096], after[4096];

	(void)state;
	start(2, "");
	netns_output(-1, ours, before, sizeof(before));
	for (unsigned i = 0; i < ARRAY_LEN(changes); i++) {
		bool named = false;

		lab.drifts = 0;
		netns_run(-1, "%s", changes[i].command);
		if (!lab_read_until(any_drift, 1000)) {
			netns_output(-1, ours, after, sizeof(after));
			fail_msg("%s is not noticed, there is\n%s", changes[i].command, after);
		}
		lab_read_for(5);
		for (unsigned d = 0; d < lab.drifts; d++)
			named |= lab.drift[d].link == changes[i].link &&
				 lab.drift[d].family == changes[i].family &&
				 strstr(lab.drift[d].text, changes[i].says) != NULL;
		if (!named)
			fail_msg("%s: %u drifts, the first: %u %s", changes[i].command, lab.drifts,
				 lab.drift[0].link, lab.drift[0].text);
		assert_int_equal(sys_routing_repair(lab.r), 0);
		netns_output(-1, ours, after, sizeof(after));
		assert_string_equal(after, before);
		/* one's own repair is not drift */
		lab.drifts = 0;
		lab_read_for(10);
		assert_int_equal(lab.drifts, 0);
	}
}

static void
test_what_others_do_elsewhere_is_no_drift(void **state)
{
	(void)state;
	start(2, "");
	netns_run(-1, "ip route add default via 10.0.1.1; ip route del default");
	netns_run(-1, "ip rule add pref 8850 fwmark 7 lookup 99; ip rule del pref 8850 fwmark 7");
	netns_run(-1, "ip route add 192.0.2.0/24 via 10.0.1.1 table 99; ip route flush table 99");
	netns_run(-1, "ip route add default via 10.0.2.1 metric 500 table 7001 proto static");
	lab_read_for(50);
	assert_int_equal(lab.drifts, 0);
	assert_int_equal(sys_routing_repair(lab.r), 0);
	assert_true(lab_shows("ip route show table 7001", "via 10.0.2.1 dev wan2 proto static"));
}

/* ---- lost events ---- */

static void
test_lost_events_are_noticed_and_made_good(void **state)
{
	const int small = 1;

	(void)state;
	start(2, "");
	assert_int_equal(
	    setsockopt(sys_routing_fd(lab.r), SOL_SOCKET, SO_RCVBUF, &small, sizeof(small)), 0);
	netns_run(-1, "ip link set wan1 down; ip rule del pref 9002; ip route flush table 7002; "
		      "for i in $(seq 40); do ip addr add 10.99.0.$i/32 dev wan2; done");
	while (sys_routing_read(lab.r) == 0)
		;
	assert_int_equal(errno, ENOBUFS);
	lab.facts_calls = 0;
	lab.drifts = 0;
	assert_int_equal(sys_routing_resync(lab.r), 0);
	assert_int_equal(lab.facts_calls, 1);
	assert_int_equal(lab.facts[1].admin_up, 0);
	assert_int_equal(lab.drifts, 1);
	assert_int_equal(lab.drift[0].link, 2);
	assert_int_equal(sys_routing_repair(lab.r), 0);
	assert_true(lab_shows("ip rule", "9002:"));
	assert_true(lab_shows("ip route show table 7002", "default"));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    LAB_TEST(test_carrier_loss_is_told_at_once),
	    LAB_TEST(test_an_interface_that_returns_gets_its_routes_back),
	    LAB_TEST(test_an_interface_that_is_made_again),
	    LAB_TEST(test_a_lost_address_empties_the_table),
	    LAB_TEST(test_a_new_prefix_moves_the_rule),
	    LAB_TEST(test_which_address_is_the_source),
	    LAB_TEST(test_an_ipv4_gateway_is_learned_and_followed),
	    LAB_TEST(test_an_ipv6_gateway_is_learned_and_followed),
	    LAB_TEST(test_a_point_to_point_device_needs_no_gateway),
	    LAB_TEST(test_specific_routes_of_others_do_not_wake_the_daemon),
	    LAB_TEST(test_what_others_remove_is_noticed_and_repaired),
	    LAB_TEST(test_what_others_do_elsewhere_is_no_drift),
	    LAB_TEST(test_lost_events_are_noticed_and_made_good),
	};

	if (geteuid() != 0)
		return 77; /* skipped: namespaces need root */
	return cmocka_run_group_tests(tests, NULL, NULL);
}
