/* SPDX-License-Identifier: ISC */
/* A probe leaves by its own link or not at all: seen on the wire, with the link
 * well, with its table emptied, without carrier, and with two gateways behind one
 * interface. */
#include "linux_lab.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/if_ether.h>
#include <linux/if_packet.h>
#include <net/if.h>
#include <netinet/icmp6.h>
#include <netinet/ip_icmp.h>
#include <poll.h>
#include <stdio.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "common/clock.h"
#include "common/ipc.h"
#include "system/datagram.h"
#include "engine/icmp.h"

static const char *const targets[FAMILIES] = {"203.0.113.1", "2001:db8:ffff::1"};

static void
ignore(void *arg, bool problem, const char *text)
{
	(void)arg;
	if (problem)
		fail_msg("%s", text);
}

/* Two links to providers that both have the targets; main knows a better way. */
static void
start(void)
{
	lab_make_wans(2);
	netns_run(lab.isp, "ip addr add 203.0.113.1/32 dev lo");
	netns_run(lab.isp, "ip addr add 2001:db8:ffff::1/128 dev lo nodad");
	netns_run(-1, "ip route add 203.0.113.0/24 via 10.0.2.1");
	netns_run(-1, "ip -6 route add 2001:db8:ffff::/48 via 2001:db8:2::1");
	lab_configure(lab_links(2, "", ""));
	sys_settings(lab.conf, ignore, NULL);
}

static int
probe_socket(unsigned link, int family)
{
	int fd = sys_probe_socket(lab.conf, link, family, METHOD_ICMP);

	assert_int_not_equal(fd, -1);
	return fd;
}

static int
echo_socket(int family)
{
	int fd = sys_echo_socket(family);

	assert_int_not_equal(fd, -1);
	return fd;
}

/* Everything on an interface of the provider's from now on. */
static int
listen_on(const char *ifname)
{
	struct sockaddr_ll at = {.sll_family = AF_PACKET, .sll_protocol = htons(ETH_P_ALL)};
	int fd = netns_socket(lab.isp, AF_PACKET, SOCK_RAW | SOCK_NONBLOCK, 0);
	struct ifreq ifr = {0};

	snprintf(ifr.ifr_name, sizeof(ifr.ifr_name), "%s", ifname);
	assert_int_equal(ioctl(fd, SIOCGIFINDEX, &ifr), 0);
	at.sll_ifindex = ifr.ifr_ifindex;
	assert_int_equal(bind(fd, (struct sockaddr *)&at, sizeof(at)), 0);
	return fd;
}

static bool
is_request(const uint8_t *frame, ssize_t n)
{
	const unsigned ip = ETH_HLEN;

	if (n < (ssize_t)ip + 41)
		return false;
	if (frame[12] == 0x08 && frame[13] == 0x00)
		return frame[ip + 9] == IPPROTO_ICMP && frame[ip + 20] == ICMP_ECHO;
	return frame[12] == 0x86 && frame[13] == 0xdd && frame[ip + 6] == IPPROTO_ICMPV6 &&
	       frame[ip + 40] == ICMP6_ECHO_REQUEST;
}

/* How many echo requests were seen; the last one's destination in mac. */
static unsigned
seen(int listener, uint8_t mac[static ETH_ALEN])
{
	uint8_t frame[2048];
	unsigned count = 0;
	ssize_t n;

	while ((n = recv(listener, frame, sizeof(frame), 0)) > 0)
		if (is_request(frame, n)) {
			memcpy(mac, frame, ETH_ALEN);
			count++;
		}
	return count;
}

/* 0, or the errno of sending. */
static int
send_probe(int fd, int family, unsigned link, uint16_t sequence)
{
	const struct icmp_echo echo = {.id = sys_probe_id(link), .sequence = sequence, .nonce = 7};
	uint8_t packet[ICMP_ECHO_SIZE];
	size_t len = icmp_request_write(family, &echo, packet);
	struct addr target;
	const struct sys_echo_way way = {.to = &target, .ttl = 64};

	assert_int_equal(addr_parse(targets[family], &target), 0);
	return sys_echo_send(fd, &way, packet, len) != 0 ? errno : 0;
}

struct answer {
	struct icmp_echo echo;
	uint32_t ifindex;
	bool stamped;
};

static void
read_control(struct msghdr *msg, struct answer *answer)
{
	for (struct cmsghdr *c = CMSG_FIRSTHDR(msg); c != NULL; c = CMSG_NXTHDR(msg, c)) {
		if (c->cmsg_level == SOL_SOCKET && c->cmsg_type == SO_TIMESTAMPNS)
			answer->stamped = true;
		if (c->cmsg_level == IPPROTO_IP && c->cmsg_type == IP_PKTINFO)
			answer->ifindex =
			    (uint32_t)((struct in_pktinfo *)CMSG_DATA(c))->ipi_ifindex;
		if (c->cmsg_level == IPPROTO_IPV6 && c->cmsg_type == IPV6_PKTINFO)
			answer->ifindex = ((struct in6_pktinfo *)CMSG_DATA(c))->ipi6_ifindex;
	}
}

/* Waits at most so long for one answer. */
static bool
receive(int fd, int family, int ms, struct answer *answer)
{
	uint8_t packet[512], control[256];
	struct iovec iov = {packet, sizeof(packet)};
	struct msghdr msg = {.msg_iov = &iov,
			     .msg_iovlen = 1,
			     .msg_control = control,
			     .msg_controllen = sizeof(control)};
	struct pollfd pfd = {.fd = fd, .events = POLLIN};
	ssize_t n;

	memset(answer, 0, sizeof(*answer));
	if (poll(&pfd, 1, ms) != 1 || (pfd.revents & POLLIN) == 0)
		return false;
	n = recvmsg(fd, &msg, 0);
	assert_true(n > 0);
	read_control(&msg, answer);
	assert_int_equal(icmp_reply_read(family, packet, (size_t)n, &answer->echo), 0);
	return true;
}

static void
test_a_probe_takes_its_own_link(void **state)
{
	uint8_t mac[ETH_ALEN];
	struct answer answer;

	(void)state;
	start();
	for (int family = 0; family < FAMILIES; family++)
		for (unsigned link = 1; link <= 2; link++) {
			int one = listen_on("isp1"), two = listen_on("isp2");
			int fd = probe_socket(link, family), echo = echo_socket(family);

			assert_int_equal(send_probe(fd, family, link, 5), 0);
			assert_true(receive(echo, family, 2000, &answer));
			assert_int_equal(answer.echo.id, 0x8000 | link);
			assert_int_equal(answer.echo.sequence, 5);
			assert_true(answer.stamped);
			assert_int_equal(answer.ifindex, lab.facts[link].ifindex);
			assert_int_equal(seen(one, mac), link == 1);
			assert_int_equal(seen(two, mac), link == 2);
			close(one);
			close(two);
			close(fd);
			close(echo);
		}
}

static void
test_only_answers_to_probes_are_heard_and_by_one_socket(void **state)
{
	struct answer answer;

	(void)state;
	start();
	for (int family = 0; family < FAMILIES; family++) {
		int one = probe_socket(1, family), two = probe_socket(2, family),
		    echo = echo_socket(family);

		for (uint16_t i = 0; i < 20; i++)
			assert_int_equal(send_probe(i % 2 ? two : one, family, i % 2 ? 2 : 1, i),
					 0);
		/* the identifier of another program's ping: asked, but not heard */
		assert_int_equal(send_probe(one, family, 0x400, 0), 0);
		assert_int_equal(send_probe(one, family, 0x7fff, 0), 0);
		for (uint16_t i = 0; i < 20; i++) {
			assert_true(receive(echo, family, 2000, &answer));
			assert_int_equal(answer.echo.id, i % 2 ? 0x8002 : 0x8001);
		}
		assert_false(receive(echo, family, 50, &answer));
		assert_false(receive(one, family, 0, &answer));
		close(one);
		close(two);
		close(echo);
	}
}

/* Sending must fail at once and nothing may be seen on either link. */
static void
nothing_leaves(const int fds[static FAMILIES])
{
	int one = listen_on("isp1"), two = listen_on("isp2");
	uint8_t mac[ETH_ALEN];

	for (int family = 0; family < FAMILIES; family++) {
		struct lab_span sending = lab_begin();
		int error = send_probe(fds[family], family, 1, 0);
		uint64_t took_ns = lab_took_ns(&sending);

		if (error != ENETUNREACH && error != EHOSTUNREACH && error != EACCES)
			fail_msg("IPv%d: %s", family == V4 ? 4 : 6, strerror(error));
		assert_in_range(took_ns, 0, 100 * NSEC_PER_MSEC);
	}
	poll(NULL, 0, 20); /* what did leave would need a moment to be seen */
	assert_int_equal(seen(one, mac), 0);
	assert_int_equal(seen(two, mac), 0);
	close(one);
	close(two);
}

static bool
first_without_carrier(void)
{
	return lab.facts[1].carrier == CARRIER_DOWN;
}

static bool
first_without_source(void)
{
	return !addr_is_set(&lab.facts[1].route[V4].source) &&
	       !addr_is_set(&lab.facts[1].route[V6].source);
}

static void
test_without_a_way_out_a_probe_fails_at_once(void **state)
{
	const unsigned weights[] = {1, 1};
	const struct plan plan = lab_plan(2, weights);
	int fds[FAMILIES];

	(void)state;
	start();
	lab_apply(&plan);
	for (int family = 0; family < FAMILIES; family++)
		fds[family] = probe_socket(1, family);
	netns_run(-1, "ip route flush table 7001; ip -6 route flush table 7001");
	nothing_leaves(fds);
	assert_int_equal(sys_routing_repair(lab.r), 0);
	assert_int_equal(send_probe(fds[V4], V4, 1, 1), 0);
	netns_run(lab.isp, "ip link set isp1 down");
	assert_true(lab_read_until(first_without_carrier, 50));
	nothing_leaves(fds);
	netns_run(lab.isp, "ip link set isp1 up; ip addr add 2001:db8:1::1/64 dev isp1 nodad");
	netns_run(-1, "ip addr flush dev wan1 scope global");
	assert_true(lab_read_until(first_without_source, 1000));
	nothing_leaves(fds);
	netns_run(-1, "ip link set wan1 down");
	nothing_leaves(fds);
	netns_run(-1, "ip link del wan1");
	for (int family = 0; family < FAMILIES; family++) {
		assert_int_not_equal(send_probe(fds[family], family, 1, 0), 0);
		close(fds[family]);
	}
}

static void
test_two_gateways_behind_one_interface_are_told_apart(void **state)
{
	const uint8_t macs[2][ETH_ALEN] = {{2, 0, 0, 0, 0, 1}, {2, 0, 0, 0, 0, 2}};
	uint8_t mac[ETH_ALEN];
	int listener;

	(void)state;
	lab_make_wans(1);
	netns_run(-1, "ip addr add 10.0.1.3/24 dev wan1");
	netns_run(-1, "ip neigh replace 10.0.1.1 lladdr 02:00:00:00:00:01 dev wan1; "
		      "ip neigh replace 10.0.1.254 lladdr 02:00:00:00:00:02 dev wan1; "
		      "ip neigh replace fe80::a lladdr 02:00:00:00:00:01 dev wan1; "
		      "ip neigh replace fe80::b lladdr 02:00:00:00:00:02 dev wan1");
	lab_configure("link \"a\" { index 1; interface wan1; gateway 10.0.1.1; source 10.0.1.2; "
		      "gateway fe80::a }\n"
		      "link \"b\" { index 2; interface wan1; gateway 10.0.1.254; source 10.0.1.3; "
		      "gateway fe80::b }\n");
	listener = listen_on("isp1");
	for (int family = 0; family < FAMILIES; family++)
		for (unsigned link = 1; link <= 2; link++) {
			int fd = probe_socket(link, family);

			assert_int_equal(send_probe(fd, family, link, 0), 0);
			assert_int_equal(seen(listener, mac), 1);
			assert_memory_equal(mac, macs[link - 1], ETH_ALEN);
			close(fd);
		}
	close(listener);
}

/* ---- transmit stamps ---- */

struct heard {
	unsigned count;
	uint32_t number;
	uint64_t wall_ns;
};

static void
on_stamp(void *arg, uint32_t number, uint64_t wall_ns)
{
	struct heard *s = arg;

	s->count++;
	s->number = number;
	s->wall_ns = wall_ns;
}

/* The stamp of what was sent just now. */
static void
expect_stamp(int fd, uint32_t number, uint64_t since_ns)
{
	struct heard s = {0};
	struct pollfd pfd = {.fd = fd};

	assert_int_equal(poll(&pfd, 1, 2000), 1); /* POLLERR */
	assert_int_equal(datagram_sent(fd, DATAGRAM_BATCH, on_stamp, NULL, &s), 0);
	assert_int_equal(s.count, 1);
	assert_int_equal(s.number, number);
	assert_in_range(s.wall_ns, since_ns, clock_wall_ns());
}

static void
test_the_kernel_tells_when_a_probe_left(void **state)
{
	(void)state;
	start();
	for (int family = 0; family < FAMILIES; family++) {
		int fd = probe_socket(1, family);
		struct heard none = {0};

		for (uint32_t i = 0; i < 3; i++) {
			uint64_t now = clock_wall_ns();

			assert_int_equal(send_probe(fd, family, 1, (uint16_t)i), 0);
			expect_stamp(fd, i, now);
		}
		/* numbered anew, as after a send that failed */
		assert_int_equal(sys_stamp_sends(fd), 0);
		uint64_t now = clock_wall_ns();

		assert_int_equal(send_probe(fd, family, 1, 3), 0);
		expect_stamp(fd, 0, now);
		assert_int_equal(datagram_sent(fd, DATAGRAM_BATCH, on_stamp, NULL, &none), 0);
		assert_int_equal(none.count, 0);
		close(fd);
	}
}

/* ---- connections ---- */

enum { PORT = 8080, ROUNDS = 20 };

/* At the other end, in both IP versions. */
static int
serve(void)
{
	struct sockaddr_in6 any = {.sin6_family = AF_INET6, .sin6_port = htons(PORT)};
	int fd = netns_socket(lab.isp, AF_INET6, SOCK_STREAM | SOCK_NONBLOCK, 0);

	assert_int_equal(bind(fd, (struct sockaddr *)&any, sizeof(any)), 0);
	assert_int_equal(listen(fd, 4 * ROUNDS), 0);
	return fd;
}

static int
start_connection(int fd, int family)
{
	struct sockaddr_storage to;
	struct addr target;
	socklen_t len;

	assert_int_equal(addr_parse(targets[family], &target), 0);
	len = addr_to_sockaddr(&target, PORT, &to);
	return connect(fd, (struct sockaddr *)&to, len) == 0 ? 0 : errno;
}

static void
disconnect(int fd)
{
	const struct sockaddr none = {.sa_family = AF_UNSPEC};

	assert_int_equal(connect(fd, &none, sizeof(none)), 0);
}

static int
option(int fd, int level, int name)
{
	socklen_t len = sizeof(int);
	int value;

	assert_int_equal(getsockopt(fd, level, name, &value, &len), 0);
	return value;
}

static uint16_t
own_port(int fd)
{
	struct sockaddr_in6 own;
	socklen_t len = sizeof(own);

	assert_int_equal(getsockname(fd, (struct sockaddr *)&own, &len), 0);
	return own.sin6_port; /* at the same place in either version */
}

/* Connections whose first segment was seen. On a busy machine the kernel may send one
 * twice. */
static unsigned
seen_syns(int listener)
{
	uint8_t frame[2048], last[8] = {0}; /* ports and sequence */
	unsigned count = 0;
	ssize_t n;

	while ((n = recv(listener, frame, sizeof(frame), 0)) > 0) {
		bool v6 = frame[12] == 0x86 && frame[13] == 0xdd;
		const uint8_t *ip = frame + ETH_HLEN, *tcp = ip + (v6 ? 40 : 20);

		if (n < ETH_HLEN + 60 || (v6 ? ip[6] : ip[9]) != IPPROTO_TCP ||
		    (tcp[13] & 0x3f) != 0x02 || memcmp(tcp, last, sizeof(last)) == 0)
			continue;
		memcpy(last, tcp, sizeof(last));
		count++;
	}
	return count;
}

static void
test_a_tcp_socket_takes_probe_after_probe(void **state)
{
	(void)state;
	start();
	int server = serve();

	for (int family = 0; family < FAMILIES; family++) {
		int fd = sys_probe_socket(lab.conf, 1, family, METHOD_TCP);
		int one = listen_on("isp1"), two = listen_on("isp2");
		uint16_t last_port = 0;
		unsigned same = 0;

		assert_int_not_equal(fd, -1);
		for (int i = 0; i < ROUNDS; i++) {
			struct pollfd pfd = {.fd = fd, .events = POLLOUT};

			assert_int_equal(start_connection(fd, family), EINPROGRESS);
			assert_int_equal(poll(&pfd, 1, 2000), 1);
			assert_int_equal(option(fd, SOL_SOCKET, SO_ERROR), 0);
			same += own_port(fd) == last_port;
			last_port = own_port(fd);
			disconnect(fd);
			assert_int_equal(option(fd, SOL_SOCKET, SO_MARK),
					 conf_probe_mark(lab.conf) | conf_link_mark(lab.conf, 1));
			assert_true(fcntl(fd, F_GETFL) & O_NONBLOCK);
		}
		assert_in_range(same, 0, 2);
		assert_int_equal(seen_syns(one), ROUNDS);
		assert_int_equal(seen_syns(two), 0);
		assert_int_equal(lab_lines("ss -Htan state time-wait"), 0);
		/* without a way out: at once, and nothing leaves */
		netns_run(-1, "ip %s route flush table 7001", family == V4 ? "-4" : "-6");
		int error = start_connection(fd, family);

		assert_true(error == ENETUNREACH || error == EHOSTUNREACH || error == EACCES);
		assert_int_equal(seen_syns(two), 0);
		close(one);
		close(two);
		close(fd);
	}
	close(server);
}

static void
test_a_tcp_socket_may_change_its_source(void **state)
{
	static const char *const sources[] = {"10.0.1.2", "10.0.1.7", "10.0.1.2"};

	(void)state;
	start();
	int server = serve(), fd = sys_probe_socket(lab.conf, 1, V4, METHOD_TCP);

	netns_run(-1, "ip addr add 10.0.1.7/24 dev wan1");
	for (size_t i = 0; i < 3; i++) {
		struct sockaddr_in own = {.sin_family = AF_INET};
		struct pollfd pfd = {.fd = fd, .events = POLLOUT};
		socklen_t len = sizeof(own);
		char text[INET_ADDRSTRLEN];

		assert_int_equal(inet_pton(AF_INET, sources[i], &own.sin_addr), 1);
		assert_int_equal(bind(fd, (struct sockaddr *)&own, sizeof(own)), 0);
		assert_int_equal(start_connection(fd, V4), EINPROGRESS);
		assert_int_equal(poll(&pfd, 1, 2000), 1);
		assert_int_equal(option(fd, SOL_SOCKET, SO_ERROR), 0);
		assert_int_equal(getsockname(fd, (struct sockaddr *)&own, &len), 0);
		assert_string_equal(inet_ntop(AF_INET, &own.sin_addr, text, sizeof(text)),
				    sources[i]);
		disconnect(fd);
	}
	close(fd);
	close(server);
}

static void
test_there_are_sockets_for_known_methods_only(void **state)
{
	(void)state;
	start();
	for (int family = 0; family < FAMILIES; family++)
		for (unsigned method = 0; method < PROBE_METHODS + 2; method++) {
			int fd = sys_probe_socket(lab.conf, 1, family, method);

			if (method == 0 || method >= PROBE_METHODS) {
				assert_int_equal(fd, -1);
				assert_int_equal(errno, EOPNOTSUPP);
				continue;
			}
			assert_int_not_equal(fd, -1);
			assert_true(fcntl(fd, F_GETFL) & O_NONBLOCK);
			assert_true(fcntl(fd, F_GETFD) & FD_CLOEXEC);
			assert_int_equal(option(fd, SOL_SOCKET, SO_MARK),
					 conf_probe_mark(lab.conf) | conf_link_mark(lab.conf, 1));
			close(fd);
		}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    LAB_TEST(test_a_probe_takes_its_own_link),
	    LAB_TEST(test_only_answers_to_probes_are_heard_and_by_one_socket),
	    LAB_TEST(test_without_a_way_out_a_probe_fails_at_once),
	    LAB_TEST(test_two_gateways_behind_one_interface_are_told_apart),
	    LAB_TEST(test_the_kernel_tells_when_a_probe_left),
	    LAB_TEST(test_a_tcp_socket_takes_probe_after_probe),
	    LAB_TEST(test_a_tcp_socket_may_change_its_source),
	    LAB_TEST(test_there_are_sockets_for_known_methods_only),
	};

	if (geteuid() != 0)
		return 77; /* skipped: namespaces need root */
	return cmocka_run_group_tests(tests, NULL, NULL);
}
