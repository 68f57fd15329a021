/* SPDX-License-Identifier: ISC */
/* Routing under test: interfaces in a namespace, a configuration on them, and
 * what the hooks told. */
#ifndef UPLINK_TEST_LINUX_LAB_H
#define UPLINK_TEST_LINUX_LAB_H

#include "unit.h"

#include <stdbool.h>

#include "netns.h"
#include "read_conf.h"
#include "system/system.h"

enum { LAB_DRIFTS = 64 };

struct lab {
	struct sys_routing *r;
	struct conf *conf;
	int isp; /* the namespace of the other ends of all interfaces */
	struct link_facts facts[LINKS_MAX + 1];
	uint64_t facts_ns[LINKS_MAX + 1]; /* when they were told */
	unsigned facts_calls;
	struct {
		unsigned link;
		int family;
		char text[160];
	} drift[LAB_DRIFTS];
	unsigned drifts;
};

extern struct lab lab;

int lab_setup(void **state);
int lab_teardown(void **state);
#define LAB_TEST(name) cmocka_unit_test_setup_teardown(name, lab_setup, lab_teardown)

/* wan1.. with 10.0.N.2/24 and 2001:db8:N::2/64; the gateways are .1 and ::1. */
void lab_make_wans(unsigned n);

/* So many links over them, named link1..; more is added to each, first before all. */
const char *lab_links(unsigned n, const char *first, const char *more);

/* Opens where needed, and configures; must succeed. */
void lab_configure(const char *config);
/* What sys_routing_configure says. */
int lab_try_to_configure(const char *config, char *error, size_t size);
/* The process died: nothing was told to the kernel. */
void lab_forget(void);

/* What a command prints; valid until the next call. */
const char *lab_output(const char *command);
/* Does it print that? Shows what it printed where not. */
bool lab_shows(const char *command, const char *needle);
unsigned lab_lines(const char *command);

/* How long this thread does something, but for the time in which it has no processor though it
 * could run. */
struct lab_span {
	uint64_t delayed_ns, since_ns;
};
struct lab_span lab_begin(void);
uint64_t lab_took_ns(const struct lab_span *span);
/* Reads events until done says so, or for so many milliseconds that the machine has for it;
 * true: done. */
bool lab_read_until(bool (*done)(void), int ms);
/* Reads what is there, and what comes within so many milliseconds. */
void lab_read_for(int ms);

/* Links 1..n with these weights, in both IP versions. */
struct plan lab_plan(unsigned n, const unsigned weights[]);
/* Must succeed, and what is read back must be the plan. */
struct sys_apply_counts lab_apply(const struct plan *plan);

#endif
