/* SPDX-License-Identifier: ISC */
/* Every change of health says why, with the targets and the values that it rests on. */
#include "unit.h"

#include <stdio.h>

#include "common/clock.h"
#include "engine/explain.h"
#include "engine/judgement.h"
#include "judged.h"

static void
lost_targets_are_named(void **state)
{
	struct link *a;

	(void)state;
	begin(TIMES "link a { interface wan1; gateway 192.0.2.1; index 1\n" T123 "quorum 2 }\n"
		    "link b { interface wan2; gateway 192.0.2.2; index 2; target 203.0.113.2 }\n");
	a = site_link(site, "a");
	samples(a, V4, 2, 10000);
	samples(site_link(site, "b"), V4, 2, 10000);
	samples(a, V4, 3, RTT_UNKNOWN);
	expect_told("linkDown targetsLost: 2 of 3 targets lost (quorum 2): 203.0.113.1, "
		    "203.0.113.53");
	samples(a, V4, 2, 10000);
	expect_told("linkUp targetsAnswer: 2 of 3 targets answer");
	end();
}

static void
measures_stand_beside_their_limits(void **state)
{
	struct link *a;

	(void)state;
	begin("interval 1s; timeout 1s; down after 100; up after 2; hold 0\n"
	      "limit loss 20% leave 5%; limit rtt 300ms leave 200ms; limit jitter 50ms leave 20ms\n"
	      "link a { interface wan1; gateway 192.0.2.1; index 1\n" T123 "}\n");
	a = site_link(site, "a");
	samples(a, V4, 64, 10000);
	for (unsigned i = 0; i < 26; i++) /* 11 of 55 */
		samples(a, V4, 1, i % 2 ? 10000 : RTT_UNKNOWN);
	expect_told("degraded loss: loss 20.0 % (limit 20.0 %)");
	samples(a, V4, 64, 10000);
	expect_told("recovered targetsAnswer: loss 0.0 % (left at 5.0 %)");
	ntold = 0;
	samples(a, V4, 64, 320000);
	expect_told("degraded rtt: rtt 320.0 ms (limit 300.0 ms)");
	ntold = 0;
	for (unsigned i = 0; i < 70; i++)
		samples(a, V4, 1, i % 2 ? 10000 : 90000);
	expect_told("degraded jitter: jitter 54.7 ms (limit 50.0 ms)");
	end();
}

static void
a_family_is_named_where_there_are_two(void **state)
{
	struct link *a;

	(void)state;
	begin(TIMES "link a { interface wan1; gateway 192.0.2.1; gateway fe80::1; index 1\n" T123
		    "target 2001:db8:7::1; target 2001:db8:7::2 }\n");
	a = site_link(site, "a");
	samples(a, V4, 2, 10000);
	samples(a, V6, 2, 10000);
	ntold = 0;
	samples(a, V6, 3, RTT_UNKNOWN);
	expect_told(
	    "degraded targetsLost: IPv6: 2 of 2 targets lost: 2001:db8:7::1, 2001:db8:7::2");
	samples(a, V4, 3, RTT_UNKNOWN);
	expect_told("linkDown targetsLost: IPv4: 3 of 3 targets lost: 203.0.113.1, 203.0.113.53, "
		    "198.51.100.7; IPv6: 2 of 2 targets lost: 2001:db8:7::1, 2001:db8:7::2");
	expect_told("allDown keptLastRoutes: ");
	samples(a, V4, 2, 10000);
	expect_told("linkUp targetsAnswer: IPv4: 1 of 3 targets answer; IPv6: 2 of 2 targets lost: "
		    "2001:db8:7::1, 2001:db8:7::2");
	samples(a, V6, 2, 10000);
	expect_told("recovered targetsAnswer: IPv6: 1 of 2 targets answer");
	end();
}

/* A link that fails so soon after the start that only one target was ever known: what
 * was measured stands until the other one is known, and no other is said meanwhile. */
static void
a_link_that_was_up_is_not_unmeasured(void **state)
{
	struct link *a;

	(void)state;
	begin(TIMES "flap suppress 1001 reuse 1000\n"
		    "link a { interface wan1; gateway 192.0.2.1; gateway fe80::1; index 1\n"
		    "target 203.0.113.1; target 203.0.113.53\n"
		    "target 2001:db8:7::1; target 2001:db8:7::2 }\n");
	a = site_link(site, "a");
	sample(a->targets[0], 10000);
	sample(a->targets[2], 10000);
	assert_int_equal(a->row.health, HEALTH_UP);
	ntold = 0;
	sample(a->targets[1], RTT_UNKNOWN);
	sample(a->targets[3], RTT_UNKNOWN);
	samples(a, V4, 2, RTT_UNKNOWN);
	assert_int_equal(a->targets[1]->judge.status, TARGET_DOWN);
	sample(a->targets[0], RTT_UNKNOWN);
	assert_int_equal(a->verdict[V4].health, HEALTH_DOWN);
	samples(a, V6, 1, RTT_UNKNOWN);
	sample(a->targets[2], RTT_UNKNOWN);
	sample(a->targets[2], RTT_UNKNOWN);
	assert_int_equal(a->targets[2]->judge.status, TARGET_DOWN);
	assert_int_equal(a->verdict[V6].health, HEALTH_UP);
	assert_int_equal(a->row.health, HEALTH_DEGRADED);
	sample(a->targets[3], RTT_UNKNOWN);
	expect_told("linkDown targetsLost: IPv4: 2 of 2 targets lost: 203.0.113.1, 203.0.113.53; "
		    "IPv6: 2 of 2 targets lost: 2001:db8:7::1, 2001:db8:7::2");
	end();
}

/* Of a target that is never asked nobody knows anything: but a fall is a fall, whatever
 * was said of the link in between. */
static void
a_fall_counts_whatever_was_said_in_between(void **state)
{
	struct link *a;

	(void)state;
	begin(TIMES "flap suppress 1001 reuse 1000\n"
		    "link a { interface wan1; gateway 192.0.2.1; index 1\n"
		    "target 203.0.113.1; target 203.0.113.53 }\n");
	a = site_link(site, "a");
	for (unsigned i = 0; i < 3; i++, now_ns += NSEC_PER_SEC)
		sample(a->targets[1], RTT_UNKNOWN);
	sample(a->targets[0], 10000);
	assert_int_equal(a->row.health, HEALTH_UP);
	for (unsigned i = 0; i < 3; i++, now_ns += NSEC_PER_SEC)
		sample(a->targets[0], RTT_UNKNOWN);
	assert_int_equal(a->row.health, HEALTH_DOWN);
	assert_int_equal(a->row.flap_penalty, 1000);
	end();

	begin(TIMES "flap suppress 1001 reuse 1000\n"
		    "link a { interface wan1; gateway 192.0.2.1; index 1\n"
		    "target 203.0.113.1; target 203.0.113.53 }\n");
	a = site_link(site, "a");
	sample(a->targets[0], 10000);
	for (unsigned i = 0; i < 3; i++, now_ns += NSEC_PER_SEC)
		sample(a->targets[0], RTT_UNKNOWN);
	assert_int_equal(a->row.health, HEALTH_UNKNOWN);
	assert_int_equal(a->row.flap_penalty, 0);
	for (unsigned i = 0; i < 3; i++, now_ns += NSEC_PER_SEC)
		sample(a->targets[1], RTT_UNKNOWN);
	assert_int_equal(a->row.health, HEALTH_DOWN);
	assert_int_equal(a->row.flap_penalty, 1000);
	end();

	/* what is found dead at the start has not fallen */
	begin(TIMES "link a { interface wan1; gateway 192.0.2.1; index 1\n" T123 "}\n");
	a = site_link(site, "a");
	samples(a, V4, 3, RTT_UNKNOWN);
	assert_int_equal(a->row.health, HEALTH_DOWN);
	assert_int_equal(a->row.flap_penalty, 0);
	end();
}

/* Two are measured, and one never: neither a link that is up nor one that is down stays
 * unknown because of it. */
static const struct mute_case {
	unsigned quorum;
	bool answered; /* by the two */
	uint8_t before, after;
	uint8_t known; /* once the third was measured: lost */
} mute_cases[] = {
    {1, true, HEALTH_UP, HEALTH_UP, HEALTH_UP},
    {1, false, HEALTH_UNKNOWN, HEALTH_DOWN, HEALTH_DOWN},
    {2, true, HEALTH_UP, HEALTH_UP, HEALTH_UP},
    {2, false, HEALTH_DOWN, HEALTH_DOWN, HEALTH_DOWN},
    {3, true, HEALTH_UNKNOWN, HEALTH_UP, HEALTH_DOWN},
};

static void
try_mute(const struct mute_case *c)
{
	char text[300];
	struct link *a;
	struct target *mute;

	snprintf(text, sizeof(text),
		 TIMES "link a { interface wan1; gateway 192.0.2.1; index 1\n" T123 "quorum %u }\n",
		 c->quorum);
	begin(text);
	a = site_link(site, "a");
	decide_now();
	mute = a->targets[2];
	for (unsigned i = 0; i < 3; i++, now_ns += NSEC_PER_SEC) {
		sample(a->targets[0], c->answered ? 10000 : RTT_UNKNOWN);
		sample(a->targets[1], c->answered ? 10000 : RTT_UNKNOWN);
	}
	assert_int_equal(a->row.health, c->before);
	assert_int_equal(assess_due(site->links, 1), 107 * NSEC_PER_SEC);
	now_ns = assess_due(site->links, 1);
	decide_now();
	assert_int_equal(a->row.health, c->after);
	assert_int_equal(assess_due(site->links, 1), UINT64_MAX);
	/* what it begins to say does not count before it is known */
	sample(mute, RTT_UNKNOWN);
	assert_int_equal(a->row.health, c->after);
	sample(mute, RTT_UNKNOWN);
	sample(mute, RTT_UNKNOWN);
	assert_int_equal(a->row.health, c->known);
	end();
}

static void
what_is_never_measured_counts_for_nothing(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(mute_cases); i++)
		try_mute(&mute_cases[i]);
}

/* Nobody could ask while there was no way: its time begins with the way. */
static void
a_target_has_its_time_from_when_it_can_be_asked(void **state)
{
	struct link *a;

	(void)state;
	begin(TIMES "link a { interface wan1; gateway 192.0.2.1; index 1; target 203.0.113.1 }\n");
	a = site_link(site, "a");
	a->facts.carrier = CARRIER_DOWN;
	decide_now();
	assert_int_equal(assess_due(site->links, 1), UINT64_MAX);
	now_ns += 3600 * NSEC_PER_SEC;
	a->facts.carrier = CARRIER_UP;
	decide_now();
	assert_int_equal(assess_due(site->links, 1), now_ns + 7 * NSEC_PER_SEC);
	/* a link whose targets are all like that is unknown: nobody has said anything of it */
	now_ns += 7 * NSEC_PER_SEC;
	decide_now();
	assert_int_equal(a->row.health, HEALTH_UNKNOWN);
	samples(a, V4, 1, 10000);
	assert_int_equal(a->row.health, HEALTH_UP);
	end();
}

static void
what_the_kernel_says_is_told_with_the_interface(void **state)
{
	struct link *a;

	(void)state;
	begin(TIMES "link a { interface wan1; gateway 192.0.2.1; index 1\n" T123 "}\n");
	a = site_link(site, "a");
	samples(a, V4, 2, 10000);
	a->facts.carrier = CARRIER_DOWN;
	decide_now();
	expect_told("linkDown noCarrier: no carrier (wan1)");
	end();
}

/* Whoever asks why is told what the judge itself takes. */
static void
what_a_link_is_judged_on_is_told_as_it_is(void **state)
{
	const struct target_counts *c;
	struct judgement j;
	struct link *a;

	(void)state;
	begin(TIMES
	      "link a { interface wan1; gateway 192.0.2.1; gateway fe80::1; index 1\n"
	      "target 203.0.113.1; target 203.0.113.53; target 198.51.100.7 { down after 5 }\n"
	      "target 2001:db8:7::1 { up after 4 }; target 2001:db8:7::2; quorum 2 }\n"
	      "link b { interface wan2; gateway 192.0.2.2; index 2; target 203.0.113.2 }\n");
	a = site_link(site, "a");
	samples(a, V4, 32, 10000);
	sample(a->targets[3], 20000);
	for (unsigned i = 0; i < 3; i++, now_ns += NSEC_PER_SEC)
		sample(a->targets[0], RTT_UNKNOWN);
	decide_now();
	judgement_of(a, &j);
	assert_ptr_equal(j.conf, a->conf);
	c = &j.family[V4].counts;
	assert_true(j.family[V4].configured);
	assert_int_equal(j.family[V4].quorum, 2);
	assert_int_equal(c->up, 2);
	assert_int_equal(c->down, 1);
	assert_int_equal(j.family[V4].measured.rtt_us, 10000);
	assert_int_equal(j.family[V4].measured.loss_ppm, 0); /* of those that answer */
	/* never more than there are that count */
	assert_true(j.family[V6].configured);
	assert_int_equal(j.family[V6].quorum, 1);
	assert_int_equal(j.family[V6].counts.up, 1);
	assert_int_equal(j.family[V6].measured.loss_ppm, LOSS_UNKNOWN);
	assert_int_equal(j.family[V6].counts.mute, 1);
	assert_int_equal(j.ntargets, 5);
	for (size_t i = 0; i < j.ntargets; i++) {
		assert_int_equal(j.target[i].index, a->targets[i]->row.index);
		assert_int_equal(j.target[i].down_after, a->targets[i]->conf.probe.down_after);
		assert_int_equal(j.target[i].up_after, a->targets[i]->conf.probe.up_after);
	}
	judgement_of(site_link(site, "b"), &j);
	assert_false(j.family[V6].configured);
	assert_int_equal(j.family[V4].counts.mute, 1);
	assert_int_equal(j.ntargets, 1);
	end();
}

/* However many there are, the text has room for all that it says, and ends in dots
 * rather than within an address. */
static void
a_long_list_is_cut_between_two(void **state)
{
	char text[4096] = TIMES "link a { interface wan1; gateway fe80::1; index 1\n";
	const char *line;
	struct link *a;

	(void)state;
	for (unsigned i = 0; i < 60; i++)
		snprintf(text + strlen(text), sizeof(text) - strlen(text),
			 "target 2001:db8:1234:5678:9abc:def0:1234:%x\n", 0x1000 + i);
	strcat(text, "}\n");
	begin(text);
	a = site_link(site, "a");
	samples(a, V6, 2, 10000);
	ntold = 0;
	samples(a, V6, 3, RTT_UNKNOWN);
	line = told[0] + strlen("linkDown targetsLost: ");
	assert_in_range(strlen(line), 150, EVENT_TEXT_LEN);
	assert_string_equal(line + strlen(line) - 10, ":1003, ...");
	end();
}

/* Whatever the room is: terminated, and never beyond it. */
static void
no_room_is_not_overrun(void **state)
{
	char text[64];
	struct link *a;

	(void)state;
	begin(TIMES "link a { interface wan1; gateway 192.0.2.1; index 1\n" T123 "}\n");
	a = site_link(site, "a");
	samples(a, V4, 2, 10000);
	samples(a, V4, 3, RTT_UNKNOWN);
	for (size_t size = 8; size < sizeof(text); size++) {
		memset(text, '#', sizeof(text));
		explain_health(a, NULL, text, size);
		assert_in_range(strlen(text), 0, size - 1);
		for (size_t i = size; i < sizeof(text); i++)
			assert_int_equal(text[i], '#');
	}
	end();
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(lost_targets_are_named),
	    cmocka_unit_test(measures_stand_beside_their_limits),
	    cmocka_unit_test(a_family_is_named_where_there_are_two),
	    cmocka_unit_test(a_link_that_was_up_is_not_unmeasured),
	    cmocka_unit_test(a_fall_counts_whatever_was_said_in_between),
	    cmocka_unit_test(what_is_never_measured_counts_for_nothing),
	    cmocka_unit_test(a_target_has_its_time_from_when_it_can_be_asked),
	    cmocka_unit_test(what_the_kernel_says_is_told_with_the_interface),
	    cmocka_unit_test(what_a_link_is_judged_on_is_told_as_it_is),
	    cmocka_unit_test(a_long_list_is_cut_between_two),
	    cmocka_unit_test(no_room_is_not_overrun),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
