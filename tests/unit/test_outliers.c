/* SPDX-License-Identifier: ISC */
/* A dead target is not a dead link, and a dead link not a dead target. Each story
 * gives the answers of each target second by second ('.' answered, 'x' lost, ' ' not asked), and
 * what is thought of target and link at its end. */
#include "unit.h"

#include <stdio.h>

#include "common/clock.h"
#include "engine/outliers.h"
#include "engine/site.h"
#include "read_conf.h"

enum { LINES = 6 };

/* Down after 3, up after 2, asked each second, lost after a second. */
#define TIMES "interval 1s; timeout 1s; down after 3; up after 2; hold 0; flap no\n"
#define LINK(n, targets) \
	"link l" n " { interface wan" n "; gateway 192.0.2." n "; index " n "\n" targets " }\n"
#define BOTH(n, targets)                                                             \
	"link l" n " { interface wan" n "; gateway 192.0.2." n "; gateway fe80::1; " \
	"index " n "\n" targets " }\n"
#define BAD "target 203.0.113.1; "
#define GOOD "target 203.0.113.2; "

struct line {
	const char *link, *address;
	const char *samples;
	enum outlier expected;
};

struct story {
	const char *name, *conf;
	struct line lines[LINES];
	const char *health; /* of l1, l2, l3: u g d ?; x: it has no carrier */
	bool all_down;
};

static unsigned told_aside, told_again, falls;

static void
count_news(void *arg, const struct event_draft *d)
{
	(void)arg;
	told_aside += d->reason == REASON_SET_ASIDE;
	told_again += d->type == EVENT_TARGET_DOWN && d->reason == REASON_TARGETS_LOST;
	falls += d->type == EVENT_LINK_DOWN;
}

static struct target *
target_of(const struct site *site, const struct line *line)
{
	struct link *link = site_link(site, line->link);
	struct addr addr;
	struct target *t;

	assert_non_null(link);
	for (size_t i = 0; i < link->ntargets && strcmp(line->address, "tcp") == 0; i++)
		if (link->targets[i]->conf.method == METHOD_TCP)
			return link->targets[i];
	if (addr_parse(line->address, &addr) != 0)
		return site_gateway(link, V4);
	t = site_target(link, &addr);
	assert_non_null(t);
	return t;
}

static void
take(struct site *site, struct target *t, uint64_t sent_ns, bool answered, uint64_t now_ns,
     bool *all_down)
{
	struct sample s = {sent_ns, answered ? 10000 : RTT_UNKNOWN};
	struct moment now = {now_ns, now_ns};
	struct outcome o = assess_sample(t, &s, now_ns);

	if (o.matters)
		site_decide(site, now, all_down, count_news, NULL);
}

/* The lines one after the other within each second; losses are known a second later. */
static void
tell(struct site *site, const struct story *story, bool *all_down)
{
	size_t seconds = strlen(story->lines[0].samples);

	for (size_t s = 0; s <= seconds; s++)
		for (size_t i = 0; i < LINES && story->lines[i].link != NULL; i++) {
			const struct line *line = &story->lines[i];
			uint64_t sent_ns = (s + 100) * NSEC_PER_SEC + i * 50 * NSEC_PER_MSEC;
			struct target *t = target_of(site, line);

			assert_int_equal(strlen(line->samples), seconds);
			if (s > 0 && line->samples[s - 1] == 'x')
				take(site, t, sent_ns - NSEC_PER_SEC, false, sent_ns, all_down);
			if (s < seconds && line->samples[s] == '.')
				take(site, t, sent_ns, true, sent_ns + 10 * NSEC_PER_MSEC,
				     all_down);
		}
}

static void
expect(const struct story *story)
{
	struct conf *conf = must_read(story->conf);
	struct moment start = {99 * NSEC_PER_SEC, 0};
	struct site *site = site_new(conf, start);
	bool all_down = false, failed = false;

	assert_non_null(site);
	for (size_t i = 0; i < site->nlinks; i++)
		if (story->health[i] == 'x')
			site->links[i]->facts.carrier = CARRIER_DOWN;
	told_aside = told_again = falls = 0;
	tell(site, story, &all_down);
	for (size_t i = 0; i < LINES && story->lines[i].link != NULL; i++) {
		const struct target *t = target_of(site, &story->lines[i]);

		if (t->outlier == story->lines[i].expected)
			continue;
		print_error("%s: %s %s: %d, expected %d\n", story->name, story->lines[i].link,
			    story->lines[i].address, t->outlier, story->lines[i].expected);
		failed = true;
	}
	for (size_t i = 0; i < site->nlinks; i++) {
		char health = "?ugd"[site->links[i]->row.health - 1];

		if (health == (story->health[i] == 'x' ? 'd' : story->health[i]))
			continue;
		print_error("%s: l%zu is %c, expected %c\n", story->name, i + 1, health,
			    story->health[i]);
		failed = true;
	}
	if (all_down != story->all_down)
		fail_msg("%s: all down is %d", story->name, all_down);
	site_free(site);
	conf_free(conf);
	if (failed)
		fail();
}

static void
bad_targets_are_told_from_dead_links(void **state)
{
#define TWO TIMES LINK("1", BAD GOOD "quorum 2") LINK("2", BAD GOOD "quorum 2")
#define THREE TWO LINK("3", BAD GOOD "quorum 2")
	static const struct story stories[] = {
	    {"a target that dies everywhere takes no link down",
	     TWO,
	     {{"l1", "203.0.113.1", "..xxxxxx", OUTLIER_ASIDE},
	      {"l1", "203.0.113.2", "........", OUTLIER_NO},
	      {"l2", "203.0.113.1", "..xxxxxx", OUTLIER_ASIDE},
	      {"l2", "203.0.113.2", "........", OUTLIER_NO}},
	     "uu",
	     false},
	    {"one that fails on one link is that link's own trouble: its quorum is lost",
	     TWO,
	     {{"l1", "203.0.113.1", "..xxxxxx", OUTLIER_NO},
	      {"l1", "203.0.113.2", "........", OUTLIER_NO},
	      {"l2", "203.0.113.1", "........", OUTLIER_NO},
	      {"l2", "203.0.113.2", "........", OUTLIER_NO}},
	     "du",
	     false},
	    {"an outage of everything is one",
	     TWO,
	     {{"l1", "203.0.113.1", "..xxxxxx", OUTLIER_NO},
	      {"l1", "203.0.113.2", "..xxxxxx", OUTLIER_NO},
	      {"l2", "203.0.113.1", "..xxxxxx", OUTLIER_NO},
	      {"l2", "203.0.113.2", "..xxxxxx", OUTLIER_NO}},
	     "dd",
	     true},
	    {"a loss just before does not make a bad target of it",
	     TWO,
	     {{"l1", "203.0.113.1", ".xxxxxxx", OUTLIER_NO},
	      {"l1", "203.0.113.2", "..xxxxxx", OUTLIER_NO},
	      {"l2", "203.0.113.1", "..xxxxxx", OUTLIER_NO},
	      {"l2", "203.0.113.2", "..xxxxxx", OUTLIER_NO}},
	     "dd",
	     true},
	    {"a dead link and a dead target at once: with one link left nobody can tell",
	     TWO,
	     {{"l1", "203.0.113.1", "..xxxxxx", OUTLIER_NO},
	      {"l1", "203.0.113.2", "........", OUTLIER_NO},
	      {"l2", "203.0.113.1", "..xxxxxx", OUTLIER_NO},
	      {"l2", "203.0.113.2", "..xxxxxx", OUTLIER_NO}},
	     "dd",
	     true},
	    {"with two links left they can",
	     THREE,
	     {{"l1", "203.0.113.1", "..xxxxxxxx", OUTLIER_ASIDE},
	      {"l1", "203.0.113.2", "..........", OUTLIER_NO},
	      {"l2", "203.0.113.1", "..xxxxxxxx", OUTLIER_ASIDE},
	      {"l2", "203.0.113.2", "..........", OUTLIER_NO},
	      {"l3", "203.0.113.1", "xxxxxxxxxx", OUTLIER_NO},
	      {"l3", "203.0.113.2", "xxxxxxxxxx", OUTLIER_NO}},
	     "uud",
	     false},
	    {"it comes back by itself with its run of successes",
	     TWO,
	     {{"l1", "203.0.113.1", "..xxxxxx..", OUTLIER_NO},
	      {"l1", "203.0.113.2", "..........", OUTLIER_NO},
	      {"l2", "203.0.113.1", "..xxxxxx..", OUTLIER_NO},
	      {"l2", "203.0.113.2", "..........", OUTLIER_NO}},
	     "uu",
	     false},
	    {"one answer is not a run",
	     TWO,
	     {{"l1", "203.0.113.1", "..xxxxxx.", OUTLIER_ASIDE},
	      {"l1", "203.0.113.2", ".........", OUTLIER_NO},
	      {"l2", "203.0.113.1", "..xxxxxxx", OUTLIER_ASIDE},
	      {"l2", "203.0.113.2", ".........", OUTLIER_NO}},
	     "uu",
	     false},
	    {"back on one link only: it counts again on the other, after a while",
	     TWO,
	     {{"l1", "203.0.113.1", "..xxxxxx.........", OUTLIER_NO},
	      {"l1", "203.0.113.2", ".................", OUTLIER_NO},
	      {"l2", "203.0.113.1", "..xxxxxxxxxxxxxxx", OUTLIER_NO},
	      {"l2", "203.0.113.2", ".................", OUTLIER_NO}},
	     "ud",
	     false},
	    {"that a link dies later is seen, whatever was set aside before",
	     TWO,
	     {{"l1", "203.0.113.1", "..xxxxxxxxxxxx", OUTLIER_ASIDE},
	      {"l1", "203.0.113.2", "........xxxxxx", OUTLIER_NO},
	      {"l2", "203.0.113.1", "..xxxxxxxxxxxx", OUTLIER_ASIDE},
	      {"l2", "203.0.113.2", "..............", OUTLIER_NO}},
	     "du",
	     false},
	    {"a gateway that answers does not speak for the way behind it",
	     TIMES LINK("1", BAD "target gateway; quorum 2")
		 LINK("2", BAD "target gateway; quorum 2"),
	     {{"l1", "203.0.113.1", "..xxxxxx", OUTLIER_NO},
	      {"l1", "gateway", "........", OUTLIER_NO},
	      {"l2", "203.0.113.1", "..xxxxxx", OUTLIER_NO},
	      {"l2", "gateway", "........", OUTLIER_NO}},
	     "dd",
	     true},
	    {"one that a single link asks is never set aside",
	     TIMES LINK("1", BAD GOOD "quorum 2") LINK("2", GOOD "target 203.0.113.3; quorum 2"),
	     {{"l1", "203.0.113.1", "..xxxxxxxxxx", OUTLIER_NO},
	      {"l1", "203.0.113.2", "............", OUTLIER_NO},
	      {"l2", "203.0.113.2", "............", OUTLIER_NO},
	      {"l2", "203.0.113.3", "............", OUTLIER_NO}},
	     "du",
	     false},
	    {"one that answers on one link is not bad, on how many others it may fail",
	     THREE,
	     {{"l1", "203.0.113.1", "..xxxxxx", OUTLIER_NO},
	      {"l1", "203.0.113.2", "........", OUTLIER_NO},
	      {"l2", "203.0.113.1", "..xxxxxx", OUTLIER_NO},
	      {"l2", "203.0.113.2", "........", OUTLIER_NO},
	      {"l3", "203.0.113.1", "........", OUTLIER_NO},
	      {"l3", "203.0.113.2", "........", OUTLIER_NO}},
	     "ddu",
	     false},
	    {"the gateways of two links are two machines",
	     TIMES LINK("1", GOOD "target gateway; quorum 2")
		 LINK("2", GOOD "target gateway; quorum 2"),
	     {{"l1", "203.0.113.2", "........", OUTLIER_NO},
	      {"l1", "gateway", "..xxxxxx", OUTLIER_NO},
	      {"l2", "203.0.113.2", "........", OUTLIER_NO},
	      {"l2", "gateway", "..xxxxxx", OUTLIER_NO}},
	     "dd",
	     true},
	    {"the other IP version does not speak for this one",
	     TIMES BOTH("1", BAD "target 2001:db8:7::1") BOTH("2", BAD "target 2001:db8:7::1"),
	     {{"l1", "203.0.113.1", "..xxxxxx", OUTLIER_NO},
	      {"l1", "2001:db8:7::1", "........", OUTLIER_NO},
	      {"l2", "203.0.113.1", "..xxxxxx", OUTLIER_NO},
	      {"l2", "2001:db8:7::1", "........", OUTLIER_NO}},
	     "gg",
	     false},
	    {"nor does the same machine, asked in another way",
	     TIMES LINK("1", BAD "target 203.0.113.1 tcp port 80; quorum 2")
		 LINK("2", BAD "target 203.0.113.1 tcp port 80; quorum 2"),
	     {{"l1", "203.0.113.1", "..xxxxxx", OUTLIER_NO},
	      {"l1", "tcp", "........", OUTLIER_NO},
	      {"l2", "203.0.113.1", "..xxxxxx", OUTLIER_NO},
	      {"l2", "tcp", "........", OUTLIER_NO}},
	     "dd",
	     true},
	    {"an outage that takes a while to reach all of them is one",
	     TWO,
	     {{"l1", "203.0.113.1", ".xxxxxxx", OUTLIER_NO},
	      {"l2", "203.0.113.1", ".xxxxxxx", OUTLIER_NO},
	      {"l1", "203.0.113.2", "...xxxxx", OUTLIER_NO},
	      {"l2", "203.0.113.2", "...xxxxx", OUTLIER_NO}},
	     "dd",
	     true},
	    {"one that begins to fail itself speaks for nobody",
	     TWO,
	     {{"l1", "203.0.113.1", "..xxxxxxx", OUTLIER_NO},
	      {"l1", "203.0.113.2", ".....xxxx", OUTLIER_NO},
	      {"l2", "203.0.113.1", "....xxxxx", OUTLIER_NO},
	      {"l2", "203.0.113.2", ".........", OUTLIER_NO}},
	     "dd",
	     true},
	    {"back on one link only: on the other it has its time",
	     TWO,
	     {{"l1", "203.0.113.1", "..xxxxxx...", OUTLIER_NO},
	      {"l1", "203.0.113.2", "...........", OUTLIER_NO},
	      {"l2", "203.0.113.1", "..xxxxxxxxx", OUTLIER_ASIDE},
	      {"l2", "203.0.113.2", "...........", OUTLIER_NO}},
	     "uu",
	     false},
	    {"and one that begins to answer when its time is over does not take the link down",
	     TWO,
	     {{"l1", "203.0.113.1", "..xxxxxx.......", OUTLIER_NO},
	      {"l1", "203.0.113.2", "...............", OUTLIER_NO},
	      {"l2", "203.0.113.1", "..xxxxxxxxxxx .", OUTLIER_ASIDE},
	      {"l2", "203.0.113.2", "...............", OUTLIER_NO}},
	     "uu",
	     false},
	    {"who waits for a sibling's answer waits no longer than until it is there",
	     TWO,
	     {{"l1", "203.0.113.1", "..xxx ", OUTLIER_NO},
	      {"l2", "203.0.113.1", "...xx.", OUTLIER_NO},
	      {"l1", "203.0.113.2", "..... ", OUTLIER_NO},
	      {"l2", "203.0.113.2", "..... ", OUTLIER_NO}},
	     "du",
	     false},
	    {"a link without a cable has nothing to say, and is not waited for",
	     THREE,
	     {{"l1", "203.0.113.1", "xxx", OUTLIER_ASIDE},
	      {"l1", "203.0.113.2", "...", OUTLIER_NO},
	      {"l2", "203.0.113.1", "xxx", OUTLIER_ASIDE},
	      {"l2", "203.0.113.2", "...", OUTLIER_NO}},
	     "uux",
	     false},
	    {"one that never answered is no better than one that died",
	     TWO,
	     {{"l1", "203.0.113.1", "xxxxxx", OUTLIER_ASIDE},
	      {"l1", "203.0.113.2", "......", OUTLIER_NO},
	      {"l2", "203.0.113.1", "xxxxxx", OUTLIER_ASIDE},
	      {"l2", "203.0.113.2", "......", OUTLIER_NO}},
	     "uu",
	     false},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(stories); i++)
		expect(&stories[i]);
}

/* While it is not known which of both it is, no verdict is passed, and that does not
 * last: not down and up again for a bad target. Nothing is set aside for a while either. */
static void
no_link_falls_before_it_is_known(void **state)
{
	static const struct {
		struct story story;
		unsigned aside;
	} cases[] = {
	    {{"it fails on the other link a little later",
	      TWO,
	      {{"l1", "203.0.113.1", "..xxxxxx", OUTLIER_ASIDE},
	       {"l1", "203.0.113.2", "........", OUTLIER_NO},
	       {"l2", "203.0.113.1", "...xxxxx", OUTLIER_ASIDE},
	       {"l2", "203.0.113.2", "........", OUTLIER_NO}},
	      "uu",
	      false},
	     2},
	    {{"it was asked there before it failed, and not since",
	      TWO,
	      {{"l1", "203.0.113.1", "..xxxxxx", OUTLIER_ASIDE},
	       {"l1", "203.0.113.2", "........", OUTLIER_NO},
	       {"l2", "203.0.113.1", "..  xxxx", OUTLIER_ASIDE},
	       {"l2", "203.0.113.2", "........", OUTLIER_NO}},
	      "uu",
	      false},
	     2},
	    {{"a third link is about to say that it is well",
	      THREE,
	      {{"l1", "203.0.113.1", "..xxxxxx", OUTLIER_NO},
	       {"l1", "203.0.113.2", "........", OUTLIER_NO},
	       {"l2", "203.0.113.1", "..xxxxxx", OUTLIER_NO},
	       {"l2", "203.0.113.2", "........", OUTLIER_NO},
	       {"l3", "203.0.113.1", "...xx...", OUTLIER_NO},
	       {"l3", "203.0.113.2", "........", OUTLIER_NO}},
	      "ddu",
	      false},
	     0},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		expect(&cases[i].story);
		if (told_aside != cases[i].aside || told_again != 0 ||
		    (cases[i].aside > 0 && falls > 0))
			fail_msg("%s: %u set aside, %u count again, %u falls", cases[i].story.name,
				 told_aside, told_again, falls);
	}
}

/* Not for ever, nor for less than a sibling's answer takes. */
static void
the_wait_has_its_bounds(void **state)
{
	static const struct {
		unsigned run_ms, wait_ms; /* losses so long, then waiting so long */
	} cases[] = {{300, 1000}, {2000, 2000}, {59000, 59000}, {61000, 60000}, {7200000, 60000}};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct target t = {.judge = {.status = TARGET_DOWN, .run_lost_ns = NSEC_PER_SEC},
				   .row.status_since_ns =
				       NSEC_PER_SEC + cases[i].run_ms * NSEC_PER_MSEC};

		assert_int_equal(outliers_wait_until(&t),
				 t.row.status_since_ns + cases[i].wait_ms * NSEC_PER_MSEC);
	}
}

/* Nothing comes of the sibling any more: then time alone ends the wait. */
static void
the_wait_ends_by_itself(void **state)
{
	struct conf *conf = must_read(TWO);
	struct moment now = {99 * NSEC_PER_SEC, 0};
	struct site *site = site_new(conf, now);
	static const struct story story = {"",
					   "",
					   {{"l1", "203.0.113.1", "..xxx ", OUTLIER_NO},
					    {"l2", "203.0.113.1", "...x  ", OUTLIER_NO},
					    {"l1", "203.0.113.2", "......", OUTLIER_NO},
					    {"l2", "203.0.113.2", "......", OUTLIER_NO}},
					   "",
					   false};
	bool all_down = false;

	(void)state;
	tell(site, &story, &all_down);
	assert_int_equal(target_of(site, &story.lines[0])->outlier, OUTLIER_WAIT);
	assert_int_equal(site->links[0]->row.health, HEALTH_UP);
	now.mono_ns = assess_due(site->links, site->nlinks);
	assert_int_equal(now.mono_ns, 108 * NSEC_PER_SEC); /* as long again as the run took */
	site_decide(site, now, &all_down, count_news, NULL);
	assert_int_equal(site->links[0]->row.health, HEALTH_DOWN);
	assert_int_equal(site->links[1]->row.health, HEALTH_UP);
	site_free(site);
	conf_free(conf);
}

/* A blackhole takes all targets of the link: its verdict waits for nobody. */
static void
a_dead_link_is_not_waited_for(void **state)
{
	struct conf *conf = must_read(TWO);
	struct moment start = {99 * NSEC_PER_SEC, 0};
	struct site *site = site_new(conf, start);
	static const struct story story = {"",
					   "",
					   {{"l1", "203.0.113.1", "..xxx", OUTLIER_NO},
					    {"l1", "203.0.113.2", "..xxx", OUTLIER_NO},
					    {"l2", "203.0.113.1", ".....", OUTLIER_NO},
					    {"l2", "203.0.113.2", ".....", OUTLIER_NO}},
					   "",
					   false};
	bool all_down = false;

	(void)state;
	tell(site, &story, &all_down);
	assert_int_equal(site->links[0]->row.health, HEALTH_DOWN);
	/* three probes, a second apart, the last one lost after a second */
	assert_int_equal(site->links[0]->row.detection_us, 3000000);
	site_free(site);
	conf_free(conf);
}

/* One that is dead for long has no part in how fast another fault was seen. */
static void
an_old_failure_does_not_count_for_the_time_of_detection(void **state)
{
	struct conf *conf = must_read(TIMES LINK("1", BAD GOOD) LINK("2", GOOD));
	struct moment start = {99 * NSEC_PER_SEC, 0};
	struct site *site = site_new(conf, start);
	static const struct story story = {"",
					   "",
					   {{"l1", "203.0.113.1", "..xxxxxxxxxxxxx", OUTLIER_NO},
					    {"l1", "203.0.113.2", "..........xxxxx", OUTLIER_NO},
					    {"l2", "203.0.113.2", "...............", OUTLIER_NO}},
					   "",
					   false};
	bool all_down = false;

	(void)state;
	tell(site, &story, &all_down);
	assert_int_equal(site->links[0]->row.health, HEALTH_DOWN);
	assert_int_equal(site->links[0]->row.detection_us, 3000000);
	site_free(site);
	conf_free(conf);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(bad_targets_are_told_from_dead_links),
	    cmocka_unit_test(no_link_falls_before_it_is_known),
	    cmocka_unit_test(the_wait_has_its_bounds),
	    cmocka_unit_test(the_wait_ends_by_itself),
	    cmocka_unit_test(a_dead_link_is_not_waited_for),
	    cmocka_unit_test(an_old_failure_does_not_count_for_the_time_of_detection),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
