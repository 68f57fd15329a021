/* SPDX-License-Identifier: ISC */
/* The control socket whenever memory runs out: a client gets the whole answer, a reason or
 * the end of its connection, never a part that passes for the whole; it is counted, and
 * the next client is served. */
#include "unit.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <event2/event.h>
#include <jansson.h>

#include "common/clock.h"
#include "engine/control.h"
#include "engine/memory.h"
#include "handmade_board.h"
#include "scarce.h"

enum { ANSWER_MAX = 1 << 20, WAIT_MS = 5000 };

static struct sockaddr_un address = {.sun_family = AF_UNIX};
static struct board *board;
static struct event_base *base;
static struct control *control;
static unsigned orders;
static char answer[ANSWER_MAX];

static int
no_answer(void *arg)
{
	(void)arg;
	return -1;
}

static enum order_verdict
take_order(void *arg, const struct order *order, uid_t uid, char *why, size_t size)
{
	(void)arg;
	(void)order;
	(void)uid;
	snprintf(why, size, "%s", "");
	orders++;
	return ORDER_OK;
}

static int
no_path(void *arg, unsigned link, const struct addr *target, uint32_t token)
{
	(void)arg;
	(void)link;
	(void)target;
	(void)token;
	return -1;
}

static int
listener(void)
{
	int fd = socket(AF_UNIX, SOCK_STREAM, 0);

	snprintf(address.sun_path, sizeof(address.sun_path), "/tmp/test_memory.%d", (int)getpid());
	unlink(address.sun_path);
	assert_int_equal(bind(fd, (struct sockaddr *)&address, sizeof(address)), 0);
	assert_int_equal(listen(fd, 16), 0);
	return fd;
}

static int
begin(void **state)
{
	const struct control_ops ops = {take_order, no_answer,          no_answer,
					no_path,    handmade_judgement, NULL};

	(void)state;
	base = event_base_new();
	board = handmade_board(clock_mono_ns());
	control = control_new(base, listener(), board, &ops);
	return control == NULL ? -1 : 0;
}

static int
end(void **state)
{
	(void)state;
	control_free(control);
	event_base_free(base);
	handmade_board_free(board);
	unlink(address.sun_path);
	return 0;
}

/* What the client has when its connection ends, or a whole line. Its own memory is none. */
static size_t
hear(int fd)
{
	uint64_t end_ns = clock_mono_ns() + WAIT_MS * NSEC_PER_MSEC;
	size_t len = 0;

	while (clock_mono_ns() < end_ns) {
		ssize_t n = recv(fd, answer + len, ANSWER_MAX - len, MSG_DONTWAIT);

		if (n == 0 || (n < 0 && errno != EAGAIN))
			return len;
		if (n > 0)
			len += (size_t)n;
		if (len > 0 && answer[len - 1] == '\n')
			return len;
		event_base_loop(base, EVLOOP_ONCE | EVLOOP_NONBLOCK);
	}
	scarce_no_more();
	fail_msg("neither an answer nor the end");
	return 0;
}

static size_t
ask(const char *request)
{
	int fd = socket(AF_UNIX, SOCK_STREAM, 0);
	size_t len;

	assert_int_equal(connect(fd, (struct sockaddr *)&address, sizeof(address)), 0);
	assert_int_equal(send(fd, request, strlen(request), MSG_NOSIGNAL), strlen(request));
	len = hear(fd);
	close(fd);
	return len;
}

/* Numbers of members and rows, so that ages do not matter. */
static size_t
count_values(const json_t *json)
{
	size_t n = 1, i;
	const char *key;
	json_t *value;

	json_object_foreach((json_t *)json, key, value) n += count_values(value);
	json_array_foreach(json, i, value) n += count_values(value);
	return n;
}

struct exchange {
	const char *request;
	size_t values; /* of the whole answer */
};

static bool
exchange(void *arg)
{
	const struct exchange *x = arg;
	size_t len = ask(x->request);
	bool ok, ran_out = scarce_no_more();
	json_t *json;

	if (len == 0 || answer[len - 1] != '\n') { /* cut off: nobody takes that for an answer */
		assert_true(ran_out);
		return false;
	}
	json = json_loadb(answer, len, 0, NULL);
	assert_non_null(json);
	ok = json_is_true(json_object_get(json, "ok"));
	if (ok)
		assert_int_equal(count_values(json), x->values);
	else
		assert_true(ran_out && json_object_get(json, "error") != NULL);
	json_decref(json);
	return ok;
}

static void
test_requests(void **state)
{
	static const char *const requests[] = {
	    "{\"v\":1,\"command\":\"status\"}\n",
	    "{\"v\":1,\"command\":\"targets\",\"samples\":5}\n",
	    "{\"v\":1,\"command\":\"routes\"}\n",
	    "{\"v\":1,\"command\":\"plan\"}\n",
	    "{\"v\":1,\"command\":\"events\"}\n",
	    "{\"v\":1,\"command\":\"history\",\"link\":\"fibre\"}\n",
	    "{\"v\":1,\"command\":\"stats\"}\n",
	    "{\"v\":1,\"command\":\"judgement\",\"link\":\"fibre\"}\n",
	    "{\"v\":1,\"command\":\"drain\",\"link\":\"fibre\",\"comment\":\"line card\"}\n",
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(requests); i++) {
		struct exchange x = {requests[i], 0};
		size_t len = ask(x.request);
		json_t *json = json_loadb(answer, len, 0, NULL);

		assert_true(json_is_true(json_object_get(json, "ok")));
		x.values = count_values(json);
		json_decref(json);
		scarce_everywhere(exchange, &x);
	}
}

/* The count of those who got nothing goes up, for all to see. */
static void
test_it_is_counted(void **state)
{
	size_t len;
	json_t *json, *refused;

	(void)state;
	len = ask("{\"v\":1,\"command\":\"stats\"}\n");
	json = json_loadb(answer, len, 0, NULL);
	refused = json_object_get(json_object_get(json, "result"), "clients_refused");
	assert_true(json_integer_value(refused) > 0);
	json_decref(json);
	assert_true(orders > 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_requests),
	    cmocka_unit_test(test_it_is_counted),
	};

	memory_watch();
	json_object_seed(1);
	return cmocka_run_group_tests(tests, begin, end);
}
