/* SPDX-License-Identifier: ISC */
/* An IP version that "gateway auto" takes where it is there: it is not missed where it
 * is not, begins anew when it comes, and counts like any other while it lasts. */
#include "unit.h"

#include "common/clock.h"
#include "engine/figures.h"
#include "judged.h"

#define LINK(gateway, more) TIMES "link a { interface wan1; index 1; " gateway "\n" more " }\n"

static void
gateway_is(struct link *link, int family, bool there)
{
	link->facts.route[family].origin = there ? GATEWAY_LEARNED : GATEWAY_NONE;
	decide_now();
}

/* A link with "gateway auto", two IPv4 targets that answer, and no IPv6. */
static struct link *
without_ipv6(void)
{
	struct link *a;

	begin(LINK("gateway auto", "target 203.0.113.1; target 203.0.113.53"));
	a = site_link(site, "a");
	gateway_is(a, V6, false);
	samples(a, V4, 2, 10000);
	ntold = 0;
	return a;
}

static void
a_version_that_is_not_there_is_neither_up_nor_down(void **state)
{
	struct link *a = without_ipv6();

	(void)state;
	assert_int_equal(a->row.health, HEALTH_UP);
	assert_int_equal(a->row.transitions, 0);
	assert_int_equal(a->row.route[V6].health, HEALTH_UNKNOWN);
	assert_int_equal(a->row.route[V6].reason, REASON_NO_GATEWAY);
	assert_false(site->assessment.duties[0].carries[V6]);
	end();
}

static void
the_link_is_down_with_the_version_that_it_has(void **state)
{
	struct link *a = without_ipv6();

	(void)state;
	samples(a, V4, 3, RTT_UNKNOWN);
	assert_int_equal(a->row.health, HEALTH_DOWN);
	expect_told("linkDown targetsLost: 2 of 2 targets lost: 203.0.113.1, 203.0.113.53");
	expect_told("allDown keptLastRoutes: ");
	end();
}

static void
one_that_comes_begins_as_unknown_and_is_no_fall(void **state)
{
	struct link *a = without_ipv6();

	(void)state;
	for (unsigned times = 0; times < 3; times++) {
		gateway_is(a, V6, true);
		assert_int_equal(a->row.route[V6].health, HEALTH_UNKNOWN);
		assert_int_equal(a->row.route[V6].reason, REASON_STARTING);
		assert_int_equal(a->row.health, HEALTH_UP);
		samples(a, V6, 1, 10000); /* one answer is enough, as at any start */
		assert_int_equal(a->row.route[V6].health, HEALTH_UP);
		assert_true(site->assessment.duties[0].carries[V6]);
		gateway_is(a, V6, false);
		assert_int_equal(a->row.health, HEALTH_UP);
		assert_int_equal(site_gateway(a, V6)->row.status, TARGET_UNKNOWN);
	}
	assert_int_equal(a->row.transitions, 0);
	assert_int_equal(a->row.flap_penalty, 0);
	for (size_t i = 0; i < ntold; i++)
		assert_true(told[i][0] == '-'); /* lines of the log, and no events */
	expect_told("- targetsAnswer: IPv6: 1 of 1 targets answer");
	expect_told(
	    "- targetsAnswer: 2 of 2 targets answer; IPv6 has no gateway, and is not missed");
	end();
}

static void
while_it_is_there_it_counts(void **state)
{
	struct link *a = without_ipv6();

	(void)state;
	gateway_is(a, V6, true);
	samples(a, V6, 3, RTT_UNKNOWN);
	assert_int_equal(a->row.health, HEALTH_DEGRADED);
	assert_int_equal(a->row.route[V6].health, HEALTH_DOWN);
	/* and once it has left, what it was measured to be is not the link's any more */
	samples(a, V6, 2, 900000);
	assert_int_equal(a->row.health, HEALTH_UP);
	figures_link(a);
	assert_int_equal(a->row.rtt_max_us, 900000);
	gateway_is(a, V6, false);
	figures_link(a);
	assert_int_equal(a->row.rtt_max_us, 10000);
	end();
}

/* Of two that nobody has named a target of, either may be the one that is there. */
static void
one_of_two_is_expected(void **state)
{
	struct link *a;

	(void)state;
	begin(LINK("gateway auto", ""));
	a = site_link(site, "a");
	gateway_is(a, V4, false);
	samples(a, V6, 2, 10000);
	assert_int_equal(a->row.health, HEALTH_UP);
	assert_int_equal(a->row.route[V4].health, HEALTH_UNKNOWN);
	gateway_is(a, V6, false); /* and with none of them nothing can leave */
	assert_int_equal(a->row.health, HEALTH_DOWN);
	assert_int_equal(a->row.health_reason, REASON_NO_GATEWAY);
	expect_told("linkDown noGateway: IPv4: no gateway is known (wan1); IPv6: no gateway is "
		    "known (wan1)");
	end();
}

static void
one_that_the_file_expects_is_missed(void **state)
{
	static const char *const texts[] = {
	    LINK("gateway auto inet; gateway auto inet6", ""),
	    LINK("gateway auto", "target 203.0.113.1; target 2001:db8:7::1"),
	    LINK("gateway 192.0.2.1; gateway auto inet6", ""),
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(texts); i++) {
		struct link *a;

		begin(texts[i]);
		a = site_link(site, "a");
		gateway_is(a, V6, false);
		samples(a, V4, 2, 10000);
		assert_int_equal(a->row.health, HEALTH_DEGRADED);
		assert_int_equal(a->row.health_reason, REASON_NO_GATEWAY);
		assert_int_equal(a->row.route[V6].health, HEALTH_DOWN);
		end();
	}
}

/* What answered before its way was gone is not shown as if it did. */
static void
a_target_without_a_way_is_shown_as_down(void **state)
{
	struct link *a;

	(void)state;
	begin(LINK("gateway 192.0.2.1", "target gateway"));
	a = site_link(site, "a");
	samples(a, V4, 2, 10000);
	assert_int_equal(a->targets[0]->row.status, TARGET_UP);
	now_ns += 5 * NSEC_PER_SEC;
	gateway_is(a, V4, false);
	assert_int_equal(a->targets[0]->row.status, TARGET_DOWN);
	assert_int_equal(a->targets[0]->row.status_since_ns, now_ns);
	end();
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(a_version_that_is_not_there_is_neither_up_nor_down),
	    cmocka_unit_test(the_link_is_down_with_the_version_that_it_has),
	    cmocka_unit_test(one_that_comes_begins_as_unknown_and_is_no_fall),
	    cmocka_unit_test(while_it_is_there_it_counts),
	    cmocka_unit_test(one_of_two_is_expected),
	    cmocka_unit_test(one_that_the_file_expects_is_missed),
	    cmocka_unit_test(a_target_without_a_way_is_shown_as_down),
	};

	return cmocka_run_group_tests_name("versions", tests, NULL, NULL);
}
