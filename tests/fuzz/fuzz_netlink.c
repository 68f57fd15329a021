/* SPDX-License-Identifier: ISC */
/* Any octets as what the kernel says over netlink, to all who ask it: routing and its
 * events, flows, counters and rulesets, neighbours. The first octet says who
 * asks. Nothing is read beyond the end, nobody waits for ever, and no more links come
 * out than there are. */
#include "config.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "conf/conf.h"
#include "fake_netlink.h"
#include "system/linux/flows.h"
#include "system/system.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Two links share an interface, one learns its gateways, one is point to point. */
static const char text[] = "link \"a\" { interface wan1; gateway 192.0.2.1; gateway fe80::1 }\n"
			   "link \"b\" { interface wan1; gateway 192.0.2.2; weight 3 }\n"
			   "link \"c\" { interface wan2; gateway auto; source 198.51.100.2 }\n"
			   "link \"d\" { interface ppp0; gateway auto; tier 2 }\n";

static void
must(int condition, const char *what)
{
	if (!condition) {
		fprintf(stderr, "broken: %s\n", what);
		abort();
	}
}

static void
hear(void *arg, bool error, const char *file, int line, const char *message)
{
	(void)arg;
	(void)file;
	if (error)
		fprintf(stderr, "%d: %s\n", line, message);
}

static struct conf *
configuration(void)
{
	static struct conf_index_map map;
	static struct conf *conf;
	char error[256];

	if (conf == NULL) {
		conf = conf_parse(text, sizeof(text) - 1, "fuzz.conf", hear, NULL);
		must(conf != NULL && conf_assign_indexes(conf, &map, error, sizeof(error)) == 0,
		     "the configuration is right");
	}
	return conf;
}

/* ---- who asks ---- */

static void
on_facts(void *arg, const struct link_facts *facts)
{
	(void)arg;
	must(conf_link_by_index(configuration(), facts->link) != NULL, "facts are of a link");
	must(memchr(facts->ifname, '\0', sizeof(facts->ifname)) != NULL, "a name ends");
}

static void
on_drift(void *arg, unsigned link, int family, const char *what)
{
	(void)arg;
	must(link <= LINKS_MAX && family >= 0 && family < FAMILIES && what[0] != '\0',
	     "drift has a place and a name");
}

static void
apply(struct sys_routing *r)
{
	static struct plan plan, installed;
	struct sys_apply_counts counts;

	for (int family = 0; family < FAMILIES; family++) {
		plan.family[family].count = 3;
		for (unsigned i = 0; i < 3; i++)
			plan.family[family].members[i] =
			    (struct plan_member){.link = (uint16_t)(i + 1), .weight = 2};
	}
	(void)sys_routing_apply(r, &plan, &installed, &counts);
	for (int family = 0; family < FAMILIES; family++)
		must(installed.family[family].count <= LINKS_MAX, "no more than all links");
}

static void
routing(void)
{
	const struct sys_routing_hooks hooks = {on_facts, on_drift, NULL};
	struct addr dst = {.version = 4, .plen = 32, .octets = {203, 0, 113, 1}};
	struct sys_routing *r = sys_routing_open(&hooks);
	struct sys_path path;
	char error[256];

	if (r == NULL)
		return;
	(void)sys_routing_configure(r, configuration(), error, sizeof(error));
	must(memchr(error, '\0', sizeof(error)) != NULL, "a reason ends");
	apply(r);
	for (int i = 0; i < 4; i++) {
		fake_netlink_tell();
		if (sys_routing_read(r) != 0)
			(void)sys_routing_resync(r);
	}
	(void)sys_routing_path(r, 1, &dst, &path);
	(void)sys_routing_repair(r);
	(void)sys_routing_release(r);
	sys_routing_close(r);
}

static void
on_counter(void *arg, unsigned link, int family, uint64_t packets, uint64_t octets,
	   uint64_t new_flows)
{
	(void)arg;
	(void)packets;
	(void)octets;
	(void)new_flows;
	must(link >= 1 && link <= LINKS_MAX && family < FAMILIES, "a counter is of a link");
}

static void
flows(void)
{
	static uint64_t counts[LINKS_MAX + 1];
	static struct flows_seen held;
	struct sys_flows *f = sys_flows_open();
	bool exists;

	if (f == NULL)
		return;
	(void)flows_table_loaded(f, 0);
	(void)sys_ruleset_intact(f);
	(void)flows_kernel_objects(f, &held, &exists);
	must(strlen(sys_bypass(f, configuration())) < 160, "what goes past is a short text");
	(void)sys_flows_count(f, configuration(), counts, NULL, NULL);
	(void)sys_flows_kill(f, configuration(), 2);
	(void)sys_counters_read(f, on_counter, NULL);
	sys_flows_close(f);
}

static void
neighbours(void)
{
	struct link_facts facts[2] = {{.link = 1, .ifindex = 7}, {.link = 2, .ifindex = 7}};

	(void)sys_flows_neighbours(configuration(), facts, 2);
}

static void
onlookers(void)
{
	struct sys_way ways[8];
	struct sys_remains remains;
	int n = sys_ways(ways, 8);

	must(n <= 8, "no more ways than there is room for");
	for (int i = 0; i < n; i++)
		must(memchr(ways[i].ifname, '\0', sizeof(ways[i].ifname)) != NULL, "a name ends");
	(void)sys_remains(&remains);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static void (*const asks[])(void) = {routing, flows, neighbours, onlookers};

	if (size == 0)
		return 0;
	fake_netlink_says(data + 1, size - 1);
	asks[data[0] % (sizeof(asks) / sizeof(asks[0]))]();
	return 0;
}
