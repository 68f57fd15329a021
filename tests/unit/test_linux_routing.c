/* SPDX-License-Identifier: ISC */
/* Rules, tables and the plan's default in a real kernel: made, taken over, read
 * back and removed, and nothing foreign touched. */
#include "linux_lab.h"

#include <arpa/inet.h>
#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "common/clock.h"
#include "system/linux/monitor.h"

static void
test_makes_rules_and_tables(void **state)
{
	(void)state;
	lab_make_wans(2);
	lab_configure(lab_links(2, "", ""));
	assert_true(lab_shows("ip -4 rule", "8850:\tfrom all fwmark 0/0x40000 lookup main "
					    "suppress_prefixlength 0 proto 77"));
	assert_true(lab_shows("ip -4 rule", "9002:\tfrom all fwmark 0x200/0x3ff00 lookup 7002"));
	assert_true(lab_shows("ip -4 rule", "10098:\tfrom all fwmark 0x40000/0x40000 unreachable"));
	assert_true(lab_shows("ip -4 rule", "11500:\tfrom all lookup 7000 proto 77"));
	assert_true(lab_shows("ip -6 rule", "9001:\tfrom all fwmark 0x100/0x3ff00 lookup 7001"));
	assert_int_equal(lab_lines("ip -4 rule show | grep 'proto 77'"), 5);
	assert_int_equal(lab_lines("ip -6 rule show | grep 'proto 77'"), 5);
	assert_true(
	    lab_shows("ip -4 route show table 7002", "default via 10.0.2.1 dev wan2 proto 77"));
	assert_true(lab_shows("ip -6 route show table 7001",
			      "default via 2001:db8:1::1 dev wan1 proto 77"));
	assert_string_equal(lab_output("ip -4 route show table 7000 2>/dev/null"), "");
}

static void
test_tells_the_facts(void **state)
{
	char buf[ADDR_STRLEN];

	(void)state;
	lab_make_wans(2);
	lab_configure(lab_links(2, "", ""));
	assert_int_equal(lab.facts_calls, 2);
	assert_int_equal(lab.facts[2].carrier, CARRIER_UP);
	assert_int_equal(lab.facts[2].admin_up, 1);
	assert_int_not_equal(lab.facts[2].ifindex, 0);
	assert_string_equal(lab.facts[2].ifname, "wan2");
	assert_string_equal(addr_text(&lab.facts[2].route[V4].gateway, buf), "10.0.2.1");
	assert_string_equal(addr_text(&lab.facts[2].route[V4].source, buf), "10.0.2.2");
	assert_string_equal(addr_text(&lab.facts[2].route[V6].source, buf), "2001:db8:2::2");
	assert_string_equal(addr_text(&lab.facts[2].route[V6].prefix, buf), "2001:db8:2::/64");
	assert_int_equal(lab.facts[2].route[V4].origin, GATEWAY_CONFIGURED);
}

/* A restart after kill -9 sends nothing that changes anything. */
static void
test_takes_over_without_a_change(void **state)
{
	const unsigned weights[] = {3, 1};
	const struct plan plan = lab_plan(2, weights);
	struct mnl_socket *events;
	struct sys_apply_counts counts;
	char buf[4096];

	(void)state;
	lab_make_wans(2);
	lab_configure(lab_links(2, "", ""));
	lab_apply(&plan);
	lab_forget();
	events = monitor_open();
	assert_non_null(events);
	lab_configure(lab_links(2, "", ""));
	counts = lab_apply(&plan);
	assert_int_equal(counts.adds, 0);
	assert_int_equal(counts.deletes, 0);
	assert_int_equal(mnl_socket_recvfrom(events, buf, sizeof(buf)), -1);
	assert_int_equal(errno, EAGAIN);
	mnl_socket_close(events);
	assert_true(lab_shows("ip -4 route show table 7000", "via 10.0.1.1 dev wan1 weight 3"));
}

static void
test_weights_as_the_kernel_shows_them(void **state)
{
	const unsigned weights[] = {1, 2, 255}, fewer[] = {1, 0, 255}, one[] = {0, 7, 0};
	struct plan plan = lab_plan(3, weights);
	struct sys_apply_counts counts;

	(void)state;
	lab_make_wans(3);
	lab_configure(lab_links(3, "nat6 masquerade\n", ""));
	lab_apply(&plan);
	assert_true(lab_shows("ip -4 route show table 7000", "via 10.0.1.1 dev wan1 weight 1 "));
	assert_true(lab_shows("ip -4 route show table 7000", "via 10.0.2.1 dev wan2 weight 2 "));
	assert_true(lab_shows("ip -4 route show table 7000", "via 10.0.3.1 dev wan3 weight 255 "));
	assert_true(
	    lab_shows("ip -6 route show table 7000", "via 2001:db8:3::1 dev wan3 weight 255 "));
	plan = lab_plan(3, fewer);
	counts = lab_apply(&plan);
	assert_int_equal(counts.adds, 0);
	assert_int_equal(counts.deletes, 2);
	assert_null(strstr(lab_output("ip -4 route show table 7000"), "wan2"));
	assert_null(strstr(lab_output("ip -6 route show table 7000"), "wan2"));
	plan = lab_plan(3, one);
	lab_apply(&plan);
	assert_true(
	    lab_shows("ip -4 route show table 7000", "default via 10.0.2.1 dev wan2 proto 77"));
	assert_true(lab_shows("ip -6 route show table 7000",
			      "default via 2001:db8:2::1 dev wan2 proto 77"));
	assert_int_equal(lab_lines("ip -6 route show table 7000"), 1);
}

static void
test_ipv6_goes_out_by_source_prefix(void **state)
{
	const unsigned both[] = {1, 1}, drained[] = {1, 0};
	struct plan plan = lab_plan(2, both);

	(void)state;
	lab_make_wans(2);
	lab_configure(lab_links(2, "", ""));
	assert_null(strstr(lab_output("ip -6 rule"), "2001:db8"));
	lab_apply(&plan);
	assert_true(lab_shows("ip -6 rule", "10101:\tfrom 2001:db8:1::/64 lookup 7001 proto 77"));
	assert_true(lab_shows("ip -6 rule", "10102:\tfrom 2001:db8:2::/64 lookup 7002 proto 77"));
	/* without NAT only one link may be the others' way */
	assert_true(lab_shows("ip -6 route show table 7000", "default via 2001:db8:1::1 dev wan1"));
	assert_int_equal(lab_lines("ip -6 route show table 7000"), 1);
	plan = lab_plan(2, drained);
	lab_apply(&plan);
	assert_true(lab_shows("ip -6 rule", "from 2001:db8:2::/64"));
	plan = lab_plan(1, both);
	lab_apply(&plan);
	assert_null(strstr(lab_output("ip -6 rule"), "2001:db8:2"));
	assert_true(lab_shows("ip -6 rule", "from 2001:db8:1::/64"));
}

static void
test_release_leaves_what_was_there(void **state)
{
	const unsigned weights[] = {1, 1, 1};
	const struct plan plan = lab_plan(3, weights);
	/* the kernel's own of IPv6 come when it sees fit, also after an address is there */
	const char *all = "ip -4 rule; ip -6 rule; ip -4 route show table all; "
			  "ip -6 route show table all | grep -v 'proto kernel'";
	char before[16384];

	(void)state;
	/* Link-local addresses come with routes, when the kernel sees fit. */
	netns_run(-1, "sysctl -q -w net.ipv6.conf.default.addr_gen_mode=1");
	lab_make_wans(3);
	netns_run(-1, "ip route add default via 10.0.1.9 proto dhcp");
	netns_run(-1, "ip route add default via 10.0.2.9 proto dhcp metric 77");
	netns_run(-1, "ip route add default via 10.0.2.9 proto static table 7000");
	netns_run(-1, "ip rule add pref 8850 fwmark 0x80000/0x80000 lookup 99");
	netns_run(-1, "ip -6 route add default via 2001:db8:1::9 proto ra metric 1024");
	netns_output(-1, all, before, sizeof(before));
	lab_configure(lab_links(3, "", ""));
	lab_apply(&plan);
	assert_true(
	    lab_shows("ip route show table main", "default via 10.0.1.9 dev wan1 proto dhcp"));
	assert_int_equal(sys_routing_release(lab.r), 0);
	assert_string_equal(lab_output(all), before);
}

/* A link's number reaches every range: below and above a byte, next to the
 * system's own tables, the last one. */
static void
test_every_index(void **state)
{
	const unsigned indexes[] = {1, 99, 154, 255, 256, 1022};
	char config[2048], needle[80], before[1024];
	struct plan plan = {0};
	int at = 0;

	(void)state;
	lab_make_wans(ARRAY_LEN(indexes));
	netns_output(-1, "ip route show table main", before, sizeof(before));
	for (unsigned i = 0; i < ARRAY_LEN(indexes); i++) {
		at += snprintf(config + at, sizeof(config) - (size_t)at,
			       "link \"l%u\" { index %u; interface wan%u; gateway 10.0.%u.1 }\n",
			       indexes[i], indexes[i], i + 1, i + 1);
		plan.family[V4].members[i] =
		    (struct plan_member){.link = (uint16_t)indexes[i], .weight = 1};
	}
	plan.family[V4].count = ARRAY_LEN(indexes);
	lab_configure(config);
	lab_apply(&plan);
	for (unsigned i = 0; i < ARRAY_LEN(indexes); i++) {
		struct sys_path path;
		struct addr dst;

		snprintf(needle, sizeof(needle), "%u:\tfrom all fwmark 0x%x/0x3ff00 lookup %u ",
			 9000 + indexes[i], indexes[i] << 8, 7000 + indexes[i]);
		assert_true(lab_shows("ip rule", needle));
		assert_int_equal(addr_parse("203.0.113.1", &dst), 0);
		assert_int_equal(sys_routing_path(lab.r, indexes[i], &dst, &path), 0);
		snprintf(needle, sizeof(needle), "wan%u", i + 1);
		assert_string_equal(path.ifname, needle);
	}
	assert_int_equal(lab_lines("ip route show table 7000"), 1 + ARRAY_LEN(indexes));
	assert_string_equal(lab_output("ip route show table main"), before);
	assert_string_equal(lab_output("ip -6 rule show | grep 'proto 77'"), "");
}

/* ---- many links ---- */

/* Links 1 to n in both IP versions, all behind wan1. */
static char *
many_links(unsigned n)
{
	const size_t size = 256 << 10;
	char *config = malloc(size);
	size_t at;

	assert_non_null(config);
	at = (size_t)snprintf(config, size, "nat6 masquerade\n");
	for (unsigned i = 1; i <= n; i++)
		at +=
		    (size_t)snprintf(config + at, size - at,
				     "link \"l%u\" { index %u; interface wan1; gateway 10.8.%u.%u; "
				     "gateway 2001:db8:1::%x }\n",
				     i, i, 1 + i / 200, 1 + i % 200, 0x100 + i);
	return config;
}

/* A rule as ip(8) shows it. */
struct shown {
	unsigned pref, mark, mask, target, table;
};

static size_t
read_rules(const char *command, struct shown *rules, size_t max)
{
	const char *line = lab_output(command), *next;
	size_t n = 0;

	for (; *line != '\0' && n < max; line = next) {
		struct shown *r = &rules[n++];
		const char *mark, *jump, *table;

		next = strchr(line, '\n') + 1;
		memset(r, 0, sizeof(*r));
		r->pref = (unsigned)strtoul(line, NULL, 10);
		if ((mark = strstr(line, "fwmark ")) != NULL && mark < next)
			assert_int_equal(sscanf(mark, "fwmark %x/%x", &r->mark, &r->mask), 2);
		if ((jump = strstr(line, "goto ")) != NULL && jump < next)
			r->target = (unsigned)strtoul(jump + 5, NULL, 10);
		if ((table = strstr(line, "lookup ")) != NULL && table < next)
			r->table = (unsigned)strtoul(table + 7, NULL, 10);
	}
	return n;
}

/* How many rules the kernel looks at before that packet is led to that table. */
static unsigned
walk(const struct shown *rules, size_t n, unsigned mark, unsigned table)
{
	unsigned steps = 0, skip_to = 0;

	for (size_t i = 0; i < n; i++) {
		if (rules[i].pref < skip_to)
			continue;
		steps++;
		if ((mark & rules[i].mask) != rules[i].mark)
			continue;
		if (rules[i].target != 0)
			skip_to = rules[i].target;
		else if (rules[i].table == table)
			return steps;
		else if (rules[i].table != 0)
			fail_msg("mark %#x: table %u", mark, rules[i].table);
	}
	fail_msg("mark %#x: no table", mark);
	return 0;
}

/* Whatever the number of links is, a packet's own table is found after some rules, and
 * that of one that has no mark yet at once. */
static void
test_few_rules_for_many_links(void **state)
{
	enum { PROBE = 0x40000 };
	const unsigned numbers[] = {1, 2, 16, 17, 33, 99, 154, 255, 256, LINKS_MAX};
	static struct shown rules[4 * LINKS_MAX];

	(void)state;
	lab_make_wans(1);
	netns_run(-1, "ip addr add 10.8.0.2/16 dev wan1");
	for (unsigned i = 0; i < ARRAY_LEN(numbers); i++) {
		char *config = many_links(numbers[i]);

		lab_configure(config);
		for (int family = 4; family <= 6; family += 2) {
			size_t n = read_rules(family == 4 ? "ip -4 rule | grep 'proto 77'"
							  : "ip -6 rule | grep 'proto 77'",
					      rules, ARRAY_LEN(rules));
			unsigned longest = 0;

			for (unsigned link = 1; link <= numbers[i]; link++) {
				unsigned flow = walk(rules, n, link << 8, 7000 + link);
				unsigned probe = walk(rules, n, PROBE | link << 8, 7000 + link);

				longest = flow > longest ? flow : longest;
				longest = probe > longest ? probe : longest;
			}
			if (longest > 20 + numbers[i] / 64)
				fail_msg("%u links: %u rules", numbers[i], longest);
			if (walk(rules, n, 0, 7000) > (numbers[i] > 16 ? 4 : 3 + numbers[i]))
				fail_msg("%u links: %u rules\n%s", numbers[i],
					 walk(rules, n, 0, 7000), lab_output("ip rule"));
		}
		free(config);
	}
}

/* And the kernel reads them so, too, also while their number changes. */
static void
test_each_mark_to_its_table(void **state)
{
	const unsigned numbers[] = {256, 20, 40, LINKS_MAX};
	const unsigned links[] = {1, 31, 32, 99, 154, 255, 256, 1022};

	(void)state;
	lab_make_wans(1);
	netns_run(-1, "ip addr add 10.8.0.2/16 dev wan1");
	for (unsigned i = 0; i < ARRAY_LEN(numbers); i++) {
		char *config = many_links(numbers[i]), needle[64], command[96];

		lab_configure(config);
		free(config);
		for (unsigned k = 0; k < ARRAY_LEN(links) && links[k] <= numbers[i]; k++) {
			unsigned link = links[k];

			snprintf(command, sizeof(command), "ip route get 203.0.113.1 mark 0x%x",
				 link << 8);
			snprintf(needle, sizeof(needle), "via 10.8.%u.%u dev", 1 + link / 200,
				 1 + link % 200);
			assert_true(lab_shows(command, needle));
			snprintf(command, sizeof(command),
				 "ip -6 route get 2001:db8:ffff::1 mark 0x%x", link << 8);
			snprintf(needle, sizeof(needle), "via 2001:db8:1::%x dev", 0x100 + link);
			assert_true(lab_shows(command, needle));
		}
	}
}

/* All that may be: in one multipath route, read back whole. */
static void
test_1022_links(void **state)
{
	char *config = many_links(LINKS_MAX);
	struct plan plan = {0};
	uint64_t start;

	(void)state;
	lab_make_wans(1);
	netns_run(-1, "ip addr add 10.8.0.2/16 dev wan1");
	for (unsigned i = 1; i <= LINKS_MAX; i++)
		for (int family = 0; family < FAMILIES; family++)
			plan.family[family].members[i - 1] = (struct plan_member){
			    .link = (uint16_t)i,
			    .weight = (uint16_t)(1 + i % WEIGHT_MAX),
			};
	plan.family[V4].count = plan.family[V6].count = LINKS_MAX;
	start = clock_mono_ns();
	lab_configure(config);
	printf("configured in %.1f ms, ", (double)(clock_mono_ns() - start) / 1e6);
	start = clock_mono_ns();
	lab_apply(&plan);
	printf("applied in %.1f ms, ", (double)(clock_mono_ns() - start) / 1e6);
	plan.family[V4].members[0].weight = 0;
	plan.family[V6].members[0].weight = 0;
	start = clock_mono_ns();
	lab_apply(&plan);
	printf("one drained in %.1f ms, ", (double)(clock_mono_ns() - start) / 1e6);
	/* ip(8) can't show a route of that size */
	start = clock_mono_ns();
	assert_int_equal(sys_routing_release(lab.r), 0);
	printf("released in %.1f ms\n", (double)(clock_mono_ns() - start) / 1e6);
	assert_string_equal(lab_output("ip rule | grep 'proto 77'; ip -6 rule | grep 'proto 77'"),
			    "");
	free(config);
}

/* ---- no gap ---- */

/* Sends as fast as it can and counts what had no way out. */
struct sender {
	pthread_t thread;
	atomic_bool stop;
	int family;
	uint64_t sent, failed;
	int error;
};

static void *
send_on(void *arg)
{
	struct sender *s = arg;
	const struct sockaddr_in to4 = {
	    .sin_family = AF_INET, .sin_port = htons(9), .sin_addr.s_addr = htonl(0xcb007101)};
	struct sockaddr_in6 to6 = {.sin6_family = AF_INET6, .sin6_port = htons(9)};
	int fd = socket(s->family, SOCK_DGRAM | SOCK_NONBLOCK, 0);

	inet_pton(AF_INET6, "2001:db8:ffff::1", &to6.sin6_addr);
	while (!s->stop) {
		const void *to = s->family == AF_INET ? (const void *)&to4 : &to6;
		socklen_t len = s->family == AF_INET ? sizeof(to4) : sizeof(to6);

		s->sent++;
		if (sendto(fd, "x", 1, MSG_DONTWAIT, to, len) < 0 && errno != EAGAIN &&
		    errno != ENOBUFS) {
			s->failed++;
			s->error = errno;
		}
	}
	close(fd);
	return NULL;
}

static void
start_sending(struct sender senders[static FAMILIES])
{
	for (int family = 0; family < FAMILIES; family++) {
		struct sender *s = &senders[family];

		memset(s, 0, sizeof(*s));
		s->family = family == V4 ? AF_INET : AF_INET6;
		assert_int_equal(pthread_create(&s->thread, NULL, send_on, s), 0);
	}
	/* On a busy machine a thread may begin long after it was made. */
	for (int family = 0; family < FAMILIES; family++)
		for (unsigned i = 0; __atomic_load_n(&senders[family].sent, __ATOMIC_RELAXED) == 0;
		     i++) {
			assert_true(i < 10000);
			poll(NULL, 0, 1);
		}
}

static void
no_packet_without_a_way(struct sender senders[static FAMILIES])
{
	for (int family = 0; family < FAMILIES; family++) {
		struct sender *s = &senders[family];

		s->stop = true;
		pthread_join(s->thread, NULL);
		if (s->failed != 0)
			fail_msg("%llu of %llu packets: %s", (unsigned long long)s->failed,
				 (unsigned long long)s->sent, strerror(s->error));
		assert_int_not_equal(s->sent, 0);
	}
}

static void
test_no_gap_when_members_change(void **state)
{
	const unsigned weights[][3] = {{1, 1, 1}, {1, 0, 0}, {0, 1, 1}, {0, 0, 5}, {9, 1, 0}};
	struct sender senders[FAMILIES];

	(void)state;
	lab_make_wans(3);
	for (int nat = 0; nat < 2; nat++) {
		struct plan plan = lab_plan(3, weights[0]);

		lab_configure(lab_links(3, nat ? "nat6 masquerade\n" : "", ""));
		lab_apply(&plan);
		start_sending(senders);
		for (unsigned i = 0; i < 300; i++) {
			plan = lab_plan(3, weights[i % ARRAY_LEN(weights)]);
			lab_apply(&plan);
		}
		no_packet_without_a_way(senders);
	}
}

static void
test_no_gap_over_restart_and_reload(void **state)
{
	const unsigned weights[] = {1, 1, 1};
	const char *heads[] = {"", "table 20000\n", "rule 20000\n", "mark mask 0xff000\n",
			       "nat6 masquerade\n"};
	struct plan three = lab_plan(3, weights), two = lab_plan(2, weights);
	struct sender senders[FAMILIES];

	(void)state;
	lab_make_wans(3);
	lab_configure(lab_links(3, "", ""));
	lab_apply(&three);
	start_sending(senders);
	for (unsigned i = 0; i < 20; i++) {
		lab_configure(lab_links(3, heads[i % ARRAY_LEN(heads)], ""));
		lab_apply(&three);
		lab_configure(lab_links(2, heads[i % ARRAY_LEN(heads)], ""));
		lab_apply(&two);
		lab_forget();
		lab_configure(lab_links(2, heads[i % ARRAY_LEN(heads)], ""));
		lab_apply(&two);
	}
	no_packet_without_a_way(senders);
}

/* ---- other configurations ---- */

static void
test_a_link_that_left_leaves_nothing(void **state)
{
	const unsigned weights[] = {1, 1, 1};
	struct plan plan = lab_plan(3, weights);

	(void)state;
	lab_make_wans(3);
	lab_configure(lab_links(3, "", ""));
	lab_apply(&plan);
	lab_configure(lab_links(2, "", ""));
	assert_null(strstr(lab_output("ip rule; ip -6 rule"), "7003"));
	assert_null(strstr(lab_output("ip -4 route show table all proto 77"), "wan3"));
	assert_null(strstr(lab_output("ip -6 route show table all proto 77"), "wan3"));
	/* the same after a death in between, with other numbers */
	lab_forget();
	lab_configure(lab_links(1, "table 8000\nrule 12000\nmark mask 0xff000\n", ""));
	assert_int_equal(lab_lines("ip rule show | grep 'proto 77'"), 4);
	assert_int_equal(lab_lines("ip rule show | grep 'fwmark 0x1000/0x7f000 lookup 8001'"), 1);
	assert_int_equal(lab_lines("ip -4 route show table all proto 77"), 1);
	assert_int_equal(lab_lines("ip -6 route show table all proto 77"), 1);
}

static void
test_an_ip_version_that_no_link_has_any_more_goes(void **state)
{
	const unsigned weights[] = {1};
	struct plan plan = lab_plan(1, weights);

	(void)state;
	lab_make_wans(1);
	lab_configure(lab_links(1, "", ""));
	lab_apply(&plan);
	lab_configure("link \"link1\" { index 1; interface wan1; gateway 10.0.1.1 }");
	assert_string_equal(lab_output("ip -6 rule | grep 'proto 77'"), "");
	assert_string_equal(lab_output("ip -6 route show table all proto 77"), "");
	assert_true(lab_shows("ip route show table 7000", "default via 10.0.1.1"));
}

/* ---- one interface for all ---- */

static void
test_two_gateways_behind_one_interface(void **state)
{
	const unsigned weights[] = {2, 1};
	struct plan plan = lab_plan(2, weights);
	struct sys_path path;
	struct addr dst;
	char buf[ADDR_STRLEN];

	(void)state;
	lab_make_wans(1);
	netns_run(-1, "ip addr add 10.0.1.3/24 dev wan1; ip addr add 10.7.0.2/24 dev wan1");
	lab_configure("nat6 masquerade\n"
		      "link \"a\" { index 1; interface wan1; gateway 10.0.1.1; source 10.0.1.2; "
		      "gateway fe80::a }\n"
		      "link \"b\" { index 2; interface wan1; gateway 10.0.1.254; source 10.0.1.3; "
		      "gateway fe80::b }\n");
	lab_apply(&plan);
	assert_true(lab_shows("ip route show table 7002", "via 10.0.1.254 dev wan1"));
	assert_true(lab_shows("ip route show table 7002", "src 10.0.1.3"));
	assert_true(lab_shows("ip route show table 7000", "via 10.0.1.1 dev wan1 weight 2"));
	assert_true(lab_shows("ip -6 route show table 7000", "via fe80::a dev wan1 weight 2"));
	assert_int_equal(addr_parse("203.0.113.1", &dst), 0);
	assert_int_equal(sys_routing_path(lab.r, 2, &dst, &path), 0);
	assert_string_equal(addr_text(&path.gateway, buf), "10.0.1.254");
	assert_string_equal(addr_text(&path.source, buf), "10.0.1.3");
	assert_string_equal(path.ifname, "wan1");
	assert_int_equal(addr_parse("2001:db8:ffff::1", &dst), 0);
	assert_int_equal(sys_routing_path(lab.r, 2, &dst, &path), 0);
	assert_string_equal(addr_text(&path.gateway, buf), "fe80::b%wan1");
	assert_int_equal(sys_routing_path(lab.r, 3, &dst, &path), ENOENT);
	/* one gateway, learned for both: one next hop with the sum of the weights */
	netns_run(-1, "ip route add default via 10.0.1.1 proto dhcp");
	lab_configure(
	    "link \"a\" { index 1; interface wan1; gateway 10.0.1.1; source 10.0.1.2 }\n"
	    "link \"b\" { index 2; interface wan1; gateway auto inet; source 10.0.1.3 }\n");
	memset(&plan.family[V6], 0, sizeof(plan.family[V6]));
	lab_apply(&plan);
	assert_true(lab_shows("ip route show table 7000", "default via 10.0.1.1 dev wan1"));
}

static void
test_a_gateway_outside_of_every_prefix(void **state)
{
	const unsigned weights[] = {1, 1};
	struct plan plan = lab_plan(2, weights);

	(void)state;
	lab_make_wans(2);
	netns_run(-1, "ip addr flush dev wan1 scope global; ip addr add 192.0.2.7/32 dev wan1");
	netns_run(-1, "ip addr add 2001:db8:77::7/128 dev wan1 nodad");
	lab_configure("nat6 masquerade\n"
		      "link \"a\" { index 1; interface wan1; gateway 198.51.100.1; "
		      "gateway 2001:db8:99::1 }\n"
		      "link \"b\" { index 2; interface wan2; gateway 10.0.2.1; "
		      "gateway 2001:db8:2::1 }\n");
	lab_apply(&plan);
	assert_true(lab_shows("ip route show table 7001", "via 198.51.100.1 dev wan1"));
	assert_true(lab_shows("ip route show table 7001", "onlink"));
	assert_null(strstr(lab_output("ip route show table 7002"), "onlink"));
	assert_true(lab_shows("ip -6 route show table 7000", "via 2001:db8:99::1 dev wan1"));
	assert_true(lab_shows("ip route show table 7000", "via 198.51.100.1 dev wan1"));
}

#define EQUAL_ADDR(a, text) assert_string_equal(addr_text(&(a), address_text), text)
static char address_text[ADDR_STRLEN];

/* IPv4 by an IPv6 next hop: named, or learned from a route that has one. */
static void
test_ipv4_by_an_ipv6_gateway(void **state)
{
	const unsigned weights[] = {2, 1, 1};
	struct plan plan = lab_plan(3, weights);
	struct sys_path path;
	struct addr dst;

	(void)state;
	lab_make_wans(3);
	netns_run(-1, "ip -4 route add default via inet6 fe80::9 dev wan2 metric 5");
	lab_configure(
	    "link \"a\" { index 1; interface wan1; gateway fe80::1 inet; target 203.0.113.1 }\n"
	    "link \"b\" { index 2; interface wan2; gateway auto inet; target 203.0.113.1 }\n"
	    "link \"c\" { index 3; interface wan3; gateway 10.0.3.1 }\n");
	memset(&plan.family[V6], 0, sizeof(plan.family[V6]));
	EQUAL_ADDR(lab.facts[2].route[V4].gateway, "fe80::9%wan2");
	EQUAL_ADDR(lab.facts[2].route[V4].source, "10.0.2.2");
	lab_apply(&plan);
	assert_true(lab_shows("ip route show table 7001", "default via inet6 fe80::1 dev wan1"));
	assert_true(lab_shows("ip route show table 7000", "via inet6 fe80::1 dev wan1 weight 2"));
	assert_true(lab_shows("ip route show table 7000", "via inet6 fe80::9 dev wan2 weight 1"));
	assert_true(lab_shows("ip route show table 7000", "via 10.0.3.1 dev wan3 weight 1"));
	assert_int_equal(addr_parse("203.0.113.1", &dst), 0);
	assert_int_equal(sys_routing_path(lab.r, 1, &dst, &path), 0);
	EQUAL_ADDR(path.gateway, "fe80::1%wan1");
	/* nothing to do a second time, and alone it is a plain route */
	assert_int_equal(lab_apply(&plan).adds, 0);
	plan.family[V4].members[1].weight = plan.family[V4].members[2].weight = 0;
	lab_apply(&plan);
	assert_true(lab_shows("ip route show table 7000", "default via inet6 fe80::1 dev wan1"));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    LAB_TEST(test_makes_rules_and_tables),
	    LAB_TEST(test_tells_the_facts),
	    LAB_TEST(test_takes_over_without_a_change),
	    LAB_TEST(test_weights_as_the_kernel_shows_them),
	    LAB_TEST(test_ipv6_goes_out_by_source_prefix),
	    LAB_TEST(test_release_leaves_what_was_there),
	    LAB_TEST(test_every_index),
	    LAB_TEST(test_few_rules_for_many_links),
	    LAB_TEST(test_each_mark_to_its_table),
	    LAB_TEST(test_1022_links),
	    LAB_TEST(test_no_gap_when_members_change),
	    LAB_TEST(test_no_gap_over_restart_and_reload),
	    LAB_TEST(test_a_link_that_left_leaves_nothing),
	    LAB_TEST(test_an_ip_version_that_no_link_has_any_more_goes),
	    LAB_TEST(test_two_gateways_behind_one_interface),
	    LAB_TEST(test_a_gateway_outside_of_every_prefix),
	    LAB_TEST(test_ipv4_by_an_ipv6_gateway),
	};

	if (geteuid() != 0)
		return 77; /* skipped: namespaces need root */

	return cmocka_run_group_tests(tests, NULL, NULL);
}
