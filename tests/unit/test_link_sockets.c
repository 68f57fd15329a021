/* SPDX-License-Identifier: ISC */
/* How many sockets prober and runner may have: enough for any configuration, and no
 * flood. */
#include "unit.h"

#include "common/clock.h"
#include "parent/link_sockets.h"

static void
test_ration(void **state)
{
	struct socket_ration r = {0};
	uint64_t now = 5 * NSEC_PER_SEC;
	unsigned had = 0;
	int flood = 0;

	(void)state;
	/* a thousand targets that are asked each second, all at once */
	for (int i = 0; i < 1000; i++)
		assert_true(link_sockets_ration(&r, now, &flood));
	for (had = 1000; link_sockets_ration(&r, now, &flood); had++)
		;
	assert_in_range(had, 3000, 5000);
	assert_int_equal(flood, 0);
	/* a second later, as many again */
	now += NSEC_PER_SEC;
	for (had = 0; link_sockets_ration(&r, now, &flood); had++)
		;
	assert_in_range(had, 3000, 5000);
	/* who goes on without end is told apart from who has had bad luck */
	for (int i = 0; i < 5000; i++)
		assert_false(link_sockets_ration(&r, now, &flood) || flood);
	now += NSEC_PER_SEC / 1000;
	assert_true(link_sockets_ration(&r, now, &flood));
	for (had = 0; !flood && had < 100000; had++)
		link_sockets_ration(&r, now, &flood);
	assert_in_range(had, 9000, 11000);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(test_ration)};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
