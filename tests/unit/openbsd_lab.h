/* SPDX-License-Identifier: ISC */
/* OpenBSD's routing under test: a fake kernel with three interfaces, a configuration on them, and
 * what the hooks told. */
#ifndef UPLINK_TEST_OPENBSD_LAB_H
#define UPLINK_TEST_OPENBSD_LAB_H

#include "unit.h"

#include "openbsd/rtio_inside.h"
#include "system/system.h"

struct lab {
	struct sys_routing *routing;
	struct conf *conf;
	struct link_facts facts[LINKS_MAX + 1];
	unsigned facts_calls, drifts;
	unsigned drift_link;
	char drift[200];
	/* of the last plan that was applied */
	struct plan installed;
	struct sys_apply_counts counts;
};
extern struct lab lab;

int set_up(void **state);
int tear_down(void **state);
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

/* em0 10.0.0.1/24, em1 192.0.2.2/24, em2 198.51.100.2/24; the links are on the last two. */
extern const char two_links[];
#define BOTH "192.0.2.1:7:up:uplinkd 198.51.100.1:7:up:uplinkd "
#define ONLY_A "192.0.2.1:7:up:uplinkd "
#define ONLY_B "198.51.100.1:7:up:uplinkd "

/* A line for the kernel, which it must understand; and one that the daemon hears of. */
void kernel(const char *line);
void happens(const char *line);
/* What stands in a table, each route as "GATEWAY:PRIORITY:up:LABEL ", in order. */
const char *routes(int table);

/* Opens the routing again, as another daemon does; lab.routing was closed. */
void open_routing(void);
void configure(const char *text);

/* A plan of IPv4 with these weights of links 1 and 2; -1: not a member. */
struct plan plan_of(int a, int b);
int apply(int a, int b);
void assert_installed(int a, int b);

#endif
