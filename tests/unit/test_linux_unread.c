/* SPDX-License-Identifier: ISC */
/* A kernel that can't be read: others change so much that each dump is disturbed to its
 * end. What was known stays, and nothing is said of what was not. */
#include "linux_lab.h"

#include <errno.h>
#include <unistd.h>

#include "system/linux/netlink.h"

/* So many dumps, after the next skipped ones, are disturbed to the end. */
static unsigned skipped, disturbed;

int __real_netlink_dump(struct netlink *nl, struct nlmsghdr *nlh,
			const struct netlink_reader *reader);
int __wrap_netlink_dump(struct netlink *nl, struct nlmsghdr *nlh,
			const struct netlink_reader *reader);

int
__wrap_netlink_dump(struct netlink *nl, struct nlmsghdr *nlh, const struct netlink_reader *reader)
{
	if (skipped > 0)
		skipped--;
	else if (disturbed > 0) {
		disturbed--;
		if (reader->restart != NULL)
			reader->restart(reader->arg);
		errno = EINTR;
		return -1;
	}
	return __real_netlink_dump(nl, nlh, reader);
}

/* Others change so much that nothing can be read: what was known stays. */
static void
test_what_can_not_be_read_takes_no_link_away(void **state)
{
	(void)state;
	lab_make_wans(2);
	netns_run(-1, "ip route add default via 10.0.2.1 dev wan2 metric 5");
	lab_configure("link \"a\" { index 1; interface wan1; gateway 10.0.1.1 }\n"
		      "link \"b\" { index 2; interface wan2; gateway auto inet }\n");
	for (unsigned first = 0; first < 4; first++) {
		skipped = first; /* interfaces, addresses, routes of IPv4, of IPv6 */
		disturbed = 1;
		assert_int_equal(sys_routing_resync(lab.r), -1);
		assert_int_equal(disturbed, 0);
		netns_run(-1,
			  "ip addr add 10.99.0.1/32 dev wan1; ip addr add 10.99.0.2/32 dev wan2; "
			  "ip addr del 10.99.0.1/32 dev wan1; ip addr del 10.99.0.2/32 dev wan2");
		skipped = 0;
		disturbed = first > 1; /* the defaults are read again, too */
		(void)sys_routing_read(lab.r);
		disturbed = 0;
		lab_read_for(20);
		for (unsigned i = 1; i <= 2; i++) {
			assert_int_not_equal(lab.facts[i].ifindex, 0);
			assert_true(addr_is_set(&lab.facts[i].route[V4].source));
			assert_true(addr_is_set(&lab.facts[i].route[V4].gateway));
		}
	}
	assert_int_equal(sys_routing_resync(lab.r), 0);
	assert_true(lab_shows("ip route show table 7002", "default via 10.0.2.1"));
	assert_int_equal(lab.drifts, 0);
}

/* At a start, too: nothing is said of a link, and what an earlier run left stays. */
static void
test_a_start_that_can_not_read_is_begun_again(void **state)
{
	char before[4096], after[4096], error[256];
	const char *ours = "ip -4 route show table all proto 77; ip rule";

	(void)state;
	lab_make_wans(2);
	lab_configure(lab_links(2, "", ""));
	netns_output(-1, ours, before, sizeof(before));
	lab_forget();
	lab.facts_calls = 0;
	disturbed = 1;
	assert_int_equal(lab_try_to_configure(lab_links(2, "", ""), error, sizeof(error)), -1);
	assert_int_equal(errno, EINTR);
	assert_int_equal(lab.facts_calls, 0);
	netns_output(-1, ours, after, sizeof(after));
	assert_string_equal(after, before);
	lab_configure(lab_links(2, "", ""));
	assert_int_equal(lab.facts_calls, 2);
	assert_true(addr_is_set(&lab.facts[1].route[V4].source));
	netns_output(-1, ours, after, sizeof(after));
	assert_string_equal(after, before);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    LAB_TEST(test_what_can_not_be_read_takes_no_link_away),
	    LAB_TEST(test_a_start_that_can_not_read_is_begun_again),
	};

	if (geteuid() != 0)
		return 77; /* skipped: namespaces need root */
	return cmocka_run_group_tests(tests, NULL, NULL);
}
