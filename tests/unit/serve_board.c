/* SPDX-License-Identifier: ISC */
/* Serves a handmade board at a socket until it is killed or released: what
 * uplinkctl is tried against without a daemon. Orders are taken to the letter,
 * except that link dsl refuses them; a reload fails when the file "bad" stands
 * beside the socket. */
#include "config.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <event2/event.h>

#include "common/clock.h"
#include "engine/control.h"
#include "handmade_board.h"

struct served {
	struct event_base *base;
	struct control *control;
	struct board *board;
	struct event *later, *beat;
	struct ipc_reloaded reloaded;
	struct ipc_path path;
	struct sockaddr_un sun;
};

uint64_t __real_clock_mono_ns(void);
uint64_t __wrap_clock_mono_ns(void);

/* A machine that is up for long, so that old things are possible on a new one. */
uint64_t
__wrap_clock_mono_ns(void)
{
	return __real_clock_mono_ns() + 1000000 * NSEC_PER_SEC;
}

static enum order_verdict
take_order(void *arg, const struct order *order, uid_t uid, char *why, size_t why_size)
{
	struct served *s = arg;
	struct board_link l;

	(void)uid;
	if (order->link == 2 && !order->force) {
		snprintf(why, why_size, "no other link could carry its traffic");
		return ORDER_INCONSISTENT;
	}
	board_read(&s->board->links[order->link], &l, sizeof(l));
	l.admin = order->admin;
	l.actor = ACTOR_CONTROL;
	l.forced = order->force;
	memcpy(l.owner, order->owner, sizeof(l.owner));
	memcpy(l.comment, order->comment, sizeof(l.comment));
	l.order_timeout_s = order->timeout_s;
	l.order_since_ns = clock_mono_ns();
	l.order_expires_ns =
	    order->timeout_s ? clock_mono_ns() + order->timeout_s * NSEC_PER_SEC : 0;
	if (order->admin == ADMIN_DRAIN) {
		l.oper = OPER_DRAINED;
		l.oper_reason = REASON_ORDER_DRAIN;
	}
	board_write(&s->board->links[order->link], &l, sizeof(l));
	handmade_event(s->board, EVENT_CONTROL_SET, order->comment);
	control_event(s->control);
	return ORDER_OK;
}

static void
answer_later(struct served *s)
{
	const struct timeval soon = {0, 10000};

	event_add(s->later, &soon);
}

static int
take_reload(void *arg)
{
	struct served *s = arg;
	char bad[sizeof(s->sun.sun_path) + 8];

	snprintf(bad, sizeof(bad), "%s.bad", s->sun.sun_path);
	s->reloaded = (struct ipc_reloaded){.ok = access(bad, F_OK) != 0,
					    .error = "uplinkd.conf:7: no such \033[31mthing"};
	answer_later(s);
	return 0;
}

static int
take_release(void *arg)
{
	struct served *s = arg;
	const struct timeval soon = {0, 300000};

	event_base_loopexit(s->base, &soon);
	return 0;
}

static int
take_verify(void *arg, unsigned link, const struct addr *target, uint32_t token)
{
	struct served *s = arg;
	struct board_link l;

	board_read(&s->board->links[link], &l, sizeof(l));
	s->path = (struct ipc_path){.id = token,
				    .link = (uint16_t)link,
				    .target = *target,
				    .ifindex = link == 2 ? 99 : l.ifindex,
				    .gateway = l.route[V4].gateway,
				    .source = l.route[V4].source};
	memcpy(s->path.ifname, l.ifname, sizeof(s->path.ifname));
	answer_later(s);
	return 0;
}

static void
on_later(evutil_socket_t fd, short what, void *arg)
{
	struct served *s = arg;

	(void)fd;
	(void)what;
	control_reloaded(s->control, &s->reloaded);
	control_path(s->control, &s->path);
}

static void
beat(evutil_socket_t fd, short what, void *arg)
{
	struct served *s = arg;
	struct board_global g;

	(void)fd;
	(void)what;
	board_read(&s->board->global, &g, sizeof(g));
	g.heartbeat_ns = clock_mono_ns();
	board_write(&s->board->global, &g, sizeof(g));
}

int
main(int argc, char **argv)
{
	struct served s = {.sun = {.sun_family = AF_UNIX}};
	struct control_ops ops = {.order = take_order,
				  .reload = take_reload,
				  .release = take_release,
				  .verify = take_verify,
				  .judgement = handmade_judgement,
				  .arg = &s};
	const struct timeval often = {0, 100000};
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

	if (argc < 2 || strlen(argv[1]) >= sizeof(s.sun.sun_path)) {
		fprintf(stderr, "usage: serve_board SOCKET [TARGETS]\n");
		return 2;
	}
	strcpy(s.sun.sun_path, argv[1]);
	unlink(s.sun.sun_path);
	if (bind(fd, (struct sockaddr *)&s.sun, sizeof(s.sun)) != 0 || listen(fd, 32) != 0) {
		perror(s.sun.sun_path);
		return 1;
	}
	s.base = event_base_new();
	s.board = handmade_board(clock_mono_ns());
	if (argc > 2)
		handmade_targets(s.board, 1, (unsigned)atoi(argv[2]));
	s.later = evtimer_new(s.base, on_later, &s);
	s.control = control_new(s.base, fd, s.board, &ops);
	if (s.control == NULL)
		return 1;
	s.beat = event_new(s.base, -1, EV_PERSIST, beat, &s);
	event_add(s.beat, &often);
	event_base_dispatch(s.base);
	unlink(s.sun.sun_path);
	control_free(s.control);
	event_free(s.later);
	event_free(s.beat);
	event_base_free(s.base);
	handmade_board_free(s.board);
	return 0;
}
