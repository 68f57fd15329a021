/* SPDX-License-Identifier: ISC */
/* What of OpenBSD's routing is asked, counted, warned of and printed, against a fake kernel. */
#include "openbsd_lab.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "read_conf.h"
#include "system/openbsd/releases.h"

static void
a_path_is_asked_in_the_table_of_the_link(void **state)
{
	struct sys_path path;
	struct addr to;
	char buf[ADDR_STRLEN];

	(void)state;
	configure(two_links);
	kernel("noise yes");
	assert_int_equal(addr_parse("203.0.113.9", &to), 0);
	assert_int_equal(sys_routing_path(lab.routing, 2, &to, &path), 0);
	assert_string_equal(addr_text(&path.gateway, buf), "198.51.100.1");
	assert_string_equal(addr_text(&path.source, buf), "198.51.100.2");
	assert_string_equal(path.ifname, "em2");
	assert_int_equal(sys_routing_path(lab.routing, 5, &to, &path), ENOENT);
	happens("carrier em2 down");
	assert_int_equal(sys_routing_path(lab.routing, 2, &to, &path), EHOSTUNREACH);
}

static void
the_interfaces_counters_are_read(void **state)
{
	struct sys_traffic *t = sys_traffic_open();
	struct sys_traffic_count count = {7, 7, 7, 7};
	struct link_facts em1 = {.ifindex = 2}, gone = {.ifindex = 77}, none = {0};

	(void)state;
	inside_kernel.interfaces[1].opackets = 12;
	inside_kernel.interfaces[1].obytes = 1234;
	assert_int_equal(sys_traffic_read(t, &em1, true, &count), 0);
	assert_int_equal(count.received, 0);
	assert_int_equal(count.sent, 12);
	assert_int_equal(count.in_octets, 0);
	assert_int_equal(count.out_octets, 1234);
	assert_int_equal(sys_traffic_read(t, &gone, true, &count), -1);
	assert_int_equal(sys_traffic_read(t, &none, true, &count), -1);
	sys_traffic_close(t);
}

static char reported[2048];

static void
take_report(void *arg, bool problem, const char *text)
{
	(void)arg;
	snprintf(reported + strlen(reported), sizeof(reported) - strlen(reported), "%s%s\n",
		 problem ? "!" : "", text);
}

/* They are read once in the life of a process. */
static void
settings_and_releases_are_warned_of(void **state)
{
	(void)state;
	assert_false(release_skips_last_next_hop("7.5"));
	assert_false(release_skips_last_next_hop("7.7"));
	assert_true(release_skips_last_next_hop("7.8"));
	assert_true(release_skips_last_next_hop("7.9"));
	assert_true(release_skips_last_next_hop("8.0"));
	assert_true(release_skips_last_next_hop("10.1-beta"));
	assert_false(release_skips_last_next_hop("6.9"));
	lab.conf = must_read(two_links);
	kernel("release 7.9");
	kernel("multipath no");
	kernel("forwarding no");
	sys_settings(lab.conf, take_report, NULL);
	assert_non_null(strstr(reported, "!net.inet.ip.multipath is 0"));
	assert_non_null(strstr(reported, "\n!OpenBSD 7.9 never takes the last"));
	assert_non_null(strstr(reported, "net.inet.ip.forwarding is 0"));
	assert_null(strstr(reported, "inet6"));
	assert_null(strstr(reported, "rad(8)"));
}

/* Also after a reload. */
static void
what_the_file_asks_for_in_vain_is_named(void **state)
{
	(void)state;
	reported[0] = '\0';
	lab.conf =
	    must_read("deprecate on em0\n"
		      "link \"a\" { interface em1; gateway fe80::1 inet; target 203.0.113.1 }\n"
		      "link \"b\" { interface em2; gateway 198.51.100.1 }\n");
	sys_settings(lab.conf, take_report, NULL);
	assert_non_null(strstr(reported, "!deprecate on: nothing is told here. rad(8) does it"));
	assert_non_null(strstr(reported, "!link \"a\": the kernel has no IPv4 route"));
	assert_null(strstr(reported, "link \"b\""));
}

static void
what_remains_is_counted(void **state)
{
	struct sys_remains remains;

	(void)state;
	kernel("route add 0 192.0.2.1 8 dhcpleased");
	assert_int_equal(sys_remains(&remains), 0);
	assert_int_equal(remains.routes, 0);
	configure(two_links);
	assert_int_equal(apply(1, 1), 0);
	assert_int_equal(sys_remains(&remains), 0);
	assert_int_equal(remains.routes, 4);
	assert_false(remains.ruleset_seen);
}

static void
ways_are_suggested_of_what_others_made(void **state)
{
	struct sys_way ways[8];
	char buf[ADDR_STRLEN];
	int n;

	(void)state;
	kernel("route add 0 192.0.2.1 8 dhcpleased");
	kernel("carrier em2 down");
	configure(two_links);
	assert_int_equal(apply(1, -1), 0);
	n = sys_ways(ways, ARRAY_LEN(ways));
	assert_int_equal(n, 3);
	assert_string_equal(ways[0].ifname, "em1");
	assert_true(ways[0].way && ways[0].learned && ways[0].carrier);
	assert_string_equal(addr_text(&ways[0].gateway, buf), "192.0.2.1");
	assert_string_equal(ways[1].ifname, "em0");
	assert_false(ways[1].way);
	assert_string_equal(addr_text(&ways[1].address, buf), "10.0.0.1");
	assert_string_equal(ways[2].ifname, "em2");
	assert_false(ways[2].carrier);
}

static void
what_would_be_installed_is_printed_in_the_words_of_route(void **state)
{
	char text[4096] = "";
	FILE *out = fmemopen(text, sizeof(text), "w");
	struct conf *conf = must_read("link \"a\" { interface em1; gateway 192.0.2.1; index 1 }\n"
				      "link \"b\" { interface em2; gateway auto; index 2 }\n"
				      "link \"c\" { interface em3; gateway fe80::1; index 3 }\n"
				      "link \"d\" { interface em4; gateway 203.0.113.1; tier 2; "
				      "index 156 }\n");

	(void)state;
	sys_routing_print(conf, out);
	fclose(out);
	conf_free(conf);
	assert_string_equal(
	    text,
	    "route -T 101 add -inet -mpath -priority 7 -label uplinkd default 192.0.2.1\n"
	    "route -T 102 add -inet -mpath -priority 7 -label uplinkd default LEARNED (by em2)\n"
	    "(link \"d\": index 156 is too large for a table of its own)\n"
	    "route add -inet -mpath -priority 7 -label uplinkd default 192.0.2.1\n"
	    "route add -inet -mpath -priority 7 -label uplinkd default LEARNED (by em2)\n"
	    "route -T 102 add -inet6 -mpath -priority 7 -label uplinkd default LEARNED (by em2)\n"
	    "route -T 103 add -inet6 -mpath -priority 7 -label uplinkd default fe80::1%em3\n"
	    "route add -inet6 -mpath -priority 7 -label uplinkd default LEARNED (by em2)\n");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    TEST(a_path_is_asked_in_the_table_of_the_link),
	    TEST(the_interfaces_counters_are_read),
	    TEST(settings_and_releases_are_warned_of),
	    TEST(what_the_file_asks_for_in_vain_is_named),
	    TEST(what_remains_is_counted),
	    TEST(ways_are_suggested_of_what_others_made),
	    TEST(what_would_be_installed_is_printed_in_the_words_of_route),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
