/* SPDX-License-Identifier: ISC */
/* What uplinkd.conf(5) promises of numbers, times and shares: default, range, what is
 * refused, in each place where they may stand. */
#include "unit.h"

#include <stddef.h>
#include <stdio.h>

#include "read_conf.h"
#include "conf/draft.h"

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
	for (size_t i = 0; i < ARRAY_LEN(numbers); i++) {
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
	assert_int_equal(ARRAY_LEN(numbers) + 3,
			 SET_NUMBER_END); /* port, status, budget: see there */
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
	for (size_t i = 0; i < ARRAY_LEN(times); i++) {
		snprintf(text, sizeof text, "hold %s\n" AB, times[i].text);
		struct conf *conf = must_read(text);
		assert_int_equal(conf->links[1].hold_ms, times[i].ms);
		conf_free(conf);
	}
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
	for (size_t i = 0; i < ARRAY_LEN(shares); i++) {
		snprintf(text, sizeof text, "limit loss %s\n" AB, shares[i].text);
		struct conf *conf = must_read(text);
		assert_int_equal(conf->links[1].limits.loss_ppm.enter, shares[i].ppm);
		conf_free(conf);
	}
	for (size_t i = 0; i < ARRAY_LEN(none); i++) {
		struct reading r;
		snprintf(text, sizeof text, "limit loss %s\n" AB, none[i]);
		read_conf(&r, text);
		show_said(&r);
		assert_null(r.conf);
		assert_int_equal(r.nsaid, 1);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_numbers),
	    cmocka_unit_test(test_times),
	    cmocka_unit_test(test_shares),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
