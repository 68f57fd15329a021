/* SPDX-License-Identifier: ISC */
/* How large a configuration may be, and that rubbish is bounded in what it costs. */
#include "unit.h"

#include <stdio.h>
#include <stdlib.h>

#include "read_conf.h"
#include "conf/draft.h"

/* A file of so many links with so many targets each. */
static char *
make_file(unsigned links, unsigned targets)
{
	char *text = NULL;
	size_t size;
	FILE *out = open_memstream(&text, &size);

	assert_non_null(out);
	for (unsigned i = 1; i <= links; i++) {
		fprintf(out, "link l%u { interface wan%u; gateway 192.0.2.1\n", i, i);
		for (unsigned t = 1; t <= targets; t++)
			fprintf(out, "target 203.0.%u.%u\n", t / 250, t % 250 + 1);
		fprintf(out, "}\n");
	}
	fclose(out);
	return text;
}

static void
expect_bound(unsigned links, unsigned targets, int line, const char *message)
{
	struct reading r;
	char *text = make_file(links, targets);

	read_conf(&r, text);
	if (message == NULL) {
		assert_int_equal(r.mistakes, 0);
		assert_int_equal(r.conf->nlinks, links);
		assert_int_equal(r.conf->links[links - 1].ntargets, targets);
	} else {
		show_said(&r);
		assert_int_equal(r.nsaid, 1);
		assert_int_equal(r.said[0].line, line);
		assert_non_null(strstr(r.said[0].message, message));
	}
	forget_conf(&r);
	free(text);
}

static void
test_bounds(void **state)
{
	(void)state;
	expect_bound(LINKS_MAX, 2, 0, NULL);
	expect_bound(LINKS_MAX + 3, 2, LINKS_MAX * 4 + 1, "more than 1022 links");
	expect_bound(1, LINK_TARGETS_MAX, 0, NULL);
	expect_bound(1, LINK_TARGETS_MAX + 3, LINK_TARGETS_MAX + 2,
		     "more than 64 targets for one link");
	expect_bound(TARGETS_MAX / 64, 64, 0, NULL);
	expect_bound(TARGETS_MAX / 64 + 2, 64, TARGETS_MAX / 64 * 66 + 1,
		     "more than 16384 targets in all");
}

/* 64 targets, and one more for the gateway of the other IP version. */
static void
test_bound_with_gateway(void **state)
{
	struct reading r;
	char *file = make_file(1, LINK_TARGETS_MAX), text[4096];

	(void)state;
	file[strlen(file) - 2] = '\0'; /* its last brace */
	snprintf(text, sizeof text, "%sgateway fe80::1 }", file);
	read_conf(&r, text);
	assert_int_equal(r.nsaid, 1);
	assert_non_null(strstr(r.said[0].message, "with its gateways"));
	free(file);
}

/* Whatever is thrown at it: bounded in what it says, and in depth. */
static void
test_rubbish(void **state)
{
	static const char *const units[] = {"{",   "}",         "a {",   "link a {",
					    "x\n", ";",         "\"",    "link a { target b {",
					    "\\",  "link x {}", "snmp {"};
	const size_t size = CONF_FILE_MAX;
	char *text = malloc(size);
	static struct reading r;

	(void)state;
	assert_non_null(text);
	for (size_t i = 0; i < ARRAY_LEN(units); i++) {
		for (size_t at = 0; at < size; at++)
			text[at] = units[i][at % strlen(units[i])];
		read_conf_octets(&r, text, size);
		assert_null(r.conf);
		assert_in_range(r.mistakes, 1, MISTAKES_MAX);
	}
	free(text);
}

/* Lines of indexes are bounded too, also those that say the same again. */
static void
test_many_indexes(void **state)
{
	char *text = NULL;
	size_t size;
	struct reading r;
	FILE *out = open_memstream(&text, &size);

	(void)state;
	assert_non_null(out);
	fputs(AB, out);
	for (unsigned i = 0; i <= LINKS_MAX; i++)
		fputs("index a 7\n", out);
	fclose(out);
	read_conf(&r, text);
	assert_int_equal(r.nsaid, 1);
	assert_int_equal(r.said[0].line, LINKS_MAX + 3);
	assert_non_null(strstr(r.said[0].message, "more than 1022 lines with an index"));
	free(text);
}

static void
test_size(void **state)
{
	struct reading r;
	char *text = malloc(CONF_TEXT_MAX + 1);

	(void)state;
	assert_non_null(text);
	memset(text, '#', CONF_TEXT_MAX + 1);
	memcpy(text, AB, sizeof AB - 1);
	read_conf_octets(&r, text, CONF_TEXT_MAX);
	assert_int_equal(r.nsaid, 0);
	forget_conf(&r);
	read_conf_octets(&r, text, CONF_TEXT_MAX + 1);
	assert_int_equal(r.nsaid, 1);
	assert_int_equal(r.said[0].line, 1);
	assert_non_null(strstr(r.said[0].message, "larger than 1048576 octets"));
	free(text);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_bounds),  cmocka_unit_test(test_bound_with_gateway),
	    cmocka_unit_test(test_rubbish), cmocka_unit_test(test_many_indexes),
	    cmocka_unit_test(test_size),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
