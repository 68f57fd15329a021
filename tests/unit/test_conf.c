/* SPDX-License-Identifier: ISC */
/* What uplinkd.conf(5) promises: every setting with its default, range and
 * inheritance, every mistake with its line, and a text that reads back the same. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "read_conf.h"
#include "conf/draft.h"

#define COUNT(array) (sizeof(array) / sizeof *(array))

/* Two links without fault, on one line, for what is not about links. */
#define A "link a { interface wan1; gateway 192.0.2.1; target 203.0.113.1; target 203.0.113.2 }\n"
#define B "link b { interface wan2; gateway 192.0.2.9; target 203.0.113.1; target 203.0.113.2 }\n"
#define AB A B

/* ---- what is right ---- */

static const char design[] =
    "    site \"lyon-3\"           # in every notification\n"
    "    interval 1s\n"
    "    down after 3\n"
    "    up after 5\n"
    "    hold 30s     # a link must be well this long\n"
    "\n"
    "    link \"fibre\" {\n"
    "            interface wan1\n"
    "            gateway 192.0.2.1        # or: gateway auto\n"
    "            gateway fe80::1\n"
    "            tier 1\n"
    "            weight 3\n"
    "            target 203.0.113.1\n"
    "            target 203.0.113.53 %s\n"
    "    }\n"
    "    link \"lte\" { interface wwan0; gateway auto; tier 2; target "
    "203.0.113.2 }\n"
    "\n"
    "    snmp { agentx \"/var/agentx/master\" }          # or: standalone\n";

static void
test_design(void **state)
{
	char text[2048];

	(void)state;
	snprintf(text, sizeof text, design, "dns query \"example.net\"");
	struct conf *conf = must_read(text);
	assert_string_equal(conf->site, "lyon-3");
	assert_int_equal(conf->nlinks, 2);

	const struct conf_link *fibre = conf_link_by_name(conf, "fibre");
	assert_non_null(fibre);
	assert_string_equal(fibre->interface, "wan1");
	assert_int_equal(fibre->weight, 3);
	assert_int_equal(fibre->hold_ms, 30000);
	assert_int_equal(fibre->line, 7);
	assert_false(fibre->gateway_only);
	assert_int_equal(fibre->route[V4].gateway_kind, CONF_GATEWAY_STATIC);
	assert_int_equal(fibre->route[V6].gateway_kind, CONF_GATEWAY_STATIC);
	assert_int_equal(fibre->ntargets, 3);
	assert_int_equal(fibre->targets[1].line, 14);
	assert_int_equal(fibre->targets[1].probe.down_after, 3);
	assert_true(fibre->targets[2].gateway);
	assert_int_equal(fibre->targets[2].family, V6);

	const struct conf_link *lte = conf_link_by_name(conf, "lte");
	assert_int_equal(lte->tier, 2);
	assert_int_equal(lte->route[V4].gateway_kind, CONF_GATEWAY_AUTO);
	assert_int_equal(lte->route[V6].gateway_kind, CONF_GATEWAY_AUTO);
	assert_null(conf_link_by_name(conf, "dsl"));
	conf_free(conf);
}

/* The smallest useful file: only the gateways are asked. */
static void
test_smallest(void **state)
{
	struct reading r;

	(void)state;
	read_conf(&r, "link a { interface wan1; gateway 192.0.2.1 }\n"
		      "link b { interface wan1; gateway 2001:db8::1; gateway 192.0.2.2 }");
	assert_non_null(r.conf);
	assert_string_equal(r.conf->site, "");
	assert_string_equal(r.conf->group, "_uplinkd");
	assert_int_equal(r.conf->mark_mask, 0x7ff00);
	assert_int_equal(r.conf->table_base, 7000);
	assert_int_equal(r.conf->rule_base, 7000);
	assert_true(r.conf->realtime);
	assert_true(r.conf->confirm);
	assert_true(r.conf->suspicion);
	assert_true(r.conf->snmp.enabled);
	assert_true(r.conf->snmp.control);
	assert_string_equal(r.conf->snmp.agentx, "/var/agentx/master");
	assert_int_equal(r.conf->snmp.default_timeout_s, 0);

	const struct conf_link *b = &r.conf->links[1];
	assert_true(b->gateway_only);
	assert_true(b->kill_flows);
	assert_false(b->rebalance);
	assert_false(b->last_resort);
	assert_int_equal(b->mss, CONF_MSS_NO);
	assert_int_equal(r.conf->flows, CONF_FLOWS_MARKS);
	assert_false(r.conf->reset_clients);
	assert_false(b->pinned);
	assert_int_equal(b->index, 0);
	assert_int_equal(b->route[V4].nat, CONF_NAT_MASQUERADE);
	assert_int_equal(b->route[V6].nat, CONF_NAT_NONE);
	assert_false(addr_is_set(&b->route[V6].source));
	assert_int_equal(b->ntargets, 2);
	for (int family = 0; family < FAMILIES; family++) {
		assert_true(b->targets[family].gateway);
		assert_int_equal(b->targets[family].family, family);
		assert_int_equal(b->targets[family].method, METHOD_ICMP);
	}
	assert_int_equal(r.warnings, 2);
	forget_conf(&r);
}

/* Where the grammar lets a person write as they like. */
static void
test_layout(void **state)
{
	static const char *const texts[] = {
	    AB,
	    "\n\n;;\n" A ";" B,
	    "# link c { }\n" A "#" A B,
	    "link a\n\n{\n\tinterface wan1\r\n\tgateway\t192.0.2.1 # \"}\n\n target "
	    "203.0.113.1;;target "
	    "203.0.113.2}" B,
	    "\xef\xbb\xbf" AB, /* a byte order mark, as some editors write it */
	    "link \"a\"{interface\"wan1\";gateway \"192.0.2.1\";target 203.0.113.1;target "
	    "203.0.113.2}"
	    "link \"b\"{interface wan2;gateway 192.0.2.9;target 203.0.113.1;target 203.0.113.2}",
	    A "# the last line is a comment without an end",
	};
	struct conf *ab = must_read(AB), *a = must_read(A);

	(void)state;
	for (size_t i = 0; i < COUNT(texts); i++) {
		struct conf *conf = must_read(texts[i]);
		assert_true(same_conf(conf, conf->nlinks == 2 ? ab : a));
		conf_free(conf);
	}
	conf_free(a);
	conf_free(ab);
}

static void
test_texts(void **state)
{
	(void)state;
	struct conf *conf =
	    must_read("site \"a \\\"b\\\" \\\\ {#;} \xc3\xa9\"\n"
		      "link \"target\" { interface \"link\"; gateway auto inet; alias "
		      "\"64 octets: 6789012345678901234567890123456789012345678901234\" }");
	assert_string_equal(conf->site, "a \"b\" \\ {#;} \xc3\xa9");
	assert_string_equal(conf->links[0].name, "target");
	assert_string_equal(conf->links[0].interface, "link");
	assert_int_equal(conf->links[0].route[V6].gateway_kind, CONF_GATEWAY_NONE);
	conf_free(conf);
}

static void
test_gateways(void **state)
{
	static const struct {
		const char *text;
		int v4, v6;
		size_t ntargets;
	} cases[] = {
	    {"gateway auto", CONF_GATEWAY_AUTO, CONF_GATEWAY_AUTO, 2},
	    {"gateway auto inet", CONF_GATEWAY_AUTO, CONF_GATEWAY_NONE, 1},
	    {"gateway auto inet6", CONF_GATEWAY_NONE, CONF_GATEWAY_AUTO, 1},
	    {"gateway 192.0.2.1; gateway auto inet6", CONF_GATEWAY_STATIC, CONF_GATEWAY_AUTO, 2},
	    {"gateway fe80::1", CONF_GATEWAY_NONE, CONF_GATEWAY_STATIC, 1},
	    {"gateway fe80::1; target gateway; gateway 192.0.2.1", CONF_GATEWAY_STATIC,
	     CONF_GATEWAY_STATIC, 2},
	    {"gateway auto; target gateway inet6", CONF_GATEWAY_AUTO, CONF_GATEWAY_AUTO, 2},
	    {"gateway auto; target gateway; target 203.0.113.1", CONF_GATEWAY_AUTO,
	     CONF_GATEWAY_AUTO, 3},
	};
	char text[256];

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		snprintf(text, sizeof text, "link l { interface wan1; %s }", cases[i].text);
		struct conf *conf = must_read(text);
		assert_int_equal(conf->links[0].route[V4].gateway_kind, cases[i].v4);
		assert_int_equal(conf->links[0].route[V6].gateway_kind, cases[i].v6);
		assert_int_equal(conf->links[0].ntargets, cases[i].ntargets);
		conf_free(conf);
	}
}

static void
test_addresses(void **state)
{
	char text[ADDR_STRLEN];

	(void)state;
	struct conf *conf =
	    must_read("nat none; nat6 masquerade\n"
		      "link a { interface wan1; gateway auto; source 192.0.2.7\n"
		      "source 2001:db8:1::7; prefix 2001:db8:1::/48 }\n"
		      "link b { interface wan2; gateway auto; nat snat 192.0.2.8\n"
		      "nat6 snat 2001:db8:2::8 }\n"
		      "link c { interface wan3; gateway auto; nat masquerade; nat6 none }");
	const struct conf_route *v4 = &conf->links[0].route[V4], *v6 = &conf->links[0].route[V6];
	assert_string_equal(addr_text(&v4->source, text), "192.0.2.7");
	assert_string_equal(addr_text(&v6->source, text), "2001:db8:1::7");
	assert_string_equal(addr_text(&v6->prefix, text), "2001:db8:1::/48");
	assert_int_equal(v4->nat, CONF_NAT_NONE);
	assert_int_equal(v6->nat, CONF_NAT_MASQUERADE);
	v4 = &conf->links[1].route[V4], v6 = &conf->links[1].route[V6];
	assert_int_equal(v4->nat, CONF_NAT_SNAT);
	assert_string_equal(addr_text(&v4->nat_addr, text), "192.0.2.8");
	assert_int_equal(v6->nat, CONF_NAT_SNAT);
	assert_string_equal(addr_text(&v6->nat_addr, text), "2001:db8:2::8");
	assert_int_equal(conf->links[2].route[V4].nat, CONF_NAT_MASQUERADE);
	assert_int_equal(conf->links[2].route[V6].nat, CONF_NAT_NONE);
	conf_free(conf);
}

static void
test_switches(void **state)
{
	(void)state;
	struct conf *conf =
	    must_read("realtime no; confirm no; suspicion no; kill flows no; snmp no; group noc\n" A
		      "link b { interface wan2; gateway auto; kill flows yes }");
	assert_false(conf->realtime);
	assert_false(conf->confirm);
	assert_false(conf->suspicion);
	assert_false(conf->snmp.enabled);
	assert_string_equal(conf->group, "noc");
	assert_false(conf->links[0].kill_flows);
	assert_true(conf->links[1].kill_flows);
	conf_free(conf);

	conf = must_read("rebalance yes; reset clients yes; mss clamp pmtu; drain idle 1500ms\n"
			 "drain deadline 4h\n" A
			 "link b { interface wan2; gateway auto; rebalance no; mss clamp no\n"
			 "last resort yes; drain idle 1h; drain deadline no }\n"
			 "link c { interface wan3; gateway auto; mss clamp 1400; last resort no }");
	assert_true(conf->reset_clients);
	assert_true(conf->links[0].rebalance);
	assert_false(conf->links[1].rebalance);
	assert_int_equal(conf->links[0].mss, CONF_MSS_PMTU);
	assert_int_equal(conf->links[1].mss, CONF_MSS_NO);
	assert_int_equal(conf->links[2].mss, 1400);
	assert_true(conf->links[1].last_resort);
	assert_false(conf->links[2].last_resort);
	assert_int_equal(conf->links[0].drain_idle_s, 2);
	assert_int_equal(conf->links[1].drain_idle_s, 3600);
	assert_int_equal(conf->links[0].drain_deadline_s, 4 * 3600);
	assert_int_equal(conf->links[1].drain_deadline_s, 0);
	conf_free(conf);

	/* words of a setting may be joined by a hyphen, names are left alone */
	conf = must_read("kill-flows no; drain-idle 7s; mark-mask 0xff000\n"
			 "link kill-flows { interface last-resort; gateway auto; last-resort yes\n"
			 "mss-clamp 1300; target gateway { down-after 9 } }\n" A);
	assert_false(conf->links[0].kill_flows);
	assert_string_equal(conf->links[0].name, "kill-flows");
	assert_string_equal(conf->links[0].interface, "last-resort");
	assert_true(conf->links[0].last_resort);
	assert_int_equal(conf->links[0].mss, 1300);
	assert_int_equal(conf->links[0].drain_idle_s, 7);
	assert_int_equal(conf->links[0].targets[0].probe.down_after, 9);
	assert_int_equal(conf->mark_mask, 0xff000);
	conf_free(conf);

	conf =
	    must_read("realtime yes; snmp { agentx /run/x; control no; default timeout 1h }\n" AB);
	assert_true(conf->realtime);
	assert_true(conf->snmp.enabled);
	assert_false(conf->snmp.control);
	assert_string_equal(conf->snmp.agentx, "/run/x");
	assert_int_equal(conf->snmp.default_timeout_s, 3600);
	assert_false(conf->snmp.notify_targets);
	assert_int_equal(conf->snmp.notify_limit, 20);
	conf_free(conf);

	conf = must_read("snmp { notify targets yes; notify limit no }\n" AB);
	assert_true(conf->snmp.notify_targets);
	assert_int_equal(conf->snmp.notify_limit, 0);
	conf_free(conf);

	conf = must_read("snmp yes\n" AB);
	assert_true(conf->snmp.enabled);
	conf_free(conf);
}

/* ---- numbers ---- */

enum place { FILE_ = 1, LINK = 2, TARGET = 4, SNMP = 8, ICMP = 16 };

/* Where a number stands in the configuration that comes out. */
static const struct number {
	enum setting setting;
	const char *name;
	unsigned places;
	size_t offset; /* in struct conf, conf_link or conf_probe */
	size_t size;
	uint64_t standard;
	const char *least, *most;   /* as written */
	uint64_t least_is, most_is; /* as it comes out */
	const char *below, *above;  /* "": none can be written */
} numbers[] = {
#define PROBE(field) FILE_ | LINK | TARGET, offsetof(struct conf_probe, field), 4
#define OF_LINK(field) offsetof(struct conf_link, field), sizeof(((struct conf_link *)0)->field)
#define OF_TARGET(field) \
	offsetof(struct conf_target, field), sizeof(((struct conf_target *)0)->field)
#define OF_CONF(field) offsetof(struct conf, field), sizeof(((struct conf *)0)->field)
    {SET_INTERVAL, "interval", PROBE(interval_ms), 1000, "10ms", "1h", 10, 3600000, "9ms", "3601s"},
    {SET_TIMEOUT, "timeout", PROBE(timeout_ms), 1000, "10ms", "3s", 10, 3000, "9ms", "61"},
    {SET_DOWN_AFTER, "down after", PROBE(down_after), 3, "1", "1000", 1, 1000, "0", "1001"},
    {SET_UP_AFTER, "up after", PROBE(up_after), 5, "1", "1000", 1, 1000, "0", "1001"},
    {SET_WINDOW, "window", PROBE(window_ms), 60000, "5s", "10m", 5000, 600000, "4s", "601s"},
    {SET_SIZE, "size", ICMP, OF_TARGET(size), 16, "16", "8952", 16, 8952, "15", "8953"},
    {SET_TTL, "ttl", ICMP, OF_TARGET(ttl), 64, "1", "255", 1, 255, "0", "256"},
    {SET_HOLD, "hold", FILE_ | LINK, OF_LINK(hold_ms), 30000, "0", "1d", 0, 86400000, "", "25h"},
    {SET_TIER, "tier", LINK, OF_LINK(tier), 1, "1", "255", 1, 255, "0", "256"},
    {SET_WEIGHT, "weight", LINK, OF_LINK(weight), 1, "1", "255", 1, 255, "0", "256"},
    {SET_INDEX, "index", LINK, OF_LINK(index), 0, "1", "1022", 1, 1022, "0", "1023"},
    {SET_QUORUM, "quorum", LINK, OF_LINK(quorum), 1, "1", "2", 1, 2, "0", "65"},
    {SET_TABLE, "table", FILE_, OF_CONF(table_base), 7000, "256", "2147482625", 256, 2147482625,
     "255", "2147482626"},
    {SET_RULE, "rule", FILE_, OF_CONF(rule_base), 7000, "1", "27766", 1, 27766, "0", "27767"},
    {SET_DEFAULT_TIMEOUT, "default timeout", SNMP, OF_CONF(snmp.default_timeout_s), 0, "0", "365d",
     0, 31536000, "500ms", "366d"},
    {SET_LIMIT_LOSS, "limit loss", FILE_ | LINK, OF_LINK(limits.loss_ppm.enter), 0, "0.1%", "100%",
     1000, 1000000, "0.09%", "100.0001%"},
    {SET_LIMIT_RTT, "limit rtt", FILE_ | LINK, OF_LINK(limits.rtt_us.enter), 0, "1ms", "999ms",
     1000, 999000, "0", "61s"},
    {SET_LIMIT_JITTER, "limit jitter", FILE_ | LINK, OF_LINK(limits.jitter_us.enter), 0, "1ms",
     "1m", 1000, 60000000, "0s", "61s"},
    {SET_FLAP_SUPPRESS, "flap suppress", FILE_ | LINK, OF_LINK(flap.suppress), 3000, "1001",
     "12000", 1001, 12000, "999", "1000001"},
    {SET_FLAP_REUSE, "flap reuse", FILE_ | LINK, OF_LINK(flap.reuse), 1000, "1", "2999", 1, 2999,
     "0", "1000001"},
    {SET_FLAP_HALF_LIFE, "flap half life", FILE_ | LINK, OF_LINK(flap.half_life_ms), 120000, "1s",
     "1d", 1000, 86400000, "999ms", "25h"},
    {SET_FLAP_CEILING, "flap ceiling", FILE_ | LINK, OF_LINK(flap.ceiling), 12000, "3000",
     "1000000", 3000, 1000000, "999", "1000001"},
    {SET_NOTIFY_LIMIT, "notify limit", SNMP, OF_CONF(snmp.notify_limit), 20, "1", "10000", 1, 10000,
     "0", "10001"},
    {SET_DRAIN_IDLE, "drain idle", FILE_ | LINK, OF_LINK(drain_idle_s), 300, "1s", "1d", 1, 86400,
     "999ms", "25h"},
    {SET_DRAIN_DEADLINE, "drain deadline", FILE_ | LINK, OF_LINK(drain_deadline_s), 0, "1s", "30d",
     1, 2592000, "999ms", "31d"},
    {SET_STANDBY, "standby interval", FILE_ | LINK, OF_LINK(standby_interval_ms), 0, "10ms", "1h",
     10, 3600000, "9ms", "61m"},
    {SET_MSS, "mss clamp", FILE_ | LINK, OF_LINK(mss), 0, "536", "65495", 536, 65495, "535",
     "65496"},
};

/* The text with this statement at this place, and its line. */
static int
write_statement(char *buf, size_t size, enum place place, const char *name, const char *value)
{
	char statement[64];

	bool block = place != ICMP; /* that statement ends with its value */

	snprintf(statement, sizeof statement, "%s %s", name, value);
	snprintf(buf, size,
		 "%s\n"
		 "link a {\n"
		 "%s\n"
		 "interface wan1; gateway 192.0.2.1; target 203.0.113.2\n"
		 "target 203.0.113.1 %s %s\n"
		 "%s\n"
		 "%s }\n"
		 "snmp {\n"
		 "%s\n"
		 "}\n",
		 place == FILE_ ? statement : "", place == LINK ? statement : "",
		 block ? "{" : "icmp", block ? "" : statement, place == TARGET ? statement : "",
		 block ? "}" : "", place == SNMP ? statement : "");
	return place == FILE_ ? 1 : place == LINK ? 3 : place == ICMP ? 5 : place == TARGET ? 6 : 9;
}

static uint64_t
take(const void *base, const struct number *n)
{
	const unsigned char *p = (const unsigned char *)base + n->offset;
	uint32_t u32;
	uint16_t u16;

	switch (n->size) {
	case 1:
		return *p;
	case 2:
		memcpy(&u16, p, 2);
		return u16;
	default:
		memcpy(&u32, p, 4);
		return u32;
	}
}

/* The value as the second target (the one with a block), the link or the file has it. */
static uint64_t
find_number(const struct conf *conf, const struct number *n)
{
	if (n->places & ICMP)
		return take(&conf->links[0].targets[1], n);
	if (n->places & TARGET)
		return take(&conf->links[0].targets[1].probe, n);
	return n->places & LINK ? take(&conf->links[0], n) : take(conf, n);
}

static void
expect_number(const struct number *n, enum place place, const char *value, uint64_t expected)
{
	char text[512];

	write_statement(text, sizeof text, place, n->name, value);
	struct conf *conf = must_read(text);
	if (find_number(conf, n) != expected)
		print_error("%s %s\n", n->name, value);
	assert_int_equal(find_number(conf, n), expected);
	conf_free(conf);
}

static void
expect_refused(const struct number *n, enum place place, const char *value, const char *why)
{
	struct reading r;
	char text[512];
	int line = write_statement(text, sizeof text, place, n->name, value);

	read_conf(&r, text);
	if (r.mistakes != 1 || r.said[0].line != line || strstr(r.said[0].message, why) == NULL) {
		print_error("%s %s in line %d should be refused: %s\n", n->name, value, line, why);
		show_said(&r);
		fail();
	}
	forget_conf(&r);
}

static void
test_numbers(void **state)
{
	static const char *const not_it[] = {[KIND_COUNT] = "not a number",
					     [KIND_TIME] = "not a time",
					     [KIND_SHARE] = "not a share",
					     [KIND_OCTETS] = "not a number of octets"};
	static const char *const other_kind[] = {
	    [KIND_COUNT] = "1s", [KIND_TIME] = "1.5s", [KIND_SHARE] = "20"};

	(void)state;
	for (size_t i = 0; i < COUNT(numbers); i++) {
		const struct number *n = &numbers[i];
		const struct setting_range *range = &setting_ranges[n->setting];

		assert_string_equal(range->name, n->name);
		for (unsigned place = FILE_; place <= ICMP; place <<= 1) {
			if (!(n->places & place))
				continue;
			/* without it: the default */
			char text[512];
			write_statement(text, sizeof text, place, "", "");
			struct conf *conf = must_read(text);
			assert_int_equal(find_number(conf, n), n->standard);
			conf_free(conf);

			expect_number(n, place, n->least, n->least_is);
			expect_number(n, place, n->most, n->most_is);
			if (n->below[0] != '\0')
				expect_refused(n, place, n->below, n->name);
			expect_refused(n, place, n->above, "out of range");
			expect_refused(n, place, "99999999999999999999", n->name);
			expect_refused(n, place, "-1", not_it[range->kind]);
			expect_refused(n, place, "1x", not_it[range->kind]);
			expect_refused(n, place, "\"\"", not_it[range->kind]);
			expect_refused(n, place, other_kind[range->kind], not_it[range->kind]);
			expect_refused(n, place, "", "ends too early");
		}
	}
	assert_int_equal(COUNT(numbers) + 3, SET_NUMBER_END); /* port, status, budget: see there */
}

static void
test_times(void **state)
{
	static const struct {
		const char *text;
		uint32_t ms;
	} times[] = {
	    {"0", 0},     {"7", 7000},      {"1ms", 1},      {"1500ms", 1500},
	    {"1s", 1000}, {"2m", 120000},   {"1h", 3600000}, {"1d", 86400000},
	    {"0ms", 0},   {"\"3s\"", 3000}, {"007s", 7000},  {"60s", 60000},
	};
	char text[512];

	(void)state;
	for (size_t i = 0; i < COUNT(times); i++) {
		snprintf(text, sizeof text, "hold %s\n" AB, times[i].text);
		struct conf *conf = must_read(text);
		assert_int_equal(conf->links[1].hold_ms, times[i].ms);
		conf_free(conf);
	}
}

/* Target before link before file, wherever in the file they stand. */
static void
test_inheritance(void **state)
{
	static const char text[] =
	    "link a { interface wan1; gateway auto; interval 2s; hold 2s\n"
	    "target 203.0.113.1 { interval 3s; down after 7 }; target 203.0.113.2\n"
	    "timeout 300ms }\n"
	    "link b { interface wan2; gateway auto; up after 9 }\n"
	    "interval 1500ms; timeout 200ms; down after 4; up after 6; hold 5s\n";
	struct conf *conf = must_read(text);
	const struct conf_link *a = &conf->links[0], *b = &conf->links[1];
	const struct {
		const struct conf_probe *probe;
		uint32_t interval_ms, timeout_ms, down_after, up_after;
	} cases[] = {
	    {&a->targets[0].probe, 3000, 300, 7, 6},
	    {&a->targets[1].probe, 2000, 300, 4, 6},
	    {&a->targets[2].probe, 2000, 300, 4, 6}, /* the implicit one */
	    {&b->targets[0].probe, 1500, 200, 4, 9},
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		assert_int_equal(cases[i].probe->interval_ms, cases[i].interval_ms);
		assert_int_equal(cases[i].probe->timeout_ms, cases[i].timeout_ms);
		assert_int_equal(cases[i].probe->down_after, cases[i].down_after);
		assert_int_equal(cases[i].probe->up_after, cases[i].up_after);
	}
	assert_int_equal(a->hold_ms, 2000);
	assert_int_equal(b->hold_ms, 5000);
	assert_int_equal(a->ntargets, 3);
	assert_true(a->targets[2].gateway);
	conf_free(conf);
}

static void
test_shares(void **state)
{
	static const struct {
		const char *text;
		uint32_t ppm;
	} shares[] = {
	    {"20%", 200000},      {"0.5%", 5000},    {"2.50%", 25000},
	    {"33.3333%", 333333}, {"\"7%\"", 70000},
	};
	static const char *const none[] = {"20.%", ".5%", "20%%", "1.23456%", "1e1%"};
	char text[512];

	(void)state;
	for (size_t i = 0; i < COUNT(shares); i++) {
		snprintf(text, sizeof text, "limit loss %s\n" AB, shares[i].text);
		struct conf *conf = must_read(text);
		assert_int_equal(conf->links[1].limits.loss_ppm.enter, shares[i].ppm);
		conf_free(conf);
	}
	for (size_t i = 0; i < COUNT(none); i++) {
		struct reading r;
		snprintf(text, sizeof text, "limit loss %s\n" AB, none[i]);
		read_conf(&r, text);
		show_said(&r);
		assert_null(r.conf);
		assert_int_equal(r.nsaid, 1);
	}
}

/* What stands in a link takes the place of what stands in the file, as a whole:
 * a limit with its two edges, and what a degraded link does. */
static void
test_judgement(void **state)
{
	(void)state;
	struct conf *conf = must_read(
	    "limit loss 20% leave 5%; limit rtt 300ms leave 200ms; limit jitter 40ms\n"
	    "when degraded weight 2; flap no\n"
	    "link a { interface wan1; gateway auto inet; weight 3 }\n"
	    "link b { interface wan2; gateway auto inet; when degraded leave; limit loss 10%\n"
	    "limit rtt no; flap reuse 500 }\n"
	    "link c { interface wan3; gateway auto inet; when degraded last; flap yes }\n"
	    "link d { interface wan4; gateway auto inet; when degraded stay\n"
	    "flap half life 1m ceiling 5000 suppress 4000 reuse 2000 }");
	const struct conf_link *a = &conf->links[0], *b = a + 1, *c = a + 2, *l = a + 3;

	assert_int_equal(a->limits.loss_ppm.enter, 200000);
	assert_int_equal(a->limits.loss_ppm.leave, 50000);
	assert_int_equal(a->limits.rtt_us.enter, 300000);
	assert_int_equal(a->limits.rtt_us.leave, 200000);
	assert_int_equal(a->limits.jitter_us.enter, 40000);
	assert_int_equal(a->limits.jitter_us.leave, 30000); /* three quarters of it */
	assert_int_equal(a->degraded, CONF_DEGRADED_WEIGHT);
	assert_int_equal(a->degraded_weight, 2);
	assert_int_equal(a->flap.suppress, 0);

	assert_int_equal(b->limits.loss_ppm.enter, 100000);
	assert_int_equal(b->limits.loss_ppm.leave, 75000);
	assert_int_equal(b->limits.rtt_us.enter, 0);
	assert_int_equal(b->degraded, CONF_DEGRADED_LEAVE);
	assert_int_equal(b->flap.suppress, 3000);
	assert_int_equal(b->flap.reuse, 500);

	assert_int_equal(c->degraded, CONF_DEGRADED_LAST);
	assert_int_equal(c->flap.suppress, 3000);
	assert_int_equal(c->flap.ceiling, 12000);

	assert_int_equal(l->degraded, CONF_DEGRADED_STAY);
	assert_int_equal(l->flap.suppress, 4000);
	assert_int_equal(l->flap.reuse, 2000);
	assert_int_equal(l->flap.half_life_ms, 60000);
	assert_int_equal(l->flap.ceiling, 5000);
	conf_free(conf);

	/* without a word: no limit, and damping as RFC 2439 shapes it */
	conf = must_read(AB);
	assert_int_equal(conf->links[0].limits.loss_ppm.enter, 0);
	assert_int_equal(conf->links[0].limits.rtt_us.enter, 0);
	assert_int_equal(conf->links[0].limits.jitter_us.enter, 0);
	assert_int_equal(conf->links[0].degraded, CONF_DEGRADED_STAY);
	assert_int_equal(conf->links[0].flap.suppress, 3000);
	conf_free(conf);
}

/* How a target is asked, with what is default. */
static void
test_methods(void **state)
{
	struct conf *conf = must_read(
	    "link c { interface wan3; gateway auto\n"
	    "target 203.0.113.1; target 203.0.113.1 icmp size 1472 ttl 3\n"
	    "target 203.0.113.1 tcp port 443; target 203.0.113.53 dns query \"example.net.\"\n"
	    "target 2001:db8::53 dns query . type ns rcode any; target gateway arp\n"
	    "target gateway nd { interval 5s }; target gateway tcp port 22 }\n" AB);
	const struct conf_target *t = conf->links[0].targets;

	(void)state;
	assert_int_equal(conf->links[0].ntargets, 9);
	assert_int_equal(t[0].method, METHOD_ICMP);
	assert_int_equal(t[0].size, 16);
	assert_int_equal(t[0].ttl, 64);
	assert_int_equal(t[0].port, 0);
	assert_int_equal(t[1].size, 1472);
	assert_int_equal(t[1].ttl, 3);
	assert_int_equal(t[2].method, METHOD_TCP);
	assert_int_equal(t[2].port, 443);
	assert_int_equal(t[2].size, 0);
	assert_int_equal(t[3].method, METHOD_DNS);
	assert_int_equal(t[3].port, 53);
	assert_string_equal(t[3].query, "example.net");
	assert_int_equal(t[3].query_type, 1);
	assert_int_equal(t[3].rcode, 0);
	assert_string_equal(t[4].query, ".");
	assert_int_equal(t[4].query_type, 2);
	assert_int_equal(t[4].rcode, CONF_RCODE_ANY);
	for (int family = V4; family <= V6; family++) {
		assert_int_equal(t[5 + family].method, METHOD_NEIGHBOUR);
		assert_int_equal(t[5 + family].family, family);
		assert_true(t[5 + family].gateway);
		assert_int_equal(t[7 + family].method, METHOD_TCP);
		assert_int_equal(t[7 + family].family, family);
		assert_int_equal(t[7 + family].port, 22);
	}
	assert_int_equal(t[6].probe.interval_ms, 5000);
	conf_free(conf);
}

static void
test_budgets(void **state)
{
	struct conf *conf = must_read("budget 10M per day; standby interval 1m\n" A
				      "link b { interface wan2; gateway 192.0.2.9; budget no\n"
				      "standby interval no }\n"
				      "link c { interface wan3; gateway 192.0.2.9\n"
				      "budget 432000 per day; target 203.0.113.1 https }\n");

	(void)state;
	assert_int_equal(conf->links[0].budget, 10000000);
	assert_int_equal(conf->links[0].standby_interval_ms, 60000);
	assert_int_equal(conf->links[1].budget, 0);
	assert_int_equal(conf->links[1].standby_interval_ms, 0);
	assert_int_equal(conf->links[2].budget, 432000);
	assert_int_equal(conf_round_octets(&conf->links[0]), 176);
	assert_int_equal(conf_round_octets(&conf->links[2]), 12000);
	/* two pings a second: 15,206,400 octets in a day, and 7,500,000 are for them */
	assert_in_range(conf->links[0].targets[1].probe.pace_ms[0], 2027, 2029);
	assert_int_equal(conf->links[0].targets[1].probe.pace_ms[1], 60000);
	assert_int_equal(conf->links[1].targets[0].probe.pace_ms[1], 1000);
	assert_in_range(conf->links[2].targets[0].probe.pace_ms[0], 3200000, 3210000);
	assert_int_equal(conf_window_ms(&conf->links[0].targets[0].probe), 30 * 60000);
	conf_free(conf);
}

/* What http, https and command ask for. */
static void
test_services(void **state)
{
	struct conf *conf = must_read(
	    "link c { interface wan3; gateway auto\n"
	    "target 203.0.113.1 http; target 203.0.113.1 https host example.net path /x?y=1 "
	    "port 8443 status 204 expect \"all \\\"well\\\"\" ca /etc/own.pem\n"
	    "target 203.0.113.1 http path /other; target gateway http { interval 5s }\n"
	    "target 2001:db8::1 command /usr/bin/check -a \"two words\" \"port\" \"\" }\n" AB);
	const struct conf_target *t = conf->links[0].targets;
	static const char words[] = "/usr/bin/check\0-a\0two words\0port\0";

	(void)state;
	assert_int_equal(conf->links[0].ntargets, 6);
	assert_int_equal(t[0].method, METHOD_HTTP);
	assert_int_equal(t[0].port, 80);
	assert_int_equal(t[0].http->status, 200);
	assert_string_equal(t[0].http->path, "/");
	assert_string_equal(t[0].http->host, "");
	assert_int_equal(t[1].method, METHOD_HTTPS);
	assert_int_equal(t[1].port, 8443);
	assert_int_equal(t[1].http->status, 204);
	assert_string_equal(t[1].http->host, "example.net");
	assert_string_equal(t[1].http->path, "/x?y=1");
	assert_string_equal(t[1].http->expect, "all \"well\"");
	assert_string_equal(t[1].http->ca, "/etc/own.pem");
	assert_int_equal(t[3].family, V4);
	assert_int_equal(t[4].family, V6);
	assert_true(t[4].gateway);
	assert_ptr_not_equal(t[3].http, t[4].http);
	assert_int_equal(t[5].method, METHOD_COMMAND);
	assert_int_equal(t[5].command->argc, 5);
	assert_int_equal(t[5].command->len, sizeof words);
	assert_memory_equal(t[5].command->text, words, sizeof words);
	assert_true(conf_has_method(conf, conf_method_is_probers));
	assert_true(conf_has_method(conf, conf_method_is_runners));
	conf_free(conf);
	conf = must_read(AB);
	assert_false(conf_has_method(conf, conf_method_is_probers));
	conf_free(conf);
}

/* ---- mistakes ---- */

#define LINK_WITH(statements) "link c {\ninterface wan3\ngateway 192.0.2.33\n" statements "\n}\n" AB

#define LABEL_63 "a23456789-b23456789-c23456789-d23456789-e23456789-f23456789-g23"
#define LABEL_64 LABEL_63 "4"

static void
test_programs_on_events(void **state)
{
	struct conf *conf = must_read("on linkDown degraded run \"/usr/bin/logger\" \"-t x\" y\n" A
				      "link b { interface wan2; gateway 192.0.2.9\n"
				      "on any sync run /x user frr timeout 1m }\n");
	const struct conf_hook *first, *second;

	(void)state;
	assert_int_equal(conf->nhooks, 2);
	first = &conf->hooks[0];
	assert_int_equal(first->events, 1ULL << EVENT_LINK_DOWN | 1ULL << EVENT_LINK_DEGRADED);
	assert_int_equal(first->link, 0);
	assert_string_equal(first->program, "/usr/bin/logger");
	assert_int_equal(first->nargs, 2);
	assert_string_equal(first->args[0], "-t x");
	assert_string_equal(first->args[1], "y");
	assert_string_equal(first->user, "_uplinkhook");
	assert_int_equal(first->timeout_ms, 10000);
	second = &conf->hooks[1];
	assert_int_equal(second->events, conf_hook_any() | 1ULL << HOOK_SYNC);
	assert_string_equal(conf->links[second->link - 1].name, "b");
	assert_string_equal(second->user, "frr");
	assert_int_equal(second->timeout_ms, 60000);
	conf_free(conf);
	/* longer than names and comments may be */
	conf =
	    must_read("on any run \"/" LABEL_63 "/" LABEL_63 "\" \"" LABEL_64 LABEL_63 "\"\n" AB);
	second = &conf->hooks[0];
	assert_int_equal(strlen(second->program), 128);
	assert_int_equal(strlen(second->args[0]), HOOK_ARG_LEN);
	conf_free(conf);
}

/* Every event has a name that the grammar takes, whatever words it has. */
static void
test_every_event_can_be_named(void **state)
{
	char text[256];

	(void)state;
	for (unsigned type = EVENT_STARTED; type < EVENT__END; type++) {
		struct conf *conf;

		snprintf(text, sizeof text, "on %s run \"/x\"\n" AB, event_type_name(type));
		conf = must_read(text);
		assert_int_equal(conf->hooks[0].events, 1ULL << type);
		conf_free(conf);
	}
}

#define OCTETS_64 "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"
#define OCTETS_256 OCTETS_64 OCTETS_64 OCTETS_64 OCTETS_64

static const struct {
	const char *text;
	int line;
	const char *message; /* a part of it */
} mistakes[] = {
    /* words */
    {"intervall 3\n" AB, 1, "unknown setting \"intervall\": did you mean \"interval\"?"},
    {"\n\nqorum 3\n" AB, 3, "unknown setting \"qorum\": here may stand budget, confirm, deprecate"},
    {LINK_WITH("gatway 192.0.2.1"), 4, "unknown setting \"gatway\": did you mean \"gateway\"?"},
    {LINK_WITH("target 203.0.113.1 {\n\n timeot 1s\n}"), 6, "did you mean \"timeout\"?"},
    {"snmp {\ncontrl yes\n}\n" AB, 2, "did you mean \"control\"?"},
    {"lnk c { interface x; nothing 3; { } }\n" AB, 1, "did you mean \"link\"?"},
    {"tier 3\n" AB, 1, "\"tier\" does not belong here: it is a setting of a link"},
    {"target 203.0.113.1 { interval 3 }\n" AB, 1, "\"target\" does not belong here"},
    {"agentx /x\n" AB, 1, "\"agentx\" does not belong here: it is a setting of the SNMP side"},
    {LINK_WITH("site x"), 4, "\"site\" does not belong here: it is a setting of the file"},
    {LINK_WITH("mark mask 0x7ff00"), 4, "\"mark\" does not belong here"},
    {LINK_WITH("link d { interface x }"), 4, "\"link\" does not belong here"},
    {LINK_WITH("target 203.0.113.1 { hold 3 }"), 4, "\"hold\" does not belong here"},
    {LINK_WITH("target 203.0.113.1 { quorum 3 }"), 4, "\"quorum\" does not belong here"},
    {"foo\x01"
     "bar 1\n" AB,
     1, "unknown setting \"foo\\x01bar\""},
    {"\"site\" x\n" AB, 1, "unknown setting \"site\""},
    {"s\xc3\xa9te\x7f x\n" AB, 1, "unknown setting \"s\\xc3\\xa9te\\x7f\""},
    {"12345678901234567890123456789012345678901234567890123456789 x\n" AB, 1, "345678901...\""},
    {"after 3\n" AB, 1, "unknown setting \"after\""},

    /* statements */
    {"interval\n" AB, 1, "the statement ends too early: expected a value"},
    {"down 3\n" AB, 1, "unexpected \"3\": expected after"},
    {"site a b\n" AB, 1, "unexpected \"b\": expected the end of the statement"},
    {"realtime maybe\n" AB, 1, "unexpected \"maybe\": expected no or yes"},
    {"site auto\n" AB, 1,
     "unexpected \"auto\": expected a value (put it in quotes to use it as such)"},
    {"kill yes\n" AB, 1, "unexpected \"yes\": expected flows"},
    {LINK_WITH("target 203.0.113.1 icmpp"), 4, "unexpected \"icmpp\": did you mean \"icmp\"?"},
    {LINK_WITH("target"), 4, "the statement ends too early"},
    {LINK_WITH("target 203.0.113.1\n{ interval 3 }"), 5, "this block belongs to no statement"},
    {"link {\ninterface x\n}\n" AB, 1, "unexpected \"{\": expected a value"},
    {AB "}\n", 3, "this } closes nothing: remove it"},
    {AB "link c {\n interface x\n\n", 5, "the block that begins in line 3 is not closed: add }"},
    {AB "link c {\n target 203.0.113.1 {\n", 4, "the block that begins in line 4 is not closed"},
    {AB "link c {\n target 203.0.113.1 {\n}\n", 5, "the block that begins in line 3 is not closed"},
    {"site \"lyon\n" AB, 1, "the text is not closed on this line"},
    {"site \"lyon\\\"\n" AB, 1, "the text is not closed on this line"},

    /* texts */
    {"site \"a\\n\"\n" AB, 1, "site has a \\ that stands for nothing"},
    {"site \"a\x07\"\n" AB, 1, "site has a control character or is not UTF-8"},
    {"site \"a\xc2\x85\"\n" AB, 1, "site has a control character or is not UTF-8"},
    {"site \"a\xff\"\n" AB, 1, "site has a control character or is not UTF-8"},
    {"site a\xc3\n" AB, 1, "site has a control character or is not UTF-8"},
    {"site 123456789012345678901234567890123\n" AB, 1, "site is longer than 32 octets"},
    {"group \"\"\n" AB, 1, "group is empty"},
    {"group 123456789012345678901234567890123\n" AB, 1, "group is longer than 32 octets"},
    {"link \"\" { interface wan3; gateway auto }\n" AB, 1, "the link's name is empty"},
    {"link \"a\tb\" { interface wan3; gateway auto }\n" AB, 1, "the link's name has a control"},
    {"link 123456789012345678901234567890123 { interface wan3; gateway auto }\n" AB, 1,
     "the link's name is longer than 32"},
    {LINK_WITH("alias 12345678901234567890123456789012345678901234567890123456789012345"), 4,
     "alias is longer than 64 octets"},
    {LINK_WITH("alias \"\x1b[31m\""), 4, "alias has a control character"},
    {"link c {\ninterface 1234567890123456\ngateway auto\n}\n" AB, 2,
     "interface is longer than 15"},
    {"link c {\ninterface \"wan 1\"\ngateway auto\n}\n" AB, 2, "interface: a name has"},
    {"link c {\ninterface \"\"\ngateway auto\n}\n" AB, 2, "interface: a name has"},
    {"link c {\ninterface ..\ngateway auto\n}\n" AB, 2, "interface: a name has"},
    {"link c {\ninterface a/b\ngateway auto\n}\n" AB, 2, "interface: a name has"},
    {"snmp {\nagentx master\n}\n" AB, 2, "agentx needs the path"},
    {"snmp {\nagentx \"/a b\"\n}\n" AB, 2, "agentx: the path may have"},
    {"snmp { agentx /2345678901234567890123456789012345678901234567890123456789012345678901234567"
     "890123456789012345678901234567890 }\n" AB,
     1, "agentx is longer than 107"},

    /* twice */
    {"site a\nsite b\n" AB, 2, "site is set twice: remove one (the first is in line 1)"},
    {"interval 1s\n\ninterval 2s\n" AB, 3,
     "interval is set twice: remove one (the first is in line 1)"},
    {"mark mask 0x7ff00\nmark mask 0x7ff00\n" AB, 2, "mark mask is set twice"},
    {"snmp no\nsnmp { }\n" AB, 2, "snmp is set twice"},
    {"snmp { control yes\ncontrol no }\n" AB, 2, "control is set twice"},
    {LINK_WITH("tier 1\ntier 1"), 5, "tier is set twice: remove one (the first is in line 4)"},
    {LINK_WITH("interface wan4"), 4, "interface is set twice: remove one (the first is in line 2)"},
    {LINK_WITH("gateway 192.0.2.34"), 4, "the IPv4 gateway is set twice"},
    {LINK_WITH("gateway auto"), 4, "the IPv4 gateway is set twice"},
    {LINK_WITH("source 192.0.2.34\nsource 192.0.2.35"), 5, "the IPv4 source is set twice"},
    {LINK_WITH("nat none\nnat snat 192.0.2.34"), 5, "nat is set twice"},
    {LINK_WITH("kill flows yes\nkill flows no"), 5, "kill flows is set twice"},
    {LINK_WITH("mss clamp pmtu\nmss clamp 1400"), 5, "mss clamp is set twice"},
    {LINK_WITH("last resort yes\nlast resort no"), 5, "last resort is set twice"},
    {"deprecate on lan0\ndeprecate on lan0\n" AB, 2, "lan0 is named in another line already"},
    {"deprecate on lan/0\n" AB, 1, "deprecate on: a name has 1 to 15"},
    {"deprecate lan0\n" AB, 1, "expected on"},
    {LINK_WITH("deprecate on lan0"), 4, "\"deprecate\" does not belong here"},
    {"flows kernel\nflows marks\n" AB, 2, "flows is set twice"},
    {LINK_WITH("kil-flows no"), 4, "unknown setting \"kil-flows\""},
    {LINK_WITH("flows kernel"), 4, "\"flows\" does not belong here: it is a setting of the file"},
    {"last resort yes\n" AB, 1, "\"last\" does not belong here: it is a setting of a link"},

    /* forwarding */
    {"flows kernel\nnat masquerade\n" AB, 2, "flows kernel, in line 1, goes without address"},
    {"flows kernel\n" LINK_WITH("nat snat 192.0.2.3"), 5, "say nat none"},
    {"flows kernel\n" LINK_WITH("gateway fe80::1\nnat6 masquerade"), 6, "say nat6 none"},
    {"flows kernel\nreset clients yes\n" AB, 2, "so no client can be told"},
    {"flows kernel\nmss clamp 1400\nlink c { interface wan1; gateway 192.0.2.7; mss clamp no }\n" A,
     2, "needs an interface for each link"},
    {LINK_WITH("gateway 192.0.2.7 inet6"), 4, "IPv6 can't go by an IPv4 gateway"},
    {LINK_WITH("gateway fe80::1 inet"), 4, "the IPv4 gateway is set twice"},
    {"link c {\ninterface wan3\ngateway fe80::1 inet\n}\n" AB, 1, "name an IPv4 target"},
    {"link c {\ninterface wan3\ngateway fe80::1 inet\ntarget gateway }\n" AB, 4,
     "name an IPv4 target"},
    {LINK_WITH("nat6 prefix fd00::/48 to 2001:db8:1::/56"), 4, "/48 becomes /56"},
    {LINK_WITH("nat6 prefix fd00::1/48 to 2001:db8:1::/48"), 4, "prefix \"fd00::1/48\" is not"},
    {LINK_WITH("nat6 prefix fd00::/48 to 10.0.0.0/8"), 4, "is not an IPv6 prefix"},
    {LINK_WITH("nat6 prefix fd00::/48 2001:db8::/48"), 4, "expected to"},
    {LINK_WITH("nat6 prefix fd00::/48 to 2001:db8:1::/48\nnat6 none"), 5, "nat6 is set twice"},
    {LINK_WITH("nat6 prefix fd00::/48 to 2001:db8:1::/48"), 4, "the link has no IPv6 gateway"},
    {"link c {\ninterface wan3; gateway fe80::1\nnat6 prefix fd00::/48 to 2001:db8:1::/48 }\n"
     "link d {\ninterface wan4; gateway fe80::1\n"
     "nat6 prefix fd00:0:0:8000::/49 to 2001:db8:1:8000::/49 }\n" A,
     6, "2001:db8:1:8000::/49 is part of"},
    {LINK_WITH("target 203.0.113.1 { up after 3\nup after 3 }"), 5, "up after is set twice"},

    /* addresses */
    {LINK_WITH("source foo"), 4, "source \"foo\" is not an address"},
    {LINK_WITH("gateway fe80::1%wan3"), 4, "leave % and what follows away"},
    {LINK_WITH("gateway gw.example.net"), 4, "write a numeric IPv4 or IPv6 address, or auto"},
    {LINK_WITH("gateway 127.0.0.1"), 4, "can't be used, it is a loopback address"},
    {LINK_WITH("gateway ::1"), 4, "can't be used, it is the loopback address"},
    {LINK_WITH("gateway ::"), 4, "can't be used, it is the unspecified address"},
    {LINK_WITH("gateway ff02::1"), 4, "can't be used, it is a multicast address"},
    {LINK_WITH("gateway ::ffff:192.0.2.1"), 4, "write it as IPv4"},
    {LINK_WITH("target 224.0.0.1"), 4, "can't be used, it is a multicast address"},
    {LINK_WITH("target 255.255.255.255"), 4, "can't be used, it is reserved"},
    {LINK_WITH("target 0.0.0.0"), 4, "can't be used, it is in 0.0.0.0/8"},
    {LINK_WITH("target fe80::1"), 4, "a link-local target is not possible"},
    {LINK_WITH("target www.example.net"), 4, "write a numeric IPv4 or IPv6 address, or gateway"},
    {LINK_WITH("gateway fe80::1\nprefix 2001:db8::1/48"), 5, "is not an IPv6 prefix"},
    {LINK_WITH("gateway fe80::1\nprefix 2001:db8::"), 5, "is not an IPv6 prefix"},
    {LINK_WITH("gateway fe80::1\nprefix 192.0.2.0/24"), 5, "is not an IPv6 prefix"},
    {LINK_WITH("gateway fe80::1\nprefix ::/0"), 5, "is no provider's prefix"},
    {LINK_WITH("gateway fe80::1\nprefix fe80::/64"), 5, "is no provider's prefix"},
    {LINK_WITH("gateway fe80::1\nprefix 2000::/3"), 5, "is no provider's prefix"},
    {LINK_WITH("nat snat foo"), 4, "snat \"foo\" is not an address"},
    {LINK_WITH("nat snat 2001:db8::1"), 4, "nat snat needs an IPv4 address: use nat6"},
    {LINK_WITH("nat6 snat 192.0.2.1"), 4, "nat6 snat needs an IPv6 address: use nat"},
    {"nat snat 192.0.2.1\n" AB, 1, "nat snat names an address of one link"},
    {"nat6 snat 2001:db8::1\n" AB, 1, "nat6 snat names an address of one link"},

    /* masks and ranges */
    {"mark mask 7ff00\n" AB, 1, "is not a mask: write 32 bits in hexadecimal"},
    {"mark mask 0x\n" AB, 1, "is not a mask"},
    {"mark mask 0x-1\n" AB, 1, "is not a mask"},
    {"mark mask 0x1ffffffff\n" AB, 1, "is not a mask"},
    {"mark mask 0x0\n" AB, 1, "is too narrow"},
    {"mark mask 0x100\n" AB, 1, "is too narrow"},
    {"mark mask 0x500\n" AB, 1, "has a gap"},
    {"\nmark mask 0x300\n" AB, 2, "has room for 1 link, but there are 2: widen it"},
    {"mark mask 0x700\nlink c { interface wan3; gateway auto\nindex 4 }\n" A, 3,
     "index 4 is too large for mark mask 0x700, which holds up to 3"},
    {"table 0\n" AB, 1, "the tables 0 to 1022 would meet the system's own"},
    {"table 253\n" AB, 1, "would meet the system's own (0, 253 to 255)"},
    {"snmp { default timeout 1500ms }\n" AB, 1, "default timeout is in whole seconds"},
    {"snmp { notify limit 1m }\n" AB, 1, "notify limit"},
    {"snmp { notify target yes }\n" AB, 1, "expected limit or targets"},
    {"notify limit 5\n" AB, 1, "does not belong here: it is a setting of the SNMP side"},

    /* links */
    {"# nothing\n\n", 2, "there is no link"},
    {"", 1, "there is no link"},
    {AB "link c {\ngateway 192.0.2.3\n}\n", 3, "link \"c\" has no interface"},
    {AB "link c {\ninterface wan3\n}\n", 3, "link \"c\" has no gateway"},
    {AB "link a {\ninterface wan3; gateway auto\n}\n", 3, "link \"a\" stands in line 1 already"},
    {AB "link c {\ninterface wan1\ngateway 192.0.2.1\n}\n", 5,
     "interface and IPv4 gateway are those of link \"a\" in line 1"},
    {AB "link c {interface wan3; gateway auto}\nlink d {interface wan3\ngateway auto inet6}", 5,
     "interface and IPv6 gateway are those of link \"c\" in line 3"},
    {LINK_WITH("index 7") "link d {interface wan4; gateway auto\nindex 7}\n", 9,
     "index 7 belongs to link \"c\" in line 1"},
    {AB "index a 7\nindex b 7\n", 4, "this name or index has a line already, line 3"},
    {AB "index a 7\nindex a 8\n", 4, "this name or index has a line already, line 3"},
    {AB "index \"a\\n\" 3\n", 3, "the link's name has a \\ that stands for nothing"},
    {AB "index a 1023\n", 3, "index \"1023\" is out of range"},
    {LINK_WITH("index 7") "index a 7\n", 8, "index 7 belongs to link \"c\" in line 1"},
    {LINK_WITH("index 7") "index c 8\n", 8, "link \"c\" has index 7 in line 4"},

    /* targets */
    {LINK_WITH("target 203.0.113.1\ntarget 203.0.113.2\ntarget 203.0.113.1"), 6,
     "this target stands in line 4 of the same link already"},
    {LINK_WITH("target gateway\n\ntarget gateway inet"), 6, "this target stands in line 4"},
    {LINK_WITH("target 2001:db8::1"), 4, "this target is IPv6, but the link has no IPv6 gateway"},
    {LINK_WITH("target gateway inet6"), 4, "this target is IPv6, but the link has no IPv6 gateway"},
    {LINK_WITH("source 2001:db8::1"), 4, "this source is IPv6, but the link has no IPv6 gateway"},
    {LINK_WITH("prefix 2001:db8::/48"), 4, "the link has a prefix, but no IPv6 gateway"},
    {LINK_WITH("quorum 2"), 4, "quorum 2, but the link has 1 IPv4 target: lower it"},
    {LINK_WITH("target 203.0.113.1\ntarget 203.0.113.2\nquorum 3"), 6, "has 2 IPv4 targets"},
    {LINK_WITH("gateway fe80::1\ntarget 203.0.113.1\ntarget 203.0.113.2\nquorum 2"), 7,
     "quorum 2, but the link has 1 IPv6 target"},
    {"interval 10ms; timeout 1s; down after 100\n" AB, 1,
     "keeps 100 probes of a target unanswered, more than 32"},
    {"interval 300ms\n\ntimeout 901ms\n" AB, 3,
     "timeout 901ms is longer than a run of 3 lost probes takes (900ms): it would be over before "
     "its first loss is known. Set the timeout to 900ms or less, or down after to 4 or more"},
    {"timeout 1s\n" LINK_WITH("down after 2\ntarget 203.0.113.1 { interval 400ms }"), 6,
     "timeout 1s is longer than a run of 2 lost probes takes (800ms)"},
    {LINK_WITH("target 203.0.113.1 { timeout 3s\ndown after 2 }\ntarget 203.0.113.2"), 4,
     "or down after to 3 or more"},
    {"timeout 33s\n" AB, 1, "set the timeout to 32s or less"},
    {LINK_WITH("interval 30ms\ntimeout 961ms"), 5, "set the timeout to 960ms or less"},
    {LINK_WITH("timeout 1s\ntarget 203.0.113.1 {\ninterval 20ms; down after 50 }"), 6,
     "keeps 50 probes"},

    /* programs on events */
    {"on linkdown run \"/bin/true\"\n" AB, 1,
     "there is no event \"linkdown\": did you mean linkDown?"},
    {"on everything run \"/bin/true\"\n" AB, 1, "there is no event \"everything\""},
    {"on linkDown linkUp\n" AB, 1, "the statement ends too early"},
    {"on run \"/bin/true\"\n" AB, 1, "unexpected \"run\""},
    {"on any run \"true\"\n" AB, 1, "needs its whole path"},
    {"on any run \"/bin/true\" a b c d e f g h i\n" AB, 1, "more than 8 arguments"},
    {"on any run \"/bin/true\" \"bell\x07\"\n" AB, 1, "the argument has a control character"},
    {"on any run \"/bin/true\" user a user b\n" AB, 1, "the user of this program is set twice"},
    {"on any run \"/bin/true\" user \"\"\n" AB, 1, "user is empty"},
    {"on any run \"/bin/true\" timeout 0\n" AB, 1, "is out of range: it may be 1s to 1h"},
    {"on any run \"/bin/true\" timeout soon\n" AB, 1, "is not a time"},
    {"on any run \"/a\"\n\non any run \"/a\"\n" AB, 3, "this program stands in line 1 already"},
    {"run \"/bin/true\"\n" AB, 1, "unknown setting \"run\""},

    /* judgement */
    {"limit loss 5% leave 20%\n" AB, 1, "limit loss 5% leave 20%: it would be left before it is"},
    {"limit rtt 300ms\n\nlimit jitter 50ms leave 50ms\n" AB, 3, "set leave below 50ms"},
    {LINK_WITH("limit rtt 200ms leave 1s"), 4, "limit rtt 200ms leave 1s"},
    {"limit loss 5% leave 101%\n" AB, 1, "limit loss leave \"101%\" is out of range: it may be 0%"},
    {"limit loss 5%\nlimit loss no\n" AB, 2, "limit loss is set twice"},
    {"limit loss\n" AB, 1, "the statement ends too early: expected a value or no"},
    {"limit los 5%\n" AB, 1, "unexpected \"los\": did you mean \"loss\"?"},
    {"limit rtt 1s leave 500ms\n" AB, 1, "limit rtt 1s is never reached: after the timeout of 1s"},
    {LINK_WITH("timeout 200ms\nlimit rtt 300ms"), 5, "never reached: after the timeout of 200ms"},
    {"when degraded\n" AB, 1, "expected last, leave, stay or weight"},
    {"when degraded weight 0\n" AB, 1, "when degraded weight \"0\" is out of range"},
    {"when degraded weight 2\nlimit loss 5%\n" AB, 1, "more traffic than its weight 1: lower it"},
    {LINK_WITH("weight 3\nwhen degraded weight 4"), 5, "gives link \"c\" more traffic"},
    {LINK_WITH("when degraded last\nwhen degraded stay"), 5, "when degraded is set twice"},
    {"flap reuse 3000\n" AB, 1, "flap reuse 3000 is not below suppress 3000"},
    {"flap reuse 2000\n" LINK_WITH("flap suppress 1500"), 5, "flap reuse 2000 is not below"},
    {"flap ceiling 2500\n" AB, 1, "flap ceiling 2500 is below suppress 3000"},
    {"flap suppress 4000 suppress 5000\n" AB, 1, "flap suppress is set twice"},
    {"flap no\nflap suppress 4000\n" AB, 1, "flap no, but line 2 says how to damp"},
    {"flap half 2m\n" AB, 1, "unexpected \"2m\": expected life"},
    {"flap\n" AB, 1, "the statement ends too early"},
    {LINK_WITH("target 203.0.113.1 { flap no }"), 4, "\"flap\" does not belong here"},

    /* methods */
    {LINK_WITH("target 203.0.113.1 icmp size 15"), 4,
     "size \"15\" is out of range: it may be 16 to 8952"},
    {LINK_WITH("target 203.0.113.1 icmp size big"), 4, "size \"big\" is not a number"},
    {LINK_WITH("target 203.0.113.1 icmp size 20 size 20"), 4, "size is set twice"},
    {LINK_WITH("target 203.0.113.1 icmp ttl 0"), 4,
     "ttl \"0\" is out of range: it may be 1 to 255"},
    {LINK_WITH("target 203.0.113.1 icmp ttl 256"), 4, "ttl \"256\" is out of range"},
    {LINK_WITH("target 203.0.113.1 icmp tll 3"), 4, "did you mean \"ttl\"?"},
    {LINK_WITH("target 203.0.113.1 size 20"), 4, "unexpected \"size\": expected"},
    {LINK_WITH("target 203.0.113.1 tcp"), 4, "expected port"},
    {LINK_WITH("target 203.0.113.1 tcp port"), 4, "expected a value"},
    {LINK_WITH("target 203.0.113.1 tcp port 0"), 4,
     "port \"0\" is out of range: it may be 1 to 65535"},
    {LINK_WITH("target 203.0.113.1 tcp port 65536"), 4, "port \"65536\" is out of range"},
    {LINK_WITH("target 203.0.113.1 tcp port http"), 4, "(put it in quotes to use it as such)"},
    {LINK_WITH("target 203.0.113.1 tcp port 80 ttl 3"), 4, "unexpected \"ttl\""},
    {LINK_WITH("target 203.0.113.1 tcp port 80\ntarget 203.0.113.1 tcp port 80"), 5,
     "stands in line 4 of the same link already"},
    {LINK_WITH("target 203.0.113.1 dns"), 4, "expected query"},
    {LINK_WITH("target 203.0.113.1 dns query \"\""), 4,
     "the name to query has labels of 1 to 63 letters"},
    {LINK_WITH("target 203.0.113.1 dns query \"a..b\""), 4, "the name to query has labels"},
    {LINK_WITH("target 203.0.113.1 dns query \".a\""), 4, "the name to query has labels"},
    {LINK_WITH("target 203.0.113.1 dns query \"a b\""), 4, "the name to query has labels"},
    {LINK_WITH("target 203.0.113.1 dns query \"" LABEL_64 "\""), 4, "the name to query has labels"},
    {LINK_WITH("target 203.0.113.1 dns query \"" LABEL_63 "." LABEL_63 "." LABEL_63 "." LABEL_63
	       "\""),
     4, "the name to query is longer than 253 octets"},
    {LINK_WITH("target 203.0.113.1 dns query a type b"), 4,
     "type \"b\" is not known: write a, ns, cname, soa, ptr, mx, txt, aaaa or srv"},
    {LINK_WITH("target 203.0.113.1 dns query a type a type a"), 4, "type is set twice"},
    {LINK_WITH("target 203.0.113.1 dns query a rcode ok"), 4,
     "rcode \"ok\" is not known: write noerror, servfail, nxdomain, refused or any"},
    {LINK_WITH("target 203.0.113.1 dns query a rcode any type a rcode any"), 4,
     "rcode is set twice"},
    {LINK_WITH("target 203.0.113.1 dns query a port 5353"), 4, "unexpected \"port\""},
    {LINK_WITH("target 203.0.113.1 dns query A\ntarget 203.0.113.1 dns query a."), 5,
     "stands in line 4 of the same link already"},
    {LINK_WITH("target 203.0.113.1 arp"), 4, "write target gateway arp"},
    {LINK_WITH("target 2001:db8::1 nd"), 4, "write target gateway nd"},
    {LINK_WITH("target gateway nd"), 4, "this target is IPv6, but the link has no IPv6 gateway"},
    {LINK_WITH("target gateway inet nd"), 4, "nd is for IPv6: use arp here"},
    {LINK_WITH("target gateway inet6 arp"), 4, "arp is for IPv4: use nd here"},

    /* budgets */
    {"budget 99K per day\n" AB, 1, "budget \"99K\" is out of range: it may be 100K to 1000G"},
    {"budget 10 MB per day\n" AB, 1, "unexpected \"MB\""},
    {"budget 10m per day\n" AB, 1, "is not a number of octets"},
    {"budget 10M\n" AB, 1, "expected per"},
    {"budget 10M per day\nbudget no\n" AB, 2, "budget is set twice"},
    {LINK_WITH("budget 400K per day\ntarget 203.0.113.1 https"), 4,
     "is too little for the 1 targets of link \"c\", each of which needs a probe in an hour: give "
     "it 432K"},
    /* services and programs */
    {LINK_WITH("target 203.0.113.1 http host \"a b\""), 4, "the host is a name or an address"},
    {LINK_WITH("target 203.0.113.1 http host \"a:80\""), 4, "the host is a name or an address"},
    {LINK_WITH("target 203.0.113.1 http host \"\""), 4, "the host is a name or an address"},
    {LINK_WITH("target 203.0.113.1 http path x"), 4, "the path begins with /"},
    {LINK_WITH("target 203.0.113.1 https path \"/a b\""), 4, "the path begins with /"},
    {LINK_WITH("target 203.0.113.1 https path \"/#a\""), 4, "the path begins with /"},
    {LINK_WITH("target 203.0.113.1 http expect \"\""), 4, "the expected text is empty"},
    {LINK_WITH("target 203.0.113.1 http ca /etc/x"), 4, "ca is for https"},
    {LINK_WITH("target 203.0.113.1 https ca x"), 4, "ca needs the path of a file"},
    {LINK_WITH("target 203.0.113.1 http path / path /"), 4, "path is set twice"},
    {LINK_WITH("target 203.0.113.1 http status 199"), 4, "status \"199\" is out of range"},
    {LINK_WITH("target 203.0.113.1 http port 0"), 4, "port \"0\" is out of range"},
    {LINK_WITH("target 203.0.113.1 http \"http://a/\""), 4, "unexpected \"http://a/\""},
    {LINK_WITH("target 203.0.113.1 command x"), 4, "the command needs the path of a program"},
    {LINK_WITH("target 203.0.113.1 command"), 4, "the statement ends too early"},
    {LINK_WITH("target 203.0.113.1 command /x port"), 4, "put it in quotes to use it as such"},
    {LINK_WITH(
	 "target 203.0.113.1 command /x 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20 21 "
	 "22 23 24 25 26 27 28 29 30 31 32"),
     4, "the command has more than 32 words"},
    {LINK_WITH("target 203.0.113.1 command /x " OCTETS_256 " " OCTETS_256 " " OCTETS_256
	       " " OCTETS_256),
     4, "the command with its arguments is longer than 1024 octets"},
    {LINK_WITH("target 203.0.113.1 http path /a\ntarget 203.0.113.1 http path /a"), 5,
     "stands in line 4 of the same link already"},
    {LINK_WITH("target 203.0.113.1 command /a b\ntarget 203.0.113.1 command /a b"), 5,
     "stands in line 4 of the same link already"},
    /* known, but not built */
};

/* Each of them is told, on its line, and nothing else is. */
static void
test_mistakes(void **state)
{
	struct reading r;

	(void)state;
	for (size_t i = 0; i < COUNT(mistakes); i++) {
		read_conf(&r, mistakes[i].text);
		if (r.nsaid != 1 || r.said[0].line != mistakes[i].line || !r.said[0].error ||
		    strstr(r.said[0].message, mistakes[i].message) == NULL) {
			print_error("%s\nexpected %d: %s\n", mistakes[i].text, mistakes[i].line,
				    mistakes[i].message);
			show_said(&r);
			fail();
		}
		forget_conf(&r);
	}
}

static void
test_nul(void **state)
{
	static const char in_text[] = "site \"a\0b\"\n" AB, in_word[] = "si\0te x\n" AB,
			  in_comment[] = "# a\0b\n" AB,
			  in_address[] = LINK_WITH("target 203.0.113.1\0");
	struct reading r;

	(void)state;
	read_conf_octets(&r, in_text, sizeof in_text - 1);
	assert_int_equal(r.nsaid, 1);
	assert_non_null(strstr(r.said[0].message, "site has a control character"));
	read_conf_octets(&r, in_word, sizeof in_word - 1);
	assert_int_equal(r.nsaid, 1);
	assert_non_null(strstr(r.said[0].message, "unknown setting \"si\\x00te\""));
	read_conf_octets(&r, in_address, sizeof in_address - 1);
	assert_int_equal(r.nsaid, 1);
	assert_int_equal(r.said[0].line, 4);
	read_conf_octets(&r, in_comment, sizeof in_comment - 1);
	assert_non_null(r.conf);
	forget_conf(&r);
}

/* One run names all of them, and goes on after each. */
static void
test_many_mistakes(void **state)
{
	static const char text[] = "intervall 3\n"              /* 1 */
				   "hold 3 4; tier 3\n"         /* 2, 2 */
				   "lnk x {\n"                  /* 3 */
				   "  interface a; { }\n"       /* skipped with its block */
				   "}\n"                        /* */
				   "link {\n"                   /* 6 */
				   "  nonsense }\n"             /* skipped */
				   "link c\n"                   /* */
				   "{\n"                        /* */
				   "  interface auto\n"         /* 10 */
				   "  target 1.2.3.4 icmpp {\n" /* 11 */
				   "    interval x\n"           /* skipped */
				   "  }\n"                      /* */
				   "  target 1.2.3.4 {\n"       /* */
				   "    interval x; hold 3\n"   /* 15, 15 */
				   "  }\n"                      /* */
				   "  weight 0 }\n"             /* 17 */
				   "snmp { agentx x }\n";       /* 18 */
	static const int lines[] = {1, 2, 2, 3, 6, 10, 11, 15, 15, 17, 18};
	struct reading r;

	(void)state;
	read_conf(&r, text);
	if (r.nsaid != COUNT(lines))
		show_said(&r);
	assert_int_equal(r.nsaid, COUNT(lines));
	for (size_t i = 0; i < COUNT(lines); i++)
		assert_int_equal(r.said[i].line, lines[i]);
}

/* What a broken statement may have said is not missed a second time. */
static void
test_no_second_blame(void **state)
{
	static const char *const texts[] = {
	    AB "link c {\ninterfac wan3\ngateway auto }",
	    AB "link c {\ngatway 192.0.2.3\ninterface wan3; target 203.0.113.1; source 192.0.2.3 }",
	    AB "link c {\ngateway 2001:db8::1::\nprefix 2001:db8::/48; interface wan3 }",
	    AB "link c {\ntarget 203.0.113.x\nquorum 2; interface wan3; gateway 192.0.2.3 }",
	    AB "link c {\ntarget x\ntarget y; interface wan3; gateway 192.0.2.3 }",
	    "\n\n\nlinc c { }",
	};
	static const unsigned expected[] = {1, 1, 1, 1, 2, 1};
	struct reading r;

	(void)state;
	for (size_t i = 0; i < COUNT(texts); i++) {
		read_conf(&r, texts[i]);
		if (r.nsaid != expected[i])
			show_said(&r);
		assert_int_equal(r.nsaid, expected[i]);
		assert_int_equal(r.said[0].line, 4);
	}
}

/* A block that was skipped is not the one that lacks its end. */
static void
test_open_block(void **state)
{
	struct reading r;

	(void)state;
	read_conf(&r, "\nlink c {\n{\n}\nlink { x {\n }\n }\ninterface x\n");
	assert_int_equal(r.nsaid, 3);
	assert_int_equal(r.said[0].line, 3);
	assert_int_equal(r.said[1].line, 5);
	assert_string_equal(r.said[2].message,
			    "the block that begins in line 2 is not closed: add }");
}

/* ---- warnings ---- */

static const struct {
	const char *text;
	int line;
	const char *message; /* NULL: none */
} warnings[] = {
    {AB, 0, NULL},
    {"\n" A, 2, "there is one link only"},
    {A "link c { interface wan3; gateway 192.0.2.3 }\n", 2,
     "link \"c\" is judged by its gateway alone, and"},
    {A "link c { interface wan3; gateway 192.0.2.3; target gateway }\n", 2,
     "link \"c\" is judged by its gateway alone, and"},
    {A "link c { interface wan3; gateway 192.0.2.3; target 203.0.113.1 }\n", 2,
     "link \"c\" has one IPv4 target only"},
    {A "link c { interface wan3; gateway auto; target 203.0.113.1; target 203.0.113.2 }\n", 2,
     "by its gateway alone for IPv6: add a target, or say gateway auto inet"},
    {A "link c { interface wan3; gateway 192.0.2.3; gateway fe80::1; target 2001:db8::1; target "
       "2001:db8::2 }\n",
     2, "by its gateway alone for IPv4: add a target, or leave this gateway away"},
    {"interval 300ms\n" AB, 0, NULL},
    {"interval 300ms; timeout 900ms\n" AB, 0, NULL},
    {"\nwhen degraded last\n" AB, 2, "no effect on link \"a\": it has no limit"},
    {"when degraded weight 1; limit loss 5%\n" AB, 1, "it is its weight anyway"},
    {"when degraded stay\n" AB, 0, NULL},
};

static void
test_warnings(void **state)
{
	struct reading r;

	(void)state;
	for (size_t i = 0; i < COUNT(warnings); i++) {
		read_conf(&r, warnings[i].text);
		assert_non_null(r.conf);
		if (r.nsaid != (warnings[i].message != NULL) ||
		    (r.nsaid == 1 && (r.said[0].line != warnings[i].line ||
				      strstr(r.said[0].message, warnings[i].message) == NULL))) {
			print_error("%s\nexpected %d: %s\n", warnings[i].text, warnings[i].line,
				    warnings[i].message ? warnings[i].message : "nothing");
			show_said(&r);
			fail();
		}
		forget_conf(&r);
	}
}

/* ---- there and back ---- */

static char *
printed(const struct conf *conf)
{
	char *text = NULL;
	size_t size;
	FILE *out = open_memstream(&text, &size);

	assert_non_null(out);
	conf_print(conf, out);
	fclose(out);
	return text;
}

static void
expect_same_again(const char *text)
{
	struct conf *conf = must_read(text);
	char *first = printed(conf);
	struct conf *again = must_read(first);
	char *second = printed(again);

	if (!same_conf(conf, again))
		fail_msg("does not read back the same:\n%s", first);
	assert_string_equal(first, second);
	free(first);
	free(second);
	conf_free(conf);
	conf_free(again);
}

static void
test_round_trip(void **state)
{
	static const char *const texts[] = {
	    AB,
	    "site \"\\\"\\\\ \xc3\xa9\"; group g; realtime no; snmp no; mark mask 0xff; table 300; "
	    "rule 1\n" AB,
	    "snmp { agentx /run/x; control no; default timeout 90s; notify targets yes; "
	    "notify limit no }\n" AB "index a 7\nindex gone 9\n",
	    LINK_WITH(
		"index 7; alias \"x \\\" y\"; tier 3; weight 7; hold 1500ms; kill flows no; quorum "
		"2\n"
		"target 203.0.113.1 { interval 100ms; timeout 2500ms; down after 25; up after 4 }\n"
		"target gateway; nat snat 192.0.2.4; source 192.0.2.5"),
	    "link a { interface wan1; gateway auto; prefix 2001:db8::/48; nat6 masquerade; target "
	    "gateway "
	    "inet6; target 203.0.113.1 }",
	    "link a { interface wan1; gateway auto inet6; prefix 2001:db8::7/128; nat6 snat "
	    "2001:db8::8\n"
	    "target 2001:db8:7::1 }",
	    "link a { interface wan1; gateway 192.0.2.1; gateway fe80::1; source 2001:db8::1; nat "
	    "none\n"
	    "target 2001:db8:7::1 }",
	    "hold 0; interval 1h; timeout 60000ms\n" AB,
	    LINK_WITH("target 203.0.113.1 icmp ttl 1 size 8952; target 203.0.113.1 tcp port 65535\n"
		      "target 203.0.113.1 icmp; target gateway arp { interval 5s }\n"
		      "target 203.0.113.1 dns query \".\" type ns\n"
		      "target 203.0.113.1 dns query _x.Example.NET. rcode any type srv"),
	    "link a { interface wan1; gateway auto; target gateway arp; target gateway nd\n"
	    "target gateway icmp size 100; target gateway inet6 tcp port 22 }",
	    "limit loss 12.5% leave 0%; limit rtt 300ms leave 200ms; limit jitter 50ms; when "
	    "degraded last\n"
	    "flap suppress 2000 reuse 1 half life 90s ceiling 2000\n" LINK_WITH(
		"weight 9; when degraded weight 4; flap no; limit rtt no; limit loss 0.1%"),
	    "reset clients yes; rebalance yes; drain idle 7m; mss clamp pmtu; drain deadline "
	    "2h\n" LINK_WITH(
		"drain deadline no;"
		"mss clamp 1400; last resort yes; rebalance no; drain idle 1s; kill flows no"),
	    "flows kernel\n" LINK_WITH("mss clamp no"),
	    "deprecate on lan0; deprecate on \"br-guests\"\n" LINK_WITH("gateway fe80::1"),
	    "mss clamp 1300\nlink a { interface wan1; gateway fe80::1; target 2001:db8:7::1\n"
	    "nat6 prefix fd00:1::/48 to 2001:db8:1::/48; mss clamp no }",
	    "link a { interface wan1; gateway fe80::1 inet; gateway fe80::1 inet6; target "
	    "203.0.113.1; target gateway inet6 }\n"
	    "link b { interface wan2; gateway 192.0.2.1 inet }",
	    "link a { interface wan1; gateway fe80::1; target 2001:db8:7::1\n"
	    "nat6 prefix fd00:1::7/128 to 2001:db8:1::9/128 }",
	    "flap no\n" LINK_WITH("when degraded leave; flap yes; limit jitter 1ms leave 0ms"),
	};

	(void)state;
	for (size_t i = 0; i < COUNT(texts); i++)
		expect_same_again(texts[i]);
}

/* ---- bounds ---- */

/* A file of so many links with so many targets each. */
static char *
make_file(unsigned links, unsigned targets)
{
	char *text = NULL;
	size_t size;
	FILE *out = open_memstream(&text, &size);

	assert_non_null(out);
	for (unsigned i = 1; i <= links; i++) {
		fprintf(out, "link l%u { interface wan%u; gateway 192.0.2.1\n", i, i);
		for (unsigned t = 1; t <= targets; t++)
			fprintf(out, "target 203.0.%u.%u\n", t / 250, t % 250 + 1);
		fprintf(out, "}\n");
	}
	fclose(out);
	return text;
}

static void
expect_bound(unsigned links, unsigned targets, int line, const char *message)
{
	struct reading r;
	char *text = make_file(links, targets);

	read_conf(&r, text);
	if (message == NULL) {
		assert_int_equal(r.mistakes, 0);
		assert_int_equal(r.conf->nlinks, links);
		assert_int_equal(r.conf->links[links - 1].ntargets, targets);
	} else {
		show_said(&r);
		assert_int_equal(r.nsaid, 1);
		assert_int_equal(r.said[0].line, line);
		assert_non_null(strstr(r.said[0].message, message));
	}
	forget_conf(&r);
	free(text);
}

static void
test_bounds(void **state)
{
	(void)state;
	expect_bound(LINKS_MAX, 2, 0, NULL);
	expect_bound(LINKS_MAX + 3, 2, LINKS_MAX * 4 + 1, "more than 1022 links");
	expect_bound(1, LINK_TARGETS_MAX, 0, NULL);
	expect_bound(1, LINK_TARGETS_MAX + 3, LINK_TARGETS_MAX + 2,
		     "more than 64 targets for one link");
	expect_bound(TARGETS_MAX / 64, 64, 0, NULL);
	expect_bound(TARGETS_MAX / 64 + 2, 64, TARGETS_MAX / 64 * 66 + 1,
		     "more than 16384 targets in all");
}

/* 64 targets, and one more for the gateway of the other IP version. */
static void
test_bound_with_gateway(void **state)
{
	struct reading r;
	char *file = make_file(1, LINK_TARGETS_MAX), text[4096];

	(void)state;
	file[strlen(file) - 2] = '\0'; /* its last brace */
	snprintf(text, sizeof text, "%sgateway fe80::1 }", file);
	read_conf(&r, text);
	assert_int_equal(r.nsaid, 1);
	assert_non_null(strstr(r.said[0].message, "with its gateways"));
	free(file);
}

/* Whatever is thrown at it: bounded in what it says, and in depth. */
static void
test_rubbish(void **state)
{
	static const char *const units[] = {"{",   "}",         "a {",   "link a {",
					    "x\n", ";",         "\"",    "link a { target b {",
					    "\\",  "link x {}", "snmp {"};
	const size_t size = CONF_FILE_MAX;
	char *text = malloc(size);
	static struct reading r;

	(void)state;
	assert_non_null(text);
	for (size_t i = 0; i < COUNT(units); i++) {
		for (size_t at = 0; at < size; at++)
			text[at] = units[i][at % strlen(units[i])];
		read_conf_octets(&r, text, size);
		assert_null(r.conf);
		assert_in_range(r.mistakes, 1, MISTAKES_MAX);
	}
	free(text);
}

/* Lines of indexes are bounded too, also those that say the same again. */
static void
test_many_indexes(void **state)
{
	char *text = NULL;
	size_t size;
	struct reading r;
	FILE *out = open_memstream(&text, &size);

	(void)state;
	assert_non_null(out);
	fputs(AB, out);
	for (unsigned i = 0; i <= LINKS_MAX; i++)
		fputs("index a 7\n", out);
	fclose(out);
	read_conf(&r, text);
	assert_int_equal(r.nsaid, 1);
	assert_int_equal(r.said[0].line, LINKS_MAX + 3);
	assert_non_null(strstr(r.said[0].message, "more than 1022 lines with an index"));
	free(text);
}

static void
test_size(void **state)
{
	struct reading r;
	char *text = malloc(CONF_TEXT_MAX + 1);

	(void)state;
	assert_non_null(text);
	memset(text, '#', CONF_TEXT_MAX + 1);
	memcpy(text, AB, sizeof AB - 1);
	read_conf_octets(&r, text, CONF_TEXT_MAX);
	assert_int_equal(r.nsaid, 0);
	forget_conf(&r);
	read_conf_octets(&r, text, CONF_TEXT_MAX + 1);
	assert_int_equal(r.nsaid, 1);
	assert_int_equal(r.said[0].line, 1);
	assert_non_null(strstr(r.said[0].message, "larger than 1048576 octets"));
	free(text);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_design),
	    cmocka_unit_test(test_smallest),
	    cmocka_unit_test(test_layout),
	    cmocka_unit_test(test_texts),
	    cmocka_unit_test(test_gateways),
	    cmocka_unit_test(test_addresses),
	    cmocka_unit_test(test_switches),
	    cmocka_unit_test(test_numbers),
	    cmocka_unit_test(test_times),
	    cmocka_unit_test(test_shares),
	    cmocka_unit_test(test_judgement),
	    cmocka_unit_test(test_inheritance),
	    cmocka_unit_test(test_methods),
	    cmocka_unit_test(test_services),
	    cmocka_unit_test(test_budgets),
	    cmocka_unit_test(test_mistakes),
	    cmocka_unit_test(test_nul),
	    cmocka_unit_test(test_many_mistakes),
	    cmocka_unit_test(test_no_second_blame),
	    cmocka_unit_test(test_open_block),
	    cmocka_unit_test(test_warnings),
	    cmocka_unit_test(test_round_trip),
	    cmocka_unit_test(test_programs_on_events),
	    cmocka_unit_test(test_every_event_can_be_named),
	    cmocka_unit_test(test_bounds),
	    cmocka_unit_test(test_bound_with_gateway),
	    cmocka_unit_test(test_rubbish),
	    cmocka_unit_test(test_many_indexes),
	    cmocka_unit_test(test_size),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
