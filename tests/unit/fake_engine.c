/* SPDX-License-Identifier: ISC */
/* Stands in for uplinkd's parent and engine in tests of the SNMP process: makes a
 * board with rows that a test knows, starts the real uplinkd-snmp over it, and
 * does what each line on standard input says. Each line is answered by one line,
 * so that a test knows when it is done.
 *
 * usage: fake_engine BOARD AGENTX_SOCKET UPLINKD_SNMP [FLAG...] */
#include "config.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "common/board.h"
#include "common/clock.h"
#include "common/ipc.h"

static struct board *board;
static struct board_global global;
static int parent_end = -1; /* of the channel that the SNMP process has to its parent */
static int engine_end = -1;
static pid_t child;
static struct ipc_notified notified;
static struct ipc_settings settings;
static struct ipc_set reserved;
static struct board_link before[SET_ORDERS_MAX];
static struct ipc_set_answer next_answer; /* what the next TEST, or APPLY, is answered */
static int mute;                          /* answer nothing */
static char sets[8192];                   /* what came since the last "sets" */

static void
die(const char *what)
{
	fprintf(stderr, "fake_engine: %s: %s\n", what, strerror(errno));
	exit(1);
}

__attribute__((format(printf, 1, 2))) static void
note(const char *fmt, ...)
{
	size_t used = strlen(sets);
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(sets + used, sizeof(sets) - used, fmt, ap);
	va_end(ap);
}

/* ---- the board ---- */

static void
put_global(void)
{
	global.heartbeat_ns = clock_mono_ns();
	board_write(&board->global, &global, sizeof(global));
}

static void
put_link(unsigned index, const struct board_link *row)
{
	board_write(&board->links[index], row, sizeof(*row));
}

static struct addr
address(const char *text)
{
	struct addr a = {0};

	if (strchr(text, '/') != NULL ? addr_parse_prefix(text, &a) : addr_parse(text, &a))
		die(text);
	return a;
}

/* Link N: every value tells N, so that a test finds a mix-up. */
static void
add_link(unsigned n)
{
	uint64_t now = clock_mono_ns(), wall = clock_wall_ns();
	struct board_link l = {
	    .index = (uint16_t)n,
	    .ifindex = 100 + n,
	    .tier = (uint8_t)(n % 2 + 1),
	    .weight = (uint8_t)(n % 255 + 1),
	    .health = HEALTH_UP,
	    .health_reason = REASON_TARGETS_ANSWER,
	    .oper = OPER_ACTIVE,
	    .oper_reason = REASON_NONE,
	    .carrier = CARRIER_UP,
	    .usable = 1,
	    .health_since_ns = now,
	    .health_since_wall_ns = wall,
	    .oper_since_ns = now,
	    .oper_since_wall_ns = wall,
	    .transitions = n,
	    .rtt_last_us = 1000 * n,
	    .rtt_avg_us = 1000 * n + 1,
	    .rtt_min_us = 1000 * n + 2,
	    .rtt_max_us = 1000 * n + 3,
	    .jitter_us = n % 2 ? RTT_UNKNOWN : n,
	    .loss_ppm = 10 * n,
	    .since_wall_ns = wall,
	    .up_ns = n * NSEC_PER_SEC,
	    .detection_us = RTT_UNKNOWN,
	    .switch_us = RTT_UNKNOWN,
	    .admin = ADMIN_AUTO,
	    .actor = ACTOR_DAEMON,
	};

	snprintf(l.name, sizeof(l.name), "link%u", n);
	snprintf(l.alias, sizeof(l.alias), "alias %u", n);
	snprintf(l.ifname, sizeof(l.ifname), "wan%u", n);
	l.route[V4] = (struct board_route){.gateway = address("192.0.2.1"),
					   .source = address("192.0.2.2"),
					   .packets = (1ULL << 40) + n,
					   .octets = (1ULL << 50) + n,
					   .discontinuity_ns = now,
					   .discontinuity_wall_ns = wall,
					   .adds = n,
					   .targets = 2,
					   .configured = 1,
					   .gateway_origin = GATEWAY_CONFIGURED,
					   .health = HEALTH_UP,
					   .reason = REASON_TARGETS_ANSWER,
					   .wanted = 1,
					   .installed = 1,
					   .weight = 1,
					   .has_counters = 1,
					   .has_new_flows = 1};
	l.route[V6] = (struct board_route){.gateway = address("fe80::1"),
					   .source = address("2001:db8::2"),
					   .prefix = address("2001:db8::/56"),
					   .configured = n % 2 == 0,
					   .gateway_origin = GATEWAY_LEARNED,
					   .health = HEALTH_DOWN,
					   .reason = REASON_TARGETS_LOST};
	l.route[V6].gateway.scope = 7;
	put_link(n, &l);
	if (global.link_slots < n + 1)
		global.link_slots = n + 1;
	global.links++;
	global.table_change++;
	global.table_change_ns = now;
	put_global();
}

static void
remove_link(unsigned n)
{
	struct board_link l = {.index = (uint16_t)n, .removed = 1};

	put_link(n, &l);
	global.links--;
	global.table_change++;
	put_global();
}

static void
add_target(unsigned slot, unsigned link, unsigned index)
{
	struct board_target t = {
	    .link = (uint16_t)link,
	    .index = (uint16_t)index,
	    .method = METHOD_ICMP,
	    .family = V4,
	    .status = index % 2 ? TARGET_UP : TARGET_UNKNOWN,
	    .addr = address("203.0.113.1"),
	    .interval_ms = 1000,
	    .timeout_ms = 500,
	    .sent = index,
	    .received = link,
	    .rtt_last_us = index % 2 ? 100 * index : RTT_UNKNOWN,
	    .rtt_avg_us = RTT_UNKNOWN,
	    .rtt_min_us = RTT_UNKNOWN,
	    .rtt_max_us = RTT_UNKNOWN,
	    .window_ms = 60000,
	    .rtt_p50_us = RTT_UNKNOWN,
	    .rtt_p95_us = RTT_UNKNOWN,
	    .rtt_p99_us = RTT_UNKNOWN,
	    .jitter_us = RTT_UNKNOWN,
	    .loss_ppm = LOSS_UNKNOWN,
	    .status_since_ns = clock_mono_ns(),
	    .since_wall_ns = clock_wall_ns(),
	};

	board_write(&board->targets[slot], &t, sizeof(t));
	if (global.target_slots < slot + 1)
		global.target_slots = slot + 1;
	global.table_change++;
	put_global();
}

static uint64_t
add_event(unsigned type, unsigned link, unsigned old, unsigned new, uint64_t plan)
{
	struct board_event ev = {.number = global.events_last + 1,
				 .at_ns = clock_mono_ns(),
				 .at_wall_ns = clock_wall_ns(),
				 .plan_serial = plan,
				 .link = (uint16_t)link,
				 .type = (uint8_t)type,
				 .reason = REASON_TARGETS_LOST,
				 .actor = ACTOR_DAEMON,
				 .actor_uid = UINT32_MAX,
				 .old_state = (uint8_t)old,
				 .new_state = (uint8_t) new,
				 .detection_us = RTT_UNKNOWN,
				 .switch_us = RTT_UNKNOWN,
				 .loss_ppm = LOSS_UNKNOWN,
				 .rtt_us = RTT_UNKNOWN};

	if (type == EVENT_EVENTS_REPLAY) {
		ev.replay_first = old;
		ev.replay_last = new;
		ev.old_state = ev.new_state = 0;
	}
	if (link != 0)
		snprintf(ev.link_name, sizeof(ev.link_name), "link%u", link);
	snprintf(ev.text, sizeof(ev.text), "event %llu", (unsigned long long)ev.number);
	board_write(&board->events[ev.number % BOARD_EVENTS], &ev, sizeof(ev));
	global.events_last = ev.number;
	put_global();
	ipc_send(engine_end, IPC_WAKE, NULL, 0, -1);
	return ev.number;
}

/* Everything that can be measured is: on link 2, on its target 9, and in an event. */
static void
measure_all(void)
{
	uint64_t now = clock_mono_ns(), wall = clock_wall_ns();
	struct board_link l;
	struct board_target t;
	struct board_event ev;

	board_read(&board->links[2], &l, sizeof(l));
	l.detection_us = 250000;
	l.switch_us = 900;
	l.has_live_flows = 1;
	l.has_if_octets = 1;
	l.if_in_octets = 1ULL << 41;
	l.if_out_octets = 1ULL << 42;
	l.probe_octets = 1ULL << 33;
	l.budget_per_day = 5000000;
	l.budget.left = 4000000;
	l.budget_refusals = 6;
	l.live_flows = 12;
	l.jitter_us = 40;
	l.admin = ADMIN_DRAIN;
	l.actor = ACTOR_CONTROL;
	l.yielded = l.forced = 1;
	l.order_timeout_s = 3600;
	l.order_since_ns = now;
	l.order_since_wall_ns = wall;
	l.order_expires_ns = now + 3600 * NSEC_PER_SEC;
	l.route[V4].last_change_ns = now;
	l.route[V4].has_lookups = 1;
	l.route[V4].lookups = 1ULL << 43;
	put_link(2, &l);
	board_read(&board->targets[7], &t, sizeof(t));
	t.rtt_avg_us = t.rtt_min_us = t.rtt_max_us = t.jitter_us = 900;
	t.rtt_p50_us = t.rtt_p95_us = t.rtt_p99_us = 900;
	t.window_ms = 60000;
	t.loss_ppm = 1000000;
	t.set_aside = 1;
	t.last_good_ns = now;
	t.last_error = ECONNREFUSED;
	board_write(&board->targets[7], &t, sizeof(t));
	add_event(EVENT_EVENTS_REPLAY, 0, 1, 2, 0);
	add_event(EVENT_FAILOVER, 2, OPER_ACTIVE, OPER_OUT, 0);
	board_read(&board->events[global.events_last], &ev, sizeof(ev));
	ev.actor = ACTOR_CONTROL;
	ev.actor_uid = 1000;
	snprintf(ev.actor_name, sizeof(ev.actor_name), "ada");
	ev.family = 4;
	ev.target = 9;
	ev.detection_us = 250000;
	ev.switch_us = 900;
	ev.loss_ppm = 500000;
	ev.rtt_us = 1000;
	ev.flows_killed = 3;
	board_write(&board->events[global.events_last], &ev, sizeof(ev));
}

/* A minute of a link, some minutes ago. */
static void
add_minute(unsigned link, unsigned ago)
{
	struct board_minute m = {.answered = 57,
				 .lost = 3,
				 .rtt_sum_us = 57000,
				 .rtt_min_us = 900,
				 .rtt_max_us = 1100,
				 .worst_health = HEALTH_DEGRADED};

	/* It is the fourth minute of the history, half over. */
	global.history_start_minute = 1000;
	global.history_start_ns = clock_mono_ns() - 210 * NSEC_PER_SEC;
	m.minute = global.history_start_minute + 3 - ago;
	board_write(&board->minutes[link][m.minute % BOARD_MINUTES], &m, sizeof(m));
	put_global();
}

static void
fill_board(unsigned first_slot)
{
	global.started_ns = global.config_loaded_ns = clock_mono_ns();
	global.started_wall_ns = global.config_loaded_wall_ns = clock_wall_ns();
	global.config_ok = global.control = 1;
	global.config_serial = 1;
	global.usable_links = 3;
	global.active_tier = 1;
	global.since_wall_ns = global.started_wall_ns;
	global.events_started = 1;
	global.set_lock = 5;
	global.prober_restarts = 1;
	global.runner_restarts = 2;
	snprintf(global.bypass, sizeof(global.bypass), "flow table ft");
	global.lateness_us[lateness_bucket(100)] = 1000;
	snprintf(global.version, sizeof(global.version), "test");
	snprintf(global.site, sizeof(global.site), "lyon-3");
	add_link(1);
	add_link(2);
	add_link(300);
	add_target(first_slot, 300, 1);
	add_target(first_slot + 1, 1, 2);
	add_target(first_slot + 3, 1, 1);
	add_target(first_slot + 7, 2, 9);
}

/* As after three deaths of the engine: all is forgotten, and the targets stand in
 * other slots. */
static void
afresh(void)
{
	memset(&global, 0, sizeof(global));
	memset((char *)board + sizeof(board->header), 0,
	       offsetof(struct board, minutes) - sizeof(board->header));
	fill_board(10);
}

/* Octets that anything may have written, but for the header. */
static void
hostile(unsigned seed)
{
	uint64_t x = seed * 0x9e3779b97f4a7c15ULL + 1;
	uint8_t *from = (uint8_t *)&board->global, *to = (uint8_t *)&board->targets[64];
	uint8_t *events = (uint8_t *)board->events;

	for (uint8_t *p = from; p < events + 64 * sizeof(board->events[0]); p++) {
		if (p == to)
			p = events;
		x ^= x << 13;
		x ^= x >> 7;
		x ^= x << 17;
		*p = (uint8_t)x;
	}
	/* So that rows are found, and read. */
	board->global.seq.count = 0;
	board->global.table_change = seed;
	for (unsigned i = 1; i < 32; i++) {
		board->links[i].seq.count &= ~1U;
		board->links[i].index = (uint16_t)i;
		board->links[i].removed = 0;
	}
	for (unsigned i = 0; i < 32; i++)
		board->targets[i].seq.count &= ~1U;
	for (unsigned i = 0; i < 32; i++)
		board->events[i].seq.count &= ~1U;
	if (seed % 2) {
		board->global.link_slots = board->global.target_slots = 64;
		board->global.events_last = 40;
		board->global.events_started = 1;
		for (unsigned i = 0; i < 32; i++)
			board->events[i].number = i;
	}
}

/* ---- SET ---- */

static void
note_test(const struct ipc_set *set)
{
	note("test count=%u lock=%s%u;", set->count, set->has_lock ? "" : "no ", set->lock);
	for (unsigned i = 0; i < set->count; i++) {
		const struct order *o = &set->orders[i];

		note(" link=%u fields=%u admin=%u timeout=%u owner=%s comment=%s force=%u;",
		     o->link, o->fields, o->admin, o->timeout_s, o->owner, o->comment, o->force);
	}
}

static void
apply_order(const struct order *o, struct board_link *old)
{
	struct board_link row;

	if (o->link > LINKS_MAX || !board_read(&board->links[o->link], &row, sizeof(row)))
		return;
	*old = row;
	if (o->fields & ORDER_ADMIN)
		row.admin = o->admin;
	if (o->fields & ORDER_TIMEOUT)
		row.order_timeout_s = o->timeout_s;
	if (o->fields & ORDER_OWNER)
		memcpy(row.owner, o->owner, sizeof(row.owner));
	if (o->fields & ORDER_COMMENT)
		memcpy(row.comment, o->comment, sizeof(row.comment));
	put_link(o->link, &row);
}

static void
on_set(const struct ipc_message *m)
{
	const struct ipc_set_id *id = m->body;
	struct ipc_set_answer answer = next_answer;

	if (m->type == IPC_SET_TEST) {
		memcpy(&reserved, m->body, m->length);
		note_test(&reserved);
	} else if (m->type == IPC_SET_END) {
		note(" end undo=%u;", id->undo);
		for (unsigned i = 0; id->undo && i < reserved.count; i++)
			if (before[i].index != 0)
				put_link(before[i].index, &before[i]);
		memset(before, 0, sizeof(before));
		return;
	} else {
		note(" apply;");
	}
	if (mute)
		return;
	answer.id = reserved.id;
	if (answer.apply == (m->type == IPC_SET_APPLY)) {
		memset(&next_answer, 0, sizeof(next_answer));
	} else {
		answer.verdict = ORDER_OK;
		answer.apply = m->type == IPC_SET_APPLY;
	}
	if (answer.apply && answer.verdict == ORDER_OK)
		for (unsigned i = 0; i < reserved.count; i++)
			apply_order(&reserved.orders[i], &before[i]);
	ipc_send(engine_end, IPC_SET_ANSWER, &answer, sizeof(answer), -1);
}

static void
on_snmp(void)
{
	struct ipc_message m;
	enum ipc_status status;

	while ((status = ipc_receive(engine_end, IPC_PEER_SNMP, &m)) == IPC_OK) {
		if (m.type == IPC_NOTIFIED) {
			notified = *(const struct ipc_notified *)m.body;
			global.notified = notified.number;
			global.notifications_sent = notified.sent;
			global.notifications_lost = notified.lost;
			global.notifications_pending = notified.pending;
			global.notifications_suppressed = notified.suppressed;
			memcpy(global.notified_by, notified.sinks, sizeof(global.notified_by));
			global.agentx_reconnects = notified.reconnects;
			global.agentx_connected = (uint8_t)notified.connected;
			put_global();
		} else {
			on_set(&m);
		}
	}
	if (status != IPC_AGAIN) {
		close(engine_end);
		engine_end = -1;
	}
}

/* ---- the SNMP process ---- */

static void
give_channel(void)
{
	struct ipc_channel body = {.peer = IPC_PEER_ENGINE};
	int ends[2];

	if (engine_end >= 0)
		close(engine_end);
	if (ipc_pair(ends) != 0 ||
	    ipc_send(parent_end, IPC_CHANNEL, &body, sizeof(body), ends[1]) != 0)
		die("channel");
	close(ends[1]);
	engine_end = ends[0];
}

static void
give_settings(void)
{
	if (ipc_send(parent_end, IPC_SETTINGS, &settings, sizeof(settings), -1) != 0)
		die("settings");
}

static void
start_snmp(const char *path, const char *socket, char **argv)
{
	int ends[2], board_fd = open(path, O_RDONLY | O_CLOEXEC);

	if (board_fd < 0 || ipc_pair(ends) != 0)
		die(path);
	child = fork();
	if (child == 0) {
		int to_parent = fcntl(ends[1], F_DUPFD, 10),
		    to_board = fcntl(board_fd, F_DUPFD, 10);

		if (dup2(to_parent, 3) < 0 || dup2(to_board, 4) < 0)
			die("dup2");
		close(to_parent);
		close(to_board);
		execv(argv[0], argv);
		die(argv[0]);
	}
	close(ends[1]);
	close(board_fd);
	if (parent_end >= 0)
		close(parent_end);
	parent_end = ends[0];
	snprintf(settings.agentx, sizeof(settings.agentx), "%s", socket);
	give_settings();
	give_channel();
}

/* ---- commands ---- */

static void
link_row(unsigned n, const char *field, unsigned long value)
{
	struct board_link row;

	board_read(&board->links[n], &row, sizeof(row));
	if (strcmp(field, "health") == 0)
		row.health = (uint8_t)value;
	else if (strcmp(field, "tier") == 0)
		row.tier = (uint8_t)value;
	else if (strcmp(field, "installed") == 0)
		row.route[V4].installed = (uint8_t)value;
	put_link(n, &row);
}

/* Does what the line says. 0: there is no such command. */
static int
obey(const char *line)
{
	unsigned a = 0, b = 0, c = 0, d = 0;
	unsigned long long n = 0;
	char word[16];

	if (sscanf(line, "event %u %u %u %u %llu", &a, &b, &c, &d, &n) >= 4) {
		printf("event %llu\n", (unsigned long long)add_event(a, b, c, d, n));
	} else if (sscanf(line, "events %u", &a) == 1) {
		while (a-- > 0)
			n = add_event(a % 2 ? EVENT_LINK_DOWN : EVENT_LINK_UP, 1, HEALTH_UP,
				      HEALTH_DOWN, 0);
		printf("event %llu\n", n);
	} else if (sscanf(line, "plan %llu", &n) == 1) {
		global.plan_installed = n;
		put_global();
		ipc_send(engine_end, IPC_WAKE, NULL, 0, -1);
		puts("ok");
	} else if (sscanf(line, "notify %u %u", &a, &b) == 2) {
		settings.notify_limit = a;
		settings.notify_targets = b;
		give_settings();
		puts("ok");
	} else if (sscanf(line, "replayed %llu", &n) == 1) {
		global.replay_last = n;
		put_global();
		puts("ok");
	} else if (sscanf(line, "doubted %u %u", &a, &b) == 2) {
		global.doubt_first = a;
		global.doubt_last = b;
		put_global();
		puts("ok");
	} else if (sscanf(line, "control %u", &a) == 1) {
		global.control = (uint8_t)a;
		put_global();
		puts("ok");
	} else if (sscanf(line, "answer %u %u %u %u", &a, &b, &c, &d) == 4) {
		next_answer = (struct ipc_set_answer){.apply = (uint8_t)a,
						      .verdict = (uint8_t)b,
						      .field = (uint8_t)c,
						      .order = (uint16_t)d};
		puts("ok");
	} else if (sscanf(line, "mute %u", &a) == 1) {
		mute = (int)a;
		puts("ok");
	} else if (sscanf(line, "set %u %15s %u", &a, word, &b) == 3) {
		link_row(a, word, b);
		puts("ok");
	} else if (sscanf(line, "add %u", &a) == 1) {
		add_link(a);
		puts("ok");
	} else if (sscanf(line, "remove %u", &a) == 1) {
		remove_link(a);
		puts("ok");
	} else if (sscanf(line, "target %u %u %u", &a, &b, &c) == 3) {
		add_target(a, b, c);
		puts("ok");
	} else if (sscanf(line, "minute %u %u", &a, &b) == 2) {
		add_minute(a, b);
		puts("ok");
	} else if (sscanf(line, "torn %u", &a) == 1) {
		board->links[a].seq.count |= 1; /* as if the writer had died within it */
		puts("ok");
	} else if (sscanf(line, "hostile %u", &a) == 1) {
		hostile(a);
		puts("ok");
	} else if (strcmp(line, "measured") == 0) {
		measure_all();
		puts("ok");
	} else if (strcmp(line, "afresh") == 0) {
		afresh();
		puts("ok");
	} else if (strcmp(line, "sets") == 0) {
		puts(sets);
		sets[0] = '\0';
	} else if (strcmp(line, "channel") == 0) {
		give_channel();
		puts("ok");
	} else if (strcmp(line, "pid") == 0) {
		printf("%d\n", (int)child);
	} else if (strcmp(line, "notified") == 0) {
		printf("number=%llu sent=%llu lost=%llu pending=%u connected=%u reconnects=%llu "
		       "suppressed=%llu lost_first=%llu lost_last=%llu doubt_first=%llu "
		       "doubt_last=%llu "
		       "held=%u sets_refused=%llu\n",
		       (unsigned long long)notified.number, (unsigned long long)notified.sent,
		       (unsigned long long)notified.lost, notified.pending, notified.connected,
		       (unsigned long long)notified.reconnects,
		       (unsigned long long)notified.suppressed,
		       (unsigned long long)notified.lost_first,
		       (unsigned long long)notified.lost_last,
		       (unsigned long long)notified.doubt_first,
		       (unsigned long long)notified.doubt_last, notified.sinks[0].held,
		       (unsigned long long)notified.sets_refused);
	} else {
		return 0;
	}
	return 1;
}

static void
leave(void)
{
	int status = 0;

	ipc_send(parent_end, IPC_EXIT, NULL, 0, -1);
	waitpid(child, &status, 0);
	printf("left %d\n", status);
	exit(status != 0);
}

int
main(int argc, char **argv)
{
	char line[256];
	bool fresh;
	int fd;

	if (argc < 4) {
		fputs("usage: fake_engine BOARD AGENTX_SOCKET UPLINKD_SNMP [FLAG...]\n", stderr);
		return 2;
	}
	setvbuf(stdout, NULL, _IOLBF, 0);
	setvbuf(stdin, NULL, _IONBF, 0);
	signal(SIGPIPE, SIG_IGN);
	fd = board_create(argv[1], &fresh);
	if (fd < 0 || (board = board_map_writable(fd)) == NULL)
		die(argv[1]);
	fill_board(0);
	start_snmp(argv[1], argv[2], argv + 3);
	puts("ready");
	for (;;) {
		struct pollfd p[2] = {{STDIN_FILENO, POLLIN, 0}, {engine_end, POLLIN, 0}};

		if (poll(p, 2, -1) < 0)
			die("poll");
		if (p[1].revents != 0)
			on_snmp();
		if (p[0].revents == 0)
			continue;
		if (fgets(line, sizeof(line), stdin) == NULL)
			leave();
		line[strcspn(line, "\n")] = '\0';
		if (strcmp(line, "restart") == 0) {
			kill(child, SIGKILL);
			waitpid(child, NULL, 0);
			start_snmp(argv[1], argv[2], argv + 3);
			puts("ok");
		} else if (!obey(line)) {
			puts("what?");
		}
	}
}
