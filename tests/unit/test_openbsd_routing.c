/* SPDX-License-Identifier: ISC */
/* OpenBSD's routing against a fake kernel: what is made, taken over, read back, put back and
 * removed, and that nothing foreign is touched. */
#include "unit.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "openbsd/rtio_inside.h"
#include "read_conf.h"
#include "system/openbsd/releases.h"
#include "system/system.h"

static struct {
	struct sys_routing *routing;
	struct conf *conf;
	struct link_facts facts[LINKS_MAX + 1];
	unsigned facts_calls, drifts;
	unsigned drift_link;
	char drift[200];
} lab;

static void
on_facts(void *arg, const struct link_facts *facts)
{
	(void)arg;
	lab.facts[facts->link] = *facts;
	lab.facts_calls++;
}

static void
on_drift(void *arg, unsigned link, int family, const char *text)
{
	(void)arg;
	(void)family;
	lab.drift_link = link;
	lab.drifts++;
	strlcpy(lab.drift, text, sizeof(lab.drift));
}

/* ---- the kernel ---- */

static void
kernel(const char *line)
{
	FILE *out = fopen("/dev/null", "w");

	if (fake_command(&inside_kernel, line, out) != 0)
		fail_msg("the kernel refuses: %s", line);
	fclose(out);
}

/* The kernel says, and the daemon hears it. */
static void
happens(const char *line)
{
	kernel(line);
	if (sys_routing_read(lab.routing) != 0)
		assert_int_equal(sys_routing_resync(lab.routing), 0);
}

/* What stands in a table, each route as "GATEWAY:PRIORITY:up:LABEL ", in order. */
static const char *
routes(int table)
{
	static char all[8192];
	char text[8192] = "", line[64];
	FILE *out = fmemopen(text, sizeof(text), "w");

	snprintf(line, sizeof(line), "routes %d", table);
	assert_int_equal(fake_command(&inside_kernel, line, out), 0);
	fclose(out);
	all[0] = '\0';
	for (char *at = strtok(text, "\n"); at != NULL; at = strtok(NULL, "\n")) {
		unsigned t, priority;
		char gateway[64], up[8], interface[17], label[33];

		assert_int_equal(sscanf(at, "%u %63s %u %7s %16s %32s", &t, gateway, &priority, up,
					interface, label),
				 6);
		snprintf(all + strlen(all), sizeof(all) - strlen(all), "%s:%u:%s:%s ", gateway,
			 priority, up, label);
	}
	return all;
}

/* ---- the daemon ---- */

static const char two_links[] = "link \"a\" { interface em1; gateway 192.0.2.1; weight 3 }\n"
				"link \"b\" { interface em2; gateway 198.51.100.1 }\n";

static void
configure(const char *text)
{
	char error[256] = "";

	conf_free(lab.conf);
	lab.conf = must_read(text);
	for (size_t i = 0; i < lab.conf->nlinks; i++)
		lab.conf->links[i].index =
		    lab.conf->links[i].pinned ? lab.conf->links[i].index : (uint16_t)(i + 1);
	if (sys_routing_configure(lab.routing, lab.conf, error, sizeof(error)) != 0)
		fail_msg("%s", error);
}

static void
open_routing(void)
{
	const struct sys_routing_hooks hooks = {on_facts, on_drift, NULL};

	memset(&lab.facts, 0, sizeof(lab.facts));
	lab.facts_calls = lab.drifts = 0;
	lab.routing = sys_routing_open(&hooks);
	assert_non_null(lab.routing);
}

static int
set_up(void **state)
{
	(void)state;
	inside_init();
	kernel("interface em0 1");
	kernel("address em0 10.0.0.1/24");
	kernel("interface em1 2");
	kernel("address em1 192.0.2.2/24");
	kernel("interface em2 3");
	kernel("address em2 198.51.100.2/24");
	open_routing();
	return 0;
}

static int
tear_down(void **state)
{
	(void)state;
	sys_routing_close(lab.routing);
	conf_free(lab.conf);
	memset(&lab, 0, sizeof(lab));
	return 0;
}

/* A plan of IPv4 with these weights of links 1 and 2; -1: not a member. */
static struct plan
plan_of(int a, int b)
{
	struct plan plan = {.serial = 1};
	struct plan_family *f = &plan.family[V4];

	if (a >= 0)
		f->members[f->count++] = (struct plan_member){1, (uint16_t)a};
	if (b >= 0)
		f->members[f->count++] = (struct plan_member){2, (uint16_t)b};
	return plan;
}

static struct plan installed;
static struct sys_apply_counts counts;

static int
apply(int a, int b)
{
	const struct plan plan = plan_of(a, b);

	return sys_routing_apply(lab.routing, &plan, &installed, &counts);
}

static void
assert_installed(int a, int b)
{
	const struct plan want = plan_of(a, b);

	assert_int_equal(installed.family[V4].count, want.family[V4].count);
	for (unsigned i = 0; i < want.family[V4].count; i++) {
		assert_int_equal(installed.family[V4].members[i].link,
				 want.family[V4].members[i].link);
		assert_int_equal(installed.family[V4].members[i].weight,
				 want.family[V4].members[i].weight);
	}
}

#define BOTH "192.0.2.1:7:up:uplinkd 198.51.100.1:7:up:uplinkd "
#define ONLY_A "192.0.2.1:7:up:uplinkd "
#define ONLY_B "198.51.100.1:7:up:uplinkd "

/* ---- tests ---- */

static void
each_link_gets_a_table_of_its_own(void **state)
{
	(void)state;
	configure(two_links);
	assert_string_equal(routes(101), ONLY_A);
	assert_string_equal(routes(102), ONLY_B);
	assert_string_equal(routes(0), "");
}

static void
the_facts_are_told(void **state)
{
	char buf[ADDR_STRLEN];

	(void)state;
	configure(two_links);
	assert_int_equal(lab.facts_calls, 2);
	assert_int_equal(lab.facts[1].carrier, CARRIER_UP);
	assert_int_equal(lab.facts[1].admin_up, 1);
	assert_int_equal(lab.facts[1].ifindex, 2);
	assert_string_equal(lab.facts[1].ifname, "em1");
	assert_string_equal(addr_text(&lab.facts[1].route[V4].gateway, buf), "192.0.2.1");
	assert_string_equal(addr_text(&lab.facts[1].route[V4].source, buf), "192.0.2.2");
	assert_int_equal(lab.facts[1].route[V4].origin, GATEWAY_CONFIGURED);
}

static void
a_plan_becomes_multipath_defaults_and_is_read_back(void **state)
{
	(void)state;
	configure(two_links);
	assert_int_equal(apply(3, 1), 0);
	assert_string_equal(routes(0), BOTH);
	assert_installed(3, 1);
	assert_int_equal(counts.adds, 2);
	assert_int_equal(apply(-1, 1), 0);
	assert_string_equal(routes(0), ONLY_B);
	assert_installed(-1, 1);
	assert_int_equal(counts.deletes, 1);
	assert_int_equal(apply(3, 1), 0);
	assert_installed(3, 1);
	/* the tables of the links stay as they were */
	assert_string_equal(routes(101), ONLY_A);
}

static void
a_drained_link_leaves_the_default_and_keeps_its_place(void **state)
{
	(void)state;
	configure(two_links);
	assert_int_equal(apply(3, 1), 0);
	assert_int_equal(apply(0, 1), 0);
	assert_string_equal(routes(0), ONLY_B);
	assert_installed(0, 1);
}

static void
a_plan_without_weights_changes_nothing(void **state)
{
	(void)state;
	configure(two_links);
	assert_int_equal(apply(3, 1), 0);
	assert_int_equal(apply(0, 0), 0);
	assert_string_equal(routes(0), BOTH);
	assert_int_equal(apply(-1, -1), 0);
	assert_string_equal(routes(0), BOTH);
}

/* A daemon that was killed leaves its routes, and the next one takes them over. */
static void
a_restart_takes_over_without_a_change(void **state)
{
	(void)state;
	configure(two_links);
	assert_int_equal(apply(3, 1), 0);
	sys_routing_close(lab.routing);
	open_routing();
	configure(two_links);
	assert_string_equal(routes(0), BOTH);
	/* the question what stands */
	assert_int_equal(apply(-1, -1), 0);
	assert_installed(3, 1);
	assert_int_equal(apply(3, 1), 0);
	assert_int_equal(counts.adds + counts.deletes, 0);
}

static void
what_an_earlier_configuration_left_is_removed(void **state)
{
	(void)state;
	configure("link \"a\" { interface em1; gateway 192.0.2.1 }\n"
		  "link \"b\" { interface em2; gateway 198.51.100.1 }\n"
		  "link \"c\" { interface em2; gateway 198.51.100.9 }\n");
	assert_string_equal(routes(103), "198.51.100.9:7:up:uplinkd ");
	configure(two_links);
	assert_string_equal(routes(103), "");
	assert_string_equal(routes(102), ONLY_B);
}

static void
foreign_routes_are_left_alone(void **state)
{
	(void)state;
	kernel("route add 0 192.0.2.1 8 dhcpleased");
	kernel("route add 0 198.51.100.77 8");
	configure(two_links);
	assert_int_equal(apply(3, 1), 0);
	assert_string_equal(routes(0), "192.0.2.1:8:up:dhcpleased 198.51.100.77:8:up:- " BOTH);
	assert_int_equal(apply(-1, 1), 0);
	assert_string_equal(routes(0), "192.0.2.1:8:up:dhcpleased 198.51.100.77:8:up:- " ONLY_B);
	/* it comes back, as it does with every lease */
	happens("route delete 0 192.0.2.1 8");
	happens("route add 0 192.0.2.1 8 dhcpleased");
	assert_int_equal(lab.drifts, 0);
	assert_int_equal(sys_routing_release(lab.routing), 0);
	assert_string_equal(routes(0), "192.0.2.1:8:up:dhcpleased 198.51.100.77:8:up:- ");
	assert_string_equal(routes(101), "");
	assert_string_equal(routes(102), "");
}

/* The same gateway at the same priority: the kernel says EEXIST, and the way is there. */
static void
a_foreign_route_in_our_place_is_as_good(void **state)
{
	(void)state;
	configure(two_links);
	/* the daemon has not heard of it */
	kernel("mute yes");
	kernel("route add 0 192.0.2.1 7 other");
	kernel("mute no");
	assert_int_equal(apply(3, 1), 0);
	assert_string_equal(routes(0), "192.0.2.1:7:up:other " ONLY_B);
	assert_installed(3, 1);
	assert_int_equal(sys_routing_release(lab.routing), 0);
	assert_string_equal(routes(0), "192.0.2.1:7:up:other ");
}

/* Somebody was faster: ESRCH is no failure. */
static void
what_is_gone_already_need_not_be_removed(void **state)
{
	(void)state;
	configure(two_links);
	assert_int_equal(apply(3, 1), 0);
	kernel("lose 1"); /* the daemon does not hear of it */
	kernel("route delete 0 192.0.2.1 7");
	assert_int_equal(apply(-1, 1), 0);
	assert_string_equal(routes(0), ONLY_B);
}

static void
a_gateway_off_link_is_an_error_and_takes_nothing_away(void **state)
{
	(void)state;
	configure(two_links);
	assert_int_equal(apply(-1, 1), 0);
	kernel("silent yes");
	kernel("lose 1");
	kernel("unaddress em1 192.0.2.2");
	/* the daemon believes in the address still */
	assert_int_not_equal(apply(3, -1), 0);
	assert_string_equal(routes(0), ONLY_B);
}

static void
answers_are_found_among_the_messages_of_others(void **state)
{
	(void)state;
	kernel("noise yes");
	configure(two_links);
	assert_int_equal(apply(3, 1), 0);
	assert_int_equal(apply(-1, 1), 0);
	assert_installed(-1, 1);
	assert_string_equal(routes(0), ONLY_B);
	assert_int_equal(lab.drifts, 0);
}

static void
a_lost_link_is_told_and_its_route_is_not_counted(void **state)
{
	(void)state;
	configure(two_links);
	assert_int_equal(apply(3, 1), 0);
	happens("carrier em1 down");
	assert_int_equal(lab.facts[1].carrier, CARRIER_DOWN);
	assert_int_equal(lab.facts[1].admin_up, 1);
	assert_int_equal(apply(-1, 1), 0);
	assert_installed(-1, 1);
	happens("carrier em1 up");
	assert_int_equal(lab.facts[1].carrier, CARRIER_UP);
	assert_int_equal(apply(3, 1), 0);
	assert_installed(3, 1);
	assert_string_equal(routes(0), BOTH);
}

/* The kernel adds 0x80 to its priority then, which a dump shows: it is the same route. */
static void
a_route_without_a_link_is_still_the_daemons(void **state)
{
	(void)state;
	configure(two_links);
	assert_int_equal(apply(3, 1), 0);
	happens("carrier em1 down");
	assert_int_equal(sys_routing_resync(lab.routing), 0);
	assert_string_equal(routes(0), "192.0.2.1:7:down:uplinkd " ONLY_B);
	assert_int_equal(lab.drifts, 0);
	sys_routing_close(lab.routing);
	open_routing();
	configure(two_links);
	assert_string_equal(routes(0), "192.0.2.1:7:down:uplinkd " ONLY_B);
	assert_int_equal(apply(-1, -1), 0);
	assert_installed(-1, 1);
	assert_int_equal(apply(-1, 1), 0);
	assert_int_equal(counts.deletes, 1);
	assert_string_equal(routes(0), ONLY_B);
	assert_int_equal(sys_routing_release(lab.routing), 0);
	assert_string_equal(routes(101), "");
}

/* The link's state may stay "up" then. */
static void
an_interface_that_is_set_down_is_told(void **state)
{
	(void)state;
	configure(two_links);
	assert_int_equal(apply(3, 1), 0);
	happens("ifconfig em1 down");
	assert_int_equal(lab.facts[1].admin_up, 0);
	assert_int_equal(apply(-1, 1), 0);
	assert_string_equal(routes(0), ONLY_B);
	happens("ifconfig em1 up");
	assert_int_equal(lab.facts[1].admin_up, 1);
	assert_string_equal(routes(101), ONLY_A);
	assert_int_equal(apply(3, 1), 0);
	assert_installed(3, 1);
}

static void
check_address_comes_back(bool silent)
{
	configure(two_links);
	assert_int_equal(apply(3, 1), 0);
	kernel(silent ? "silent yes" : "silent no");
	happens("unaddress em1 192.0.2.2");
	assert_false(addr_is_set(&lab.facts[1].route[V4].source));
	assert_string_equal(routes(0), ONLY_B);
	assert_string_equal(routes(101), "");
	/* the kernel's own doing is nobody's fault */
	assert_int_equal(lab.drifts, 0);
	happens("address em1 192.0.2.3/24");
	assert_true(addr_is_set(&lab.facts[1].route[V4].source));
	assert_string_equal(routes(101), ONLY_A);
	assert_string_equal(routes(0), "192.0.2.1:7:up:uplinkd 198.51.100.1:7:up:uplinkd ");
}

static void
routes_that_left_with_an_address_return_with_one(void **state)
{
	(void)state;
	check_address_comes_back(false);
}

static void
also_where_the_kernel_did_not_say_a_word(void **state)
{
	(void)state;
	check_address_comes_back(true);
}

static void
an_interface_may_come_and_go(void **state)
{
	(void)state;
	configure("link \"a\" { interface em1; gateway 192.0.2.1 }\n"
		  "link \"c\" { interface ure0; gateway 203.0.113.1 }\n");
	assert_int_equal(lab.facts[2].ifindex, 0);
	happens("interface ure0 9");
	happens("address ure0 203.0.113.2/24");
	assert_int_equal(lab.facts[2].ifindex, 9);
	assert_string_equal(routes(102), "203.0.113.1:7:up:uplinkd ");
	assert_int_equal(apply(1, 1), 0);
	happens("departure ure0");
	assert_int_equal(lab.facts[2].ifindex, 0);
	assert_string_equal(routes(0), ONLY_A);
	assert_int_equal(apply(1, -1), 0);
	/* with another number */
	happens("interface ure0 12");
	happens("address ure0 203.0.113.2/24");
	assert_int_equal(lab.facts[2].ifindex, 12);
	assert_int_equal(apply(1, 1), 0);
	assert_string_equal(routes(0), ONLY_A "203.0.113.1:7:up:uplinkd ");
}

static void
what_another_process_removes_is_told_and_put_back(void **state)
{
	(void)state;
	configure(two_links);
	assert_int_equal(apply(3, 1), 0);
	happens("route delete 0 192.0.2.1 7");
	assert_int_equal(lab.drifts, 1);
	assert_int_equal(lab.drift_link, 1);
	assert_string_equal(lab.drift,
			    "IPv4 default by 192.0.2.1 in table 0 was removed by process 4242");
	assert_string_equal(routes(0), ONLY_B);
	assert_int_equal(sys_routing_repair(lab.routing), 0);
	assert_string_equal(routes(0), BOTH);
	happens("route delete 102 198.51.100.1 7");
	assert_int_equal(lab.drifts, 2);
	assert_int_equal(lab.drift_link, 2);
	assert_int_equal(sys_routing_repair(lab.routing), 0);
	assert_string_equal(routes(102), ONLY_B);
}

static void
lost_messages_are_made_up_for_by_reading_all(void **state)
{
	(void)state;
	configure(two_links);
	assert_int_equal(apply(3, 1), 0);
	kernel("lose 3");
	kernel("carrier em1 down");
	kernel("unaddress em2 198.51.100.2");
	assert_int_equal(sys_routing_read(lab.routing), 0);
	assert_int_equal(lab.facts[1].carrier, CARRIER_DOWN);
	assert_false(addr_is_set(&lab.facts[2].route[V4].source));
}

/* The answer to a request finds no room: it was done all the same. */
static void
an_answer_that_is_lost_is_looked_up(void **state)
{
	(void)state;
	configure(two_links);
	kernel("lose 2");
	assert_int_equal(apply(3, 1), 0);
	assert_installed(3, 1);
	assert_string_equal(routes(0), BOTH);
}

static void
a_gateway_is_learned_from_dhcp_and_from_the_other_end(void **state)
{
	char buf[ADDR_STRLEN];

	(void)state;
	kernel("interface pppoe0 7");
	kernel("address pppoe0 203.0.113.2/32 203.0.113.254");
	configure("link \"a\" { interface em1; gateway auto }\n"
		  "link \"p\" { interface pppoe0; gateway auto }\n");
	assert_false(addr_is_set(&lab.facts[1].route[V4].gateway));
	assert_string_equal(addr_text(&lab.facts[2].route[V4].gateway, buf), "203.0.113.254");
	assert_string_equal(routes(102), "203.0.113.254:7:up:uplinkd ");
	happens("route add 0 192.0.2.1 8 dhcpleased");
	assert_string_equal(addr_text(&lab.facts[1].route[V4].gateway, buf), "192.0.2.1");
	assert_int_equal(lab.facts[1].route[V4].origin, GATEWAY_LEARNED);
	assert_string_equal(routes(101), ONLY_A);
	/* another lease, another gateway */
	happens("route delete 0 192.0.2.1 8");
	assert_string_equal(routes(101), "");
	happens("route add 0 192.0.2.9 8 dhcpleased");
	assert_string_equal(routes(101), "192.0.2.9:7:up:uplinkd ");
}

static void
ipv6_is_spread_only_where_every_link_rewrites_the_source(void **state)
{
	static const char text[] = "link \"a\" { interface em1; gateway fe80::1; %s }\n"
				   "link \"b\" { interface em2; gateway 2001:db8:2::1; %s }\n";
	char conf[512];
	struct plan plan = {.serial = 1};

	(void)state;
	kernel("address em1 2001:db8:1::2/64");
	kernel("address em1 fe80::9/64");
	kernel("address em2 2001:db8:2::2/64");
	plan.family[V6].count = 2;
	plan.family[V6].members[0] = (struct plan_member){1, 1};
	plan.family[V6].members[1] = (struct plan_member){2, 1};
	snprintf(conf, sizeof(conf), text, "", "");
	configure(conf);
	assert_non_null(strstr(routes(101), "fe80::1"));
	assert_int_equal(sys_routing_apply(lab.routing, &plan, &installed, &counts), 0);
	assert_int_equal(installed.family[V6].count, 2);
	assert_non_null(strstr(routes(0), "fe80::1"));
	assert_null(strstr(routes(0), "2001:db8:2::1"));
	snprintf(conf, sizeof(conf), text, "nat6 masquerade", "nat6 masquerade");
	configure(conf);
	assert_int_equal(sys_routing_apply(lab.routing, &plan, &installed, &counts), 0);
	assert_non_null(strstr(routes(0), "fe80::1"));
	assert_non_null(strstr(routes(0), "2001:db8:2::1"));
}

static void
a_path_is_asked_in_the_table_of_the_link(void **state)
{
	struct sys_path path;
	struct addr to;
	char buf[ADDR_STRLEN];

	(void)state;
	configure(two_links);
	kernel("noise yes");
	assert_int_equal(addr_parse("203.0.113.9", &to), 0);
	assert_int_equal(sys_routing_path(lab.routing, 2, &to, &path), 0);
	assert_string_equal(addr_text(&path.gateway, buf), "198.51.100.1");
	assert_string_equal(addr_text(&path.source, buf), "198.51.100.2");
	assert_string_equal(path.ifname, "em2");
	assert_int_equal(sys_routing_path(lab.routing, 5, &to, &path), ENOENT);
	happens("carrier em2 down");
	assert_int_equal(sys_routing_path(lab.routing, 2, &to, &path), EHOSTUNREACH);
}

/* The seed's own set-up: all gateways behind one port. */
static void
two_gateways_behind_one_interface_are_two_routes(void **state)
{
	(void)state;
	configure("link \"a\" { interface em1; gateway 192.0.2.1 }\n"
		  "link \"b\" { interface em1; gateway 192.0.2.9 }\n");
	assert_int_equal(apply(1, 1), 0);
	assert_string_equal(routes(0), ONLY_A "192.0.2.9:7:up:uplinkd ");
	assert_int_equal(apply(-1, 1), 0);
	assert_string_equal(routes(0), "192.0.2.9:7:up:uplinkd ");
	assert_string_equal(routes(101), ONLY_A);
}

static void
an_index_without_a_table_is_named(void **state)
{
	char error[256] = "";

	(void)state;
	lab.conf = must_read("link \"far\" { interface em1; gateway 192.0.2.1; index 156 }\n"
			     "link \"b\" { interface em2; gateway 198.51.100.1; index 155 }\n");
	assert_int_equal(sys_routing_configure(lab.routing, lab.conf, error, sizeof(error)), -1);
	assert_non_null(strstr(error, "link \"far\": index 156 is too large"));
	assert_string_equal(routes(255), ONLY_B);
}

static void
ipv4_by_an_ipv6_gateway_is_no_way(void **state)
{
	(void)state;
	configure("link \"a\" { interface em1; gateway fe80::1 inet; target 203.0.113.1 }\n");
	assert_string_equal(routes(101), "");
}

static void
the_interfaces_counters_are_read(void **state)
{
	struct sys_traffic *t = sys_traffic_open();
	struct sys_traffic_count count = {7, 7, 7, 7};

	(void)state;
	inside_kernel.interfaces[1].opackets = 12;
	inside_kernel.interfaces[1].obytes = 1234;
	assert_int_equal(sys_traffic_read(t, 2, &count), 0);
	assert_int_equal(count.received, 0);
	assert_int_equal(count.sent, 12);
	assert_int_equal(count.in_octets, 0);
	assert_int_equal(count.out_octets, 1234);
	assert_int_equal(sys_traffic_read(t, 77, &count), -1);
	assert_int_equal(sys_traffic_read(t, 0, &count), -1);
	sys_traffic_close(t);
}

static char reported[2048];

static void
take_report(void *arg, bool problem, const char *text)
{
	(void)arg;
	snprintf(reported + strlen(reported), sizeof(reported) - strlen(reported), "%s%s\n",
		 problem ? "!" : "", text);
}

/* They are read once in the life of a process. */
static void
settings_and_releases_are_warned_of(void **state)
{
	(void)state;
	assert_false(release_skips_last_next_hop("7.5"));
	assert_false(release_skips_last_next_hop("7.7"));
	assert_true(release_skips_last_next_hop("7.8"));
	assert_true(release_skips_last_next_hop("7.9"));
	assert_true(release_skips_last_next_hop("8.0"));
	assert_true(release_skips_last_next_hop("10.1-beta"));
	assert_false(release_skips_last_next_hop("6.9"));
	lab.conf = must_read(two_links);
	kernel("release 7.9");
	kernel("multipath no");
	kernel("forwarding no");
	sys_settings(lab.conf, take_report, NULL);
	assert_non_null(strstr(reported, "!net.inet.ip.multipath is 0"));
	assert_non_null(strstr(reported, "\n!OpenBSD 7.9 never takes the last"));
	assert_non_null(strstr(reported, "net.inet.ip.forwarding is 0"));
	assert_null(strstr(reported, "inet6"));
	assert_null(strstr(reported, "rad(8)"));
}

/* Also after a reload. */
static void
what_the_file_asks_for_in_vain_is_named(void **state)
{
	(void)state;
	reported[0] = '\0';
	lab.conf =
	    must_read("deprecate on em0\n"
		      "link \"a\" { interface em1; gateway fe80::1 inet; target 203.0.113.1 }\n"
		      "link \"b\" { interface em2; gateway 198.51.100.1 }\n");
	sys_settings(lab.conf, take_report, NULL);
	assert_non_null(strstr(reported, "!deprecate on: nothing is told here. rad(8) does it"));
	assert_non_null(strstr(reported, "!link \"a\": the kernel has no IPv4 route"));
	assert_null(strstr(reported, "link \"b\""));
}

static void
what_remains_is_counted(void **state)
{
	struct sys_remains remains;

	(void)state;
	kernel("route add 0 192.0.2.1 8 dhcpleased");
	assert_int_equal(sys_remains(&remains), 0);
	assert_int_equal(remains.routes, 0);
	configure(two_links);
	assert_int_equal(apply(1, 1), 0);
	assert_int_equal(sys_remains(&remains), 0);
	assert_int_equal(remains.routes, 4);
	assert_false(remains.ruleset_seen);
}

static void
ways_are_suggested_of_what_others_made(void **state)
{
	struct sys_way ways[8];
	char buf[ADDR_STRLEN];
	int n;

	(void)state;
	kernel("route add 0 192.0.2.1 8 dhcpleased");
	kernel("carrier em2 down");
	configure(two_links);
	assert_int_equal(apply(1, -1), 0);
	n = sys_ways(ways, ARRAY_LEN(ways));
	assert_int_equal(n, 3);
	assert_string_equal(ways[0].ifname, "em1");
	assert_true(ways[0].way && ways[0].learned && ways[0].carrier);
	assert_string_equal(addr_text(&ways[0].gateway, buf), "192.0.2.1");
	assert_string_equal(ways[1].ifname, "em0");
	assert_false(ways[1].way);
	assert_string_equal(addr_text(&ways[1].address, buf), "10.0.0.1");
	assert_string_equal(ways[2].ifname, "em2");
	assert_false(ways[2].carrier);
}

static void
what_would_be_installed_is_printed_in_the_words_of_route(void **state)
{
	char text[4096] = "";
	FILE *out = fmemopen(text, sizeof(text), "w");
	struct conf *conf = must_read("link \"a\" { interface em1; gateway 192.0.2.1; index 1 }\n"
				      "link \"b\" { interface em2; gateway auto; index 2 }\n"
				      "link \"c\" { interface em3; gateway fe80::1; index 3 }\n"
				      "link \"d\" { interface em4; gateway 203.0.113.1; tier 2; "
				      "index 156 }\n");

	(void)state;
	sys_routing_print(conf, out);
	fclose(out);
	conf_free(conf);
	assert_string_equal(
	    text,
	    "route -T 101 add -inet -mpath -priority 7 -label uplinkd default 192.0.2.1\n"
	    "route -T 102 add -inet -mpath -priority 7 -label uplinkd default LEARNED (by em2)\n"
	    "(link \"d\": index 156 is too large for a table of its own)\n"
	    "route add -inet -mpath -priority 7 -label uplinkd default 192.0.2.1\n"
	    "route add -inet -mpath -priority 7 -label uplinkd default LEARNED (by em2)\n"
	    "route -T 102 add -inet6 -mpath -priority 7 -label uplinkd default LEARNED (by em2)\n"
	    "route -T 103 add -inet6 -mpath -priority 7 -label uplinkd default fe80::1%em3\n"
	    "route add -inet6 -mpath -priority 7 -label uplinkd default LEARNED (by em2)\n");
}

int
main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
	const struct CMUnitTest tests[] = {
	    TEST(each_link_gets_a_table_of_its_own),
	    TEST(the_facts_are_told),
	    TEST(a_plan_becomes_multipath_defaults_and_is_read_back),
	    TEST(a_drained_link_leaves_the_default_and_keeps_its_place),
	    TEST(a_plan_without_weights_changes_nothing),
	    TEST(a_restart_takes_over_without_a_change),
	    TEST(what_an_earlier_configuration_left_is_removed),
	    TEST(foreign_routes_are_left_alone),
	    TEST(a_foreign_route_in_our_place_is_as_good),
	    TEST(what_is_gone_already_need_not_be_removed),
	    TEST(a_gateway_off_link_is_an_error_and_takes_nothing_away),
	    TEST(answers_are_found_among_the_messages_of_others),
	    TEST(a_lost_link_is_told_and_its_route_is_not_counted),
	    TEST(a_route_without_a_link_is_still_the_daemons),
	    TEST(an_interface_that_is_set_down_is_told),
	    TEST(routes_that_left_with_an_address_return_with_one),
	    TEST(also_where_the_kernel_did_not_say_a_word),
	    TEST(an_interface_may_come_and_go),
	    TEST(what_another_process_removes_is_told_and_put_back),
	    TEST(lost_messages_are_made_up_for_by_reading_all),
	    TEST(an_answer_that_is_lost_is_looked_up),
	    TEST(a_gateway_is_learned_from_dhcp_and_from_the_other_end),
	    TEST(ipv6_is_spread_only_where_every_link_rewrites_the_source),
	    TEST(a_path_is_asked_in_the_table_of_the_link),
	    TEST(two_gateways_behind_one_interface_are_two_routes),
	    TEST(an_index_without_a_table_is_named),
	    TEST(ipv4_by_an_ipv6_gateway_is_no_way),
	    TEST(the_interfaces_counters_are_read),
	    TEST(settings_and_releases_are_warned_of),
	    TEST(what_the_file_asks_for_in_vain_is_named),
	    TEST(what_remains_is_counted),
	    TEST(ways_are_suggested_of_what_others_made),
	    TEST(what_would_be_installed_is_printed_in_the_words_of_route),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
