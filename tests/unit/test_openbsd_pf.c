/* SPDX-License-Identifier: ISC */
/* The rules for pf as text: what stands in them for which configuration, facts and plan. */
#include "unit.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "read_conf.h"
#include "system/openbsd/pf.h"

struct known { /* of one link; NULL: not known */
	const char *gateway4, *source4, *gateway6, *prefix6;
};

struct wanted {
	const char *what, *config;
	struct known known[3];
	int weight4[3], weight6[3]; /* of links 1, 2 and 3; -1: not in the plan */
	const char *nat, *inside, *self, *inbound;
};

#define OFF                \
	{                  \
		-1, -1, -1 \
	}
#define TWO                                                           \
	"link \"a\" { interface em1; gateway 192.0.2.1; weight 3 }\n" \
	"link \"b\" { interface em2; gateway 198.51.100.1 }\n"
#define TWO_KNOWN                                                  \
	{                                                          \
		{"192.0.2.1", "192.0.2.2", NULL, NULL},            \
		{                                                  \
			"198.51.100.1", "198.51.100.2", NULL, NULL \
		}                                                  \
	}
#define TWO_NAT                                                                     \
	"match out on em1 inet ! tagged uplinkd_self label \"uplinkd-inet-1\"\n"    \
	"match out inet from (em1) tagged uplinkd_self label \"uplinkd-inet-1\"\n"  \
	"match out on em2 inet ! tagged uplinkd_self label \"uplinkd-inet-2\"\n"    \
	"match out inet from (em2) tagged uplinkd_self label \"uplinkd-inet-2\"\n"  \
	"match out on em1 inet from ! (em1) ! tagged uplinkd_self nat-to (em1:0)\n" \
	"match out on em2 inet from ! (em2) ! tagged uplinkd_self nat-to (em2:0)\n"
#define TWO_SELF                                                                                  \
	"pass out inet from 192.0.2.2 to route \"uplinkd\" tag uplinkd_self route-to 192.0.2.1\n" \
	"pass out inet from 198.51.100.2 to route \"uplinkd\" tag uplinkd_self route-to "         \
	"198.51.100.1\n"
#define TWO_INBOUND                                              \
	"pass in on em1 inet tag uplinkd_1 reply-to 192.0.2.1\n" \
	"pass in on em2 inet tag uplinkd_2 reply-to 198.51.100.1\n"

#define ONE_OF_EACH                                                                \
	"match out on em1 inet ! tagged uplinkd_self label \"uplinkd-inet-1\"\n"   \
	"match out inet from (em1) tagged uplinkd_self label \"uplinkd-inet-1\"\n" \
	"match out on em2 inet6 ! tagged uplinkd_self label \"uplinkd-inet6-2\"\n" \
	"match out inet6 from (em2) tagged uplinkd_self label \"uplinkd-inet6-2\"\n"

static const struct wanted cases[] = {
    {"two links with weights are a pool",
     TWO,
     TWO_KNOWN,
     {3, 1, -1},
     OFF,
     TWO_NAT,
     "pass in inet to route \"uplinkd\" route-to { 192.0.2.1 weight 3, 198.51.100.1 weight 1 } "
     "round-robin\n",
     TWO_SELF,
     TWO_INBOUND},
    {"a drained link takes no new flows, and all else of it stays",
     TWO,
     TWO_KNOWN,
     {0, 1, -1},
     OFF,
     TWO_NAT,
     "pass in inet to route \"uplinkd\" route-to 198.51.100.1\n",
     TWO_SELF,
     TWO_INBOUND},
    {"a link that is out is not in the pool",
     TWO,
     TWO_KNOWN,
     {3, -1, -1},
     OFF,
     TWO_NAT,
     "pass in inet to route \"uplinkd\" route-to 192.0.2.1\n",
     TWO_SELF,
     TWO_INBOUND},
    {"no gateway, no way there",
     TWO,
     {{NULL, NULL, NULL, NULL}, {"198.51.100.1", "198.51.100.2", NULL, NULL}},
     {3, 1, -1},
     OFF,
     TWO_NAT,
     "pass in inet to route \"uplinkd\" route-to 198.51.100.1\n",
     "pass out inet from 198.51.100.2 to route \"uplinkd\" tag uplinkd_self route-to "
     "198.51.100.1\n",
     "pass in on em2 inet tag uplinkd_2 reply-to 198.51.100.1\n"},
    {"nobody to lead to: nothing is passed", TWO, TWO_KNOWN, OFF, OFF, TWO_NAT, "", TWO_SELF,
     TWO_INBOUND},
    {"nat none, and nat to an address",
     "link \"a\" { interface em1; gateway 192.0.2.1; nat none }\n"
     "link \"b\" { interface em2; gateway 198.51.100.1; nat snat 203.0.113.9 }\n",
     TWO_KNOWN,
     {1, -1, -1},
     OFF,
     "match out on em1 inet ! tagged uplinkd_self label \"uplinkd-inet-1\"\n"
     "match out inet from (em1) tagged uplinkd_self label \"uplinkd-inet-1\"\n"
     "match out on em2 inet ! tagged uplinkd_self label \"uplinkd-inet-2\"\n"
     "match out inet from (em2) tagged uplinkd_self label \"uplinkd-inet-2\"\n"
     "match out on em2 inet from ! (em2) ! tagged uplinkd_self nat-to 203.0.113.9\n",
     "pass in inet to route \"uplinkd\" route-to 192.0.2.1\n",
     TWO_SELF,
     TWO_INBOUND},
    {"all gateways behind one port, each with its address",
     "link \"a\" { interface em1; gateway 192.0.2.1; source 192.0.2.2; weight 3 }\n"
     "link \"b\" { interface em1; gateway 192.0.2.65; source 192.0.2.66 }\n",
     {{"192.0.2.1", "192.0.2.2", NULL, NULL}, {"192.0.2.65", "192.0.2.66", NULL, NULL}},
     {3, 1, -1},
     OFF,
     "match out on em1 inet tagged uplinkd_1 label \"uplinkd-inet-1\"\n"
     "match out on em1 inet from 192.0.2.2 ! tagged uplinkd_self label \"uplinkd-inet-1\"\n"
     "match out inet from 192.0.2.2 tagged uplinkd_self label \"uplinkd-inet-1\"\n"
     "match out on em1 inet tagged uplinkd_2 label \"uplinkd-inet-2\"\n"
     "match out on em1 inet from 192.0.2.66 ! tagged uplinkd_self label \"uplinkd-inet-2\"\n"
     "match out inet from 192.0.2.66 tagged uplinkd_self label \"uplinkd-inet-2\"\n"
     "match out on em1 inet from ! (em1) tagged uplinkd_1 nat-to 192.0.2.2\n"
     "match out on em1 inet from ! (em1) tagged uplinkd_2 nat-to 192.0.2.66\n"
     "match out on em1 inet from ! (em1) ! tagged uplinkd_self nat-to (em1:0)\n",
     "pass in inet to route \"uplinkd\" tag uplinkd_1 route-to 192.0.2.1\n"
     "pass in inet to route \"uplinkd\" probability 25.0000% tag uplinkd_2 route-to 192.0.2.65\n",
     "pass out inet from 192.0.2.2 to route \"uplinkd\" tag uplinkd_self route-to 192.0.2.1\n"
     "pass out inet from 192.0.2.66 to route \"uplinkd\" tag uplinkd_self route-to 192.0.2.65\n",
     "pass in on em1 inet to 192.0.2.2 tag uplinkd_1 reply-to 192.0.2.1\n"
     "pass in on em1 inet to 192.0.2.66 tag uplinkd_2 reply-to 192.0.2.65\n"},
    {"all gateways behind one port, and one address for all",
     "link \"a\" { interface em1; gateway 192.0.2.1 }\n"
     "link \"b\" { interface em1; gateway 192.0.2.9 }\n",
     {{"192.0.2.1", "192.0.2.2", NULL, NULL}, {"192.0.2.9", "192.0.2.2", NULL, NULL}},
     {1, 1, -1},
     OFF,
     "match out on em1 inet tagged uplinkd_1 label \"uplinkd-inet-1\"\n"
     "match out on em1 inet tagged uplinkd_2 label \"uplinkd-inet-2\"\n"
     "match out on em1 inet from ! (em1) tagged uplinkd_1 nat-to (em1:0)\n"
     "match out on em1 inet from ! (em1) tagged uplinkd_2 nat-to (em1:0)\n"
     "match out on em1 inet from ! (em1) ! tagged uplinkd_self nat-to (em1:0)\n",
     "pass in inet to route \"uplinkd\" tag uplinkd_1 route-to 192.0.2.1\n"
     "pass in inet to route \"uplinkd\" probability 50.0000% tag uplinkd_2 route-to 192.0.2.9\n",
     "",
     ""},
    {"a prefix for a prefix, and segments that fit",
     "link \"a\" { interface em1; gateway fe80::1; nat6 prefix fd00:1::/64 to 2001:db8:1::/64; mss "
     "clamp "
     "1400 }\n",
     {{NULL, NULL, "fe80::1", NULL}},
     OFF,
     {1, -1, -1},
     "match out on em1 inet6 ! tagged uplinkd_self label \"uplinkd-inet6-1\"\n"
     "match out inet6 from (em1) tagged uplinkd_self label \"uplinkd-inet6-1\"\n"
     "match on em1 inet6 proto tcp scrub (max-mss 1400)\n"
     "match on em1 inet6 from fd00:1::/64 to any binat-to 2001:db8:1::/64\n",
     "pass in inet6 to route \"uplinkd\" route-to fe80::1%em1\n",
     "",
     "pass in on em1 inet6 tag uplinkd_1 reply-to fe80::1%em1\n"},
    {"flows by the kernel alone: no rules",
     "flows kernel\n" TWO,
     TWO_KNOWN,
     {3, 1, -1},
     OFF,
     "",
     "",
     "",
     ""},
    {"IPv6 goes by its prefix, also of a drained link",
     "link \"a\" { interface em1; gateway fe80::1 }\n"
     "link \"b\" { interface em2; gateway 2001:db8:2::1 }\n",
     {{NULL, NULL, "fe80::1", "2001:db8:1::/48"}, {NULL, NULL, "2001:db8:2::1", "2001:db8:2::/48"}},
     OFF,
     {1, 0, -1},
     "match out on em1 inet6 ! tagged uplinkd_self label \"uplinkd-inet6-1\"\n"
     "match out inet6 from (em1) tagged uplinkd_self label \"uplinkd-inet6-1\"\n"
     "match out on em2 inet6 ! tagged uplinkd_self label \"uplinkd-inet6-2\"\n"
     "match out inet6 from (em2) tagged uplinkd_self label \"uplinkd-inet6-2\"\n",
     "pass in inet6 to route \"uplinkd\"\n"
     "pass in inet6 from 2001:db8:1::/48 to route \"uplinkd\" tag uplinkd_1 route-to fe80::1%em1\n"
     "pass in inet6 from 2001:db8:2::/48 to route \"uplinkd\" tag uplinkd_2 route-to "
     "2001:db8:2::1\n",
     "",
     "pass in on em1 inet6 tag uplinkd_1 reply-to fe80::1%em1\n"
     "pass in on em2 inet6 tag uplinkd_2 reply-to 2001:db8:2::1\n"},
    {"IPv6 with nat6 is a pool like IPv4",
     "link \"a\" { interface em1; gateway fe80::1; nat6 masquerade; weight 2 }\n"
     "link \"b\" { interface em2; gateway fe80::1; nat6 masquerade }\n",
     {{NULL, NULL, "fe80::1", NULL}, {NULL, NULL, "fe80::1", NULL}},
     OFF,
     {2, 1, -1},
     "match out on em1 inet6 ! tagged uplinkd_self label \"uplinkd-inet6-1\"\n"
     "match out inet6 from (em1) tagged uplinkd_self label \"uplinkd-inet6-1\"\n"
     "match out on em2 inet6 ! tagged uplinkd_self label \"uplinkd-inet6-2\"\n"
     "match out inet6 from (em2) tagged uplinkd_self label \"uplinkd-inet6-2\"\n"
     "match out on em1 inet6 from ! (em1) ! tagged uplinkd_self nat-to (em1:0)\n"
     "match out on em2 inet6 from ! (em2) ! tagged uplinkd_self nat-to (em2:0)\n",
     "pass in inet6 to route \"uplinkd\" route-to { fe80::1%em1 weight 2, fe80::1%em2 weight 1 } "
     "round-robin\n",
     "",
     "pass in on em1 inet6 tag uplinkd_1 reply-to fe80::1%em1\n"
     "pass in on em2 inet6 tag uplinkd_2 reply-to fe80::1%em2\n"},
    {"clients are told that their flows were cut, in the families that have a way",
     "reset clients yes\n"
     "link \"a\" { interface em1; gateway 192.0.2.1; nat none }\n"
     "link \"b\" { interface em2; gateway fe80::1 }\n",
     {{"192.0.2.1", NULL, NULL, NULL}, {NULL, NULL, "fe80::1", "2001:db8:2::/48"}},
     {1, -1, -1},
     {-1, 1, -1},
     ONE_OF_EACH,
     "block return-rst in inet proto tcp to route \"uplinkd\" flags /SR\n"
     "pass in inet to route \"uplinkd\" route-to 192.0.2.1\n"
     "block return-rst in inet6 proto tcp to route \"uplinkd\" flags /SR\n"
     "pass in inet6 to route \"uplinkd\"\n"
     "pass in inet6 from 2001:db8:2::/48 to route \"uplinkd\" tag uplinkd_2 route-to fe80::1%em2\n",
     "",
     "pass in on em1 inet tag uplinkd_1 reply-to 192.0.2.1\n"
     "pass in on em2 inet6 tag uplinkd_2 reply-to fe80::1%em2\n"},
    {"where nobody can be led anywhere no client is told anything",
     "reset clients yes\n"
     "link \"a\" { interface em1; gateway 192.0.2.1; nat none }\n"
     "link \"b\" { interface em2; gateway fe80::1 }\n",
     {{"192.0.2.1", NULL, NULL, NULL}, {NULL, NULL, "fe80::1", NULL}},
     OFF,
     OFF,
     ONE_OF_EACH,
     "",
     "",
     "pass in on em1 inet tag uplinkd_1 reply-to 192.0.2.1\n"
     "pass in on em2 inet6 tag uplinkd_2 reply-to fe80::1%em2\n"},
};

/* Whose links have interfaces of these sizes. */
static unsigned mtu[3];
static const struct wanted sizes[] = {
    {"segments that fit the interface, as soon as its MTU is known",
     "mss clamp pmtu\n"
     "link \"a\" { interface pppoe0; gateway 192.0.2.1; gateway fe80::1; nat none }\n"
     "link \"b\" { interface em2; gateway 198.51.100.1; nat none }\n",
     {{NULL, NULL, NULL, NULL}, {NULL, NULL, NULL, NULL}},
     OFF,
     OFF,
     "match out on pppoe0 inet ! tagged uplinkd_self label \"uplinkd-inet-1\"\n"
     "match out inet from (pppoe0) tagged uplinkd_self label \"uplinkd-inet-1\"\n"
     "match out on pppoe0 inet6 ! tagged uplinkd_self label \"uplinkd-inet6-1\"\n"
     "match out inet6 from (pppoe0) tagged uplinkd_self label \"uplinkd-inet6-1\"\n"
     "match out on em2 inet ! tagged uplinkd_self label \"uplinkd-inet-2\"\n"
     "match out inet from (em2) tagged uplinkd_self label \"uplinkd-inet-2\"\n"
     "match on pppoe0 inet proto tcp scrub (max-mss 1452)\n"
     "match on pppoe0 inet6 proto tcp scrub (max-mss 1432)\n",
     "",
     "",
     ""},
    {"links behind one port may cut differently",
     "link \"a\" { interface em1; gateway 192.0.2.1; nat none; mss clamp 1400 }\n"
     "link \"b\" { interface em1; gateway 192.0.2.9; nat none; mss clamp pmtu }\n",
     {{NULL, NULL, NULL, NULL}, {NULL, NULL, NULL, NULL}},
     OFF,
     OFF,
     "match out on em1 inet tagged uplinkd_1 label \"uplinkd-inet-1\"\n"
     "match out on em1 inet tagged uplinkd_2 label \"uplinkd-inet-2\"\n"
     "match out on em1 inet proto tcp tagged uplinkd_1 scrub (max-mss 1400)\n"
     "match out on em1 inet proto tcp tagged uplinkd_2 scrub (max-mss 1460)\n",
     "",
     "",
     ""},
};

static void
set_address(const char *text, struct addr *a)
{
	if (text == NULL)
		return;
	if (addr_parse(text, a) != 0)
		assert_int_equal(addr_parse_prefix(text, a), 0);
}

static char *
print(const struct wanted *w, bool with_plan, size_t *len)
{
	struct conf *conf = must_read(w->config);
	struct link_facts facts[3];
	struct plan plan = {.serial = 1};
	char *text = NULL;
	FILE *out = open_memstream(&text, len);

	memset(facts, 0, sizeof(facts));
	for (size_t i = 0; i < 3; i++) {
		if (i < conf->nlinks)
			conf->links[i].index = (uint16_t)(i + 1);
		facts[i].link = (uint16_t)(i + 1);
		facts[i].mtu = mtu[i];
		set_address(w->known[i].gateway4, &facts[i].route[V4].gateway);
		set_address(w->known[i].source4, &facts[i].route[V4].source);
		set_address(w->known[i].gateway6, &facts[i].route[V6].gateway);
		set_address(w->known[i].prefix6, &facts[i].route[V6].prefix);
		for (int family = 0; family < FAMILIES; family++) {
			struct plan_family *f = &plan.family[family];
			int weight = family == V4 ? w->weight4[i] : w->weight6[i];

			if (weight >= 0)
				f->members[f->count++] =
				    (struct plan_member){(uint16_t)(i + 1), (uint16_t)weight};
		}
	}
	assert_int_equal(pf_print(conf, facts, 3, with_plan ? &plan : NULL, out), 0);
	fclose(out);
	conf_free(conf);
	return text;
}

static void
assert_part(const char *text, size_t text_len, enum pf_part part, const char *want)
{
	size_t len;
	const char *at = pf_part_of(text, text_len, part, &len);
	char got[4096];

	assert_non_null(at);
	snprintf(got, sizeof(got), "%.*s", (int)len, at);
	assert_string_equal(got, want);
}

static void
the_rules_are_as_expected(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		size_t len;
		char *text = print(&cases[i], true, &len);

		print_message("%s\n", cases[i].what);
		assert_part(text, len, PF_NAT, cases[i].nat);
		assert_part(text, len, PF_INSIDE, cases[i].inside);
		assert_part(text, len, PF_SELF, cases[i].self);
		assert_part(text, len, PF_INBOUND, cases[i].inbound);
		free(text);
	}
}

static void
segments_fit_the_interface(void **state)
{
	static const unsigned known[][3] = {{1492, 0, 0}, {1500, 1500, 0}};
	size_t len;

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(sizes); i++) {
		char *text;

		memcpy(mtu, known[i], sizeof(mtu));
		text = print(&sizes[i], true, &len);
		print_message("%s\n", sizes[i].what);
		assert_part(text, len, PF_NAT, sizes[i].nat);
		free(text);
	}
	memset(mtu, 0, sizeof(mtu));
}

/* The first rules of a daemon that has just started leave alone what an earlier one left. */
static void
without_a_plan_nothing_is_said_of_the_inside(void **state)
{
	size_t len, part_len;
	char *text = print(&cases[0], false, &len);

	(void)state;
	assert_null(pf_part_of(text, len, PF_INSIDE, &part_len));
	assert_part(text, len, PF_NAT, cases[0].nat);
	free(text);
}

/* So the counters of the others go on. */
static void
only_the_inside_changes_with_the_plan(void **state)
{
	size_t len1, len2, part1, part2;
	char *drained = print(&cases[1], true, &len1), *out = print(&cases[2], true, &len2);

	(void)state;
	for (int part = 0; part < PF_PARTS; part++) {
		const char *a = pf_part_of(drained, len1, (enum pf_part)part, &part1);
		const char *b = pf_part_of(out, len2, (enum pf_part)part, &part2);

		if (part == PF_INSIDE)
			continue;
		assert_int_equal(part1, part2);
		assert_memory_equal(a, b, part1);
	}
	free(drained);
	free(out);
}

/* Three links of weights 5, 3 and 2: what the last rule that matches makes of it. */
static void
chances_add_up_to_the_weights(void **state)
{
	static const struct wanted three = {
	    .config = "link \"a\" { interface em1; gateway 192.0.2.1 }\n"
		      "link \"b\" { interface em1; gateway 192.0.2.2 }\n"
		      "link \"c\" { interface em1; gateway 192.0.2.3 }\n",
	    .known = {{"192.0.2.1", NULL, NULL, NULL},
		      {"192.0.2.2", NULL, NULL, NULL},
		      {"192.0.2.3", NULL, NULL, NULL}},
	    .weight4 = {5, 3, 2},
	    .weight6 = OFF,
	};
	size_t len, part_len;
	char *text = print(&three, true, &len);
	const char *at = pf_part_of(text, len, PF_INSIDE, &part_len);
	double chance[3] = {100, 0, 0};

	(void)state;
	for (int i = 1; i < 3; i++) {
		at = strstr(at, "probability ");
		assert_non_null(at);
		chance[i] = strtod(at + 12, NULL);
		at++;
	}
	assert_float_equal(chance[2], 20, 0.01);
	assert_float_equal((100 - chance[2]) * chance[1] / 100, 30, 0.01);
	free(text);
}

static void
labels_are_counted_by_link(void **state)
{
	static const char said[] = "uplinkd-inet-1 10 8 800 3 300 5 500 2\n"
				   "other 1 2 3 4 5 6 7 8\n"
				   "uplinkd-inet6-1 10 8 800 3 300 7 700 4\n"
				   "uplinkd-inet-1 10 8 800 3 300 1 100 1\n"
				   "uplinkd-inet-2 10 8 800 3 300 5\n"
				   "uplinkd-inet-0 1 1 1 1 1 1 1 1\n"
				   "uplinkd-inet-99999 1 1 1 1 1 1 1 1\n"
				   "uplinkd-inet-x 1 1 1 1 1 1 1 1\n"
				   "uplinkd-inet-3 1 1 1 1 1 18446744073709551615 9 9";
	static struct pf_counter counters[FAMILIES][LINKS_MAX + 1];

	(void)state;
	pf_read_labels(said, sizeof(said) - 1, counters);
	assert_true(counters[V4][1].seen);
	assert_int_equal(counters[V4][1].packets, 6);
	assert_int_equal(counters[V4][1].octets, 600);
	assert_int_equal(counters[V4][1].states, 3);
	assert_int_equal(counters[V6][1].packets, 7);
	assert_false(counters[V4][2].seen);
	assert_false(counters[V4][0].seen);
	assert_true(counters[V4][3].packets == UINT64_MAX);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(the_rules_are_as_expected),
	    cmocka_unit_test(segments_fit_the_interface),
	    cmocka_unit_test(without_a_plan_nothing_is_said_of_the_inside),
	    cmocka_unit_test(only_the_inside_changes_with_the_plan),
	    cmocka_unit_test(chances_add_up_to_the_weights),
	    cmocka_unit_test(labels_are_counted_by_link),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
