/* SPDX-License-Identifier: ISC */
/* How many sockets a link's targets need: one for all of a kind, and one for each
 * connection that may be open at a time. */
#include "unit.h"

#include "parent/probe_sockets.h"

static const struct conf_probe slow = {.interval_ms = 1000, .timeout_ms = 1000, .down_after = 3},
			       fast = {.interval_ms = 100, .timeout_ms = 250, .down_after = 1},
			       most = {.interval_ms = 10, .timeout_ms = 320, .down_after = 1000};

static void
sockets_are_counted_by_kind(void **state)
{
	struct conf_target targets[] = {
	    {.method = METHOD_ICMP, .family = V4, .probe = slow},
	    {.method = METHOD_ICMP, .family = V4, .probe = slow},
	    {.method = METHOD_DNS, .family = V6, .probe = slow},
	    {.method = METHOD_DNS, .family = V6, .probe = slow},
	    {.method = METHOD_NEIGHBOUR, .family = V4, .probe = slow},
	    {.method = METHOD_TCP, .family = V4, .probe = slow},  /* 2, and a burst of 3 */
	    {.method = METHOD_TCP, .family = V4, .probe = fast},  /* 3, and a burst of 3 */
	    {.method = METHOD_TCP, .family = V6, .probe = most},  /* no more than may wait */
	    {.method = METHOD_HTTP, .family = V6, .probe = slow}, /* another process's */
	};
	struct conf_link link = {.targets = targets, .ntargets = ARRAY_LEN(targets)};
	struct probe_sockets s = probe_sockets_needed(&link, 0);
	unsigned all = 0;

	(void)state;
	assert_int_equal(s.n[METHOD_ICMP][V4], 1);
	assert_int_equal(s.n[METHOD_DNS][V6], 1);
	assert_int_equal(s.n[METHOD_NEIGHBOUR][V4], 1);
	assert_int_equal(s.n[METHOD_TCP][V4], 5 + 6);
	assert_int_equal(s.n[METHOD_TCP][V6], INFLIGHT_MAX);
	for (unsigned m = 0; m < PROBE_METHODS; m++)
		all += s.n[m][V4] + s.n[m][V6];
	assert_int_equal(all, 1 + 1 + 1 + 11 + INFLIGHT_MAX);
}

/* Where few may be open, all links have the same share of theirs, and one at least. */
static void
what_may_be_open_is_shared(void **state)
{
	struct conf_target targets[] = {
	    {.method = METHOD_ICMP, .family = V4, .probe = slow},
	    {.method = METHOD_TCP, .family = V4, .probe = slow},
	    {.method = METHOD_TCP, .family = V6, .probe = slow},
	};
	struct conf_link links[20];
	struct conf conf = {.links = links, .nlinks = ARRAY_LEN(links)};

	(void)state;
	for (size_t i = 0; i < conf.nlinks; i++)
		links[i] = (struct conf_link){.targets = targets, .ntargets = ARRAY_LEN(targets)};
	assert_int_equal(probe_sockets_left_out(&conf, 20 * 11 + 2), 0);
	for (unsigned room = 0; room < 20 * 11 + 2; room++) {
		unsigned left_out = probe_sockets_left_out(&conf, room);
		struct probe_sockets s = probe_sockets_needed(&links[0], left_out);

		assert_in_range(left_out, 1, 1000);
		assert_int_equal(s.n[METHOD_ICMP][V4], 1);
		assert_in_range(s.n[METHOD_TCP][V4], 1, 5);
		assert_int_equal(s.n[METHOD_TCP][V4], s.n[METHOD_TCP][V6]);
		assert_int_equal(s.n[METHOD_DNS][V4], 0);
		if (room >= 2 + 20 * 3)
			assert_true(20U * (1 + 2 * s.n[METHOD_TCP][V4]) + 2 <= room);
	}
	assert_int_equal(probe_sockets_needed(&(struct conf_link){0}, 1000).n[METHOD_TCP][V4], 0);
}

static void
a_link_without_targets_needs_none(void **state)
{
	struct conf_link link = {0};
	struct probe_sockets s = probe_sockets_needed(&link, 0);
	static const struct probe_sockets none;

	(void)state;
	assert_memory_equal(&s, &none, sizeof(s));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(sockets_are_counted_by_kind),
	    cmocka_unit_test(what_may_be_open_is_shared),
	    cmocka_unit_test(a_link_without_targets_needs_none),
	};

	return cmocka_run_group_tests_name("probe_sockets", tests, NULL, NULL);
}
