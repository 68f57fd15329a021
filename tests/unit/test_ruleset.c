/* SPDX-License-Identifier: ISC */
/* The ruleset as text: what stands in it for which configuration and facts, and
 * that nft takes every one of them. */
#include "config.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <unistd.h>

#include "system/linux/flows.h"
#include "system/system.h"

static void
complain(void *arg, bool error, const char *file, int line, const char *message)
{
	(void)arg;
	if (error)
		fail_msg("%s:%d: %s", file, line, message);
}

static struct addr
address(const char *text)
{
	struct addr a;

	assert_int_equal(addr_parse(text, &a), 0);
	return a;
}

struct facts_row { /* of one link; NULL: not known */
	unsigned link;
	const char *gateway4, *source4, *gateway6, *lladdr4;
};

static struct link_facts
facts_of(const struct facts_row *row)
{
	struct link_facts facts = {.link = (uint16_t)row->link, .ifindex = 100 + row->link};

	if (row->gateway4)
		facts.route[V4].gateway = address(row->gateway4);
	if (row->source4)
		facts.route[V4].source = address(row->source4);
	if (row->gateway6)
		facts.route[V6].gateway = address(row->gateway6);
	if (row->lladdr4) {
		uint8_t *l = facts.route[V4].lladdr;

		facts.route[V4].has_lladdr = 1;
		assert_int_equal(sscanf(row->lladdr4, "%hhx:%hhx:%hhx:%hhx:%hhx:%hhx", &l[0], &l[1],
					&l[2], &l[3], &l[4], &l[5]),
				 6);
	}
	return facts;
}

static char *
ruleset(const char *config, const struct facts_row *rows, size_t *len)
{
	struct conf *conf = conf_parse(config, strlen(config), "test", complain, NULL);
	struct link_facts facts[4];
	size_t nfacts = 0;
	char *text = NULL;
	FILE *out = open_memstream(&text, len);

	assert_non_null(conf);
	assert_non_null(out);
	for (; rows[nfacts].link != 0; nfacts++)
		facts[nfacts] = facts_of(&rows[nfacts]);
	assert_int_equal(sys_ruleset_print(conf, facts, nfacts, NULL, out), 0);
	fclose(out);
	conf_free(conf);
	return text;
}

#define TARGET " target 203.0.113.1; "

static const struct {
	const char *what, *config;
	struct facts_row facts[4];
	const char *with[10], *without[10];
} cases[] = {
    {
	"a link alone on its interface is known by it, whatever its gateway is",
	"link \"a\" { index 1; interface ppp0; gateway auto inet;" TARGET "}",
	{{0}},
	{"by_if {\n\tipv4 . \"ppp0\" : jump flow_1\n}",
	 "use_if {\n\tipv4 . \"ppp0\" : \"use4_1\"\n}", "masq_if {\n\tipv4 . \"ppp0\"\n}",
	 "by_mark {\n\t0x100 : goto keep_1\n}", "meta nfproto . oifname @masq_if masquerade",
	 "meta nfproto . oifname map @use_if"},
	{"ipv6 . \"", "element inet uplinkd by_gw", "nexthop", "snat ip", "oif map",
	 "icmpv6 type echo-reply"},
    },
    {
	"the interface's number is the quicker key to count by, where it is known",
	"link \"a\" { index 1; interface wan1; gateway 192.0.2.1; gateway fe80::1;" TARGET "}\n"
	"link \"b\" { index 2; interface wan2; gateway 192.0.2.1;" TARGET "}",
	{{1, NULL, NULL, NULL, NULL}},
	{"use_oif4 {\n\t101 : \"use4_1\"\n}", "use_oif6 {\n\t101 : \"use6_1\"\n}",
	 "meta nfproto ipv4 counter name oif map @use_oif4 accept",
	 "meta nfproto ipv6 counter name oif map @use_oif6 accept", "ipv4 . \"wan1\" : \"use4_1\"",
	 "ipv4 . \"wan2\" : \"use4_2\""},
	{NULL},
    },
    {
	"the mark is the index, shifted to the mask, at its ends too; other bits are kept",
	"link \"a\" { index 1022; interface wan1; gateway 192.0.2.1;" TARGET "}\n"
	"link \"b\" { index 256; interface wan2; gateway 192.0.2.1;" TARGET "}",
	{{0}},
	{"0x3fe00 : goto keep_1022", "0x10000 : goto keep_256",
	 "ct mark set ct mark & 0xfff800ff | 0x3fe00",
	 "meta mark set meta mark & 0xfff800ff | 0x10000", "meta mark & 0x40000 == 0 accept",
	 "meta mark & 0x7ff00 != 0 accept", "ct mark & 0x7ff00 == 0 jump leave",
	 "ct mark & 0x3ff00 vmap @by_mark"},
	{NULL},
    },
    {
	"nat none leaves addresses alone",
	"link \"a\" { index 1; interface wan1; gateway 192.0.2.1; nat none;" TARGET "}",
	{{0}},
	{"use_if {"},
	{"masquerade", "snat ip", "element inet uplinkd masq"},
    },
    {
	"IPv6 is not translated unless asked",
	"link \"a\" { index 1; interface wan1; gateway 192.0.2.1; gateway fe80::1;" TARGET "}\n"
	"link \"b\" { index 2; interface wan2; gateway fe80::1; nat6 masquerade; target "
	"2001:db8::1 }",
	{{0}},
	{"masq_if {\n\tipv4 . \"wan1\",\n\tipv6 . \"wan2\"\n}", "ipv6 . \"wan1\" : \"use6_1\"",
	 "ip6 saddr fe80::/10 accept"},
	{"ipv4 . \"wan2\""},
    },
    {
	"snat to a fixed address",
	"link \"a\" { index 1; interface wan1; gateway 192.0.2.1; nat snat 192.0.2.77;" TARGET
	"}\n",
	{{0}},
	{"snat_if4 {\n\t\"wan1\" : 192.0.2.77\n}", "snat ip to oifname map @snat_if4"},
	{"masquerade", "snat ip6"},
    },
    {
	"links that share an interface are told apart by the next hop, and each has its own source",
	"link \"a\" { index 1; interface w0; gateway 192.0.2.1;" TARGET "}\n"
	"link \"b\" { index 2; interface w0; gateway auto inet;" TARGET "}",
	{{1, NULL, "192.0.2.2", NULL, "02:00:00:00:00:0a"},
	 {2, "192.0.2.254", "192.0.2.3", NULL, "02:00:00:00:00:0b"}},
	{"by_gw4 {\n\t\"w0\" . 192.0.2.1 : jump flow_1,\n\t\"w0\" . 192.0.2.254 : jump flow_2\n}",
	 "use_gw4 {\n\t\"w0\" . 192.0.2.1 : \"use4_1\",\n\t\"w0\" . 192.0.2.254 : \"use4_2\"\n}",
	 "snat_gw4 {\n\t\"w0\" . 192.0.2.1 : 192.0.2.2,\n\t\"w0\" . 192.0.2.254 : 192.0.2.3\n}",
	 "oifname . rt ip nexthop vmap @by_gw4", "oifname . rt ip nexthop map @use_gw4",
	 "snat ip to oifname . rt ip nexthop map @snat_gw4",
	 "by_lladdr {\n\tipv4 . \"w0\" . 02:00:00:00:00:0a : jump flow_1,\n"
	 "\tipv4 . \"w0\" . 02:00:00:00:00:0b : jump flow_2\n}",
	 "iifname . ether saddr vmap @by_lladdr"},
	{"masquerade", "@by_if\n", "@use_if\n"},
    },
    {
	"of a shared interface, what is not known yet is left out",
	"link \"a\" { index 1; interface w0; gateway 192.0.2.1;" TARGET "}\n"
	"link \"b\" { index 2; interface w0; gateway auto inet;" TARGET "}",
	{{1, NULL, NULL, NULL, NULL}},
	{"by_gw4 {\n\t\"w0\" . 192.0.2.1 : jump flow_1\n}", "masq_gw4 {\n\t\"w0\" . 192.0.2.1\n}",
	 "oifname . rt ip nexthop @masq_gw4 masquerade", "counter use4_2 {}"},
	{"jump flow_2", "\"use4_2\"", "ether saddr vmap"},
    },
    {
	"two gateways that are one box can't be told by what comes in; one next hop is one link",
	"link \"a\" { index 1; interface w0; gateway 192.0.2.1;" TARGET "}\n"
	"link \"b\" { index 2; interface w0; gateway 192.0.2.2;" TARGET "}\n"
	"link \"c\" { index 3; interface w0; gateway auto inet;" TARGET "}",
	{{1, NULL, NULL, NULL, "02:00:00:00:00:0a"},
	 {2, "192.0.2.2", NULL, NULL, "02:00:00:00:00:0a"},
	 {3, "192.0.2.1", NULL, NULL, NULL}},
	{"by_gw4 {\n\t\"w0\" . 192.0.2.1 : jump flow_1,\n\t\"w0\" . 192.0.2.2 : jump flow_2\n}"},
	{"ether saddr vmap", "jump flow_3"},
    },
    {
	"IPv6 next hops may be link-local; each IP version is shared or not by itself",
	"link \"a\" { index 1; interface w0; gateway 192.0.2.1; gateway fe80::1;" TARGET "}\n"
	"link \"b\" { index 2; interface w0; gateway fe80::2; nat6 snat 2001:db8::7; target "
	"2001:db8::1 "
	"}",
	{{0}},
	{"by_if {\n\tipv4 . \"w0\" : jump flow_1\n}",
	 "by_gw6 {\n\t\"w0\" . fe80::1 : jump flow_1,\n\t\"w0\" . fe80::2 : jump flow_2\n}",
	 "rt ip6 nexthop map @use_gw6", "snat_gw6 {\n\t\"w0\" . fe80::2 : 2001:db8::7\n}",
	 "snat ip6 to oifname . rt ip6 nexthop map @snat_gw6"},
	{"rt ip nexthop", "ipv6 . \"w0\""},
    },
    {
	"where the file names a source, masquerade means that one",
	"link \"a\" { index 1; interface wan1; gateway 192.0.2.1; source 192.0.2.9;" TARGET "}",
	{{1, NULL, "192.0.2.2", NULL, NULL}},
	{"snat_if4 {\n\t\"wan1\" : 192.0.2.9\n}"},
	{"masquerade"},
    },
    {
	"a prefix is translated both ways, and only that of the link's own chain",
	"link \"a\" { index 1; interface wan1; gateway fe80::1; target 2001:db8::1\n"
	"nat6 prefix fd00:1::/48 to 2001:db8:1::/48 }\n"
	"link \"b\" { index 2; interface wan2; gateway fe80::1; target 2001:db8::1 }",
	{{0}},
	{"chain npt_1 {\n\t\tip6 saddr fd00:1::/48 snat ip6 prefix to 2001:db8:1::/48\n\t}",
	 "npt_if {\n\t\"wan1\" : jump npt_1\n}", "npt_in {\n\t2001:db8:1::/48 : fd00:1::/48\n}",
	 "meta nfproto ipv6 oifname vmap @npt_if",
	 "fib daddr type local accept\n\t\tdnat ip6 prefix to ip6 daddr map @npt_in"},
	{"npt_2", "masquerade"},
    },
    {
	"prefixes of links that share an interface, by the next hop; one prefix of two lines, once",
	"link \"a\" { index 1; interface w0; gateway fe80::1; target 2001:db8::1\n"
	"nat6 prefix fd00:1::/48 to 2001:db8:1::/48 }\n"
	"link \"b\" { index 2; interface w0; gateway fe80::2; target 2001:db8::1\n"
	"nat6 prefix fd00:1::/48 to 2001:db8:1::/48 }",
	{{0}},
	{"npt_gw6 {\n\t\"w0\" . fe80::1 : jump npt_1,\n\t\"w0\" . fe80::2 : jump npt_2\n}",
	 "oifname . rt ip6 nexthop vmap @npt_gw6", "npt_in {\n\t2001:db8:1::/48 : fd00:1::/48\n}"},
	{"oifname vmap @npt_if"},
    },
    {
	"segments are cut by the mark of their flow, and where nobody asks no packet is looked at",
	"mss clamp pmtu\n"
	"link \"a\" { index 1; interface w0; gateway 192.0.2.1; mss clamp 1412;" TARGET "}\n"
	"link \"b\" { index 2; interface w0; gateway 192.0.2.2;" TARGET "}\n"
	"link \"c\" { index 3; interface w0; gateway 192.0.2.3; mss clamp no;" TARGET "}",
	{{0}},
	{"chain mss_1 {\n\t\ttcp option maxseg size set 1412\n\t}",
	 "chain mss_2 {\n\t\ttcp option maxseg size set rt mtu\n\t}",
	 "mss_mark {\n\t0x100 : jump mss_1,\n\t0x200 : jump mss_2\n}",
	 "tcp flags & (syn | rst) == syn ct mark & 0x3ff00 vmap @mss_mark"},
	{"mss_3", "vmap @mss_if"},
    },
    {
	"clients are told of flows that were cut, and nobody else",
	"reset clients yes\n"
	"link \"a\" { index 1; interface wan1; gateway 192.0.2.1;" TARGET "}\n"
	"link \"b\" { index 2; interface wan1; gateway 192.0.2.2;" TARGET "}\n"
	"link \"c\" { index 3; interface wan2; gateway 192.0.2.2;" TARGET "}",
	{{0}},
	{"link_if {\n\t\"wan1\",\n\t\"wan2\"\n}",
	 "ct state new tcp flags & (syn | rst) == 0x0 iifname != @link_if oifname @link_if reject "
	 "with tcp reset"},
	{NULL},
    },
    {
	"without marks nothing is tracked, translated or cut: only counted",
	"flows kernel; mss clamp 1400\n"
	"link \"a\" { index 1; interface wan1; gateway 192.0.2.1; gateway fe80::1;" TARGET "}\n"
	"link \"b\" { index 2; interface wan2; gateway 192.0.2.2;" TARGET "}",
	{{0}},
	{"counter use4_1 {}", "use_if {\n\tipv4 . \"wan1\" : \"use4_1\"",
	 "counter name meta nfproto . oifname map @use_if", "oifname vmap @mss_if",
	 "iifname vmap @mss_if", "mss_if {\n\t\"wan1\" : jump mss_1,\n\t\"wan2\" : jump mss_2\n}",
	 "notrack"},
	{"ct mark", "meta mark set", "ct state", "masquerade", "type nat", "new4_", "keep_1",
	 "reject"},
    },
    {
	"answers to probes by TCP and DNS are known by what was asked, each IP version by itself",
	"link \"a\" { index 1; interface wan1; gateway 192.0.2.1; gateway fe80::1\n"
	"target 203.0.113.1 tcp port 443; target 2001:db8::1 tcp port 443\n"
	"target 203.0.113.53 dns query \"example.net.\"; target 2001:db8::53 dns query . type ns }",
	{{0}},
	{"set probes_tcp4 { typeof ip saddr . ip daddr . tcp sport . tcp dport; size 65535; "
	 "flags dynamic,timeout; timeout 1m; }",
	 "set probes_udp6 { typeof ip6 saddr . ip6 daddr . udp sport . udp dport; ",
	 "update @probes_tcp4 { ip daddr . ip saddr . tcp dport . tcp sport }",
	 "update @probes_udp6 { ip6 daddr . ip6 saddr . udp dport . udp sport }",
	 "ip saddr . ip daddr . tcp sport . tcp dport @probes_tcp4 notrack",
	 "ip6 saddr . ip6 daddr . tcp sport . tcp dport @probes_tcp6 notrack",
	 "ip saddr . ip daddr . udp sport . udp dport @probes_udp4 notrack",
	 "ip6 saddr . ip6 daddr . udp sport . udp dport @probes_udp6 notrack"},
	{NULL},
    },
    {
	"what no target asks by is not looked up",
	"link \"a\" { index 1; interface wan1; gateway 192.0.2.1; gateway fe80::1;" TARGET
	"target 2001:db8::53 dns query . type ns }\n"
	"link \"b\" { index 2; interface wan2; gateway 192.0.2.2; target 203.0.113.1 tcp port 443 "
	"}",
	{{0}},
	{"@probes_tcp4 notrack", "@probes_udp6 notrack"},
	{"probes_tcp6", "probes_udp4"},
    },
    {
	"nobody asks for resets or other sizes",
	"link \"a\" { index 1; interface wan1; gateway 192.0.2.1;" TARGET "}",
	{{0}},
	{"ct mark"},
	{"tcp flags", "reject", "npt_1", "nat_in", "probes_"},
    },
};

static void
test_text(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		size_t len;
		char *text = ruleset(cases[i].config, cases[i].facts, &len);

		for (size_t k = 0; cases[i].with[k]; k++)
			if (!strstr(text, cases[i].with[k]))
				fail_msg("%s: lacks\n%s\n--- in\n%s", cases[i].what,
					 cases[i].with[k], text);
		for (size_t k = 0; cases[i].without[k]; k++)
			if (strstr(text, cases[i].without[k]))
				fail_msg("%s: has\n%s\n--- in\n%s", cases[i].what,
					 cases[i].without[k], text);
		free(text);
	}
}

static void
test_same_input_same_text(void **state)
{
	size_t len, again;
	char *text = ruleset(cases[5].config, cases[5].facts, &len);
	char *twice = ruleset(cases[5].config, cases[5].facts, &again);

	(void)state;
	assert_int_equal(len, again);
	assert_string_equal(text, twice);
	free(text);
	free(twice);
}

/* Text from the configuration never reaches nft: the names of links are not in it,
 * and an interface name that nft could read otherwise is refused. */
static void
test_no_foreign_text(void **state)
{
	static const char config[] =
	    "link \"}; flush\" { index 1; interface wan1; gateway 192.0.2.1;" TARGET "}";
	static const char *const names[] = {"wan\"", "wan*", "wan 1", "wan;", "w\n", ""};
	static const struct facts_row none[1];
	struct conf *conf = conf_parse(config, strlen(config), "test", complain, NULL);
	size_t len;
	char *text = ruleset(config, none, &len);
	FILE *out = fopen("/dev/null", "w");

	(void)state;
	assert_null(strstr(text, "}; flush"));
	free(text);
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		snprintf(conf->links[0].interface, sizeof(conf->links[0].interface), "%s",
			 names[i]);
		errno = 0;
		assert_int_equal(sys_ruleset_print(conf, NULL, 0, NULL, out), -1);
		assert_int_equal(errno, EINVAL);
	}
	fclose(out);
	conf_free(conf);
}

static void
test_full_device(void **state)
{
	static const char config[] =
	    "link \"a\" { index 1; interface wan1; gateway 192.0.2.1;" TARGET "}";
	struct conf *conf = conf_parse(config, strlen(config), "test", complain, NULL);
	FILE *out = fopen("/dev/full", "w");

	(void)state;
	assert_int_equal(sys_ruleset_print(conf, NULL, 0, NULL, out), -1);
	assert_int_equal(errno, ENOSPC);
	fclose(out);
	conf_free(conf);
}

static void
test_object_names(void **state)
{
	static const struct {
		const char *name;
		bool ok;
		enum flows_object kind;
		unsigned link;
	} names[] = {
	    {"use4_1", true, FLOWS_USE4, 1},
	    {"keep_1022", true, FLOWS_KEEP, 1022},
	    {"new6_256", true, FLOWS_NEW6, 256},
	    {"use4_1023", false, 0, 0},
	    {"use4_0", false, 0, 0},
	    {"use4_01", false, 0, 0},
	    {"use4_", false, 0, 0},
	    {"use4_1x", false, 0, 0},
	    {"other", false, 0, 0},
	    {"use4_99999999999", false, 0, 0},
	    {"", false, 0, 0},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		enum flows_object kind;
		char name[FLOWS_NAME_LEN];
		unsigned link;

		assert_int_equal(
		    flows_object_parse(names[i].name, strlen(names[i].name), &kind, &link),
		    names[i].ok);
		if (!names[i].ok)
			continue;
		assert_int_equal(kind, names[i].kind);
		assert_int_equal(link, names[i].link);
		assert_string_equal(flows_object_name(kind, link, name), names[i].name);
	}
}

/* A system of few packages has no /etc/protocols, and nft then knows no protocol by its name. */
static int
hide_protocols(void)
{
	if (access("/etc/protocols", F_OK) != 0)
		return 0;
	return unshare(CLONE_NEWNS) != 0 ||
		       mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) != 0 ||
		       mount("/dev/null", "/etc/protocols", NULL, MS_BIND, NULL) != 0
		   ? -1
		   : 0;
}

/* Each text, loaded over the one before, in a namespace where nothing is lost. */
static void
test_nft_takes_all(void **state)
{
	struct sys_flows *flows;

	(void)state;
	if (geteuid() != 0 || unshare(CLONE_NEWNET) != 0)
		skip();
	assert_int_equal(hide_protocols(), 0);
	flows = sys_flows_open();
	assert_non_null(flows);
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		char error[512];
		size_t len;
		char *text = ruleset(cases[i].config, cases[i].facts, &len);

		if (sys_ruleset_load(flows, text, len, error, sizeof(error)) != 0)
			fail_msg("%s: %s\n%s", cases[i].what, error, text);
		free(text);
	}
	sys_flows_close(flows);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_text),
	    cmocka_unit_test(test_same_input_same_text),
	    cmocka_unit_test(test_no_foreign_text),
	    cmocka_unit_test(test_full_device),
	    cmocka_unit_test(test_object_names),
	    cmocka_unit_test(test_nft_takes_all),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
