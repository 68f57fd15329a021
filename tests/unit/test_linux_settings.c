/* SPDX-License-Identifier: ISC */
/* Kernel settings: changed where failover needs it, told of, and nothing else. */
#include "linux_lab.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

static struct {
	unsigned count, problems;
	char text[32][256];
} said;

static void
on_report(void *arg, bool problem, const char *text)
{
	(void)arg;
	assert_true(said.count < ARRAY_LEN(said.text));
	snprintf(said.text[said.count++], sizeof(said.text[0]), "%s", text);
	said.problems += problem;
}

static void
settle(void)
{
	memset(&said, 0, sizeof(said));
	sys_settings(lab.conf, on_report, NULL);
}

static bool
was_said(const char *what)
{
	for (unsigned i = 0; i < said.count; i++)
		if (strstr(said.text[i], what) != NULL)
			return true;
	return false;
}

static void
is(const char *name, const char *value)
{
	char path[128], text[16];
	FILE *f;

	snprintf(path, sizeof(path), "/proc/sys/net/%s", name);
	f = fopen(path, "re");
	assert_non_null(f);
	assert_non_null(fgets(text, sizeof(text), f));
	fclose(f);
	text[strcspn(text, "\n")] = '\0';
	if (strcmp(text, value) != 0)
		fail_msg("%s is %s, not %s", name, text, value);
}

static void
start(void)
{
	lab_make_wans(3);
	netns_run(-1, "sysctl -qw net.ipv4.fib_multipath_hash_policy=0 net.ipv4.ip_forward=0 "
		      "net.ipv6.fib_multipath_hash_policy=0 net.ipv4.conf.all.rp_filter=0 "
		      "net.ipv4.conf.wan1.rp_filter=1 net.ipv4.conf.wan2.rp_filter=0 "
		      "net.ipv4.conf.wan3.rp_filter=1 "
		      "net.ipv4.conf.all.promote_secondaries=0 "
		      "net.ipv4.conf.wan1.promote_secondaries=0");
	lab.conf = must_read(lab_links(2, "", ""));
}

static void
test_sets_what_failover_needs(void **state)
{
	(void)state;
	start();
	settle();
	assert_int_equal(said.problems, 0);
	is("ipv4/fib_multipath_hash_policy", "1");
	is("ipv6/fib_multipath_hash_policy", "1");
	is("ipv4/conf/wan1/rp_filter", "2");
	is("ipv4/conf/wan1/ignore_routes_with_linkdown", "1");
	is("ipv6/conf/wan2/ignore_routes_with_linkdown", "1");
	is("ipv4/conf/wan1/promote_secondaries", "1");
	assert_true(was_said("ipv4/conf/wan1/rp_filter: 1 -> 2"));
	/* what was right, or is none of ours, stays */
	is("ipv4/conf/wan2/rp_filter", "0");
	is("ipv4/conf/wan3/rp_filter", "1");
	is("ipv4/conf/wan3/ignore_routes_with_linkdown", "0");
	is("ipv4/ip_forward", "0");
	assert_true(was_said("ip_forward is 0"));
	settle();
	assert_false(was_said("->"));
}

static void
test_an_interface_that_has_just_appeared(void **state)
{
	(void)state;
	start();
	memset(&said, 0, sizeof(said));
	sys_settings_link(lab.conf, 1, on_report, NULL);
	sys_settings_link(lab.conf, 77, on_report, NULL);
	is("ipv4/conf/wan1/rp_filter", "2");
	is("ipv4/conf/wan1/ignore_routes_with_linkdown", "1");
	is("ipv4/conf/wan2/ignore_routes_with_linkdown", "0");
}

static void
test_a_strict_filter_for_all_counts(void **state)
{
	(void)state;
	start();
	netns_run(-1, "sysctl -qw net.ipv4.conf.all.rp_filter=1");
	settle();
	is("ipv4/conf/wan2/rp_filter", "2");
	is("ipv4/conf/wan3/rp_filter", "1");
	is("ipv4/conf/all/rp_filter", "1");
}

static void
test_a_choice_of_hash_stays(void **state)
{
	(void)state;
	start();
	netns_run(-1, "sysctl -qw net.ipv4.fib_multipath_hash_policy=2");
	settle();
	is("ipv4/fib_multipath_hash_policy", "2");
}

static void
test_router_advertisements_that_are_not_taken(void **state)
{
	(void)state;
	start();
	conf_free(lab.conf);
	lab.conf = must_read("link \"a\" { index 1; interface wan1; gateway auto }\n"
			     "link \"b\" { index 2; interface wan2; gateway 10.0.2.1 }\n");
	netns_run(-1, "sysctl -qw net.ipv6.conf.all.forwarding=1 net.ipv6.conf.wan1.accept_ra=1");
	settle();
	assert_true(was_said("ipv6/conf/wan1/accept_ra is 1"));
	netns_run(-1, "sysctl -qw net.ipv6.conf.wan1.accept_ra=2");
	settle();
	assert_false(was_said("accept_ra"));
}

static void
test_what_is_not_allowed_is_a_problem_with_a_remedy(void **state)
{
	const char *step;
	pid_t pid;
	int status;

	(void)state;
	start();
	pid = fork();
	assert_int_not_equal(pid, -1);
	if (pid == 0) {
		if (sys_confine(SYS_ROLE_ENGINE, "nobody", &step) != 0)
			_exit(2);
		settle();
		_exit(said.problems > 0 && was_said("set it to 1") ? 0 : 1);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFEXITED(status));
	assert_int_equal(WEXITSTATUS(status), 0);
}

static void
test_an_interface_that_is_not_there_is_no_problem(void **state)
{
	(void)state;
	start();
	conf_free(lab.conf);
	lab.conf = must_read("link \"a\" { index 1; interface none7; gateway 10.0.1.1 }\n"
			     "link \"b\" { index 2; interface wan2; gateway 10.0.2.1 }\n");
	settle();
	assert_int_equal(said.problems, 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    LAB_TEST(test_sets_what_failover_needs),
	    LAB_TEST(test_an_interface_that_has_just_appeared),
	    LAB_TEST(test_a_strict_filter_for_all_counts),
	    LAB_TEST(test_a_choice_of_hash_stays),
	    LAB_TEST(test_router_advertisements_that_are_not_taken),
	    LAB_TEST(test_what_is_not_allowed_is_a_problem_with_a_remedy),
	    LAB_TEST(test_an_interface_that_is_not_there_is_no_problem),
	};

	if (geteuid() != 0)
		return 77; /* skipped: namespaces need root */
	return cmocka_run_group_tests(tests, NULL, NULL);
}
