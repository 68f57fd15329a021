/* SPDX-License-Identifier: ISC */
#include "config.h"

#include "flow.h"

#include <fcntl.h>
#include <poll.h>
#include <string.h>
#include <unistd.h>

#include "common/addr.h"
#include "flows_lab.h"
#include "netns.h"

bool
lab_readable(int fd)
{
	struct pollfd p = {.fd = fd, .events = POLLIN};

	return poll(&p, 1, DEADLINE_S * 1000) == 1;
}

struct sockaddr_storage
lab_address(const char *text, in_port_t port, socklen_t *len)
{
	struct sockaddr_storage ss;
	struct addr a;

	assert_int_equal(addr_parse(text, &a), 0);
	*len = addr_to_sockaddr(&a, port, &ss);
	return ss;
}

int
bound_socket(int ns, int type, const char *text, in_port_t port)
{
	socklen_t len;
	struct sockaddr_storage ss = lab_address(text, port, &len);
	int fd = netns_socket(ns, ss.ss_family, type, 0), on = 1;

	setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
	assert_int_equal(bind(fd, (struct sockaddr *)&ss, len), 0);
	return fd;
}

int
far_ns(const char *target)
{
	static const char *const behind[] = {"203.0.113.3", "203.0.113.4"};

	return strcmp(target, behind[0]) == 0   ? lab.g1
	       : strcmp(target, behind[1]) == 0 ? lab.g2
						: lab.net;
}

void
udp_send(const struct flow *flow, size_t size)
{
	char payload[1400] = {0};

	assert_int_equal(send(flow->near, payload, size, 0), size);
}

void
udp_answer(struct flow *flow)
{
	struct sockaddr_storage from;
	socklen_t len = sizeof(from);
	char payload[1500];
	struct addr a;
	ssize_t got;

	assert_true(lab_readable(flow->far));
	got = recvfrom(flow->far, payload, sizeof(payload), 0, (struct sockaddr *)&from, &len);
	assert_true(got >= 0);
	assert_int_equal(addr_from_sockaddr((struct sockaddr *)&from, &a), 0);
	addr_text(&a, flow->seen);
	assert_int_equal(sendto(flow->far, payload, (size_t)got, 0, (struct sockaddr *)&from, len),
			 got);
	assert_true(lab_readable(flow->near));
	assert_int_equal(recv(flow->near, payload, sizeof(payload), 0), got);
}

struct flow
udp_open(int ns, const char *target)
{
	struct flow flow;
	socklen_t len;
	struct sockaddr_storage ss = lab_address(target, ++lab.port, &len);

	flow.far = bound_socket(far_ns(target), SOCK_DGRAM, target, lab.port);
	flow.near = netns_socket(ns, ss.ss_family, SOCK_DGRAM, 0);
	assert_int_equal(connect(flow.near, (struct sockaddr *)&ss, len), 0);
	return flow;
}

struct flow
udp_flow(int ns, const char *target)
{
	struct flow flow = udp_open(ns, target);

	udp_send(&flow, 100);
	udp_answer(&flow);
	return flow;
}

struct flow
tcp_flow(int ns, const char *target)
{
	struct flow flow;
	socklen_t len;
	struct sockaddr_storage ss = lab_address(target, ++lab.port, &len);
	int listener = bound_socket(far_ns(target), SOCK_STREAM, target, lab.port);

	assert_int_equal(listen(listener, 1), 0);
	flow.near = netns_socket(ns, ss.ss_family, SOCK_STREAM, 0);
	assert_int_equal(connect(flow.near, (struct sockaddr *)&ss, len), 0);
	flow.far = accept4(listener, NULL, NULL, SOCK_CLOEXEC);
	assert_int_not_equal(flow.far, -1);
	close(listener);
	return flow;
}

void
tcp_transfer(const struct flow *flow, size_t size)
{
	static char chunk[65536];
	size_t sent = 0, received = 0;

	fcntl(flow->near, F_SETFL, O_NONBLOCK);
	while (received < size) {
		ssize_t put = sent < size ? send(flow->near, chunk, sizeof(chunk), 0) : 0, got;

		sent += put > 0 ? (size_t)put : 0;
		assert_true(lab_readable(flow->far));
		got = recv(flow->far, chunk, sizeof(chunk), 0);
		assert_true(got > 0);
		received += (size_t)got;
	}
}

void
flow_close(const struct flow *flow)
{
	close(flow->near);
	close(flow->far);
}
