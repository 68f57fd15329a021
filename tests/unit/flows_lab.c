/* SPDX-License-Identifier: ISC */
#include "config.h"

#include "flows_lab.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "netns.h"
#include "read_conf.h"

static const char config_text[] =
    "link \"a\" { index 1; interface wan1; gateway 192.0.2.1; gateway 2001:db8:1::1; target "
    "gateway }\n"
    "link \"b\" { index 2; interface wan2; gateway 198.51.100.1; target gateway }\n"
    "link \"c\" { index 3; interface w0; gateway 100.64.0.1; target gateway }\n"
    "link \"d\" { index 4; interface w0; gateway 100.64.0.2; target gateway }\n";

struct flows_lab lab;

void
lab_take_use(void *arg, unsigned link, int family, uint64_t packets, uint64_t octets,
	     uint64_t new_flows)
{
	struct uses *uses = arg;

	assert_in_range(link, 1, LINKS);
	uses->of[link][family] = (struct use){packets, octets, new_flows};
	uses->rows++;
}

struct uses
lab_uses(void)
{
	struct uses uses = {0};

	assert_int_equal(sys_counters_read(lab.flows, lab_take_use, &uses), 0);
	return uses;
}

void
lab_load(const struct conf *conf)
{
	char *text = NULL, error[512];
	size_t len;
	FILE *out = open_memstream(&text, &len);

	assert_int_equal(sys_ruleset_print(conf, lab.facts, LINKS, NULL, out), 0);
	fclose(out);
	if (sys_ruleset_load(lab.flows, text, len, error, sizeof(error)) != 0)
		fail_msg("%s", error);
	free(text);
}

int
lab_fresh(void **state)
{
	char text[256];

	(void)state;
	netns_run(ROUTER, "nft flush ruleset");
	do
		netns_output(ROUTER,
			     "conntrack -F 2>&1; cat /proc/sys/net/netfilter/nf_conntrack_count",
			     text, sizeof(text));
	while (!strstr(text, "\n0\n"));
	lab_load(lab.conf);
	return 0;
}

uint64_t
lab_admin_counter(const char *name)
{
	char command[128], text[512];
	const char *packets;

	snprintf(command, sizeof(command), "nft list counter inet admin %s", name);
	netns_output(ROUTER, command, text, sizeof(text));
	packets = strstr(text, "packets ");
	assert_non_null(packets);
	return strtoull(packets + strlen("packets "), NULL, 10);
}

void
no_gso(int ns, const char *interface)
{
	netns_run(ns,
		  "ip link set %s gso_max_segs 1 2>/dev/null || ip link set %s gso_max_size 1500",
		  interface, interface);
}

/* ---- the lab ---- */

static void
make_router(void)
{
	netns_run(ROUTER, "sysctl -qw net.ipv4.ip_forward=1 net.ipv6.conf.all.forwarding=1 "
			  "net.ipv4.conf.all.rp_filter=0 net.ipv4.conf.default.rp_filter=0 "
			  "net.ipv6.conf.default.accept_dad=0");
	netns_veth(ROUTER, "lan", lab.client, "eth0");
	netns_veth(ROUTER, "wan1", lab.net, "w1");
	netns_veth(ROUTER, "wan2", lab.net, "w2");
	netns_veth(ROUTER, "w0", lab.bridge, "p0");
	netns_run(
	    ROUTER,
	    "ip addr add 10.0.0.1/24 dev lan; ip addr add fd00::1/64 dev lan nodad; "
	    "ip addr add 192.0.2.2/24 dev wan1; ip addr add 192.0.2.3/24 dev wan1; "
	    "ip addr add 2001:db8:1::2/64 dev wan1 nodad; "
	    "ip addr add 198.51.100.2/24 dev wan2; "
	    "ip addr add 100.64.0.11/24 dev w0; ip addr add 100.64.0.12/24 dev w0; "
	    "ip route add 203.0.113.1 via 192.0.2.1; ip route add 203.0.113.2 via 198.51.100.1; "
	    "ip route add 203.0.113.3 via 100.64.0.1; ip route add 203.0.113.4 via 100.64.0.2; "
	    "ip route add 2001:db8:ff::1 via 2001:db8:1::1");
	no_gso(ROUTER, "wan1");
	no_gso(ROUTER, "lan");
}

static void
make_others(void)
{
	netns_run(lab.client,
		  "ip addr add 10.0.0.2/24 dev eth0; ip addr add fd00::2/64 dev eth0 nodad; "
		  "ip route add default via 10.0.0.1; ip route add default via fd00::1");
	no_gso(lab.client, "eth0");
	netns_run(lab.net,
		  "sysctl -qw net.ipv4.conf.all.rp_filter=0 net.ipv4.conf.default.rp_filter=0; "
		  "ip addr add 192.0.2.1/24 dev w1; ip addr add 198.51.100.1/24 dev w2; "
		  "ip addr add 2001:db8:1::1/64 dev w1 nodad; ip route add fd00::/64 via "
		  "2001:db8:1::2; ip addr add 2001:db8:ff::1/128 dev lo; "
		  "for i in 1 2 9; do ip addr add 203.0.113.$i/32 dev lo; done");
	netns_run(lab.bridge,
		  "ip link add br0 type bridge; ip link set br0 up; ip link set p0 master br0");
	netns_veth(lab.bridge, "p1", lab.g1, "eth0");
	netns_veth(lab.bridge, "p2", lab.g2, "eth0");
	netns_run(lab.bridge, "ip link set p1 master br0; ip link set p2 master br0");
	netns_run(lab.g1, "ip addr add 100.64.0.1/24 dev eth0; ip addr add 203.0.113.3/32 dev lo");
	netns_run(lab.g2, "ip addr add 100.64.0.2/24 dev eth0; ip addr add 203.0.113.4/32 dev lo");
	/* a gateway would be told what its links are; here nobody asks foreign ARP */
	netns_run(lab.g1, "sysctl -qw net.ipv4.conf.all.arp_ignore=1");
	netns_run(lab.g2, "sysctl -qw net.ipv4.conf.all.arp_ignore=1");
}

int
lab_make(void **state)
{
	(void)state;
	if (!netns_enter_new())
		return 0;
	lab.client = netns_make();
	lab.net = netns_make();
	lab.g1 = netns_make();
	lab.g2 = netns_make();
	lab.bridge = netns_make();
	make_router();
	make_others();
	lab.port = 20000;
	lab.conf = must_read(config_text);
	for (int i = 0; i < LINKS; i++)
		lab.facts[i].link = (uint16_t)(i + 1);
	addr_parse("100.64.0.11", &lab.facts[2].route[V4].source);
	addr_parse("100.64.0.12", &lab.facts[3].route[V4].source);
	lab.flows = sys_flows_open();
	assert_non_null(lab.flows);
	return 0;
}

int
lab_end(void **state)
{
	(void)state;
	sys_flows_close(lab.flows);
	conf_free(lab.conf);
	return 0;
}
