/* SPDX-License-Identifier: ISC */
/* The daemon's ruleset in a real kernel: a router in a namespace of its own, a client
 * behind it, and four links.
 *
 *   client -- lan [router] wan1 -- net (192.0.2.1, 2001:db8:1::1)
 *                          wan2 -- net (198.51.100.1)
 *                          w0 ---- bridge -- g1 (100.64.0.1), g2 (100.64.0.2)
 *
 * Behind each gateway stands one address of 203.0.113.0/24: .1 to .4. */
#ifndef UPLINK_TEST_FLOWS_LAB_H
#define UPLINK_TEST_FLOWS_LAB_H

#include "unit.h"

#include <netinet/in.h>

#include "conf/conf.h"
#include "system/linux/flows.h"
#include "system/system.h"

enum { ROUTER = -1, LINKS = 4, DEADLINE_S = 10 };

struct flows_lab {
	int client, net, g1, g2, bridge;
	struct sys_flows *flows;
	struct conf *conf;
	struct link_facts facts[LINKS];
	in_port_t port; /* the next that no flow of any test has used */
};
extern struct flows_lab lab;

int lab_make(void **state);
int lab_end(void **state);
/* Nothing of an earlier test is left, and the ruleset is loaded. */
int lab_fresh(void **state);
#define LAB_TEST(name) cmocka_unit_test_setup(name, lab_fresh)
/* For main(): needs root. */
#define LAB_RUN(tests)                                      \
	(geteuid() != 0 ? (puts("needs root: skipped"), 77) \
			: cmocka_run_group_tests(tests, lab_make, lab_end))

/* Loads the ruleset of another configuration of the same links. */
void lab_load(const struct conf *conf);

struct use {
	uint64_t packets, octets, new_flows;
};
struct uses {
	struct use of[LINKS + 1][FAMILIES];
	unsigned rows;
};

sys_counter lab_take_use; /* into struct uses */
struct uses lab_uses(void);

/* Packets of a counter of the administrator's table, inet admin. */
uint64_t lab_admin_counter(const char *name);

/* Every packet is one on the wire, as a capture sees it. */
void no_gso(int ns, const char *interface);

#endif
