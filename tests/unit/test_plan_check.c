/* SPDX-License-Identifier: ISC */
/* The parent installs no plan that an honest engine could not have sent, and does
 * not take an engine for dishonest that has not heard of a reload yet. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "parent/plan_check.h"

/* Links 1 and 3 with IPv4 and IPv6, link 5 with IPv4 alone, link 1022 with both;
 * link 2 was one once. */
static struct conf_link links[4];
static struct conf conf = {.links = links, .nlinks = 4};
static struct conf_index_map known;

static int
make_conf(void **state)
{
	static const uint16_t indexes[] = {1, 3, 5, LINKS_MAX};

	(void)state;
	for (size_t i = 0; i < 4; i++) {
		links[i].index = indexes[i];
		links[i].route[V4].gateway_kind = CONF_GATEWAY_STATIC;
		links[i].route[V6].gateway_kind =
		    indexes[i] == 5 ? CONF_GATEWAY_NONE : CONF_GATEWAY_AUTO;
		strcpy(known.name[indexes[i]], "name");
	}
	strcpy(known.name[2], "gone");
	return 0;
}

struct row {
	const char *what;
	uint64_t serial;
	unsigned count[FAMILIES];
	struct plan_member members[FAMILIES][4];
	enum plan_verdict verdict;
};

static const struct row rows[] = {
    {"nothing at all", 8, {0, 0}, {{{0, 0}}}, PLAN_GOOD},
    {"one link", 8, {1, 0}, {{{1, 1}}}, PLAN_GOOD},
    {"all, with the largest weight and none",
     8,
     {4, 3},
     {{{1, 255}, {3, 0}, {5, 1}, {LINKS_MAX, 7}}, {{1, 1}, {3, 1}, {LINKS_MAX, 0}}},
     PLAN_GOOD},
    {"a serial far ahead", UINT64_MAX, {1, 0}, {{{1, 1}}}, PLAN_GOOD},
    {"serial 0", 0, {1, 0}, {{{1, 1}}}, PLAN_MALFORMED},
    {"the last serial again", 7, {1, 0}, {{{1, 1}}}, PLAN_MALFORMED},
    {"a serial from before", 6, {1, 0}, {{{1, 1}}}, PLAN_MALFORMED},
    {"link 0", 8, {1, 0}, {{{0, 1}}}, PLAN_MALFORMED},
    {"a link beyond all", 8, {1, 0}, {{{LINKS_MAX + 1, 1}}}, PLAN_MALFORMED},
    {"the largest number", 8, {1, 0}, {{{UINT16_MAX, 1}}}, PLAN_MALFORMED},
    {"a link that never was", 8, {1, 0}, {{{4, 1}}}, PLAN_MALFORMED},
    {"the same link twice", 8, {2, 0}, {{{1, 1}, {1, 1}}}, PLAN_MALFORMED},
    {"links in descending order", 8, {2, 0}, {{{3, 1}, {1, 1}}}, PLAN_MALFORMED},
    {"a weight of 256", 8, {1, 0}, {{{1, 256}}}, PLAN_MALFORMED},
    {"IPv6: a weight of 256", 8, {1, 1}, {{{1, 1}}, {{1, 256}}}, PLAN_MALFORMED},
    {"too many members", 8, {LINKS_MAX + 1, 0}, {{{1, 1}}}, PLAN_MALFORMED},
    {"the most members", 8, {0, UINT16_MAX}, {{{1, 1}}}, PLAN_MALFORMED},
    {"a link that was taken out", 8, {2, 0}, {{{1, 1}, {2, 1}}}, PLAN_STALE},
    {"a family that was taken out", 8, {1, 2}, {{{1, 1}}, {{1, 1}, {5, 1}}}, PLAN_STALE},
    {"taken out, and then one that never was", 8, {1, 1}, {{{2, 1}}, {{4, 1}}}, PLAN_MALFORMED},
    {"taken out, and then in the wrong order", 8, {2, 0}, {{{2, 1}, {1, 1}}}, PLAN_MALFORMED},
};

static void
test_table(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		const struct row *row = &rows[i];
		struct plan plan;
		char error[128] = "";
		enum plan_verdict v;

		memset(&plan, 0, sizeof(plan));
		plan.serial = row->serial;
		for (int f = 0; f < FAMILIES; f++) {
			plan.family[f].count = (uint16_t)row->count[f];
			memcpy(plan.family[f].members, row->members[f], sizeof(row->members[f]));
		}
		v = plan_check(&plan, 7, &conf, &known, error, sizeof(error));
		if (v != row->verdict)
			fail_msg("%s: %d instead of %d (%s)", row->what, v, row->verdict, error);
		if ((v == PLAN_GOOD) != (error[0] == '\0'))
			fail_msg("%s: the reason is '%s'", row->what, error);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test_setup(test_table, make_conf)};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
