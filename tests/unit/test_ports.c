/* SPDX-License-Identifier: ISC */
/* The own agent's TCP port where memory runs out: a connection that can't be served is hung
 * up, the next is served. */
#include "unit.h"

#include <errno.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <event2/event.h>

#include "common/reserve.h"
#include "conf/conf.h"
#include "scarce.h"
#include "subagent/port.h"

static const uint8_t message[] = {0x30, 3, 2, 1, 0};

struct place {
	struct event_base *base;
	struct sockaddr_in address;
	unsigned taken;
};

static void
take(void *arg, const void *octets, size_t length, const struct origin *from)
{
	struct place *place = arg;

	assert_int_equal(length, sizeof(message));
	assert_memory_equal(octets, message, length);
	assert_true(from->connection != 0);
	place->taken++;
}

static bool
ask(void *arg)
{
	struct place *place = arg;
	unsigned before = place->taken;
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
	bool served;

	connect(fd, (struct sockaddr *)&place->address, sizeof(place->address));
	event_base_loop(place->base, EVLOOP_ONCE | EVLOOP_NONBLOCK); /* it is taken or hung up */
	served = send(fd, message, sizeof(message), MSG_NOSIGNAL) == sizeof(message);
	for (int i = 0; i < 4; i++)
		event_base_loop(place->base, EVLOOP_ONCE | EVLOOP_NONBLOCK);
	served = served && place->taken > before;
	if (!served) {
		char octet;
		ssize_t n = recv(fd, &octet, 1, 0);

		assert_true(n == 0 || (n < 0 && errno == ECONNRESET)); /* nobody is left waiting */
	}
	close(fd);
	for (int i = 0; i < 4; i++)
		event_base_loop(place->base, EVLOOP_ONCE | EVLOOP_NONBLOCK);
	return served;
}

static void
test_a_connection_without_memory_is_hung_up(void **state)
{
	const struct conf_listen listen_at = {.tcp = true};
	socklen_t len = sizeof(struct sockaddr_in);
	struct place place = {.base = event_base_new()};
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
	struct ports *ports;

	(void)state;
	place.address.sin_family = AF_INET;
	place.address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	assert_int_equal(bind(fd, (struct sockaddr *)&place.address, len), 0);
	assert_int_equal(getsockname(fd, (struct sockaddr *)&place.address, &len), 0);
	assert_int_equal(listen(fd, 16), 0);
	ports = ports_new(place.base, take, &place);
	assert_non_null(ports);
	assert_int_equal(ports_add(ports, fd, &listen_at), 0);
	assert_true(ask(&place));
	scarce_everywhere(ask, &place);
	for (int i = 0; i < 2 * RESERVE_PIECES; i++) {
		scarce_after(0, true);
		assert_false(ask(&place));
		scarce_no_more();
	}
	assert_true(ask(&place));
	ports_free(ports);
	event_base_loop(place.base, EVLOOP_NONBLOCK);
	event_base_free(place.base);
	close(fd);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_a_connection_without_memory_is_hung_up),
	};

	reserve_for_libevent();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
