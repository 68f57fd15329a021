/* SPDX-License-Identifier: ISC */
/* See the header. Links with control_wraps. */
#include "control_world.h"
#include "unit.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include <event2/event.h>

#include "common/clock.h"
#include "engine/control.h"
#include "handmade_board.h"
#include "system/system.h"

uint64_t leapt_ns;
uid_t peer_uid;

uint64_t __wrap_clock_mono_ns(void);
int __wrap_sys_peer(int fd, uid_t *uid, gid_t *gid);

uint64_t
__wrap_clock_mono_ns(void)
{
	/* a machine that is up for long, so that old things are possible on a new one */
	return __real_clock_mono_ns() + 1000000 * NSEC_PER_SEC + leapt_ns;
}

int
__wrap_sys_peer(int fd, uid_t *uid, gid_t *gid)
{
	(void)fd;
	*uid = peer_uid;
	*gid = 0;
	return 0;
}

/* ---- an engine's stand-in ---- */

static int
take_reload(void *arg)
{
	struct asked *a = arg;

	a->reloads++;
	return a->result;
}

static int
take_release(void *arg)
{
	struct asked *a = arg;

	a->releases++;
	return a->result;
}

static enum order_verdict
take_order(void *arg, const struct order *order, uid_t uid, char *why, size_t why_size)
{
	struct asked *a = arg;

	a->orders++;
	a->order = *order;
	a->uid = uid;
	snprintf(why, why_size, "%s", a->verdict ? "because of the test" : "");
	return a->verdict;
}

static int
take_verify(void *arg, unsigned link, const struct addr *target, uint32_t token)
{
	struct asked *a = arg;

	a->verifies++;
	a->link = link;
	a->target = *target;
	a->token = token;
	return a->result;
}

int
control_set_up(void **state)
{
	struct world *w = calloc(1, sizeof(*w));
	struct control_ops ops = {.order = take_order,
				  .reload = take_reload,
				  .release = take_release,
				  .verify = take_verify,
				  .judgement = handmade_judgement};
	int fd = socket(AF_UNIX, SOCK_STREAM, 0);

	leapt_ns = 0;
	peer_uid = 1000;
	strcpy(w->dir, "/tmp/test_control.XXXXXX");
	assert_non_null(mkdtemp(w->dir));
	w->sun.sun_family = AF_UNIX;
	snprintf(w->sun.sun_path, sizeof(w->sun.sun_path), "%s/s", w->dir);
	assert_int_equal(bind(fd, (struct sockaddr *)&w->sun, sizeof(w->sun)), 0);
	assert_int_equal(listen(fd, 128), 0);
	w->base = event_base_new();
	w->board = handmade_board(clock_mono_ns());
	w->answer = malloc(ANSWER_MAX);
	ops.arg = &w->asked;
	w->control = control_new(w->base, fd, w->board, &ops);
	assert_non_null(w->control);
	*state = w;
	return 0;
}

int
control_tear_down(void **state)
{
	struct world *w = *state;

	control_free(w->control);
	event_base_free(w->base);
	handmade_board_free(w->board);
	unlink(w->sun.sun_path);
	rmdir(w->dir);
	free(w->answer);
	free(w);
	return 0;
}

/* ---- a client ---- */

int
client(struct world *w)
{
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0);

	assert_int_equal(connect(fd, (struct sockaddr *)&w->sun, sizeof(w->sun)), 0);
	return fd;
}

void
say(int fd, const char *text)
{
	assert_int_equal(send(fd, text, strlen(text), MSG_NOSIGNAL), strlen(text));
}

void
turn(struct world *w)
{
	event_base_loop(w->base, EVLOOP_ONCE | EVLOOP_NONBLOCK);
}

void
turn_for(struct world *w, unsigned ms)
{
	uint64_t end_ns = __real_clock_mono_ns() + ms * NSEC_PER_MSEC;

	while (__real_clock_mono_ns() < end_ns)
		turn(w);
}

/* Takes what is there, up to the end of a line: the next one stays. */
static ssize_t
take_line(int fd, char *to, size_t size)
{
	ssize_t n = recv(fd, to, size, MSG_PEEK);
	char *end = n > 0 ? memchr(to, '\n', (size_t)n) : NULL;

	return n > 0 ? recv(fd, to, end ? (size_t)(end - to) + 1 : (size_t)n, 0) : n;
}

/* Turns the loop until a whole line is there. Its length, 0: the daemon closed. */
size_t
hear(struct world *w, int fd)
{
	uint64_t end_ns = __real_clock_mono_ns() + WAIT_MS * NSEC_PER_MSEC;

	w->len = 0;
	while (w->len == 0 || w->answer[w->len - 1] != '\n') {
		ssize_t n = take_line(fd, w->answer + w->len, ANSWER_MAX - w->len);

		if (n == 0 || (n < 0 && errno == ECONNRESET))
			return 0;
		if (n < 0)
			turn(w);
		else
			w->len += (size_t)n;
		assert_true(__real_clock_mono_ns() < end_ns);
	}
	return w->len;
}

json_t *
hear_json(struct world *w, int fd)
{
	size_t len = hear(w, fd);
	json_t *line = json_loadb(w->answer, len, JSON_REJECT_DUPLICATES, NULL);

	assert_non_null(line);
	assert_int_equal(json_integer_value(json_object_get(line, "v")), 1);
	return line;
}

json_t *
ask(struct world *w, const char *request)
{
	int fd = client(w);
	json_t *answer;

	say(fd, request);
	say(fd, "\n");
	answer = hear_json(w, fd);
	close(fd);
	return answer;
}

json_t *
ask_result(struct world *w, const char *request)
{
	json_t *answer = ask(w, request), *result = json_object_get(answer, "result");

	assert_true(json_is_true(json_object_get(answer, "ok")));
	assert_non_null(result);
	json_incref(result);
	json_decref(answer);
	return result;
}

/* The error's code; its message, which must not be empty, in the answer. */
void
expect_error(json_t *answer, const char *code)
{
	json_t *error = json_object_get(answer, "error");

	assert_true(json_is_false(json_object_get(answer, "ok")));
	assert_string_equal(json_string_value(json_object_get(error, "code")), code);
	assert_true(json_string_length(json_object_get(error, "message")) > 0);
	json_decref(answer);
}

const char *
text_of(json_t *o, const char *key)
{
	return json_string_value(json_object_get(o, key));
}

long long
number_of(json_t *o, const char *key)
{
	return json_is_integer(json_object_get(o, key))
		   ? json_integer_value(json_object_get(o, key))
		   : -1;
}

bool
is_closed(struct world *w, int fd)
{
	uint64_t end_ns = __real_clock_mono_ns() + WAIT_MS * NSEC_PER_MSEC;
	char octets[4096];
	ssize_t n;

	do {
		turn(w);
		n = recv(fd, octets, sizeof(octets), 0);
		if (n == 0 || (n < 0 && errno == ECONNRESET))
			return true;
	} while (__real_clock_mono_ns() < end_ns);
	return false;
}

int
wait_for(struct world *w, const char *request, const unsigned *asked)
{
	uint64_t end_ns = __real_clock_mono_ns() + WAIT_MS * NSEC_PER_MSEC;
	unsigned before = *asked;
	int fd = client(w);

	say(fd, request);
	while (*asked == before) {
		turn(w);
		assert_true(__real_clock_mono_ns() < end_ns);
	}
	return fd;
}

void
give_sample(struct world *w, const char *link, uint32_t number)
{
	struct recorded r = {.family = V4,
			     .method = METHOD_ICMP,
			     .number = number,
			     .at_ns = 2000 + number,
			     .sent_ns = 1000 + number,
			     .wall_ns = NSEC_PER_SEC,
			     .rtt_us = number % 2 ? 12345 : RTT_UNKNOWN};

	snprintf(r.link, sizeof(r.link), "%s", link);
	assert_int_equal(addr_parse("203.0.113.1", &r.address), 0);
	if (control_recording(w->control))
		control_sample(w->control, &r);
}
