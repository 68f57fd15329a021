/* SPDX-License-Identifier: ISC */
/* uplinkd --suggest: whatever the machine has, what is printed is a configuration that
 * is taken, with a link for each way out. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "parent/suggest.h"
#include "read_conf.h"

static struct sys_way
way(const char *ifname, const char *gateway, bool learned)
{
	struct sys_way w = {.way = true, .learned = learned, .carrier = true};

	snprintf(w.ifname, sizeof(w.ifname), "%s", ifname);
	w.family = gateway != NULL && strchr(gateway, ':') != NULL ? V6 : V4;
	if (gateway != NULL)
		assert_int_equal(addr_parse(gateway, &w.gateway), 0);
	return w;
}

static struct sys_way
inner(const char *ifname, const char *address)
{
	struct sys_way w = {.carrier = true};

	snprintf(w.ifname, sizeof(w.ifname), "%s", ifname);
	assert_int_equal(addr_parse(address, &w.address), 0);
	return w;
}

/* The configuration, which must be right; its text into *text, to be freed. */
static struct conf *
suggested(const struct sys_way *ways, size_t n, const char *resolv, char **text)
{
	FILE *in = fmemopen((void *)(uintptr_t)resolv, strlen(resolv), "r");
	struct addr servers[4];
	size_t size, nservers;
	FILE *out = open_memstream(text, &size);
	unsigned links;

	assert_non_null(in);
	assert_non_null(out);
	nservers = suggest_servers(in, servers, 4);
	links = suggest_print(ways, n, servers, nservers, out);
	fclose(in);
	assert_int_equal(fclose(out), 0);
	struct conf *conf = must_read(*text);
	assert_int_equal(conf->nlinks, links);
	return conf;
}

static const char resolv[] =
    "# two of three stand behind a provider\nnameserver 127.0.0.53\n"
    "nameserver 203.0.113.53\nnameserver 2001:db8:f::53\n"
    "nameserver 203.0.113.53\nnameserver 192.168.1.1\nsearch example.net\n";

static void
test_two_lines(void **state)
{
	const struct sys_way ways[] = {
	    way("eth0", "192.0.2.1", false), way("ppp0", NULL, true),
	    way("eth0", "fe80::1", true),    inner("lan0", "192.168.77.1"),
	    inner("ppp1", "10.9.0.2"),
	};
	char *text;
	struct conf *conf = suggested(ways, 5, resolv, &text);
	const struct conf_link *eth0 = conf_link_by_name(conf, "eth0"),
			       *ppp0 = conf_link_by_name(conf, "ppp0");

	(void)state;
	assert_int_equal(conf->nlinks, 2);
	assert_int_equal(eth0->route[V4].gateway_kind, CONF_GATEWAY_STATIC);
	assert_int_equal(eth0->route[V6].gateway_kind, CONF_GATEWAY_AUTO);
	assert_int_equal(eth0->ntargets, 2);
	assert_int_equal(eth0->targets[0].method, METHOD_DNS);
	assert_int_equal(ppp0->route[V4].gateway_kind, CONF_GATEWAY_AUTO);
	assert_int_equal(ppp0->route[V6].gateway_kind, CONF_GATEWAY_NONE);
	assert_int_equal(ppp0->ntargets, 1);
	assert_non_null(strstr(text, "lan0, address 192.168.77.1\n"));
	assert_non_null(strstr(text, "ppp1, address 10.9.0.2: say gateway auto inet\n"));
	conf_free(conf);
	free(text);
}

static void
test_a_shared_interface(void **state)
{
	const struct sys_way ways[] = {
	    way("eth0", "192.0.2.1", true),
	    way("eth0", "192.0.2.2", true),
	    way("eth0", "192.0.2.1", true), /* with another metric */
	    way("eth0", "fe80::1", true),
	};
	char *text;
	struct conf *conf = suggested(ways, 4, "", &text);

	(void)state;
	assert_int_equal(conf->nlinks, 2);
	assert_string_equal(conf->links[0].name, "eth0-1");
	assert_string_equal(conf->links[1].name, "eth0-2");
	assert_int_equal(conf->links[0].route[V4].gateway_kind, CONF_GATEWAY_STATIC);
	assert_int_equal(conf->links[0].route[V6].gateway_kind, CONF_GATEWAY_STATIC);
	assert_int_equal(conf->links[1].route[V4].gateway_kind, CONF_GATEWAY_STATIC);
	assert_true(conf->links[0].gateway_only);
	conf_free(conf);
	free(text);
}

/* What stands there as an example may be taken as it is. */
static void
test_an_example_of_a_target(void **state)
{
	const struct sys_way ways[] = {way("eth0", "192.0.2.1", true),
				       way("eth1", "fe80::1", true)};
	char *text, *hash;
	struct conf *conf = suggested(ways, 2, "", &text);

	(void)state;
	conf_free(conf);
	while ((hash = strstr(text, "# target")) != NULL)
		memset(hash, ' ', 1);
	conf = must_read(text);
	assert_int_equal(conf_link_by_name(conf, "eth0")->ntargets, 1);
	assert_int_equal(conf_link_by_name(conf, "eth1")->ntargets, 1);
	conf_free(conf);
	free(text);
}

static void
test_a_metered_line(void **state)
{
	const struct sys_way ways[] = {way("eth0", "192.0.2.1", true),
				       way("wwan0", "10.64.0.1", true)};
	char *text;
	struct conf *conf = suggested(ways, 2, resolv, &text);

	(void)state;
	assert_int_equal(conf_link_by_name(conf, "eth0")->tier, 1);
	assert_int_equal(conf_link_by_name(conf, "wwan0")->tier, 2);
	assert_int_equal(conf_link_by_name(conf, "wwan0")->targets[0].probe.interval_ms, 10000);
	conf_free(conf);
	free(text);
}

static void
test_one_line_only(void **state)
{
	const struct sys_way ways[] = {way("eth0", "192.0.2.1", true)};
	char *text;
	struct conf *conf = suggested(ways, 1, resolv, &text);

	(void)state;
	assert_int_equal(conf->nlinks, 1);
	assert_non_null(strstr(text, "one default route only"));
	conf_free(conf);
	free(text);
}

static void
test_none(void **state)
{
	const struct sys_way ways[] = {inner("lan0", "192.168.77.1")};
	char *text;
	size_t size;
	FILE *out = open_memstream(&text, &size);

	(void)state;
	assert_int_equal(suggest_print(ways, 1, NULL, 0, out), 0);
	fclose(out);
	free(text);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_two_lines),
	    cmocka_unit_test(test_a_shared_interface),
	    cmocka_unit_test(test_an_example_of_a_target),
	    cmocka_unit_test(test_a_metered_line),
	    cmocka_unit_test(test_one_line_only),
	    cmocka_unit_test(test_none),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
