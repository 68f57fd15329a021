/* SPDX-License-Identifier: ISC */
/* Rows of the board as JSON: what is known is told in its unit, what is not known
 * is absent, and no row, however broken, makes what is not JSON. */
#include "unit.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "common/clock.h"
#include "engine/render.h"

#define S NSEC_PER_SEC
#define NOW_NS (1000 * S)
#define WALL_NS (1746095400 * S + 250 * NSEC_PER_MSEC)

static struct addr
address(const char *text)
{
	struct addr a = {0};

	assert_true(addr_parse(text, &a) == 0 || addr_parse_prefix(text, &a) == 0);
	return a;
}

/* Every member of wanted (JSON) stands in row with that value; null: it is absent.
 * Takes row. */
static void
expect_members(json_t *row, const char *wanted)
{
	json_t *want = json_loads(wanted, 0, NULL), *value;
	const char *key;

	assert_non_null(want);
	assert_non_null(row);
	json_object_foreach(want, key, value)
	{
		json_t *got = json_object_get(row, key);

		if (json_is_null(value) ? got == NULL : json_equal(got, value))
			continue;
		fail_msg("\"%s\" is %s", key, got ? json_dumps(got, JSON_ENCODE_ANY) : "absent");
	}
	json_decref(want);
	json_decref(row);
}

static void
unknown_is_absent(void **state)
{
	struct board_link l = {.index = 7,
			       .name = "lte",
			       .health = HEALTH_UNKNOWN,
			       .health_reason = REASON_STARTING,
			       .oper = OPER_OUT,
			       .oper_reason = REASON_STARTING,
			       .carrier = CARRIER_UNKNOWN,
			       .admin = ADMIN_AUTO,
			       .rtt_last_us = RTT_UNKNOWN,
			       .rtt_avg_us = RTT_UNKNOWN,
			       .rtt_min_us = RTT_UNKNOWN,
			       .rtt_max_us = RTT_UNKNOWN,
			       .jitter_us = RTT_UNKNOWN,
			       .loss_ppm = LOSS_UNKNOWN,
			       .detection_us = RTT_UNKNOWN,
			       .switch_us = RTT_UNKNOWN};
	struct board_target t = {.link = 7,
				 .index = 2,
				 .gateway = 1,
				 .status = TARGET_UNKNOWN,
				 .rtt_last_us = RTT_UNKNOWN,
				 .rtt_avg_us = RTT_UNKNOWN,
				 .rtt_min_us = RTT_UNKNOWN,
				 .rtt_max_us = RTT_UNKNOWN,
				 .rtt_p50_us = RTT_UNKNOWN,
				 .rtt_p95_us = RTT_UNKNOWN,
				 .rtt_p99_us = RTT_UNKNOWN,
				 .jitter_us = RTT_UNKNOWN,
				 .loss_ppm = LOSS_UNKNOWN};

	(void)state;
	expect_members(
	    render_link(&l, NOW_NS),
	    "{\"link\":\"lte\",\"link_index\":7,\"health\":\"unknown\",\"alias\":null,"
	    "\"interface\":null,\"ifindex\":null,\"health_since\":null,\"health_age_s\":null,"
	    "\"oper_since\":null,\"oper_age_s\":null,\"rtt_last_us\":null,\"rtt_avg_us\":null,"
	    "\"rtt_min_us\":null,\"rtt_max_us\":null,\"jitter_us\":null,\"loss_ppm\":null,"
	    "\"detection_us\":null,\"switch_us\":null,\"live_flows\":null,\"order\":null,"
	    "\"hold_remaining_s\":null,\"flap_remaining_s\":null,\"up_s\":0,\"down_s\":0}");
	expect_members(
	    render_route(&l, V6, NOW_NS),
	    "{\"version\":6,\"gateway\":null,\"source\":null,\"prefix\":null,\"packets\":null,"
	    "\"octets\":null,\"new_flows\":null,\"counted_since\":null,\"changed_age_s\":null}");
	expect_members(render_target(&t, &l, NOW_NS),
		       "{\"link\":\"lte\",\"target\":2,\"gateway\":true,\"address\":null,"
		       "\"port\":null,\"rtt_p50_us\":null,\"rtt_p95_us\":null,\"rtt_p99_us\":null,"
		       "\"loss_ppm\":null,"
		       "\"last_good_age_ms\":null,\"last_error\":null,\"last_errno\":null}");
}

static void
a_link_in_full(void **state)
{
	struct board_link l = {.index = 1,
			       .name = "fibre",
			       .alias = "contract 4711",
			       .ifname = "wan1",
			       .ifindex = 5,
			       .tier = 1,
			       .weight = 3,
			       .health = HEALTH_DEGRADED,
			       .health_reason = REASON_LOSS,
			       .health_since_ns = 900 * S,
			       .health_since_wall_ns = WALL_NS,
			       .oper = OPER_DRAINING,
			       .oper_reason = REASON_ORDER_DRAIN,
			       .oper_since_ns =
				   NOW_NS + 5, /* a clock never runs back, ages neither */
			       .carrier = CARRIER_UP,
			       .usable = 1,
			       .rtt_avg_us = 0,
			       .loss_ppm = 15000,
			       .hold_until_ns = NOW_NS + 1,
			       .flap_until_ns = NOW_NS + 59 * S,
			       .live_flows = 0,
			       .has_live_flows = 1,
			       .up_ns = 10 * S,
			       .down_ns = 3 * S,
			       .admin = ADMIN_DRAIN,
			       .actor = ACTOR_SNMP,
			       .yielded = 1,
			       .order_timeout_s = 60,
			       .order_since_ns = 990 * S,
			       .order_expires_ns = NOW_NS + 1,
			       .comment = "caf\xc3\xa9"};

	(void)state;
	expect_members(
	    render_link(&l, NOW_NS),
	    "{\"alias\":\"contract 4711\",\"interface\":\"wan1\",\"ifindex\":5,\"tier\":1,"
	    "\"weight\":3,\"health\":\"degraded\",\"health_reason\":\"loss\","
	    "\"health_since\":\"2025-05-01T10:30:00.250Z\",\"health_age_s\":100,"
	    "\"oper\":\"draining\",\"oper_reason\":\"orderDrain\",\"oper_age_s\":0,"
	    "\"carrier\":\"up\",\"usable\":true,\"rtt_avg_us\":0,\"loss_ppm\":15000,"
	    "\"hold_remaining_s\":1,\"flap_remaining_s\":59,\"live_flows\":0,\"up_s\":110,\"down_"
	    "s\":3,"
	    "\"admin\":\"drain\",\"order\":{\"actor\":\"snmp\",\"comment\":\"caf\\u00e9\","
	    "\"forced\":false,\"yielded\":true,\"age_s\":10,\"timeout_s\":60,\"remaining_s\":1}}");
}

static void
addresses_are_named_by_the_links_interface(void **state)
{
	struct board_link l = {.index = 1, .name = "a", .ifname = "ppp0", .ifindex = 9};

	(void)state;
	l.route[V6].gateway = address("fe80::1");
	l.route[V6].gateway.scope = 9;
	l.route[V6].source = address("fe80::2");
	l.route[V6].source.scope = 10; /* of another interface: by number */
	l.route[V6].prefix = address("2001:db8:1::/48");
	expect_members(render_route(&l, V6, NOW_NS),
		       "{\"gateway\":\"fe80::1%ppp0\",\"source\":\"fe80::2%10\","
		       "\"prefix\":\"2001:db8:1::/48\"}");
}

static void
an_event_names_the_states_it_is_about(void **state)
{
	static const struct {
		unsigned type, old, new;
		const char *wanted;
	} cases[] = {
	    {EVENT_LINK_DOWN, HEALTH_UP, HEALTH_DOWN, "{\"old\":\"up\",\"new\":\"down\"}"},
	    {EVENT_CONTROL_SET, ADMIN_AUTO, ADMIN_DRAIN, "{\"old\":\"auto\",\"new\":\"drain\"}"},
	    {EVENT_TARGET_UP, TARGET_DOWN, TARGET_UP, "{\"old\":\"down\",\"new\":\"up\"}"},
	    {EVENT_FAILOVER, OPER_ACTIVE, OPER_OUT, "{\"old\":\"active\",\"new\":\"out\"}"},
	    {EVENT_DRAINED, OPER_DRAINING, OPER_DRAINED,
	     "{\"old\":\"draining\",\"new\":\"drained\"}"},
	    {EVENT_STARTED, 0, 0,
	     "{\"type\":\"started\",\"old\":null,\"new\":null,\"link\":null,\"link_index\":null,"
	     "\"target\":null,\"version\":null,\"actor_uid\":null,\"text\":null,\"time\":null}"},
	    {250, 250, 250, "{\"type\":\"?\",\"new\":\"?\"}"},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct board_event e = {.number = 1,
					.type = (uint8_t)cases[i].type,
					.old_state = (uint8_t)cases[i].old,
					.new_state = (uint8_t)cases[i].new,
					.actor = ACTOR_SNMP};

		expect_members(render_event(&e, NOW_NS), cases[i].wanted);
	}
}

static void
who_ordered_is_told_by_uid(void **state)
{
	struct board_event e = {.number = 1, .actor = ACTOR_CONTROL, .actor_uid = 0};

	(void)state;
	expect_members(render_event(&e, NOW_NS), "{\"actor\":\"control\",\"actor_uid\":0}");
}

static void
a_target_that_can_not_be_asked_says_why(void **state)
{
	struct board_target t = {.link = 1,
				 .index = 1,
				 .method = METHOD_TCP,
				 .family = V6,
				 .port = 443,
				 .last_error = ENETUNREACH,
				 .last_good_ns = NOW_NS - 1500 * NSEC_PER_MSEC};
	struct board_link l = {.index = 1, .name = "a"};

	(void)state;
	expect_members(render_target(&t, &l, NOW_NS),
		       "{\"method\":\"tcp\",\"version\":6,\"port\":443,\"last_good_age_ms\":1500,"
		       "\"last_error\":\"Network is unreachable\"}");
}

/* A board of a crashed writer may hold anything. */
static void
rubbish_makes_json_all_the_same(void **state)
{
	struct board_global g;
	struct board_link l;
	struct board_target t;
	struct board_event e;

	(void)state;
	for (int octet = 0; octet < 256; octet++) {
		json_t *rows[6];

		memset(&g, octet, sizeof(g));
		memset(&l, octet, sizeof(l));
		memset(&t, octet, sizeof(t));
		memset(&e, octet, sizeof(e));
		rows[0] = render_global(&g, NOW_NS);
		rows[1] = render_stats(&g, 0, NOW_NS);
		rows[2] = render_link(&l, NOW_NS);
		rows[3] = render_route(&l, V4, NOW_NS);
		rows[4] = render_target(&t, &l, NOW_NS);
		rows[5] = render_event(&e, NOW_NS);
		for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
			char *text = json_dumps(rows[i], JSON_COMPACT);
			json_t *again = json_loads(text, JSON_REJECT_DUPLICATES, NULL);

			assert_true(json_equal(rows[i], again));
			json_decref(again);
			json_decref(rows[i]);
			free(text);
		}
	}
}

static void
a_minute_begins_by_todays_clock(void **state)
{
	struct board_minute m = {.minute = 29101590,
				 .answered = 3,
				 .lost = 1,
				 .rtt_sum_us = 31000,
				 .rtt_min_us = 10000,
				 .rtt_max_us = 11000,
				 .worst_health = HEALTH_DEGRADED};
	struct board_link l = {.index = 1, .name = "fibre"};
	struct board_global g = {.site = "lyon-3"};

	(void)state;
	expect_members(render_minute(&m, NOW_NS - 90 * S, WALL_NS - NOW_NS, NOW_NS),
		       "{\"minute\":29101590,\"time\":\"2025-05-01T10:28:30.250Z\",\"age_s\":90,"
		       "\"health\":\"degraded\",\"answered\":3,\"lost\":1,\"loss_ppm\":250000,"
		       "\"rtt_min_us\":10000,\"rtt_avg_us\":10333,\"rtt_max_us\":11000}");
	m = (struct board_minute){.minute = 7, .lost = 2, .rtt_min_us = RTT_UNKNOWN};
	expect_members(render_minute(&m, NOW_NS, 0, NOW_NS),
		       "{\"loss_ppm\":1000000,\"rtt_min_us\":null,\"rtt_avg_us\":null}");
	m.lost = 0;
	expect_members(render_minute(&m, NOW_NS, 0, NOW_NS), "{\"loss_ppm\":null,\"lost\":0}");
	expect_members(
	    render_history(&g, &l, 5, 7, WALL_NS),
	    "{\"link\":\"fibre\",\"alias\":null,\"site\":\"lyon-3\",\"first\":5,\"end\":7,"
	    "\"began\":\"2025-05-01T10:30:00.250Z\"}");
	expect_members(render_history(&g, &l, 0, 0, WALL_NS), "{\"began\":null}");
}

static void
what_a_link_is_judged_by(void **state)
{
	struct conf_link conf = {.hold_ms = 30000,
				 .kill_flows = true,
				 .last_resort = true,
				 .drain_idle_s = 300,
				 .limits = {.rtt_us = {150000, 100000}},
				 .degraded = CONF_DEGRADED_WEIGHT,
				 .degraded_weight = 2,
				 .flap = {3000, 1000, 12000, 120000}};
	struct judgement j = {.conf = &conf, .ntargets = 1, .target = {{7, 3, 5}}};
	struct board_link l = {.index = 1, .name = "fibre"};

	(void)state;
	j.family[V6].configured = true;
	j.family[V6].quorum = 2;
	j.family[V6].counts = (struct target_counts){.up = 1, .down = 2, .unknown = 3, .aside = 4};
	j.family[V6].measured = (struct measured){0, RTT_UNKNOWN, 5};
	expect_members(
	    render_judgement(&j, &l),
	    "{\"link\":\"fibre\",\"hold_ms\":30000,\"kill_flows\":true,\"rebalance\":false,"
	    "\"last_resort\":true,\"drain_idle_s\":300,\"drain_deadline_s\":null,\"degraded\":"
	    "\"weight\","
	    "\"degraded_weight\":2,\"limits\":{\"rtt_us\":{\"enter\":150000,\"leave\":100000}},"
	    "\"flap\":{\"suppress\":3000,\"reuse\":1000,\"ceiling\":12000,\"half_life_ms\":120000},"
	    "\"versions\":[{\"version\":6,\"quorum\":2,\"targets_up\":1,\"targets_down\":2,"
	    "\"targets_unknown\":3,\"targets_aside\":4,\"loss_ppm\":0,\"jitter_us\":5}],"
	    "\"targets\":[{\"target\":7,\"down_after\":3,\"up_after\":5}]}");
	conf.degraded = CONF_DEGRADED_STAY;
	expect_members(render_judgement(&j, &l), "{\"degraded_weight\":null}");
}

static void
the_newest_samples_in_their_order(void **state)
{
	struct board_recent r = {.count = 3, .next = 1};
	json_t *samples, *wanted;

	(void)state;
	r.us[RECENT_SAMPLES - 2] = 10;
	r.us[RECENT_SAMPLES - 1] = RTT_UNKNOWN;
	r.us[0] = 30;
	samples = render_samples(&r, 64);
	wanted = json_loads("[10,null,30]", 0, NULL);
	assert_true(json_equal(samples, wanted));
	json_decref(samples);
	json_decref(wanted);
	samples = render_samples(&r, 2);
	assert_int_equal(json_array_size(samples), 2);
	assert_int_equal(json_integer_value(json_array_get(samples, 1)), 30);
	json_decref(samples);
	r.count = UINT32_MAX;
	samples = render_samples(&r, UINT32_MAX);
	assert_int_equal(json_array_size(samples), RECENT_SAMPLES);
	json_decref(samples);
}

static void
a_path_is_the_links_own_or_not(void **state)
{
	static const struct {
		const char *target, *gateway; /* NULL: none, the target is on the link */
		unsigned ifindex;
		const char *wanted;
	} cases[] = {
	    {"203.0.113.9", "192.0.2.1", 5, "{\"as_wanted\":true,\"gateway\":\"192.0.2.1\"}"},
	    {"203.0.113.9", "192.0.2.254", 5, "{\"as_wanted\":false}"},
	    {"203.0.113.9", "192.0.2.1", 6, "{\"as_wanted\":false}"},
	    {"192.0.2.1", NULL, 5, "{\"as_wanted\":true,\"gateway\":null}"},
	    {"192.0.2.1", NULL, 6, "{\"as_wanted\":false}"},
	};
	struct board_link l = {.index = 1, .name = "a", .ifname = "wan1", .ifindex = 5};

	(void)state;
	l.route[V4].gateway = address("192.0.2.1");
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct ipc_path p = {.link = 1, .ifindex = cases[i].ifindex};

		p.target = address(cases[i].target);
		if (cases[i].gateway != NULL)
			p.gateway = address(cases[i].gateway);
		expect_members(render_path(&p, &l), cases[i].wanted);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(unknown_is_absent),
	    cmocka_unit_test(a_link_in_full),
	    cmocka_unit_test(addresses_are_named_by_the_links_interface),
	    cmocka_unit_test(an_event_names_the_states_it_is_about),
	    cmocka_unit_test(who_ordered_is_told_by_uid),
	    cmocka_unit_test(a_target_that_can_not_be_asked_says_why),
	    cmocka_unit_test(rubbish_makes_json_all_the_same),
	    cmocka_unit_test(a_minute_begins_by_todays_clock),
	    cmocka_unit_test(what_a_link_is_judged_by),
	    cmocka_unit_test(the_newest_samples_in_their_order),
	    cmocka_unit_test(a_path_is_the_links_own_or_not),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
