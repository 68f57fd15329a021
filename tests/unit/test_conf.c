/* SPDX-License-Identifier: ISC */
/* What uplinkd.conf(5) promises of a text that is right: what each setting does, its default,
 * and what it is inherited from. */
#include "unit.h"

#include <stdio.h>

#include "read_conf.h"

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
	    "\n\n;;\n" LINK_A ";" LINK_B,
	    "# link c { }\n" LINK_A "#" LINK_A LINK_B,
	    "link a\n\n{\n\tinterface wan1\r\n\tgateway\t192.0.2.1 # \"}\n\n target "
	    "203.0.113.1;;target "
	    "203.0.113.2}" LINK_B,
	    "\xef\xbb\xbf" AB, /* a byte order mark, as some editors write it */
	    "link \"a\"{interface\"wan1\";gateway \"192.0.2.1\";target 203.0.113.1;target "
	    "203.0.113.2}"
	    "link \"b\"{interface wan2;gateway 192.0.2.9;target 203.0.113.1;target 203.0.113.2}",
	    LINK_A "# the last line is a comment without an end",
	};
	struct conf *ab = must_read(AB), *a = must_read(LINK_A);

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(texts); i++) {
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
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		snprintf(text, sizeof text, "link l { interface wan1; %s }", cases[i].text);
		struct conf *conf = must_read(text);
		assert_int_equal(conf->links[0].route[V4].gateway_kind, cases[i].v4);
		assert_int_equal(conf->links[0].route[V6].gateway_kind, cases[i].v6);
		assert_int_equal(conf->links[0].ntargets, cases[i].ntargets);
		conf_free(conf);
	}
}

/* A version that either "auto" would take is expected once the link has a target of it. */
static void
test_versions_that_are_not_missed(void **state)
{
	static const struct {
		const char *text;
		bool v4, v6;
	} cases[] = {
	    {"gateway auto", true, true},
	    {"gateway auto; target 203.0.113.1", false, true},
	    {"gateway auto; target 2001:db8::1; target gateway", true, false},
	    {"gateway auto; target 203.0.113.1; target 2001:db8::1", false, false},
	    {"gateway auto inet; gateway auto inet6", false, false},
	    {"gateway 192.0.2.1; gateway auto inet6", false, false},
	};
	char text[256];

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		snprintf(text, sizeof text, "link l { interface wan1; %s }", cases[i].text);
		struct conf *conf = must_read(text);
		assert_int_equal(conf->links[0].route[V4].if_there, cases[i].v4);
		assert_int_equal(conf->links[0].route[V6].if_there, cases[i].v6);
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
	struct conf *conf = must_read(
	    "realtime no; confirm no; suspicion no; kill flows no; snmp no; group noc\n" LINK_A
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
			 "drain deadline 4h\n" LINK_A
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
			 "mss-clamp 1300; target gateway { down-after 9 } }\n" LINK_A);
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
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
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
	struct conf *conf = must_read("budget 10M per day; standby interval 1m\n" LINK_A
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

static void
test_programs_on_events(void **state)
{
	struct conf *conf =
	    must_read("on linkDown degraded run \"/usr/bin/logger\" \"-t x\" y\n" LINK_A
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

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_design),
	    cmocka_unit_test(test_smallest),
	    cmocka_unit_test(test_layout),
	    cmocka_unit_test(test_texts),
	    cmocka_unit_test(test_gateways),
	    cmocka_unit_test(test_versions_that_are_not_missed),
	    cmocka_unit_test(test_addresses),
	    cmocka_unit_test(test_switches),
	    cmocka_unit_test(test_judgement),
	    cmocka_unit_test(test_inheritance),
	    cmocka_unit_test(test_methods),
	    cmocka_unit_test(test_services),
	    cmocka_unit_test(test_budgets),
	    cmocka_unit_test(test_programs_on_events),
	    cmocka_unit_test(test_every_event_can_be_named),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
