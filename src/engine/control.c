/* SPDX-License-Identifier: ISC */
/* Clients and their turns. Every piece of work (a request, a row of an answer, an
 * event for a follower) is done in turns of at most SLICE_NS, after which the loop
 * goes on; more is only written once the client has taken what it was given. So
 * what a client costs is bounded in time and memory, whatever it does. */
#include "config.h"

#include "engine/control.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/queue.h>
#include <sys/socket.h>
#include <unistd.h>

#include <event2/buffer.h>
#include <event2/bufferevent.h>
#include <event2/event.h>

#include "common/clock.h"
#include "common/log.h"
#include "engine/control_answer.h"
#include "engine/control_request.h"
#include "engine/judgement.h"
#include "engine/render.h"
#include "system/system.h"

#ifndef TAILQ_FOREACH_SAFE
#define TAILQ_FOREACH_SAFE(var, head, field, tvar)                                         \
	for ((var) = TAILQ_FIRST((head)); (var) && ((tvar) = TAILQ_NEXT((var), field), 1); \
	     (var) = (tvar))
#endif

enum {
	CLIENTS_MAX = 64,
	CLIENTS_FOR_ROOT = 4, /* of them, so that a group can't lock root out */
	ACCEPTS_PER_TURN = 8,
	ROWS_PER_TURN = 8,            /* of one client, before the next one's turn */
	RECORDERS_MAX = 4,            /* each costs time with every sample */
	RECORDER_BEHIND = 256 * 1024, /* octets that a recorder has to take: no more before */
	OUTPUT_LOW = 16 * 1024,       /* below this a client is given more */
	OUTPUT_ENOUGH = 64 * 1024,    /* above it, not */
	REST_US = 1000,               /* the loop's own, between two turns */
	ANSWER_WITHIN_S = 10,         /* for what must be asked of another process */
	IDLE_S = 30,
	TAKEN_WITHIN_S = 120, /* the longest answer */
};

#define SLICE_NS NSEC_PER_MSEC

enum client_state {
	CLIENT_READING, /* for a request */
	CLIENT_ANSWERING,
	CLIENT_WAITING_RELOAD,
	CLIENT_WAITING_PATH,
	CLIENT_FOLLOWING,
	CLIENT_RECORDING,
	CLIENT_LEAVING, /* once it has taken what it was given */
};

struct client {
	TAILQ_ENTRY(client) all, work;
	struct control *control;
	struct bufferevent *bev;
	uid_t uid;
	enum client_state state;
	bool queued;            /* for work */
	bool eof;               /* it sends no more */
	uint64_t since_ns;      /* when the state began */
	uint64_t taken_ns;      /* when it last took something, or had nothing to take */
	size_t waiting;         /* octets that it had to take then */
	uint32_t token;         /* of a path */
	struct board_link link; /* of a path */
	struct control_answer answer;
	uint64_t next_event;
	char recorded_link[NAME_LEN + 1]; /* of a recorder: "" for all */
	uint64_t missed;                  /* samples that it has not taken, and does not know of */
};

TAILQ_HEAD(client_list, client);

struct control {
	struct event_base *base;
	int listen_fd;
	struct event *acceptable, *turn, *sweep;
	const struct board *board;
	struct control_ops ops;
	struct client_list all, work;
	unsigned nclients, nrecorders;
	uint64_t refused; /* clients, since the engine started */
	uint32_t token;
};

/* ---- clients ---- */

static void
drop(struct client *c)
{
	struct control *k = c->control;

	TAILQ_REMOVE(&k->all, c, all);
	if (c->queued)
		TAILQ_REMOVE(&k->work, c, work);
	k->nclients--;
	k->nrecorders -= c->state == CLIENT_RECORDING;
	bufferevent_free(c->bev);
	free(c);
}

static void
schedule(struct client *c)
{
	const struct timeval at_once = {0, 0};

	if (c->queued)
		return;
	c->queued = true;
	TAILQ_INSERT_TAIL(&c->control->work, c, work);
	if (!event_pending(c->control->turn, EV_TIMEOUT, NULL))
		event_add(c->control->turn, &at_once);
}

static void
enter(struct client *c, enum client_state state)
{
	c->state = state;
	c->since_ns = clock_mono_ns();
}

static struct evbuffer *
output(const struct client *c)
{
	return bufferevent_get_output(c->bev);
}

static void
refuse(struct client *c, const struct control_error *error)
{
	control_put_error(output(c), error);
	enter(c, CLIENT_READING);
}

/* ---- requests ---- */

static void
do_order(struct client *c, struct control_request *r, const struct board_link *link)
{
	static const char *const codes[] = {[ORDER_NO_LINK] = "no_link",
					    [ORDER_WRONG_VALUE] = "bad_argument",
					    [ORDER_INCONSISTENT] = "refused",
					    [ORDER_READ_ONLY] = "read_only",
					    [ORDER_BUSY] = "busy",
					    [ORDER_LOCK] = "busy"};
	const struct control_ops *ops = &c->control->ops;
	struct control_error error;
	char why[256] = "";
	enum order_verdict verdict;
	struct board_link now;

	r->order.link = link->index;
	verdict = ops->order(ops->arg, &r->order, c->uid, why, sizeof(why));
	if (verdict != ORDER_OK) {
		control_error_set(&error,
				  (size_t)verdict <= ORDER_LOCK ? codes[verdict] : "refused",
				  "%s of link \"%.*s\" is refused: %s", admin_name(r->order.admin),
				  NAME_LEN, link->name, why);
		refuse(c, &error);
		return;
	}
	board_read(&c->control->board->links[link->index], &now, sizeof(now));
	control_put_result(output(c), render_link(&now, clock_mono_ns()));
	enter(c, CLIENT_READING);
}

static void
refuse_unasked(struct client *c)
{
	struct control_error error;

	control_error_set(&error, "unavailable",
			  "the parent process can't be asked now: try again in a second");
	refuse(c, &error);
}

static void
do_reload(struct client *c)
{
	const struct control_ops *ops = &c->control->ops;

	enter(c, CLIENT_WAITING_RELOAD);
	if (ops->reload(ops->arg) != 0)
		refuse_unasked(c);
}

static void
do_release(struct client *c)
{
	const struct control_ops *ops = &c->control->ops;

	if (ops->release(ops->arg) != 0) {
		refuse_unasked(c);
		return;
	}
	log_info("release was ordered by user %lu", (unsigned long)c->uid);
	control_put_result(output(c), json_pack("{s:b}", "releasing", 1));
	enter(c, CLIENT_READING);
}

/* The first target of the link that has an address. */
static bool
any_target(const struct board *board, unsigned link, struct addr *addr)
{
	struct board_global g;
	struct board_target t;

	board_read(&board->global, &g, sizeof(g));
	for (uint32_t i = 0; i < g.target_slots && i < TARGETS_MAX; i++) {
		if (board->targets[i].link != link) /* a hint that spares most of the copies */
			continue;
		board_read(&board->targets[i], &t, sizeof(t));
		if (t.link == link && addr_is_set(&t.addr)) {
			*addr = t.addr;
			return true;
		}
	}
	return false;
}

static void
do_verify(struct client *c, const struct control_request *r, const struct board_link *link)
{
	const struct control_ops *ops = &c->control->ops;
	struct addr target = r->target;
	struct control_error error;

	if (!addr_is_set(&target) && !any_target(c->control->board, link->index, &target)) {
		control_error_set(&error, "bad_argument",
				  "link \"%.*s\" has no target with a known address: name one",
				  NAME_LEN, link->name);
		refuse(c, &error);
		return;
	}
	c->link = *link;
	c->token = ++c->control->token;
	enter(c, CLIENT_WAITING_PATH);
	if (ops->verify(ops->arg, link->index, &target, c->token) != 0)
		refuse_unasked(c);
}

static void
do_judgement(struct client *c, const struct board_link *link)
{
	const struct control_ops *ops = &c->control->ops;
	struct control_error error;
	struct judgement j;

	if (!ops->judgement(ops->arg, link->index, &j)) {
		control_error_set(&error, "no_link", "link \"%.*s\" is just being removed",
				  NAME_LEN, link->name);
		refuse(c, &error);
		return;
	}
	control_put_result(output(c), render_judgement(&j, link));
	enter(c, CLIENT_READING);
}

static void
do_follow(struct client *c, const struct control_request *r)
{
	uint64_t last, missed;

	c->next_event = control_events_first(c->control->board, r, &last, &missed);
	/* What is too old is told as missed by the first step. */
	c->next_event -= missed;
	control_put_result(output(c),
			   json_pack("{s:b,s:I}", "follow", 1, "last", (json_int_t)last));
	enter(c, CLIENT_FOLLOWING);
	schedule(c);
}

static void
do_record(struct client *c, const struct board_link *link)
{
	struct control_error error;

	if (c->control->nrecorders == RECORDERS_MAX) {
		control_error_set(&error, "busy", "%d are recording already: end one of them",
				  RECORDERS_MAX);
		refuse(c, &error);
		return;
	}
	control_put_result(output(c), json_pack("{s:b}", "record", 1));
	memcpy(c->recorded_link, link->name, sizeof(c->recorded_link));
	c->missed = 0;
	c->control->nrecorders++;
	enter(c, CLIENT_RECORDING);
}

static void
do_rows(struct client *c, const struct control_request *r, uint16_t only_link)
{
	control_answer_begin(&c->answer, c->control->board, r, only_link, clock_mono_ns(),
			     clock_wall_ns(), output(c));
	enter(c, CLIENT_ANSWERING);
}

static void
do_request(struct client *c, struct control_request *r)
{
	bool about_link = r->link_index != 0 || r->link[0] != '\0';
	struct board_link link = {.index = 0};
	struct board_global g;
	struct control_error error;

	if (about_link && !control_find_link(c->control->board, r, &link, &error)) {
		refuse(c, &error);
		return;
	}
	switch (r->command) {
	case CONTROL_ORDER:
		do_order(c, r, &link);
		return;
	case CONTROL_VERIFY:
		do_verify(c, r, &link);
		return;
	case CONTROL_RELOAD:
		do_reload(c);
		return;
	case CONTROL_RELEASE:
		do_release(c);
		return;
	case CONTROL_RECORD:
		do_record(c, &link);
		return;
	case CONTROL_STATS:
		board_read(&c->control->board->global, &g, sizeof(g));
		control_put_result(output(c),
				   render_stats(&g, c->control->refused, clock_mono_ns()));
		enter(c, CLIENT_READING);
		return;
	case CONTROL_JUDGEMENT:
		do_judgement(c, &link);
		return;
	case CONTROL_EVENTS:
		if (r->follow) {
			do_follow(c, r);
			return;
		}
		break;
	default:
		break;
	}
	do_rows(c, r, link.index);
}

/* The next whole line of the input, or its rest when nothing follows. NULL: none
 * yet, or *too_long. */
static char *
next_line(struct client *c, size_t *len, bool *too_long)
{
	struct evbuffer *in = bufferevent_get_input(c->bev);
	char *line = evbuffer_readln(in, len, EVBUFFER_EOL_LF);

	if (line == NULL && c->eof && evbuffer_get_length(in) > 0) {
		*len = evbuffer_get_length(in);
		line = malloc(*len);
		if (line != NULL)
			evbuffer_remove(in, line, *len);
	}
	*too_long = line != NULL ? *len > CONTROL_REQUEST_MAX
				 : evbuffer_get_length(in) > CONTROL_REQUEST_MAX;
	return line;
}

static void
refuse_too_long(struct client *c)
{
	struct control_error error;

	control_error_set(&error, "too_long", "a request is one line of at most %d octets",
			  CONTROL_REQUEST_MAX);
	refuse(c, &error);
	bufferevent_disable(c->bev, EV_READ);
	enter(c, CLIENT_LEAVING);
}

/* True: there may be another line. */
static bool
read_request(struct client *c)
{
	struct control_request request;
	struct control_error error;
	bool too_long;
	size_t len = 0;
	char *line = next_line(c, &len, &too_long);

	if (too_long) {
		free(line);
		refuse_too_long(c);
		return true;
	}
	if (line == NULL) {
		if (c->eof)
			enter(c, CLIENT_LEAVING);
		return c->eof;
	}
	if (control_request_parse(line, len, &request, &error))
		do_request(c, &request);
	else
		refuse(c, &error);
	free(line);
	return true;
}

/* ---- turns ---- */

static bool
write_rows(struct client *c)
{
	uint64_t now_ns = clock_mono_ns();

	for (int i = 0; i < ROWS_PER_TURN; i++) {
		if (control_answer_step(&c->answer, now_ns, output(c)))
			continue;
		enter(c, CLIENT_READING);
		break;
	}
	return true;
}

static bool
write_events(struct client *c)
{
	uint64_t now_ns = clock_mono_ns();

	for (int i = 0; i < ROWS_PER_TURN; i++)
		if (!control_event_step(c->control->board, &c->next_event, now_ns, output(c)))
			return false;
	return true;
}

/* One turn of one client, *c NULL if it is gone. True: it has more to do now. */
static bool
serve(struct client **at)
{
	struct client *c = *at;
	size_t waiting = evbuffer_get_length(output(c));

	if (c->state == CLIENT_LEAVING && waiting == 0) {
		drop(c);
		*at = NULL;
		return false;
	}
	if (waiting > OUTPUT_ENOUGH)
		return false; /* on_written comes back to it */
	switch (c->state) {
	case CLIENT_READING:
		return read_request(c);
	case CLIENT_ANSWERING:
		return write_rows(c);
	case CLIENT_FOLLOWING:
		return write_events(c);
	default:
		return false;
	}
}

static void
on_turn(evutil_socket_t fd, short what, void *arg)
{
	const struct timeval rest = {0, REST_US};
	struct control *k = arg;
	uint64_t start_ns = clock_mono_ns();
	struct client *c;

	(void)fd;
	(void)what;
	while ((c = TAILQ_FIRST(&k->work)) != NULL && clock_mono_ns() - start_ns < SLICE_NS) {
		TAILQ_REMOVE(&k->work, c, work);
		c->queued = false;
		if (serve(&c) && c != NULL && !c->queued) {
			c->queued = true;
			TAILQ_INSERT_TAIL(&k->work, c, work);
		}
	}
	if (!TAILQ_EMPTY(&k->work))
		event_add(k->turn, &rest);
}

static void
on_input(struct bufferevent *bev, void *arg)
{
	struct client *c = arg;

	(void)bev;
	if (c->state == CLIENT_READING)
		schedule(c);
}

static void
on_written(struct bufferevent *bev, void *arg)
{
	(void)bev;
	schedule(arg);
}

static void
on_end(struct bufferevent *bev, short what, void *arg)
{
	struct client *c = arg;

	(void)bev;
	/* Half closed is fine for who waits for an answer; a follower has gone. */
	if (!(what & BEV_EVENT_EOF) || c->state == CLIENT_FOLLOWING ||
	    c->state == CLIENT_RECORDING) {
		drop(c);
		return;
	}
	c->eof = true;
	schedule(c);
}

/* ---- time ---- */

static bool
is_over(struct client *c, uint64_t now_ns)
{
	size_t waiting = evbuffer_get_length(output(c));
	uint64_t age_ns = now_ns - c->since_ns;

	if (waiting == 0 || waiting != c->waiting) {
		c->waiting = waiting;
		c->taken_ns = now_ns;
	}
	if (now_ns - c->taken_ns > IDLE_S * NSEC_PER_SEC)
		return true;
	if (c->state == CLIENT_READING)
		return age_ns > IDLE_S * NSEC_PER_SEC;
	return c->state != CLIENT_FOLLOWING && c->state != CLIENT_RECORDING &&
	       age_ns > TAKEN_WITHIN_S * NSEC_PER_SEC;
}

static void
end_waiting(struct client *c)
{
	struct control_error error;

	control_error_set(&error, "timeout",
			  "the parent process has not answered within %d s: look at its log",
			  ANSWER_WITHIN_S);
	refuse(c, &error);
	schedule(c);
}

static void
on_sweep(evutil_socket_t fd, short what, void *arg)
{
	struct control *k = arg;
	uint64_t now_ns = clock_mono_ns();
	struct client *c, *next;

	(void)fd;
	(void)what;
	TAILQ_FOREACH_SAFE(c, &k->all, all, next)
	{
		bool waits = c->state == CLIENT_WAITING_PATH || c->state == CLIENT_WAITING_RELOAD;

		if (is_over(c, now_ns))
			drop(c);
		else if (waits && now_ns - c->since_ns > ANSWER_WITHIN_S * NSEC_PER_SEC)
			end_waiting(c);
	}
	if (k->nclients == 0)
		event_del(k->sweep);
	if (!event_pending(k->acceptable, EV_READ, NULL))
		event_add(k->acceptable, NULL);
}

/* ---- new clients ---- */

static void
turn_away(struct control *k, int fd)
{
	static const char answer[] =
	    "{\"v\":1,\"ok\":false,\"error\":{\"code\":\"too_many_clients\",\"message\":"
	    "\"too many clients at a time: end one and try again\"}}\n";

	k->refused++;
	(void)!send(fd, answer, sizeof(answer) - 1, MSG_DONTWAIT | MSG_NOSIGNAL);
	close(fd);
}

static struct client *
client_new(struct control *k, int fd, uid_t uid)
{
	struct client *c = calloc(1, sizeof(*c));

	if (c == NULL)
		return NULL;
	c->bev = bufferevent_socket_new(k->base, fd, BEV_OPT_CLOSE_ON_FREE);
	if (c->bev == NULL) {
		free(c);
		return NULL;
	}
	c->control = k;
	c->uid = uid;
	c->taken_ns = clock_mono_ns();
	enter(c, CLIENT_READING);
	bufferevent_setcb(c->bev, on_input, on_written, on_end, c);
	bufferevent_setwatermark(c->bev, EV_READ, 0, CONTROL_REQUEST_MAX + 1);
	bufferevent_setwatermark(c->bev, EV_WRITE, OUTPUT_LOW, 0);
	bufferevent_enable(c->bev, EV_READ | EV_WRITE);
	return c;
}

static void
take(struct control *k, int fd)
{
	const struct timeval every = {1, 0};
	struct client *c;
	uid_t uid;
	gid_t gid;

	if (sys_peer(fd, &uid, &gid) != 0 || k->nclients >= CLIENTS_MAX ||
	    (uid != 0 && k->nclients >= CLIENTS_MAX - CLIENTS_FOR_ROOT)) {
		turn_away(k, fd);
		return;
	}
	c = client_new(k, fd, uid);
	if (c == NULL) {
		close(fd);
		return;
	}
	TAILQ_INSERT_TAIL(&k->all, c, all);
	if (k->nclients++ == 0)
		event_add(k->sweep, &every);
}

static void
on_acceptable(evutil_socket_t fd, short what, void *arg)
{
	const struct timeval every = {1, 0};
	struct control *k = arg;

	(void)what;
	for (int i = 0; i < ACCEPTS_PER_TURN; i++) {
		int client = accept4(fd, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);

		if (client >= 0) {
			take(k, client);
		} else if (errno != EINTR && errno != ECONNABORTED) {
			if (errno != EAGAIN && errno != EWOULDBLOCK) {
				/* No descriptor or memory is left: not again before the sweep. */
				log_warn("a control client can't be accepted: %s", strerror(errno));
				event_del(k->acceptable);
				event_add(k->sweep, &every);
			}
			return;
		}
	}
}

/* ---- the engine's side ---- */

struct control *
control_new(struct event_base *base, int listen_fd, const struct board *board,
	    const struct control_ops *ops)
{
	struct control *k = calloc(1, sizeof(*k));

	if (k == NULL)
		return NULL;
	TAILQ_INIT(&k->all);
	TAILQ_INIT(&k->work);
	k->base = base;
	k->listen_fd = listen_fd;
	k->board = board;
	k->ops = *ops;
	/* A client that goes in the middle of its answer must not end the engine. */
	signal(SIGPIPE, SIG_IGN);
	k->acceptable = event_new(base, listen_fd, EV_READ | EV_PERSIST, on_acceptable, k);
	k->turn = evtimer_new(base, on_turn, k);
	k->sweep = event_new(base, -1, EV_PERSIST, on_sweep, k);
	if (k->acceptable == NULL || k->turn == NULL || k->sweep == NULL ||
	    evutil_make_socket_nonblocking(listen_fd) != 0 || event_add(k->acceptable, NULL) != 0) {
		k->listen_fd = -1; /* the caller keeps it */
		control_free(k);
		errno = ENOMEM;
		return NULL;
	}
	return k;
}

void
control_free(struct control *k)
{
	struct client *c;

	while ((c = TAILQ_FIRST(&k->all)) != NULL)
		drop(c); /* takes it off the list: NOLINT(clang-analyzer-unix.Malloc) */
	if (k->acceptable != NULL)
		event_free(k->acceptable);
	if (k->turn != NULL)
		event_free(k->turn);
	if (k->sweep != NULL)
		event_free(k->sweep);
	if (k->listen_fd >= 0)
		close(k->listen_fd);
	free(k);
}

void
control_reloaded(struct control *k, const struct ipc_reloaded *r)
{
	struct control_error error;
	struct client *c;

	control_error_set(&error, "config", "the file is not taken, nothing has changed: %.*s",
			  (int)strnlen(r->error, sizeof(r->error)), r->error);
	TAILQ_FOREACH(c, &k->all, all)
	{
		if (c->state != CLIENT_WAITING_RELOAD)
			continue;
		if (r->ok)
			control_put_result(output(c), json_pack("{s:b}", "taken", 1));
		else
			control_put_error(output(c), &error);
		enter(c, CLIENT_READING);
		schedule(c);
	}
}

static void
answer_path(struct client *c, const struct ipc_path *p)
{
	char target[ADDR_STRLEN];
	struct control_error error;

	if (p->error == 0) {
		control_put_result(output(c), render_path(p, &c->link));
		enter(c, CLIENT_READING);
		return;
	}
	control_error_set(&error, "no_path",
			  "link \"%.*s\" has no way to %s: %s. No probe of it can leave by another "
			  "link; look at its interface, address and gateway",
			  NAME_LEN, c->link.name, addr_text(&p->target, target),
			  strerror(p->error));
	refuse(c, &error);
}

void
control_path(struct control *k, const struct ipc_path *p)
{
	struct client *c;

	TAILQ_FOREACH(c, &k->all, all)
	{
		if (c->state != CLIENT_WAITING_PATH || c->token != p->id)
			continue;
		answer_path(c, p);
		schedule(c);
		return;
	}
}

void
control_event(struct control *k)
{
	struct client *c;

	TAILQ_FOREACH(c, &k->all, all)
	if (c->state == CLIENT_FOLLOWING)
		schedule(c);
}

bool
control_recording(const struct control *k)
{
	return k->nrecorders > 0;
}

/* To one recorder, after what it has missed. */
static void
put_sample(struct client *c, const char *text)
{
	struct evbuffer *out = output(c);

	if (evbuffer_get_length(out) > RECORDER_BEHIND) {
		c->missed++;
		return;
	}
	if (c->missed > 0)
		evbuffer_add_printf(out, "{\"v\":%d,\"missed\":%llu}\n", CONTROL_VERSION,
				    (unsigned long long)c->missed);
	c->missed = 0;
	evbuffer_add_printf(out, "{\"v\":%d,\"sample\":%s}\n", CONTROL_VERSION, text);
}

void
control_sample(struct control *k, const struct recorded *sample)
{
	json_t *json = recording_write(sample);
	char *text = json_dumps(json, JSON_COMPACT);
	struct client *c;

	TAILQ_FOREACH(c, &k->all, all)
	if (text != NULL && c->state == CLIENT_RECORDING &&
	    (c->recorded_link[0] == '\0' || strcmp(c->recorded_link, sample->link) == 0))
		put_sample(c, text);
	free(text);
	json_decref(json);
}
