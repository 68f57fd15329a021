/* SPDX-License-Identifier: ISC */
/* The configuration as text reads back the same. */
#include "unit.h"

#include <stdio.h>
#include <stdlib.h>

#include "read_conf.h"

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
	    LINK_WITH(
		"target 203.0.113.1 http; target 203.0.113.1 https host example.net path /x?y=1 "
		"port 8443 status 204 expect \"all \\\"well\\\"\" ca /etc/own.pem\n"
		"target 203.0.113.1 http path /other; target gateway http { interval 5s }\n"
		"target 203.0.113.2 command /usr/bin/check -a \"two words\" \"\""),
	    "on linkDown degraded run \"/usr/bin/logger\" \"-t x\" y\n"
	    "on any sync run /x user frr timeout 1m\n" LINK_WITH(
		"on linkUp sync run /y; on any run /z"),
	    "budget 10M per day; standby interval 1m\n" LINK_WITH("budget 432000 per day"),
	    "confirm no; suspicion no\nsnmp { notify limit 7; control yes }\n" AB,
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(texts); i++)
		expect_same_again(texts[i]);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_round_trip),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
