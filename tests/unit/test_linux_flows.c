/* SPDX-License-Identifier: ISC */
/* Flows keep to their link, with an address that its provider takes; what others have
 * decided stays. */
#include "config.h"

#include "unit.h"

#include <netinet/icmp6.h>
#include <netinet/ip_icmp.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "engine/icmp.h"
#include "flow.h"
#include "flows_lab.h"
#include "netns.h"
#include "system/system.h"

/* Each link's flows carry an address that its provider lets through. */
static void
test_nat(void **state)
{
	static const struct {
		const char *target, *seen;
	} rows[] = {{"203.0.113.1", "192.0.2.2"},
		    {"203.0.113.2", "198.51.100.2"},
		    {"203.0.113.3", "100.64.0.11"},
		    {"203.0.113.4", "100.64.0.12"},
		    {"2001:db8:ff::1", "fd00::2"}}; /* IPv6 is not translated unless asked */

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct flow flow = udp_flow(lab.client, rows[i].target);

		assert_string_equal(flow.seen, rows[i].seen);
		flow_close(&flow);
	}
}

static void
test_admin_nat_wins(void **state)
{
	struct flow flow;

	(void)state;
	netns_run(ROUTER,
		  "nft -f - <<X\ntable ip adminnat { chain p { type nat hook postrouting priority "
		  "srcnat; oifname wan1 snat to 192.0.2.3; }; }\nX");
	flow = udp_flow(lab.client, "203.0.113.1");
	assert_string_equal(flow.seen, "192.0.2.3");
	flow_close(&flow);
}

/* A flow is counted as new once, answered or not, and stays on its link when the
 * routes change. */
static void
test_flows_stay(void **state)
{
	struct uses first, last;
	struct flow silent, local;

	(void)state;
	netns_run(ROUTER, "ip rule add pref 9000 lookup main suppress_prefixlength 0; "
			  "ip rule add pref 9001 fwmark 0x100/0x7ff00 lookup 7001; "
			  "ip rule add pref 11500 lookup 7000; "
			  "ip route add default via 192.0.2.1 table 7001; "
			  "ip route add default via 192.0.2.1 table 7000");
	silent = udp_open(lab.client, "203.0.113.9");
	local = udp_open(ROUTER, "203.0.113.9");
	first = lab_uses();
	for (int n = 0; n < 5; n++) {
		udp_send(&silent, 10);
		udp_send(&local, 10);
	}
	last = lab_uses();
	assert_int_equal(last.of[1][V4].new_flows - first.of[1][V4].new_flows, 2);
	netns_run(ROUTER, "ip route replace default via 198.51.100.1 table 7000");
	first = last;
	for (int n = 0; n < 5; n++) {
		udp_send(&silent, 10);
		udp_send(&local, 10);
	}
	udp_answer(&silent);
	assert_string_equal(silent.seen, "192.0.2.2");
	last = lab_uses();
	assert_int_equal(last.of[1][V4].packets - first.of[1][V4].packets, 10);
	assert_int_equal(last.of[1][V4].new_flows, first.of[1][V4].new_flows);
	assert_int_equal(last.of[2][V4].packets, first.of[2][V4].packets);
	flow_close(&silent);
	flow_close(&local);
	netns_run(ROUTER, "ip rule del pref 9000; ip rule del pref 9001; ip rule del pref 11500; "
			  "ip route flush table 7000; ip route flush table 7001");
}

/* Bits outside the mask stay, and what the administrator has put inside it counts
 * for more than where the flow goes. */
static void
test_admin_marks(void **state)
{
	struct flow flow;
	struct uses before, after;

	(void)state;
	netns_run(ROUTER, "nft -f - <<X\n"
			  "table inet admin { counter kept {}; counter own {}; counter packet {}\n"
			  "chain f { type filter hook forward priority 0;\n"
			  " ip daddr 203.0.113.1 ct mark set ct mark | 0x80000003\n"
			  " ip daddr 203.0.113.2 ct mark set 0x300; }\n"
			  "chain q { type filter hook prerouting priority -100;\n"
			  " ip saddr 203.0.113.1 meta mark set meta mark | 0x5; }\n"
			  "chain p { type filter hook postrouting priority 400;\n"
			  " ct mark 0x80000103 counter name kept\n"
			  " ct mark 0x300 counter name own\n"
			  " ip saddr 203.0.113.1 meta mark 0x105 counter name packet; }; }\nX");
	before = lab_uses();
	flow = udp_flow(lab.client, "203.0.113.1");
	udp_send(&flow, 10);
	udp_answer(&flow);
	flow_close(&flow);
	assert_int_equal(lab_admin_counter("kept"), 4);
	assert_int_equal(lab_admin_counter("packet"), 2);
	flow = udp_flow(lab.client, "203.0.113.2");
	flow_close(&flow);
	after = lab_uses();
	assert_int_equal(lab_admin_counter("own"), 2);
	assert_int_equal(after.of[2][V4].new_flows, before.of[2][V4].new_flows);
	assert_int_equal(after.of[2][V4].packets, before.of[2][V4].packets + 1);
}

/* What comes in new by a link belongs to it: by the interface, or by the gateway
 * that sent it. */
static void
test_inbound(void **state)
{
	static const struct {
		const char *from, *to;
		unsigned link;
	} rows[] = {{"203.0.113.2", "198.51.100.2", 2},
		    {"203.0.113.4", "100.64.0.11", 4},
		    {"203.0.113.3", "100.64.0.11", 3}};
	struct flow warm[] = {udp_flow(ROUTER, "203.0.113.3"), udp_flow(ROUTER, "203.0.113.4")};

	(void)state;
	assert_true(sys_flows_neighbours(lab.conf, lab.facts, LINKS));
	lab_load(lab.conf);
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct uses before = lab_uses();
		int near = bound_socket(ROUTER, SOCK_DGRAM, rows[i].to, ++lab.port);
		int far = bound_socket(far_ns(rows[i].from), SOCK_DGRAM, rows[i].from, 0);
		socklen_t len;
		struct sockaddr_storage ss = lab_address(rows[i].to, lab.port, &len);

		assert_int_equal(sendto(far, "x", 1, 0, (struct sockaddr *)&ss, len), 1);
		assert_true(lab_readable(near));
		for (unsigned link = 1; link <= LINKS; link++)
			assert_int_equal(lab_uses().of[link][V4].new_flows,
					 before.of[link][V4].new_flows + (link == rows[i].link));
		close(near);
		close(far);
	}
	flow_close(&warm[0]);
	flow_close(&warm[1]);
}

/* ---- probes ---- */

/* A probe of link 1, as an engine in this namespace would send it. */
static void
ask(int fd, int family, const char *target)
{
	const struct icmp_echo echo = {
	    .id = sys_probe_id(1), .sequence = 1, .token = sys_probe_token()};
	uint8_t packet[ICMP_ECHO_SIZE];
	size_t size = icmp_request_write(family, &echo, packet);
	socklen_t len;
	struct sockaddr_storage ss = lab_address(target, 0, &len);

	assert_int_equal(sendto(fd, packet, size, 0, (struct sockaddr *)&ss, len), size);
}

/* Probes have no flow and no NAT, and a firewall that drops what is invalid lets
 * their answers in. They are part of what leaves by the link. */
static void
test_probes(void **state)
{
	int fd = socket(AF_INET, SOCK_RAW | SOCK_CLOEXEC, IPPROTO_ICMP), mark = 0x40100;
	uint8_t packet[256];
	struct uses before, after;
	char count[32];

	(void)state;
	assert_int_not_equal(fd, -1);
	assert_int_equal(setsockopt(fd, SOL_SOCKET, SO_MARK, &mark, sizeof(mark)), 0);
	netns_run(
	    ROUTER,
	    "nft -f - <<X\n"
	    "table inet admin { counter bad {}; counter tracked {}\n"
	    "chain i { type filter hook input priority 0; ct state invalid counter name bad drop; "
	    "}\n"
	    "chain p { type filter hook postrouting priority 400; ip protocol icmp ct state != "
	    "untracked counter name tracked; }; }\n"
	    "table ip adminnat { chain p { type nat hook postrouting priority srcnat; oifname wan1 "
	    "snat to 192.0.2.3; }; }\nX");
	before = lab_uses();
	ask(fd, V4, "203.0.113.1");
	assert_true(lab_readable(fd));
	assert_true(recv(fd, packet, sizeof(packet), 0) >= 28);
	assert_int_equal(packet[20], ICMP_ECHOREPLY);
	assert_memory_equal(packet + 16, "\xc0\x00\x02\x02", 4); /* 192.0.2.2: not translated */
	after = lab_uses();
	assert_int_equal(lab_admin_counter("bad"), 0);
	assert_int_equal(lab_admin_counter("tracked"), 0);
	assert_int_equal(after.of[1][V4].new_flows, before.of[1][V4].new_flows);
	assert_int_equal(after.of[1][V4].packets, before.of[1][V4].packets + 1);
	netns_output(ROUTER, "conntrack -L -p icmp 2>/dev/null", count, sizeof(count));
	assert_string_equal(count, "");
	/* A client's ping to the same target is translated as ever */
	close(fd);
	netns_run(lab.client, "ping -c1 -W5 203.0.113.1 >/dev/null");
}

static void
test_probes_of_ipv6(void **state)
{
	int fd = socket(AF_INET6, SOCK_RAW | SOCK_CLOEXEC, IPPROTO_ICMPV6), mark = 0x40100;
	struct icmp6_filter replies;
	uint8_t packet[256];
	struct uses before, after;

	(void)state;
	assert_int_not_equal(fd, -1);
	ICMP6_FILTER_SETBLOCKALL(&replies);
	ICMP6_FILTER_SETPASS(ICMP6_ECHO_REPLY, &replies);
	setsockopt(fd, IPPROTO_ICMPV6, ICMP6_FILTER, &replies, sizeof(replies));
	assert_int_equal(setsockopt(fd, SOL_SOCKET, SO_MARK, &mark, sizeof(mark)), 0);
	netns_run(
	    ROUTER,
	    "nft -f - <<X\n"
	    "table inet admin { counter bad {}; counter own {}\n"
	    "chain i { type filter hook input priority 0; ct state invalid counter name bad drop;\n"
	    " ct state untracked icmpv6 type echo-reply counter name own; }; }\nX");
	before = lab_uses();
	ask(fd, V6, "2001:db8:ff::1");
	assert_true(lab_readable(fd));
	assert_int_equal(recv(fd, packet, sizeof(packet), 0), ICMP_ECHO_SIZE);
	after = lab_uses();
	assert_int_equal(lab_admin_counter("bad"), 0);
	assert_int_equal(lab_admin_counter("own"), 1);
	assert_int_equal(after.of[1][V6].new_flows, before.of[1][V6].new_flows);
	assert_true(after.of[1][V6].packets > before.of[1][V6].packets);
	close(fd);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    LAB_TEST(test_nat),
	    LAB_TEST(test_admin_nat_wins),
	    LAB_TEST(test_flows_stay),
	    LAB_TEST(test_admin_marks),
	    LAB_TEST(test_inbound),
	    LAB_TEST(test_probes),
	    LAB_TEST(test_probes_of_ipv6),
	};

	return LAB_RUN(tests);
}
