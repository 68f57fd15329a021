/* SPDX-License-Identifier: ISC */
/* pf's part towards the worker, over a pfctl and states that are files: whose a state is, what is
 * ended and counted, what is loaded again and what stays, and that counters never go back. */
#include "unit.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "openbsd/fake_wire.h"
#include "openbsd/rtio_inside.h"
#include "read_conf.h"
#include "system/openbsd/pfctl.h"
#include "system/openbsd/states.h"
#include "system/system.h"

static char folder[] = "/tmp/uplinkd-pf.XXXXXX";
static struct conf *conf;
static struct link_facts facts[3];
static struct plan plan;

static const char *
path(const char *name)
{
	static char buf[4096];

	snprintf(buf, sizeof(buf), "%s/%s", folder, name);
	return buf;
}

static void
put(const char *name, const char *text)
{
	FILE *f = fopen(path(name), "w");

	assert_non_null(f);
	fputs(text, f);
	fclose(f);
}

static const char *
get(const char *name)
{
	static char buf[8192];
	FILE *f = fopen(path(name), "r");
	size_t n = f == NULL ? 0 : fread(buf, 1, sizeof(buf) - 1, f);

	buf[n] = '\0';
	if (f != NULL)
		fclose(f);
	return f == NULL ? "absent" : buf;
}

static void
set_address(struct addr *a, const char *text)
{
	assert_int_equal(addr_parse(text, a), 0);
}

static int
set_up(void **state)
{
	char command[4096];

	(void)state;
	inside_init();
	strcpy(folder, "/tmp/uplinkd-pf.XXXXXX");
	assert_non_null(mkdtemp(folder));
	setenv(FAKE_FOLDER, folder, 1);
	snprintf(command, sizeof(command), "cp %s %s/pfctl", PFCTL, folder);
	assert_int_equal(system(command), 0);
	put("MAIN", "anchor \"uplinkd/nat\" out all\n");
	conf = must_read("link \"a\" { interface em1; gateway 192.0.2.1; drain idle 30s }\n"
			 "link \"b\" { interface em2; gateway 198.51.100.1 }\n");
	memset(facts, 0, sizeof(facts));
	for (uint16_t i = 0; i < 2; i++)
		conf->links[i].index = facts[i].link = (uint16_t)(i + 1);
	set_address(&facts[0].route[V4].gateway, "192.0.2.1");
	set_address(&facts[0].route[V4].source, "192.0.2.2");
	set_address(&facts[1].route[V4].gateway, "198.51.100.1");
	set_address(&facts[1].route[V4].source, "198.51.100.2");
	plan = (struct plan){.serial = 1, .family[V4] = {.count = 2, .members = {{1, 1}, {2, 1}}}};
	return 0;
}

static int
tear_down(void **state)
{
	char command[4096];

	(void)state;
	conf_free(conf);
	snprintf(command, sizeof(command), "rm -r %s", folder);
	return system(command);
}

static int
load(struct sys_flows *f, const struct plan *p, char *error, size_t error_size)
{
	char *text = NULL;
	size_t len;
	FILE *out = open_memstream(&text, &len);
	int rc;

	assert_int_equal(sys_flows_facts(f, conf, facts, 2), 0);
	assert_int_equal(sys_ruleset_print(conf, facts, 2, p, out), 0);
	fclose(out);
	rc = sys_ruleset_load(f, text, len, error, error_size);
	free(text);
	return rc;
}

static void
load_all(struct sys_flows *f, const struct plan *p)
{
	char error[256] = "";

	if (load(f, p, error, sizeof(error)) != 0)
		fail_msg("%s", error);
}

/* ---- tests ---- */

static const char inside_both[] =
    "pass in inet to route \"uplinkd\" route-to { 192.0.2.1 weight 1, "
    "198.51.100.1 weight 1 } round-robin\n";

static void
only_what_differs_is_loaded(void **state)
{
	struct sys_flows *f = sys_flows_open();
	struct stat before, after;

	(void)state;
	load_all(f, NULL);
	assert_string_equal(get("uplinkd-inside"), "absent");
	load_all(f, &plan);
	assert_string_equal(get("uplinkd-inside"), inside_both);
	assert_int_equal(stat(path("uplinkd-nat"), &before), 0);
	plan.family[V4].members[0].weight = 0;
	load_all(f, &plan);
	assert_string_equal(get("uplinkd-inside"),
			    "pass in inet to route \"uplinkd\" route-to 198.51.100.1\n");
	assert_int_equal(stat(path("uplinkd-nat"), &after), 0);
	assert_int_equal(before.st_ino, after.st_ino);
	sys_flows_close(f);
}

static void
a_refusal_is_told_and_changes_nothing(void **state)
{
	struct sys_flows *f = sys_flows_open();
	char error[256];

	(void)state;
	load_all(f, &plan);
	put("REFUSE", "");
	plan.family[V4].members[0].weight = 0;
	assert_int_equal(load(f, &plan, error, sizeof(error)), -1);
	assert_string_equal(error, "pfctl: stdin:1: syntax error");
	assert_string_equal(get("uplinkd-inside"), inside_both);
	unlink(path("REFUSE"));
	load_all(f, &plan);
	sys_flows_close(f);
}

static void
rules_that_no_line_evaluates_are_told(void **state)
{
	struct sys_flows *f = sys_flows_open();
	char error[256];

	(void)state;
	put("MAIN", "pass all\n");
	assert_int_equal(load(f, &plan, error, sizeof(error)), -1);
	assert_non_null(strstr(error, "anchor \"uplinkd/nat\""));
	put("MAIN", "anchor \"uplinkd/*\" all\n");
	load_all(f, &plan);
	sys_flows_close(f);
}

static void
what_another_changes_is_noticed_and_loaded_again(void **state)
{
	struct sys_flows *f = sys_flows_open();
	bool intact = true;

	(void)state;
	load_all(f, &plan);
	for (int i = 0; i < 8; i++)
		assert_true(sys_ruleset_intact(f));
	put("uplinkd-inside", "");
	for (int i = 0; i < 4; i++)
		intact &= sys_ruleset_intact(f);
	assert_false(intact);
	load_all(f, &plan);
	assert_string_equal(get("uplinkd-inside"), inside_both);
	assert_int_equal(sys_ruleset_release(f), 0);
	assert_string_equal(get("uplinkd-inside"), "");
	sys_flows_close(f);
}

static uint64_t packets, new_flows;

static void
take_counter(void *arg, unsigned link, int family, uint64_t p, uint64_t octets, uint64_t n)
{
	(void)arg;
	(void)octets;
	if (link == 1 && family == V4) {
		packets = p;
		new_flows = n;
	}
}

static void
counters_go_on_when_rules_are_replaced(void **state)
{
	struct sys_flows *f = sys_flows_open();
	uint32_t epoch;

	(void)state;
	assert_int_equal(sys_counters_read(f, take_counter, NULL), -1);
	assert_int_equal(errno, ENOENT);
	load_all(f, &plan);
	put("LABELS", "uplinkd-inet-1 9 9 9 9 9 100 1000 5\n");
	assert_int_equal(sys_counters_read(f, take_counter, NULL), 0);
	assert_int_equal(packets, 100);
	epoch = sys_counters_epoch(f);
	/* another address to translate to: new rules, that begin at 0 */
	conf->links[0].route[V4].nat = CONF_NAT_SNAT;
	set_address(&conf->links[0].route[V4].nat_addr, "203.0.113.9");
	put("LABELS", "uplinkd-inet-1 9 9 9 9 9 120 1200 6\n");
	load_all(f, &plan);
	put("LABELS", "uplinkd-inet-1 9 9 9 9 9 3 30 1\n");
	assert_int_equal(sys_counters_read(f, take_counter, NULL), 0);
	assert_int_equal(packets, 123);
	assert_int_equal(new_flows, 7);
	assert_int_equal(sys_counters_epoch(f), epoch);
	/* somebody else made them afresh */
	put("LABELS", "uplinkd-inet-1 9 9 9 9 9 1 10 1\n");
	assert_int_equal(sys_counters_read(f, take_counter, NULL), 0);
	assert_int_not_equal(sys_counters_epoch(f), epoch);
	sys_flows_close(f);
}

static const char states[] = "1 4 in route-to 192.0.2.1 203.0.113.5 0\n"
			     "2 4 out plain - 192.0.2.2 0\n"
			     "3 4 out plain - 198.51.100.2 0\n"
			     "4 4 in reply-to 192.0.2.1 192.0.2.2 5\n"
			     "5 4 out plain - 10.0.0.1 0\n"
			     "6 4 out plain - 192.0.2.2 31\n"
			     "7 4 in route-to 198.51.100.1 203.0.113.5 0\n"
			     "8 6 in route-to 2001:db8::1 2001:db8::2 0\n";

static void
the_states_of_one_link_are_ended_by_their_id(void **state)
{
	struct sys_flows *f = sys_flows_open();

	(void)state;
	load_all(f, &plan);
	put("states", states);
	/* two flows went out (2, 6), one came in (4); 1 is the other side of one of them */
	assert_int_equal(sys_flows_kill(f, conf, 1), 3);
	assert_string_equal(get("killed"), "1\n2\n4\n6\n");
	assert_int_equal(sys_flows_kill(f, conf, 9), 0);
	sys_flows_close(f);
}

static bool
in_a_hurry(void *arg)
{
	(void)arg;
	return true;
}

static void
live_flows_are_counted_once(void **state)
{
	struct sys_flows *f = sys_flows_open();
	static uint64_t counts[LINKS_MAX + 1];

	(void)state;
	load_all(f, &plan);
	put("states", states);
	assert_int_equal(sys_flows_count(f, conf, counts, NULL, NULL), 0);
	assert_int_equal(counts[1], 2); /* 6 is idle for too long */
	assert_int_equal(counts[2], 1);
	/* a few are counted however great the hurry is */
	assert_int_equal(sys_flows_count(f, conf, counts, in_a_hurry, NULL), 0);
	sys_flows_close(f);
}

/* All gateways behind one port, and one address for all of them. */
static void
links_with_one_address_are_told_apart_by_the_gateway(void **state)
{
	struct sys_flows *f = sys_flows_open();
	static uint64_t counts[LINKS_MAX + 1];

	(void)state;
	set_address(&facts[1].route[V4].source, "192.0.2.2");
	load_all(f, &plan);
	put("states", states);
	assert_int_equal(sys_flows_count(f, conf, counts, NULL, NULL), 0);
	assert_int_equal(counts[1], 2); /* 1 and 4 */
	assert_int_equal(counts[2], 1); /* 7 */
	assert_int_equal(sys_flows_kill(f, conf, 2), 1);
	assert_string_equal(get("killed"), "7\n");
	sys_flows_close(f);
}

static void
a_link_that_left_the_configuration_is_still_known(void **state)
{
	struct sys_flows *f = sys_flows_open();

	(void)state;
	load_all(f, &plan);
	conf_free(conf);
	conf = must_read("link \"b\" { interface em2; gateway 198.51.100.1; index 2 }\n");
	plan.family[V4] = (struct plan_family){.count = 1, .members = {{2, 1}}};
	load_all(f, &plan);
	put("states", states);
	assert_int_equal(sys_flows_kill(f, conf, 1), 3);
	sys_flows_close(f);
}

/* What pf was told not to look at has no counts, no translation and no way chosen. */
static void
interfaces_that_pf_skips_are_named(void **state)
{
	struct sys_flows *f = sys_flows_open();

	(void)state;
	put("INTERFACES", "all\nem1 (skip)\nem10 (skip)\nem2\nlo0 (skip)\n");
	assert_string_equal(sys_bypass(f, conf), "set skip on em1");
	put("INTERFACES", "em1 (skip)\nem2 (skip)\n");
	/* it takes a process each time, so it is not asked each time */
	assert_string_equal(sys_bypass(f, conf), "set skip on em1");
	sys_flows_close(f);
	f = sys_flows_open();
	assert_string_equal(sys_bypass(f, conf), "set skip on em1, em2");
	sys_flows_close(f);
	put("INTERFACES", "em1\nem2\n");
	f = sys_flows_open();
	assert_string_equal(sys_bypass(f, conf), "");
	sys_flows_close(f);
}

/* ---- look-ups ---- */

static void
kernel(const char *line)
{
	FILE *out = fopen("/dev/null", "w");

	if (fake_command(&inside_kernel, line, out) != 0)
		fail_msg("the kernel refuses: %s", line);
	fclose(out);
}

static uint64_t lookups[3];

static void
take_lookups(void *arg, unsigned link, int family, uint64_t n)
{
	(void)arg;
	assert_in_range(link, 1, 2);
	assert_int_equal(family, V4);
	lookups[link] = n;
}

static const char *
read_lookups(struct sys_flows *f)
{
	static char text[64];

	lookups[1] = lookups[2] = UINT64_MAX;
	assert_int_equal(sys_lookups_read(f, take_lookups, NULL), 0);
	snprintf(text, sizeof(text), "%lld %lld", (long long)lookups[1], (long long)lookups[2]);
	return text;
}

/* What the kernel says of a route that chose it; others' routes and tables say nothing. */
static void
look_ups_are_those_of_the_own_route_in_the_main_table(void **state)
{
	struct sys_flows *f = sys_flows_open();

	(void)state;
	kernel("interface em1 2");
	kernel("address em1 192.0.2.2/24");
	kernel("interface em2 3");
	kernel("address em2 198.51.100.2/24");
	assert_int_equal(sys_flows_facts(f, conf, facts, 2), 0);
	assert_string_equal(read_lookups(f), "-1 -1");
	kernel("route add 0 192.0.2.1 8 dhcpleased");
	kernel("use 0 192.0.2.1 5");
	kernel("route add 101 192.0.2.1 7 uplinkd");
	kernel("use 101 192.0.2.1 7");
	assert_string_equal(read_lookups(f), "-1 -1");
	kernel("route add 0 198.51.100.1 7 uplinkd");
	assert_string_equal(read_lookups(f), "-1 0");
	kernel("use 0 198.51.100.1 123");
	kernel("carrier em2 down");
	assert_string_equal(read_lookups(f), "-1 123");
	sys_flows_close(f);
}

static void
look_ups_of_a_route_that_two_links_share_are_neithers(void **state)
{
	struct sys_flows *f = sys_flows_open();

	(void)state;
	kernel("interface em1 2");
	kernel("address em1 192.0.2.2/24");
	kernel("route add 0 192.0.2.1 7 uplinkd");
	facts[1].route[V4].gateway = facts[0].route[V4].gateway;
	assert_int_equal(sys_flows_facts(f, conf, facts, 2), 0);
	assert_string_equal(read_lookups(f), "-1 -1");
	/* one of them leaves the configuration, and the route is the other's */
	conf_free(conf);
	conf = must_read("link \"b\" { interface em1; gateway 192.0.2.1; index 2 }\n");
	conf->links[0].index = 2;
	assert_int_equal(sys_flows_facts(f, conf, facts, 2), 0);
	assert_string_equal(read_lookups(f), "-1 0");
	sys_flows_close(f);
}

/* One that ends before it has read its rules, in a process that has not thought of SIGPIPE. */
static void
a_pfctl_that_does_not_listen_is_survived(void **state)
{
	static char text[1 << 20];
	char error[256];

	(void)state;
	signal(SIGPIPE, SIG_DFL);
	memset(text, '#', sizeof(text));
	put("REFUSE", "");
	assert_int_equal(pfctl_load(PF_NAT, text, sizeof(text), error, sizeof(error)), -1);
	assert_non_null(strstr(error, "syntax error"));
}

int
main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
	const struct CMUnitTest tests[] = {
	    TEST(only_what_differs_is_loaded),
	    TEST(a_refusal_is_told_and_changes_nothing),
	    TEST(rules_that_no_line_evaluates_are_told),
	    TEST(what_another_changes_is_noticed_and_loaded_again),
	    TEST(counters_go_on_when_rules_are_replaced),
	    TEST(the_states_of_one_link_are_ended_by_their_id),
	    TEST(live_flows_are_counted_once),
	    TEST(links_with_one_address_are_told_apart_by_the_gateway),
	    TEST(a_link_that_left_the_configuration_is_still_known),
	    TEST(interfaces_that_pf_skips_are_named),
	    TEST(look_ups_are_those_of_the_own_route_in_the_main_table),
	    TEST(look_ups_of_a_route_that_two_links_share_are_neithers),
	    TEST(a_pfctl_that_does_not_listen_is_survived),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
