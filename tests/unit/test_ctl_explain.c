/* SPDX-License-Identifier: ISC */
/* A link in words: the sentences say what the values say, and each fault has its
 * advice. */
#include "unit.h"

#include <locale.h>
#include <stdio.h>
#include <stdlib.h>

#include <jansson.h>

#include "ctl/explain.h"

struct world {
	json_t *global, *link, *links, *route, *routes, *target, *gateway, *targets, *judgement;
	struct explanation e;
};

static json_t *
json_of(const char *text)
{
	json_t *value = json_loads(text, 0, NULL);

	assert_non_null(value);
	return value;
}

/* A link that is well, with a target and its gateway. */
static int
set_up(void **state)
{
	struct world *w = calloc(1, sizeof(*w));

	w->global = json_of("{\"config_ok\":true,\"plan_serial\":3,\"plan_installed\":3}");
	w->link =
	    json_of("{\"link\":\"dsl\",\"link_index\":2,\"interface\":\"wan2\",\"tier\":1,"
		    "\"weight\":2,\"health\":\"up\",\"health_reason\":\"targetsAnswer\","
		    "\"health_since\":\"2025-05-01T10:30:00.250Z\",\"health_age_s\":100,"
		    "\"oper\":\"active\",\"oper_reason\":\"targetsAnswer\",\"admin\":\"auto\"}");
	w->links = json_pack("[O]", w->link);
	w->route = json_of("{\"link\":\"dsl\",\"version\":4,\"interface\":\"wan2\",\"gateway\":"
			   "\"192.0.2.1\",\"source\":\"192.0.2.2\",\"health\":\"up\",\"reason\":"
			   "\"targetsAnswer\",\"wanted\":true,\"installed\":true,\"weight\":2}");
	w->routes = json_pack("[O]", w->route);
	w->target = json_of("{\"target\":1,\"method\":\"tcp\",\"port\":443,\"version\":4,"
			    "\"address\":\"203.0.113.9\",\"gateway\":false,\"status\":\"up\","
			    "\"rtt_last_us\":12100,\"rtt_avg_us\":12345,\"loss_ppm\":0}");
	w->gateway = json_of("{\"target\":2,\"method\":\"icmp\",\"version\":4,\"address\":"
			     "\"192.0.2.1\",\"gateway\":true,\"status\":\"up\"}");
	w->targets = json_pack("[O,O]", w->target, w->gateway);
	w->judgement = json_of(
	    "{\"hold_ms\":30000,\"degraded\":\"last\",\"limits\":{\"loss_ppm\":{\"enter\":50000,"
	    "\"leave\":20000}},\"flap\":{\"suppress\":3000,\"reuse\":1000,\"half_life_ms\":120000},"
	    "\"versions\":[{\"version\":4,\"quorum\":1,\"targets_up\":2,\"loss_ppm\":10000}],"
	    "\"targets\":[{\"target\":1,\"down_after\":3,\"up_after\":5}]}");
	w->e = (struct explanation){.global = w->global,
				    .link = w->link,
				    .links = w->links,
				    .routes = w->routes,
				    .targets = w->targets,
				    .judgement = w->judgement};
	*state = w;
	return 0;
}

static int
tear_down(void **state)
{
	struct world *w = *state;
	json_t *all[] = {w->global, w->link,    w->links,   w->route,    w->routes,
			 w->target, w->gateway, w->targets, w->judgement};

	for (size_t i = 0; i < ARRAY_LEN(all); i++)
		json_decref(all[i]);
	free(w);
	return 0;
}

static void
set(json_t *object, const char *members)
{
	json_t *more = json_of(members);

	json_object_update(object, more);
	json_decref(more);
}

/* The page with its lines joined has that text (or, with no, has not). */
static void
expect(const struct world *w, bool has, const char *text)
{
	char *page;
	size_t len;
	FILE *out = open_memstream(&page, &len);

	explain_link(&w->e, out, false);
	fclose(out);
	for (char *c = page; *c != '\0'; c++) {
		if (c[0] == '\n' && c[1] == ' ' && c[2] == ' ') {
			c[0] = ' ';
			memmove(c + 1, c + 3, strlen(c + 3) + 1);
		}
	}
	if ((strstr(page, text) != NULL) != has)
		fail_msg("%s \"%s\":\n%s", has ? "lacks" : "has", text, page);
	free(page);
}

static void
nothing_is_to_do_where_all_is_well(void **state)
{
	const struct world *w = *state;

	expect(w, true,
	       "203.0.113.9 port 443, asked by tcp: it answers, last in 12.1 ms, on "
	       "average in 12.3 ms.");
	expect(w, true, "The gateway 192.0.2.1, asked by icmp: it answers.");
	expect(w, true,
	       "IPv4 is up: 2 of 2 targets answer, and at least 1 must. Its loss is 1.0 "
	       "%; from 5.0 % on it would be degraded.");
	expect(w, true, "(1m40s ago): targets answer.");
	expect(w, true, "Traffic is carried by dsl (tier 1, weight 2).");
	expect(w, true, "As wanted, it is in the default route, with weight 2.");
	expect(w, true, "No order is in force");
	expect(w, true, "What to do Nothing: the link is well and carries traffic.");
	expect(w, false, "octets");
	expect(w, false, "flap");
	expect(w, false, "lost");
}

static void
a_silent_target_is_counted_against_its_limit(void **state)
{
	const struct world *w = *state;

	set(w->target, "{\"run_failures\":2}");
	expect(w, true, "The last ones were lost; 3 in a row make it down.");
	set(w->target, "{\"status\":\"down\",\"run_failures\":12,\"last_good_age_ms\":14200,"
		       "\"last_error\":\"Connection refused\"}");
	expect(w, true,
	       "it does NOT answer: 12 probes in a row are lost, and 3 make it down. Its "
	       "last answer came 14s ago. Of its last failure is known: Connection "
	       "refused.");
	expect(w, true, "The target 203.0.113.9 does not answer, although the link works.");
	set(w->target, "{\"run_successes\":2,\"run_failures\":0}");
	expect(w, true, "it begins to answer again: 2 in a row, 5 of them make it up.");
	set(w->target, "{\"set_aside\":true}");
	expect(w, true, "It is set aside");
	set(w->target, "{\"status\":\"unknown\",\"sent\":4}");
	expect(w, true, "not been judged yet: 4 probes sent, none answered.");
}

static void
each_fault_has_its_advice(void **state)
{
	static const struct {
		const char *reason, *advice;
	} cases[] = {{"noInterface", "There is no interface wan2"},
		     {"interfaceDown", "ip link set wan2 up"},
		     {"noCarrier", "wan2 has no carrier: look at the cable"},
		     {"noAddress", "wan2 has no IPv4 address"},
		     {"noGateway", "No IPv4 gateway is known on wan2: renew its DHCP lease"},
		     {"targetsLost", "The gateway answers, what lies behind it does not: the fault "
				     "is with the provider."}};
	const struct world *w = *state;

	set(w->link, "{\"health\":\"down\",\"oper\":\"out\"}");
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		set(w->route, "{\"health\":\"down\"}");
		json_object_set_new(w->route, "reason", json_string(cases[i].reason));
		expect(w, true, cases[i].advice);
		expect(w, true, "It is OUT of use");
	}
	set(w->gateway, "{\"status\":\"down\"}");
	expect(w, true, "Not even the gateway answers: look at modem");
	json_array_remove(w->targets, 1);
	expect(w, true, "See whether the gateway answers: ping -I wan2 192.0.2.1.");
}

/* "gateway auto" takes an IP version where it is there. */
static void
a_version_that_is_not_there_is_not_missed(void **state)
{
	const struct world *w = *state;

	json_array_append_new(
	    w->routes,
	    json_of("{\"link\":\"dsl\",\"version\":6,\"interface\":\"wan2\",\"health\":\"unknown\","
		    "\"reason\":\"noGateway\",\"wanted\":false,\"installed\":false}"));
	expect(w, true,
	       "IPv6 is not there, since no gateway of it is known on wan2, and is not missed");
	expect(w, false, "IPv6 is unknown");
	expect(w, true, "What to do Nothing: the link is well and carries traffic.");
}

static void
what_keeps_a_well_link_out(void **state)
{
	const struct world *w = *state;

	set(w->link, "{\"oper\":\"out\",\"oper_reason\":\"hold\",\"hold_remaining_s\":12}");
	expect(w, true, "It must be well for 30s before it carries traffic again: 12s are left.");
	expect(w, true,
	       "Wait: it comes back by itself in 12s. To use it now: uplinkctl force-up "
	       "dsl");
	expect(w, true, "No link carries traffic.");
	set(w->link, "{\"flap_penalty\":3500,\"flap_remaining_s\":220}");
	expect(w, true,
	       "its flap penalty is 3500, and halves every 2m00s. It is kept out until "
	       "that is below 1000: for another 3m40s");
	expect(w, true, "It comes and goes: find out why");
}

static void
an_order_says_by_whom_why_and_how_long(void **state)
{
	const struct world *w = *state;

	set(w->link, "{\"link\":\"it's\",\"admin\":\"drain\",\"oper\":\"drained\",\"order\":{"
		     "\"actor\":\"snmp\",\"owner\":\"noc\",\"comment\":\"new \\u001b[31mcable\","
		     "\"age_s\":60,\"remaining_s\":61}}");
	expect(w, true,
	       "drain was ordered 1m00s ago by noc over SNMP. The reason given: \"new "
	       "?[31mcable\". It ends in 1m01s.");
	expect(w, true, "uplinkctl auto 'it'\\''s'");
	json_object_del(json_object_get(w->link, "order"), "remaining_s");
	expect(w, true, "It has no end.");
}

static void
quality_stands_beside_its_limit(void **state)
{
	const struct world *w = *state;

	set(w->link, "{\"health\":\"degraded\",\"health_reason\":\"loss\"}");
	set(w->route, "{\"health\":\"degraded\",\"reason\":\"loss\"}");
	expect(w, true,
	       "Its loss is 1.0 %: it is degraded from 5.0 % on, until it is down to 2.0 "
	       "% again.");
	expect(w, true, "While it is degraded it carries only where nothing is better.");
	expect(w, true, "The line answers, but badly.");
	json_object_del(w->judgement, "limits");
	expect(w, true, "No limit is set");
}

static void
the_kernel_may_have_something_else(void **state)
{
	const struct world *w = *state;

	set(w->route, "{\"installed\":false,\"errors\":4}");
	expect(w, true,
	       "It should be in the default route and IS NOT. The kernel has refused a "
	       "change 4 times.");
	expect(w, true, "The kernel does not have the routes that are wanted.");
}

static void
nothing_known_is_no_crash(void **state)
{
	struct world *w = *state;
	const json_t *absent = NULL;

	w->e = (struct explanation){.link = absent};
	expect(w, true, "What to do");
}

#define TEST(function) cmocka_unit_test_setup_teardown(function, set_up, tear_down)

static void
a_budget_and_an_interval_are_told(void **state)
{
	struct world *w = *state;

	json_object_set_new(w->link, "budget_per_day", json_integer(10000000));
	json_object_set_new(w->link, "budget_left", json_integer(400000));
	json_object_set_new(w->target, "interval_ms", json_integer(30000));
	expect(w, true, " every 30.00 s: it answers");
	expect(w, true,
	       "Probes may take 10.0 M octets of it in a day, and 400 k are left for now.");
	expect(w, false, "had no room");
	json_object_set_new(w->link, "budget_refusals", json_integer(3));
	expect(w, true, "3 probes or bursts had no room in that.");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    TEST(nothing_is_to_do_where_all_is_well),
	    TEST(a_budget_and_an_interval_are_told),
	    TEST(a_silent_target_is_counted_against_its_limit),
	    TEST(each_fault_has_its_advice),
	    TEST(a_version_that_is_not_there_is_not_missed),
	    TEST(what_keeps_a_well_link_out),
	    TEST(an_order_says_by_whom_why_and_how_long),
	    TEST(quality_stands_beside_its_limit),
	    TEST(the_kernel_may_have_something_else),
	    TEST(nothing_known_is_no_crash),
	};

	setlocale(LC_CTYPE, "C.UTF-8");
	return cmocka_run_group_tests(tests, NULL, NULL);
}
