/* SPDX-License-Identifier: ISC */
/* What leaves by each link is counted exactly, and who would take packets past the
 * counters is named. */
#include "config.h"

#include "unit.h"

#include <arpa/inet.h>
#include <linux/if_packet.h>
#include <linux/netfilter.h>
#include <linux/netfilter/nf_tables.h>
#include <linux/netfilter/nfnetlink.h>
#include <net/ethernet.h>
#include <net/if.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "flow.h"
#include "flows_lab.h"

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
		uses = lab_uses();
		capture_read(capture);
	} while (memcmp(&before, capture, sizeof(before)) != 0);
	return uses;
}

/* ---- exactness ---- */

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
	const struct CMUnitTest tests[] = {
	    LAB_TEST(test_counters_are_exact),
	    LAB_TEST(test_shared_interface),
	    LAB_TEST(test_a_flow_table_is_named),
	};

	return LAB_RUN(tests);
}
