/* SPDX-License-Identifier: ISC */
/* Only rows that are written take memory, as in the real one. */
#include "config.h"

#include "handmade_board.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "common/clock.h"

/* 2025-05-01T10:30:00.250Z */
#define WALL_NS (1746095400ULL * NSEC_PER_SEC + 250 * NSEC_PER_MSEC)

enum { MINUTES = 90 }; /* of history */

static struct addr
address(const char *text)
{
	struct addr a;

	if (addr_parse(text, &a) != 0)
		abort();
	return a;
}

static void
put_route(struct board_link *l, int family, const char *gateway, const char *source)
{
	struct board_route *r = &l->route[family];
	bool in_use = l->oper == OPER_ACTIVE;

	*r = (struct board_route){.configured = 1,
				  .gateway = address(gateway),
				  .source = address(source),
				  .gateway_origin = GATEWAY_CONFIGURED,
				  .health = l->health,
				  .reason = l->health_reason,
				  .wanted = in_use,
				  .installed = in_use,
				  .weight = in_use ? l->weight : 0,
				  .targets = 2,
				  .adds = 1,
				  .targets_up = l->health == HEALTH_UP ? 2 : 0};
}

static void
put_link(struct board *board, struct board_link *l, uint64_t now_ns, const char *gateway,
	 const char *source)
{
	l->health_since_ns = now_ns - 7200 * NSEC_PER_SEC;
	l->health_since_wall_ns = WALL_NS;
	l->oper_since_ns = now_ns - 252 * NSEC_PER_SEC;
	l->oper_since_wall_ns = WALL_NS;
	l->detection_us = l->switch_us = RTT_UNKNOWN;
	if (l->health == HEALTH_DOWN)
		l->rtt_last_us = l->rtt_avg_us = l->rtt_min_us = l->rtt_max_us = l->jitter_us =
		    RTT_UNKNOWN;
	put_route(l, V4, gateway, source);
	board_write(&board->links[l->index], l, sizeof(*l));
}

static void
put_links(struct board *board, uint64_t now_ns)
{
	struct board_link fibre = {.index = 1,
				   .name = "fibre",
				   .alias = "contract 4711",
				   .ifname = "wan1",
				   .ifindex = 5,
				   .tier = 1,
				   .weight = 3,
				   .health = HEALTH_UP,
				   .health_reason = REASON_TARGETS_ANSWER,
				   .oper = OPER_ACTIVE,
				   .oper_reason = REASON_TARGETS_ANSWER,
				   .carrier = CARRIER_UP,
				   .usable = 1,
				   .rtt_last_us = 12100,
				   .rtt_avg_us = 12345,
				   .rtt_min_us = 11000,
				   .rtt_max_us = 15000,
				   .jitter_us = 420,
				   .admin = ADMIN_AUTO,
				   .up_ns = 100 * NSEC_PER_SEC};
	struct board_link dsl = {.index = 2,
				 .name = "dsl",
				 .ifname = "wan2",
				 .ifindex = 6,
				 .tier = 1,
				 .weight = 1,
				 .health = HEALTH_DOWN,
				 .health_reason = REASON_TARGETS_LOST,
				 .oper = OPER_OUT,
				 .oper_reason = REASON_TARGETS_LOST,
				 .carrier = CARRIER_UP,
				 .loss_ppm = 1000000,
				 .admin = ADMIN_AUTO};
	struct board_link sat = {.index = 3,
				 .name = "t\xc3\xa9l\xc3\xa9 \xe8\xa1\x9b\xe6\x98\x9f",
				 .ifname = "wwan0",
				 .ifindex = 7,
				 .tier = 2,
				 .weight = 1,
				 .health = HEALTH_UP,
				 .health_reason = REASON_TARGETS_ANSWER,
				 .oper = OPER_DRAINED,
				 .oper_reason = REASON_ORDER_DRAIN,
				 .carrier = CARRIER_UNKNOWN,
				 .usable = 1,
				 .rtt_avg_us = 612000,
				 .loss_ppm = 15000,
				 .admin = ADMIN_DRAIN,
				 .actor = ACTOR_CONTROL,
				 .order_timeout_s = 7200,
				 .order_since_ns = now_ns - 600 * NSEC_PER_SEC,
				 .order_since_wall_ns = WALL_NS,
				 .order_expires_ns = now_ns + 6600 * NSEC_PER_SEC,
				 .owner = "jdoe",
				 .comment = "new dish"};

	put_link(board, &fibre, now_ns, "192.0.2.1", "192.0.2.2");
	put_link(board, &dsl, now_ns, "198.51.100.1", "198.51.100.2");
	put_link(board, &sat, now_ns, "203.0.113.1", "203.0.113.2");
	put_route(&sat, V6, "fe80::1", "2001:db8::2");
	sat.route[V6].gateway.scope = 7;
	sat.route[V4].has_counters = 1;
	sat.route[V4].has_new_flows = 1;
	sat.route[V4].packets = 12345;
	sat.route[V4].octets = 9876543;
	board_write(&board->links[3], &sat, sizeof(sat));
}

void
handmade_targets(struct board *board, unsigned link, unsigned n)
{
	struct board_global g;
	char text[32];

	board_read(&board->global, &g, sizeof(g));
	for (unsigned i = 0; i < n; i++) {
		struct board_target t = {.link = (uint16_t)link,
					 .index = (uint16_t)(i + 1),
					 .method = METHOD_ICMP,
					 .family = V4,
					 .status = TARGET_UP,
					 .interval_ms = 1000,
					 .timeout_ms = 1000,
					 .sent = 100,
					 .received = 99,
					 .lost = 1,
					 .rtt_last_us = 10000,
					 .rtt_avg_us = 10000,
					 .rtt_min_us = RTT_UNKNOWN,
					 .rtt_max_us = RTT_UNKNOWN,
					 .rtt_p50_us = RTT_UNKNOWN,
					 .rtt_p95_us = RTT_UNKNOWN,
					 .rtt_p99_us = RTT_UNKNOWN,
					 .jitter_us = RTT_UNKNOWN,
					 .loss_ppm = 10000};

		struct board_recent *r = &board->recent[g.target_slots];

		for (unsigned k = 0; k < 30; k++)
			r->us[k] = k % 10 == 9 ? RTT_UNKNOWN : 9000 + k * 100;
		r->count = r->next = 30;
		snprintf(text, sizeof(text), "10.%u.%u.%u", link & 255, i >> 8, i & 255);
		t.addr = address(text);
		board_write(&board->targets[g.target_slots++], &t, sizeof(t));
	}
	board_write(&board->global, &g, sizeof(g));
}

void
handmade_event(struct board *board, unsigned type, const char *text)
{
	struct board_global g;
	struct board_event e = {.type = (uint8_t)type,
				.at_ns = clock_mono_ns(),
				.at_wall_ns = WALL_NS,
				.link = 1,
				.link_name = "fibre",
				.reason = REASON_TARGETS_LOST,
				.actor = ACTOR_DAEMON,
				.old_state = HEALTH_UP,
				.new_state = HEALTH_DOWN,
				.actor_uid = UINT32_MAX,
				.detection_us = 2100000,
				.switch_us = RTT_UNKNOWN,
				.loss_ppm = 500000,
				.rtt_us = RTT_UNKNOWN};

	board_read(&board->global, &g, sizeof(g));
	e.number = ++g.events_last;
	snprintf(e.text, sizeof(e.text), "%s", text);
	board_write(&board->events[e.number % BOARD_EVENTS], &e, sizeof(e));
	board_write(&board->global, &g, sizeof(g));
}

/* Those 40 to 44 minutes old are missing, as if the engine had not run. */
static void
put_minutes(struct board *board, unsigned link)
{
	struct board_global g;

	board_read(&board->global, &g, sizeof(g));
	for (unsigned age = 0; age < MINUTES; age++) {
		uint64_t number = g.history_start_minute + MINUTES - 1 - age;
		unsigned lost = age == 10 ? 120 : age >= 20 && age < 23 ? 12 : age == 50;
		unsigned rtt_us = 12000 + age % 7 * 100 + (age >= 20 && age < 23 ? 30000 : 0);
		struct board_minute m = {.minute = number,
					 .answered = 120 - lost,
					 .lost = lost,
					 .rtt_sum_us = (uint64_t)(120 - lost) * rtt_us,
					 .rtt_min_us = rtt_us - 1000,
					 .rtt_max_us = rtt_us + 5000,
					 .worst_health = age == 10               ? HEALTH_DOWN
							 : age >= 20 && age < 23 ? HEALTH_DEGRADED
										 : HEALTH_UP};

		if (age < 40 || age > 44)
			board_write(&board->minutes[link][number % BOARD_MINUTES], &m, sizeof(m));
	}
}

struct board *
handmade_board(uint64_t now_ns)
{
	struct board *board = mmap(NULL, sizeof(*board), PROT_READ | PROT_WRITE,
				   MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	struct board_global g = {.version = "0.1.0",
				 .site = "lyon-3",
				 .started_ns = now_ns - 90000 * NSEC_PER_SEC,
				 .started_wall_ns = WALL_NS,
				 .heartbeat_ns = now_ns,
				 .links = 3,
				 .usable_links = 2,
				 .active_tier = 1,
				 .config_ok = 1,
				 .config_serial = 2,
				 .config_loaded_ns = now_ns - 3700 * NSEC_PER_SEC,
				 .config_loaded_wall_ns = WALL_NS,
				 .control = 1,
				 .events_started = 1,
				 .link_slots = 4,
				 .history_start_ns = now_ns - (MINUTES * 60 - 30) * NSEC_PER_SEC,
				 .history_start_minute = 29101590,
				 .plan_serial = 9,
				 .plan_installed = 9,
				 .lateness_us = {[5] = 1000, [20] = 2}};

	if (board == MAP_FAILED)
		abort();
	board_write(&board->global, &g, sizeof(g));
	put_links(board, now_ns);
	put_minutes(board, 1);
	for (unsigned link = 1; link <= 3; link++)
		handmade_targets(board, link, 2);
	handmade_event(board, EVENT_STARTED, "");
	handmade_event(board, EVENT_LINK_DOWN, "2 of 2 targets lost");
	handmade_event(board, EVENT_FAILOVER, "");
	handmade_event(board, EVENT_CONTROL_SET, "jdoe: new dish");
	return board;
}

void
handmade_board_free(struct board *board)
{
	munmap(board, sizeof(*board));
}

bool
handmade_judgement(void *arg, unsigned link, struct judgement *out)
{
	static const struct conf_link conf = {
	    .hold_ms = 30000,
	    .quorum = 1,
	    .kill_flows = true,
	    .limits = {.loss_ppm = {50000, 20000}, .rtt_us = {150000, 100000}},
	    .degraded = CONF_DEGRADED_STAY,
	    .flap = {.suppress = 3000, .reuse = 1000, .ceiling = 12000, .half_life_ms = 120000}};
	bool well = link != 2;

	(void)arg;
	memset(out, 0, sizeof(*out));
	if (link > 3)
		return false;
	out->conf = &conf;
	for (int f = 0; f < FAMILIES; f++) {
		out->family[f].configured = f == V4 || link == 3;
		out->family[f].quorum = 1;
		out->family[f].counts =
		    (struct target_counts){.up = well ? 2 : 0, .down = well ? 0 : 2};
		out->family[f].measured =
		    (struct measured){well ? 10000 : LOSS_UNKNOWN, well ? 12345 : RTT_UNKNOWN,
				      well ? 420 : RTT_UNKNOWN};
	}
	for (uint16_t i = 0; i < 2; i++) {
		out->target[i].index = (uint16_t)(i + 1);
		out->target[i].down_after = 3;
		out->target[i].up_after = 5;
		out->ntargets++;
	}
	return true;
}
