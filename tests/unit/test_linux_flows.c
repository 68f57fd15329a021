/* SPDX-License-Identifier: ISC */
/* Marks, NAT, counters and the cutting of flows, in a real kernel: a router in a
 * namespace of its own, a client behind it, and four links.
 *
 *   client -- lan [router] wan1 -- net (192.0.2.1, 2001:db8:1::1)
 *                          wan2 -- net (198.51.100.1)
 *                          w0 ---- bridge -- g1 (100.64.0.1), g2 (100.64.0.2)
 *
 * Behind each gateway stands one address of 203.0.113.0/24: .1 to .4. */
#include "config.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <linux/netfilter.h>
#include <linux/netfilter/nf_tables.h>
#include <linux/netfilter/nfnetlink.h>
#include <linux/if_packet.h>
#include <net/ethernet.h>
#include <net/if.h>
#include <netinet/icmp6.h>
#include <netinet/ip_icmp.h>
#include <poll.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/wait.h>
#include <unistd.h>

#include "common/clock.h"
#include "netns.h"
#include "system/linux/flows.h"
#include "system/system.h"

enum { ROUTER = -1, LINKS = 4, DEADLINE_S = 10 };

static const char config_text[] =
    "link \"a\" { index 1; interface wan1; gateway 192.0.2.1; gateway 2001:db8:1::1; target "
    "gateway }\n"
    "link \"b\" { index 2; interface wan2; gateway 198.51.100.1; target gateway }\n"
    "link \"c\" { index 3; interface w0; gateway 100.64.0.1; target gateway }\n"
    "link \"d\" { index 4; interface w0; gateway 100.64.0.2; target gateway }\n";

static struct {
	int client, net, g1, g2, bridge;
	struct sys_flows *flows;
	struct conf *conf;
	struct link_facts facts[LINKS];
	in_port_t port; /* the next that no flow of any test has used */
} lab;

struct use {
	uint64_t packets, octets, new_flows;
};
struct uses {
	struct use of[LINKS + 1][FAMILIES];
	unsigned rows;
};

/* ---- small things ---- */

static void
complain(void *arg, bool error, const char *file, int line, const char *message)
{
	(void)arg;
	if (error)
		fail_msg("%s:%d: %s", file, line, message);
}

static void
take_use(void *arg, unsigned link, int family, uint64_t packets, uint64_t octets,
	 uint64_t new_flows)
{
	struct uses *uses = arg;

	assert_in_range(link, 1, LINKS);
	uses->of[link][family] = (struct use){packets, octets, new_flows};
	uses->rows++;
}

static struct uses
read_uses(void)
{
	struct uses uses = {0};

	assert_int_equal(sys_counters_read(lab.flows, take_use, &uses), 0);
	return uses;
}

static void
load_conf(const struct conf *conf)
{
	char *text = NULL, error[512];
	size_t len;
	FILE *out = open_memstream(&text, &len);

	assert_int_equal(sys_ruleset_print(conf, lab.facts, LINKS, NULL, out), 0);
	fclose(out);
	if (sys_ruleset_load(lab.flows, text, len, error, sizeof(error)) != 0)
		fail_msg("%s", error);
	free(text);
}

/* Nothing of an earlier test is left. */
static int
fresh_ruleset(void **state)
{
	char text[256];

	(void)state;
	netns_run(ROUTER, "nft flush ruleset");
	do
		netns_output(ROUTER,
			     "conntrack -F 2>&1; cat /proc/sys/net/netfilter/nf_conntrack_count",
			     text, sizeof(text));
	while (!strstr(text, "\n0\n"));
	load_conf(lab.conf);
	return 0;
}

static uint64_t
admin_counter(const char *name)
{
	char command[128], text[512];
	const char *packets;

	snprintf(command, sizeof(command), "nft list counter inet admin %s", name);
	netns_output(ROUTER, command, text, sizeof(text));
	packets = strstr(text, "packets ");
	assert_non_null(packets);
	return strtoull(packets + strlen("packets "), NULL, 10);
}

static bool
readable(int fd)
{
	struct pollfd p = {.fd = fd, .events = POLLIN};

	return poll(&p, 1, DEADLINE_S * 1000) == 1;
}

static struct sockaddr_storage
address(const char *text, in_port_t port, socklen_t *len)
{
	struct sockaddr_storage ss;
	struct addr a;

	assert_int_equal(addr_parse(text, &a), 0);
	*len = addr_to_sockaddr(&a, port, &ss);
	return ss;
}

static int
bound_socket(int ns, int type, const char *text, in_port_t port)
{
	socklen_t len;
	struct sockaddr_storage ss = address(text, port, &len);
	int fd = netns_socket(ns, ss.ss_family, type, 0), on = 1;

	setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
	assert_int_equal(bind(fd, (struct sockaddr *)&ss, len), 0);
	return fd;
}

/* ---- flows ---- */

struct flow {
	int near, far; /* sockets */
	char seen[64]; /* the near one's source, as the far one sees it */
};

static int
far_ns(const char *target)
{
	static const char *const behind[] = {"203.0.113.3", "203.0.113.4"};

	return strcmp(target, behind[0]) == 0   ? lab.g1
	       : strcmp(target, behind[1]) == 0 ? lab.g2
						: lab.net;
}

static void
udp_send(const struct flow *flow, size_t size)
{
	char payload[1400] = {0};

	assert_int_equal(send(flow->near, payload, size, 0), size);
}

static void
udp_answer(struct flow *flow)
{
	struct sockaddr_storage from;
	socklen_t len = sizeof(from);
	char payload[1500];
	struct addr a;
	ssize_t got;

	assert_true(readable(flow->far));
	got = recvfrom(flow->far, payload, sizeof(payload), 0, (struct sockaddr *)&from, &len);
	assert_true(got >= 0);
	assert_int_equal(addr_from_sockaddr((struct sockaddr *)&from, &a), 0);
	addr_text(&a, flow->seen);
	assert_int_equal(sendto(flow->far, payload, (size_t)got, 0, (struct sockaddr *)&from, len),
			 got);
	assert_true(readable(flow->near));
	assert_int_equal(recv(flow->near, payload, sizeof(payload), 0), got);
}

static struct flow
udp_open(int ns, const char *target)
{
	struct flow flow;
	socklen_t len;
	struct sockaddr_storage ss = address(target, ++lab.port, &len);

	flow.far = bound_socket(far_ns(target), SOCK_DGRAM, target, lab.port);
	flow.near = netns_socket(ns, ss.ss_family, SOCK_DGRAM, 0);
	assert_int_equal(connect(flow.near, (struct sockaddr *)&ss, len), 0);
	return flow;
}

static struct flow
udp_flow(int ns, const char *target)
{
	struct flow flow = udp_open(ns, target);

	udp_send(&flow, 100);
	udp_answer(&flow);
	return flow;
}

static struct flow
tcp_flow(int ns, const char *target)
{
	struct flow flow;
	socklen_t len;
	struct sockaddr_storage ss = address(target, ++lab.port, &len);
	int listener = bound_socket(far_ns(target), SOCK_STREAM, target, lab.port);

	assert_int_equal(listen(listener, 1), 0);
	flow.near = netns_socket(ns, ss.ss_family, SOCK_STREAM, 0);
	assert_int_equal(connect(flow.near, (struct sockaddr *)&ss, len), 0);
	flow.far = accept4(listener, NULL, NULL, SOCK_CLOEXEC);
	assert_int_not_equal(flow.far, -1);
	close(listener);
	return flow;
}

static void
tcp_transfer(const struct flow *flow, size_t size)
{
	static char chunk[65536];
	size_t sent = 0, received = 0;

	fcntl(flow->near, F_SETFL, O_NONBLOCK);
	while (received < size) {
		ssize_t put = sent < size ? send(flow->near, chunk, sizeof(chunk), 0) : 0, got;

		sent += put > 0 ? (size_t)put : 0;
		assert_true(readable(flow->far));
		got = recv(flow->far, chunk, sizeof(chunk), 0);
		assert_true(got > 0);
		received += (size_t)got;
	}
}

static void
flow_close(const struct flow *flow)
{
	close(flow->near);
	close(flow->far);
}

/* ---- capture ---- */

struct capture {
	int fd;
	uint64_t packets[FAMILIES], octets[FAMILIES];
};

static struct capture
capture_open(const char *interface)
{
	struct capture capture = {
	    .fd = socket(AF_PACKET, SOCK_RAW | SOCK_NONBLOCK | SOCK_CLOEXEC, htons(ETH_P_ALL))};
	struct sockaddr_ll ll = {.sll_family = AF_PACKET,
				 .sll_protocol = htons(ETH_P_ALL),
				 .sll_ifindex = (int)if_nametoindex(interface)};
	int room = 64 << 20;

	assert_int_not_equal(capture.fd, -1);
	setsockopt(capture.fd, SOL_SOCKET, SO_RCVBUFFORCE, &room, sizeof(room));
	assert_int_equal(bind(capture.fd, (struct sockaddr *)&ll, sizeof(ll)), 0);
	return capture;
}

static void
capture_read(struct capture *capture)
{
	struct sockaddr_ll from;
	socklen_t len = sizeof(from);
	struct ether_header ether;
	ssize_t size;

	while ((size = recvfrom(capture->fd, &ether, sizeof(ether), MSG_TRUNC,
				(struct sockaddr *)&from, &len)) > 0) {
		int family = ntohs(ether.ether_type) == ETH_P_IP ? V4 : V6;

		if (from.sll_pkttype != PACKET_OUTGOING ||
		    (ntohs(ether.ether_type) != ETH_P_IP && ntohs(ether.ether_type) != ETH_P_IPV6))
			continue;
		capture->packets[family]++;
		capture->octets[family] += (uint64_t)size - sizeof(ether);
	}
}

static void
assert_no_capture_lost(const struct capture *capture)
{
	struct tpacket_stats stats;
	socklen_t len = sizeof(stats);

	assert_int_equal(getsockopt(capture->fd, SOL_PACKET, PACKET_STATISTICS, &stats, &len), 0);
	assert_int_equal(stats.tp_drops, 0);
}

/* Counters and capture at one time: no packet between the two. */
static struct uses
read_both(struct capture *capture)
{
	struct capture before;
	struct uses uses;

	do {
		capture_read(capture);
		before = *capture;
		uses = read_uses();
		capture_read(capture);
	} while (memcmp(&before, capture, sizeof(before)) != 0);
	return uses;
}

static void
no_gso(int ns, const char *interface)
{
	netns_run(ns,
		  "ip link set %s gso_max_segs 1 2>/dev/null || ip link set %s gso_max_size 1500",
		  interface, interface);
}

/* ---- tests ---- */

static void
test_counters_are_exact(void **state)
{
	struct capture capture = capture_open("wan1");
	struct uses first = read_both(&capture), last;
	struct capture start = capture;
	struct flow flows[] = {udp_flow(ROUTER, "203.0.113.1"), udp_flow(lab.client, "203.0.113.1"),
			       udp_flow(ROUTER, "2001:db8:ff::1"),
			       udp_flow(lab.client, "2001:db8:ff::1")};
	struct flow tcp[] = {tcp_flow(ROUTER, "203.0.113.1"), tcp_flow(lab.client, "203.0.113.1"),
			     tcp_flow(lab.client, "2001:db8:ff::1")};

	(void)state;
	for (size_t i = 0; i < 4; i++)
		for (size_t n = 0; n < 500; n++)
			udp_send(&flows[i], 1 + n * 2);
	for (size_t i = 0; i < 3; i++)
		tcp_transfer(&tcp[i], 1000000);
	last = read_both(&capture);
	assert_no_capture_lost(&capture);
	for (int family = V4; family < FAMILIES; family++) {
		const struct use *a = &first.of[1][family], *b = &last.of[1][family];
		uint64_t packets = capture.packets[family] - start.packets[family];

		assert_int_equal(b->packets - a->packets, packets);
		assert_int_equal(b->octets - a->octets,
				 capture.octets[family] - start.octets[family]);
		assert_true(packets > 1000 + 1000000 / 1500);
	}
	assert_int_equal(last.of[1][V4].new_flows - first.of[1][V4].new_flows, 4);
	assert_int_equal(last.of[1][V6].new_flows - first.of[1][V6].new_flows, 3);
	assert_int_equal(last.of[2][V4].packets, first.of[2][V4].packets);
	for (size_t i = 0; i < 4; i++)
		flow_close(&flows[i]);
	for (size_t i = 0; i < 3; i++)
		flow_close(&tcp[i]);
	close(capture.fd);
}

/* Each of two gateways on one interface is counted for itself, and together they
 * are what left by the interface. */
static void
test_shared_interface(void **state)
{
	struct capture capture = capture_open("w0");
	struct uses first = read_both(&capture), last;
	struct capture start = capture;
	struct flow c = udp_flow(lab.client, "203.0.113.3"), d = udp_flow(ROUTER, "203.0.113.4");

	(void)state;
	for (size_t n = 0; n < 200; n++)
		udp_send(&c, 100);
	for (size_t n = 0; n < 101; n++)
		udp_send(&d, 100);
	last = read_both(&capture);
	assert_int_equal(last.of[3][V4].packets - first.of[3][V4].packets, 201);
	assert_int_equal(last.of[4][V4].packets - first.of[4][V4].packets, 102);
	assert_int_equal(capture.packets[V4] - start.packets[V4], 303);
	assert_int_equal(capture.octets[V4] - start.octets[V4],
			 last.of[3][V4].octets - first.of[3][V4].octets + last.of[4][V4].octets -
			     first.of[4][V4].octets);
	assert_int_equal(last.of[3][V4].new_flows - first.of[3][V4].new_flows, 1);
	assert_int_equal(last.of[4][V4].new_flows - first.of[4][V4].new_flows, 1);
	flow_close(&c);
	flow_close(&d);
	close(capture.fd);
}

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

/* Values stay across a reload, with another set of links too; what others made is
 * not touched; a table made afresh has another epoch. */
static void
test_reload(void **state)
{
	static const char fewer[] =
	    "link \"a\" { index 1; interface wan1; gateway 192.0.2.1; gateway 2001:db8:1::1; "
	    "target gateway }\n"
	    "link \"c\" { index 3; interface w0; gateway 100.64.0.1; target gateway }\n";
	static char before[65536], after[65536], ours[65536];
	struct conf *conf = conf_parse(fewer, strlen(fewer), "test", complain, NULL);
	struct flow a = udp_flow(ROUTER, "203.0.113.1"), c = udp_flow(ROUTER, "203.0.113.3"), more;
	struct uses first, last;
	uint32_t epoch;

	(void)state;
	netns_run(ROUTER, "nft -f - <<X\ntable inet admin { map by_if { type ifname : verdict; }\n"
			  "chain x { type filter hook input priority 0; counter accept; }; }\nX");
	netns_output(ROUTER, "nft -s list table inet admin", before, sizeof(before));
	first = read_uses();
	epoch = sys_counters_epoch(lab.flows);
	load_conf(conf);
	last = read_uses();
	assert_int_equal(sys_counters_epoch(lab.flows), epoch);
	assert_int_equal(last.rows, 3);
	assert_true(first.of[1][V4].packets > 0 && first.of[3][V4].packets > 0);
	assert_int_equal(last.of[1][V4].packets, first.of[1][V4].packets);
	assert_int_equal(last.of[1][V4].octets, first.of[1][V4].octets);
	assert_int_equal(last.of[1][V4].new_flows, first.of[1][V4].new_flows);
	assert_int_equal(last.of[3][V4].packets, first.of[3][V4].packets);
	netns_output(ROUTER, "nft list table inet uplinkd", ours, sizeof(ours));
	assert_non_null(strstr(ours, "use4_1"));
	assert_null(strstr(ours, "_2"));
	assert_null(strstr(ours, "_4"));
	/* w0 is one link's alone now: known by the interface */
	more = udp_flow(ROUTER, "203.0.113.3");
	assert_true(read_uses().of[3][V4].packets > last.of[3][V4].packets);
	load_conf(lab.conf);
	last = read_uses();
	assert_int_equal(last.rows, LINKS + 1);
	assert_int_equal(last.of[1][V4].packets, first.of[1][V4].packets);
	netns_output(ROUTER, "nft -s list table inet admin", after, sizeof(after));
	assert_string_equal(before, after);

	netns_run(ROUTER, "nft delete table inet uplinkd");
	assert_int_equal(sys_counters_read(lab.flows, take_use, &last), -1);
	assert_int_equal(errno, ENOENT);
	load_conf(lab.conf);
	read_uses();
	assert_int_not_equal(sys_counters_epoch(lab.flows), epoch);
	flow_close(&a);
	flow_close(&c);
	flow_close(&more);
	conf_free(conf);
}

/* A table of another version, or one that someone has spoilt, is made afresh. */
static void
test_foreign_table_of_our_name(void **state)
{
	(void)state;
	netns_run(
	    ROUTER,
	    "nft delete table inet uplinkd; nft -f - <<X\ntable inet uplinkd { map by_if { "
	    "type ipv4_addr : verdict; }; chain nat { type filter hook input priority 7; }; }\nX");
	load_conf(lab.conf);
	assert_int_equal(read_uses().rows, LINKS + 1);
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
	first = read_uses();
	for (int n = 0; n < 5; n++) {
		udp_send(&silent, 10);
		udp_send(&local, 10);
	}
	last = read_uses();
	assert_int_equal(last.of[1][V4].new_flows - first.of[1][V4].new_flows, 2);
	netns_run(ROUTER, "ip route replace default via 198.51.100.1 table 7000");
	first = last;
	for (int n = 0; n < 5; n++) {
		udp_send(&silent, 10);
		udp_send(&local, 10);
	}
	udp_answer(&silent);
	assert_string_equal(silent.seen, "192.0.2.2");
	last = read_uses();
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
	before = read_uses();
	flow = udp_flow(lab.client, "203.0.113.1");
	udp_send(&flow, 10);
	udp_answer(&flow);
	flow_close(&flow);
	assert_int_equal(admin_counter("kept"), 4);
	assert_int_equal(admin_counter("packet"), 2);
	flow = udp_flow(lab.client, "203.0.113.2");
	flow_close(&flow);
	after = read_uses();
	assert_int_equal(admin_counter("own"), 2);
	assert_int_equal(after.of[2][V4].new_flows, before.of[2][V4].new_flows);
	assert_int_equal(after.of[2][V4].packets, before.of[2][V4].packets + 1);
}

static void
ping(int fd, uint16_t id, const char *target)
{
	struct icmphdr echo = {.type = ICMP_ECHO,
			       .un.echo = {.id = htons(id), .sequence = htons(1)}};
	socklen_t len;
	struct sockaddr_storage ss = address(target, 0, &len);
	uint32_t sum = htons(ICMP_ECHO << 8) + echo.un.echo.id + echo.un.echo.sequence;

	while (sum >> 16)
		sum = (sum & 0xffff) + (sum >> 16);
	echo.checksum = (uint16_t)~sum;
	assert_int_equal(sendto(fd, &echo, sizeof(echo), 0, (struct sockaddr *)&ss, len),
			 sizeof(echo));
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
	before = read_uses();
	ping(fd, 4711, "203.0.113.1");
	assert_true(readable(fd));
	assert_true(recv(fd, packet, sizeof(packet), 0) >= 28);
	assert_int_equal(packet[20], ICMP_ECHOREPLY);
	assert_memory_equal(packet + 16, "\xc0\x00\x02\x02", 4); /* 192.0.2.2: not translated */
	after = read_uses();
	assert_int_equal(admin_counter("bad"), 0);
	assert_int_equal(admin_counter("tracked"), 0);
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
	struct icmp6_hdr echo = {.icmp6_type = ICMP6_ECHO_REQUEST, .icmp6_id = htons(4712)};
	int fd = socket(AF_INET6, SOCK_RAW | SOCK_CLOEXEC, IPPROTO_ICMPV6), mark = 0x40100;
	struct icmp6_filter replies;
	uint8_t packet[256];
	struct uses before, after;
	socklen_t len;
	struct sockaddr_storage ss = address("2001:db8:ff::1", 0, &len);

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
	before = read_uses();
	assert_int_equal(sendto(fd, &echo, sizeof(echo), 0, (struct sockaddr *)&ss, len),
			 sizeof(echo));
	assert_true(readable(fd));
	assert_int_equal(recv(fd, packet, sizeof(packet), 0), sizeof(echo));
	after = read_uses();
	assert_int_equal(admin_counter("bad"), 0);
	assert_int_equal(admin_counter("own"), 1);
	assert_int_equal(after.of[1][V6].new_flows, before.of[1][V6].new_flows);
	assert_true(after.of[1][V6].packets > before.of[1][V6].packets);
	close(fd);
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
	load_conf(lab.conf);
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct uses before = read_uses();
		int near = bound_socket(ROUTER, SOCK_DGRAM, rows[i].to, ++lab.port);
		int far = bound_socket(far_ns(rows[i].from), SOCK_DGRAM, rows[i].from, 0);
		socklen_t len;
		struct sockaddr_storage ss = address(rows[i].to, lab.port, &len);

		assert_int_equal(sendto(far, "x", 1, 0, (struct sockaddr *)&ss, len), 1);
		assert_true(readable(near));
		for (unsigned link = 1; link <= LINKS; link++)
			assert_int_equal(read_uses().of[link][V4].new_flows,
					 before.of[link][V4].new_flows + (link == rows[i].link));
		close(near);
		close(far);
	}
	flow_close(&warm[0]);
	flow_close(&warm[1]);
}

static int
socket_error(int fd)
{
	int error = 0;
	socklen_t len = sizeof(error);

	assert_int_equal(getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &len), 0);
	return error;
}

/* Cutting a link's flows ends the router's own sockets on it, and nothing else:
 * not those of other links, not one that listens or is not connected. */
static void
test_kill(void **state)
{
	struct flow on_a[] = {tcp_flow(ROUTER, "203.0.113.1"), udp_flow(ROUTER, "203.0.113.1"),
			      tcp_flow(ROUTER, "2001:db8:ff::1"),
			      udp_flow(lab.client, "203.0.113.1")};
	struct flow on_b[] = {tcp_flow(ROUTER, "203.0.113.2"), udp_flow(lab.client, "203.0.113.2")};
	int listener = bound_socket(ROUTER, SOCK_STREAM, "192.0.2.2", ++lab.port);
	int server = bound_socket(ROUTER, SOCK_DGRAM, "192.0.2.2", lab.port);
	int caller = netns_socket(lab.net, AF_INET, SOCK_STREAM, 0), called, again;
	socklen_t len;
	struct sockaddr_storage ss = address("192.0.2.2", lab.port, &len);
	int udp_caller = netns_socket(lab.net, AF_INET, SOCK_DGRAM, 0);

	(void)state;
	assert_int_equal(listen(listener, 4), 0);
	assert_int_equal(connect(caller, (struct sockaddr *)&ss, len), 0);
	called = accept4(listener, NULL, NULL, SOCK_CLOEXEC);
	assert_int_not_equal(called, -1);
	assert_int_equal(sendto(udp_caller, "x", 1, 0, (struct sockaddr *)&ss, len), 1);
	assert_true(readable(server));

	assert_int_equal(sys_flows_kill(lab.flows, lab.conf, 1), 6);
	for (int i = 0; i < 3; i++)
		assert_int_equal(socket_error(on_a[i].near), ECONNABORTED);
	assert_int_equal(socket_error(called), ECONNABORTED);
	assert_int_equal(socket_error(on_b[0].near), 0);
	assert_int_equal(socket_error(listener), 0);
	assert_int_equal(socket_error(server), 0);
	assert_int_equal(sys_flows_kill(lab.flows, lab.conf, 1), 0);

	/* the flows of the other link go on, and the listener takes new ones */
	tcp_transfer(&on_b[0], 10000);
	udp_send(&on_b[1], 10);
	udp_answer(&on_b[1]);
	again = netns_socket(lab.net, AF_INET, SOCK_STREAM, 0);
	assert_int_equal(connect(again, (struct sockaddr *)&ss, len), 0);
	assert_int_equal(sys_flows_kill(lab.flows, lab.conf, 2), 2);
	assert_int_equal(socket_error(on_b[0].near), ECONNABORTED);
	for (int i = 0; i < 4; i++)
		flow_close(&on_a[i]);
	for (int i = 0; i < 2; i++)
		flow_close(&on_b[i]);
	close(listener);
	close(server);
	close(caller);
	close(called);
	close(again);
	close(udp_caller);
}

/* When the conversation of a flow is over but the kernel still remembers it, its
 * addresses name the socket that listens there. */
static void
test_kill_spares_listener_of_old_flow(void **state)
{
	int listener = bound_socket(ROUTER, SOCK_STREAM, "192.0.2.2", ++lab.port);
	int caller = netns_socket(lab.net, AF_INET, SOCK_STREAM, 0), called, again;
	socklen_t len;
	struct sockaddr_storage ss = address("192.0.2.2", lab.port, &len);
	struct linger abort_it = {.l_onoff = 1};

	(void)state;
	assert_int_equal(listen(listener, 4), 0);
	assert_int_equal(connect(caller, (struct sockaddr *)&ss, len), 0);
	called = accept4(listener, NULL, NULL, SOCK_CLOEXEC);
	setsockopt(called, SOL_SOCKET, SO_LINGER, &abort_it, sizeof(abort_it));
	close(called);
	assert_int_equal(sys_flows_kill(lab.flows, lab.conf, 1), 1);
	again = netns_socket(lab.net, AF_INET, SOCK_STREAM, 0);
	assert_int_equal(connect(again, (struct sockaddr *)&ss, len), 0);
	close(again);
	close(caller);
	close(listener);
}

static void
lab_idle(uint32_t seconds)
{
	for (size_t i = 0; i < lab.conf->nlinks; i++)
		lab.conf->links[i].drain_idle_s = seconds;
}

static void
wait_for_count(unsigned link, uint32_t idle_s, uint64_t wanted)
{
	static uint64_t counts[LINKS_MAX + 1];
	uint64_t deadline = clock_mono_ns() + DEADLINE_S * NSEC_PER_SEC;

	do {
		lab_idle(idle_s);
		assert_int_equal(sys_flows_count(lab.flows, lab.conf, counts, NULL, NULL), 0);
		if (counts[link] == wanted)
			return;
		poll(NULL, 0, 50);
	} while (clock_mono_ns() < deadline);
	fail_msg("link %u has %" PRIu64 " live flows, not %" PRIu64, link, counts[link], wanted);
}

/* Live are the flows of which a packet was seen lately; one that was closed is not. */
static void
test_count(void **state)
{
	struct flow a = tcp_flow(ROUTER, "203.0.113.1"), b = tcp_flow(lab.client, "203.0.113.1");
	struct flow c = udp_flow(lab.client, "203.0.113.4"),
		    silent = udp_open(lab.client, "203.0.113.4");

	(void)state;
	udp_send(&silent, 10);
	wait_for_count(1, 60, 2);
	wait_for_count(4, 60, 2);
	wait_for_count(2, 60, 0);
	wait_for_count(1, 1, 0); /* nothing is sent meanwhile */
	wait_for_count(4, 1, 0);
	wait_for_count(1, 60, 2);
	tcp_transfer(&a, 1000);
	wait_for_count(1, 1, 1);
	flow_close(&a);
	wait_for_count(1, 60, 1);
	flow_close(&b);
	wait_for_count(1, 60, 0);
	flow_close(&c);
	flow_close(&silent);
}

static bool
in_a_hurry(void *arg)
{
	++*(unsigned *)arg;
	return true;
}

/* A count is given up for something that can't wait, and does no harm to the next. */
static void
test_count_gives_way(void **state)
{
	static uint64_t counts[LINKS_MAX + 1];
	int fd = netns_socket(lab.client, AF_INET, SOCK_DGRAM, 0);
	unsigned asked = 0;

	(void)state;
	for (in_port_t port = 1; port <= 600; port++) {
		socklen_t len;
		struct sockaddr_storage ss = address("203.0.113.2", port, &len);

		assert_int_equal(sendto(fd, "x", 1, 0, (struct sockaddr *)&ss, len), 1);
	}
	lab_idle(60);
	assert_int_equal(sys_flows_count(lab.flows, lab.conf, counts, in_a_hurry, &asked), -1);
	assert_int_equal(errno, EINTR);
	assert_int_equal(asked, 1);
	assert_int_equal(sys_flows_count(lab.flows, lab.conf, counts, NULL, NULL), 0);
	assert_int_equal(counts[2], 600);
	close(fd);
}

/* Also of a link that has left the configuration. */
static void
test_kill_removed_link(void **state)
{
	static const char text[] =
	    "link \"a\" { index 1; interface wan1; gateway 192.0.2.1; target gateway }\n";
	struct conf *conf = conf_parse(text, strlen(text), "test", complain, NULL);
	struct flow flow = udp_flow(lab.client, "203.0.113.2"),
		    other = udp_flow(lab.client, "203.0.113.1");

	(void)state;
	assert_int_equal(sys_flows_kill(lab.flows, conf, 2), 1);
	assert_int_equal(sys_flows_kill(lab.flows, conf, LINKS_MAX + 1), -1);
	flow_close(&flow);
	flow_close(&other);
	conf_free(conf);
}

static void
test_release(void **state)
{
	char text[4096];

	(void)state;
	netns_run(ROUTER, "nft add table inet admin");
	assert_int_equal(sys_ruleset_release(lab.flows), 0);
	netns_output(ROUTER, "nft list tables", text, sizeof(text));
	assert_string_equal(text, "table inet admin\n");
	assert_int_equal(sys_ruleset_release(lab.flows), 0);
}

/* Without nft(8) the reason says what to install, and what was loaded stays. */
static void
test_no_nft(void **state)
{
	pid_t child = fork();
	int status;

	(void)state;
	if (child == 0) {
		char error[512] = "";

		if (unshare(CLONE_NEWNS) != 0 ||
		    mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) != 0 ||
		    system("for f in $(which -a nft); do mount --bind /dev/null $f; done") != 0)
			_exit(2);
		if (sys_ruleset_load(lab.flows, "x\n", 2, error, sizeof(error)) != -1)
			_exit(3);
		_exit(strstr(error, "install the package nftables") ? 0 : 4);
	}
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_int_equal(status, 0);
	assert_int_equal(read_uses().rows, LINKS + 1);
}

static void
test_bad_text_changes_nothing(void **state)
{
	static const char bad[] = "table inet uplinkd\nflush table inet uplinkd\nnonsense here\n";
	struct flow flow = udp_flow(ROUTER, "203.0.113.1");
	struct uses before = read_uses(), after;
	char error[512] = "";

	(void)state;
	assert_int_equal(sys_ruleset_load(lab.flows, bad, strlen(bad), error, sizeof(error)), -1);
	assert_non_null(strstr(error, "nft: "));
	udp_send(&flow, 10);
	after = read_uses();
	assert_int_equal(after.of[1][V4].packets, before.of[1][V4].packets + 1);
	flow_close(&flow);
}

/* ---- the lab ---- */

static void
make_router(void)
{
	netns_run(ROUTER, "sysctl -qw net.ipv4.ip_forward=1 net.ipv6.conf.all.forwarding=1 "
			  "net.ipv4.conf.all.rp_filter=0 net.ipv4.conf.default.rp_filter=0 "
			  "net.ipv6.conf.default.accept_dad=0");
	netns_veth(ROUTER, "lan", lab.client, "eth0");
	netns_veth(ROUTER, "wan1", lab.net, "w1");
	netns_veth(ROUTER, "wan2", lab.net, "w2");
	netns_veth(ROUTER, "w0", lab.bridge, "p0");
	netns_run(
	    ROUTER,
	    "ip addr add 10.0.0.1/24 dev lan; ip addr add fd00::1/64 dev lan nodad; "
	    "ip addr add 192.0.2.2/24 dev wan1; ip addr add 192.0.2.3/24 dev wan1; "
	    "ip addr add 2001:db8:1::2/64 dev wan1 nodad; "
	    "ip addr add 198.51.100.2/24 dev wan2; "
	    "ip addr add 100.64.0.11/24 dev w0; ip addr add 100.64.0.12/24 dev w0; "
	    "ip route add 203.0.113.1 via 192.0.2.1; ip route add 203.0.113.2 via 198.51.100.1; "
	    "ip route add 203.0.113.3 via 100.64.0.1; ip route add 203.0.113.4 via 100.64.0.2; "
	    "ip route add 2001:db8:ff::1 via 2001:db8:1::1");
	no_gso(ROUTER, "wan1");
	no_gso(ROUTER, "lan");
}

static void
make_others(void)
{
	netns_run(lab.client,
		  "ip addr add 10.0.0.2/24 dev eth0; ip addr add fd00::2/64 dev eth0 nodad; "
		  "ip route add default via 10.0.0.1; ip route add default via fd00::1");
	no_gso(lab.client, "eth0");
	netns_run(lab.net,
		  "sysctl -qw net.ipv4.conf.all.rp_filter=0 net.ipv4.conf.default.rp_filter=0; "
		  "ip addr add 192.0.2.1/24 dev w1; ip addr add 198.51.100.1/24 dev w2; "
		  "ip addr add 2001:db8:1::1/64 dev w1 nodad; ip route add fd00::/64 via "
		  "2001:db8:1::2; ip addr add 2001:db8:ff::1/128 dev lo; "
		  "for i in 1 2 9; do ip addr add 203.0.113.$i/32 dev lo; done");
	netns_run(lab.bridge,
		  "ip link add br0 type bridge; ip link set br0 up; ip link set p0 master br0");
	netns_veth(lab.bridge, "p1", lab.g1, "eth0");
	netns_veth(lab.bridge, "p2", lab.g2, "eth0");
	netns_run(lab.bridge, "ip link set p1 master br0; ip link set p2 master br0");
	netns_run(lab.g1, "ip addr add 100.64.0.1/24 dev eth0; ip addr add 203.0.113.3/32 dev lo");
	netns_run(lab.g2, "ip addr add 100.64.0.2/24 dev eth0; ip addr add 203.0.113.4/32 dev lo");
	/* a gateway would be told what its links are; here nobody asks foreign ARP */
	netns_run(lab.g1, "sysctl -qw net.ipv4.conf.all.arp_ignore=1");
	netns_run(lab.g2, "sysctl -qw net.ipv4.conf.all.arp_ignore=1");
}

static int
make_lab(void **state)
{
	(void)state;
	if (!netns_enter_new())
		return 0;
	lab.client = netns_make();
	lab.net = netns_make();
	lab.g1 = netns_make();
	lab.g2 = netns_make();
	lab.bridge = netns_make();
	make_router();
	make_others();
	lab.port = 20000;
	lab.conf = conf_parse(config_text, strlen(config_text), "test", complain, NULL);
	for (int i = 0; i < LINKS; i++)
		lab.facts[i].link = (uint16_t)(i + 1);
	addr_parse("100.64.0.11", &lab.facts[2].route[V4].source);
	addr_parse("100.64.0.12", &lab.facts[3].route[V4].source);
	lab.flows = sys_flows_open();
	assert_non_null(lab.flows);
	return 0;
}

static int
end_lab(void **state)
{
	(void)state;
	sys_flows_close(lab.flows);
	conf_free(lab.conf);
	return 0;
}

/* ---- flow tables ---- */

/* A flow table as the kernel tells of one. */
static const struct nlmsghdr *
flow_table(char *buf, uint8_t family, const char *table, const char *const *devices)
{
	struct nlmsghdr *header = mnl_nlmsg_put_header(buf);
	struct nfgenmsg *general = mnl_nlmsg_put_extra_header(header, sizeof(*general));
	struct nlattr *hook, *list;

	general->nfgen_family = family;
	mnl_attr_put_strz(header, NFTA_FLOWTABLE_TABLE, table);
	mnl_attr_put_strz(header, NFTA_FLOWTABLE_NAME, "fast");
	hook = mnl_attr_nest_start(header, NFTA_FLOWTABLE_HOOK);
	mnl_attr_put_u32(header, NFTA_FLOWTABLE_HOOK_NUM, 0);
	list = mnl_attr_nest_start(header, NFTA_FLOWTABLE_HOOK_DEVS);
	for (; *devices; devices++)
		mnl_attr_put_strz(header, NFTA_DEVICE_NAME, *devices);
	mnl_attr_nest_end(header, list);
	mnl_attr_nest_end(header, hook);
	return header;
}

static void
test_a_flow_table_is_named(void **state)
{
	static const char *const lan[] = {"lan0", "eth7", NULL}, *const both[] = {"lan0", "wan1",
										  NULL};
	struct flows_bypass bypass = {.conf = lab.conf};
	char buf[512];

	(void)state;
	assert_string_equal(sys_bypass(lab.flows, lab.conf), "");
	flows_note_bypass(flow_table(buf, NFPROTO_IPV4, "a", lan), &bypass);
	assert_string_equal(bypass.text, "");
	flows_note_bypass(flow_table(buf, NFPROTO_INET, "filter", both), &bypass);
	flows_note_bypass(flow_table(buf, NFPROTO_INET, "other", both), &bypass);
	assert_string_equal(bypass.text, "flowtable fast of table inet filter, on wan1");
}

int
main(void)
{
#define TEST(name) cmocka_unit_test_setup(name, fresh_ruleset)
	const struct CMUnitTest tests[] = {
	    TEST(test_counters_are_exact),
	    TEST(test_shared_interface),
	    TEST(test_nat),
	    TEST(test_admin_nat_wins),
	    TEST(test_reload),
	    TEST(test_foreign_table_of_our_name),
	    TEST(test_flows_stay),
	    TEST(test_admin_marks),
	    TEST(test_probes),
	    TEST(test_probes_of_ipv6),
	    TEST(test_inbound),
	    TEST(test_kill),
	    TEST(test_kill_spares_listener_of_old_flow),
	    TEST(test_count),
	    TEST(test_count_gives_way),
	    TEST(test_a_flow_table_is_named),
	    TEST(test_kill_removed_link),
	    TEST(test_release),
	    TEST(test_no_nft),
	    TEST(test_bad_text_changes_nothing),
	};

	if (geteuid() != 0) {
		puts("needs root: skipped");
		return 77;
	}
	return cmocka_run_group_tests(tests, make_lab, end_lab);
}
