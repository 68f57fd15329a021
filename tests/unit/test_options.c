/* SPDX-License-Identifier: ISC */
/* The command line: what is taken, what is refused, and that paths are whole. */
#include "unit.h"

#include <getopt.h>
#include <stdio.h>
#include <unistd.h>

#include "parent/options.h"

static struct options o;

static enum options_verdict
parse(const char *line)
{
	static char copy[256];
	char *argv[16] = {(char *)"uplinkd"}, *word, *rest = copy;
	int argc = 1;

	snprintf(copy, sizeof(copy), "%s", line);
	while ((word = strsep(&rest, " ")) != NULL)
		if (word[0] != '\0')
			argv[argc++] = word;
	optind = 0; /* begin again */
	return options_parse(argc, argv, &o);
}

static void
test_defaults(void **state)
{
	(void)state;
	assert_int_equal(parse(""), OPTIONS_RUN);
	assert_int_equal(o.role, ROLE_PARENT);
	assert_false(o.foreground || o.check || o.verbose);
	assert_string_equal(o.file, UPLINK_SYSCONFDIR "/uplinkd.conf");
	assert_string_equal(o.rundir, UPLINK_RUNDIR);
	assert_string_equal(o.statedir, UPLINK_STATEDIR);
	assert_string_equal(o.snmp_binary, UPLINK_LIBEXECDIR "/uplinkd-snmp");
	assert_string_equal(o.prober_binary, UPLINK_LIBEXECDIR "/uplinkd-prober");
	options_free(&o);
}

static void
test_all(void **state)
{
	char cwd[4096], whole[5000];

	(void)state;
	assert_int_equal(parse("-dnvv -f x.conf -r /r -S /s -s /b -p /p"), OPTIONS_RUN);
	assert_true(o.foreground && o.check);
	assert_int_equal(o.verbose, 2);
	assert_non_null(getcwd(cwd, sizeof(cwd)));
	snprintf(whole, sizeof(whole), "%s/x.conf", cwd);
	assert_string_equal(o.file, whole);
	assert_string_equal(o.rundir, "/r");
	assert_string_equal(o.statedir, "/s");
	assert_string_equal(o.snmp_binary, "/b");
	assert_string_equal(o.prober_binary, "/p");
	options_free(&o);
}

static void
test_roles(void **state)
{
	(void)state;
	assert_int_equal(parse("--role=engine --realtime"), OPTIONS_RUN);
	assert_true(o.role == ROLE_ENGINE && o.realtime);
	options_free(&o);
	assert_int_equal(parse("--role=worker"), OPTIONS_RUN);
	assert_true(o.role == ROLE_WORKER && !o.realtime);
	options_free(&o);
}

static void
test_refused(void **state)
{
	static const char *const lines[] = {"-x",        "-f",    "--role=king",
					    "--nothing", "start", "-d stop"};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(lines); i++)
		if (parse(lines[i]) != OPTIONS_WRONG)
			fail_msg("taken: %s", lines[i]);
	assert_int_equal(parse("-h"), OPTIONS_DONE);
	assert_int_equal(parse("--version"), OPTIONS_DONE);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_defaults),
	    cmocka_unit_test(test_all),
	    cmocka_unit_test(test_roles),
	    cmocka_unit_test(test_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
