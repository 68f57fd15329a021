/* SPDX-License-Identifier: ISC */
/* Flows of a link are cut and no others, and the live ones are counted. */
#include "config.h"

#include "unit.h"

#include <errno.h>
#include <inttypes.h>
#include <poll.h>
#include <stdio.h>
#include <unistd.h>

#include "common/clock.h"
#include "flow.h"
#include "flows_lab.h"
#include "netns.h"
#include "read_conf.h"

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
	struct sockaddr_storage ss = lab_address("192.0.2.2", lab.port, &len);
	int udp_caller = netns_socket(lab.net, AF_INET, SOCK_DGRAM, 0);

	(void)state;
	assert_int_equal(listen(listener, 4), 0);
	assert_int_equal(connect(caller, (struct sockaddr *)&ss, len), 0);
	called = accept4(listener, NULL, NULL, SOCK_CLOEXEC);
	assert_int_not_equal(called, -1);
	assert_int_equal(sendto(udp_caller, "x", 1, 0, (struct sockaddr *)&ss, len), 1);
	assert_true(lab_readable(server));

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
	struct sockaddr_storage ss = lab_address("192.0.2.2", lab.port, &len);
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

/* Also of a link that has left the configuration. */
static void
test_kill_removed_link(void **state)
{
	static const char text[] =
	    "link \"a\" { index 1; interface wan1; gateway 192.0.2.1; target gateway }\n";
	struct conf *conf = must_read(text);
	struct flow flow = udp_flow(lab.client, "203.0.113.2"),
		    other = udp_flow(lab.client, "203.0.113.1");

	(void)state;
	assert_int_equal(sys_flows_kill(lab.flows, conf, 2), 1);
	assert_int_equal(sys_flows_kill(lab.flows, conf, LINKS_MAX + 1), -1);
	flow_close(&flow);
	flow_close(&other);
	conf_free(conf);
}

/* ---- counting ---- */

static void
lab_idle(uint32_t seconds)
{
	for (size_t i = 0; i < lab.conf->nlinks; i++)
		lab.conf->links[i].drain_idle_s = seconds;
}

/* Where a flow is to be a live one, something is sent on it before each look: on a busy machine
 * the look comes late. */
static void
wait_for_count_of(const struct flow *busy, unsigned link, uint32_t idle_s, uint64_t wanted)
{
	static uint64_t counts[LINKS_MAX + 1];
	uint64_t deadline = clock_mono_ns() + DEADLINE_S * NSEC_PER_SEC;

	do {
		lab_idle(idle_s);
		if (busy)
			tcp_transfer(busy, 1000);
		assert_int_equal(sys_flows_count(lab.flows, lab.conf, counts, NULL, NULL), 0);
		if (counts[link] == wanted)
			return;
		poll(NULL, 0, 50);
	} while (clock_mono_ns() < deadline);
	fail_msg("link %u has %" PRIu64 " live flows, not %" PRIu64, link, counts[link], wanted);
}

static void
wait_for_count(unsigned link, uint32_t idle_s, uint64_t wanted)
{
	wait_for_count_of(NULL, link, idle_s, wanted);
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
	wait_for_count_of(&a, 1, 1, 1);
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
		struct sockaddr_storage ss = lab_address("203.0.113.2", port, &len);

		assert_int_equal(sendto(fd, "x", 1, 0, (struct sockaddr *)&ss, len), 1);
	}
	/* what was sent need not have come through at once */
	wait_for_count(2, 60, 600);
	assert_int_equal(sys_flows_count(lab.flows, lab.conf, counts, in_a_hurry, &asked), -1);
	assert_int_equal(errno, EINTR);
	assert_int_equal(asked, 1);
	assert_int_equal(sys_flows_count(lab.flows, lab.conf, counts, NULL, NULL), 0);
	assert_int_equal(counts[2], 600);
	close(fd);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    LAB_TEST(test_kill),
	    LAB_TEST(test_kill_spares_listener_of_old_flow),
	    LAB_TEST(test_kill_removed_link),
	    LAB_TEST(test_count),
	    LAB_TEST(test_count_gives_way),
	};

	return LAB_RUN(tests);
}
