/* SPDX-License-Identifier: ISC */
/* An index never changes its meaning, and its mark never meets another's. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "read_conf.h"

static struct conf_index_map map;
static char error[256];

static int
clear(void **state)
{
	(void)state;
	memset(&map, 0, sizeof map);
	error[0] = '\0';
	return 0;
}

/* A configuration with these links, each "NAME" or "NAME=INDEX" where it is pinned. */
static struct conf *
links(const char *names)
{
	char copy[256], text[2048] = "", *rest = copy;
	unsigned n = 0;

	snprintf(copy, sizeof copy, "%s", names);
	for (char *name; (name = strsep(&rest, " ")) != NULL;) {
		char *index = strchr(name, '=');
		size_t used = strlen(text);
		if (index != NULL)
			*index++ = '\0';
		snprintf(text + used, sizeof text - used,
			 "link %s { interface wan%u; gateway auto; %s%s }\n", name, ++n,
			 index != NULL ? "index " : "", index != NULL ? index : "");
	}
	return must_read(text);
}

static void
expect_indexes(const char *names, const unsigned *indexes)
{
	struct conf *conf = links(names);

	if (conf_assign_indexes(conf, &map, error, sizeof error) != 0)
		fail_msg("%s: %s", names, error);
	for (size_t i = 0; i < conf->nlinks; i++) {
		assert_int_equal(conf->links[i].index, indexes[i]);
		assert_string_equal(map.name[indexes[i]], conf->links[i].name);
		assert_ptr_equal(conf_link_by_index(conf, indexes[i]), &conf->links[i]);
	}
	assert_null(conf_link_by_index(conf, 0));
	assert_null(conf_link_by_index(conf, LINKS_MAX + 1));
	conf_free(conf);
}
#define EXPECT(names, ...) expect_indexes(names, (const unsigned[]){__VA_ARGS__})

/* Refused, with a reason, and nothing has changed. */
static void
expect_refused(const char *names, const char *reason)
{
	struct conf_index_map before = map;
	struct conf *conf = links(names), *same = links(names);

	assert_int_equal(conf_assign_indexes(conf, &map, error, sizeof error), -1);
	if (strstr(error, reason) == NULL)
		fail_msg("%s: %s", names, error);
	assert_memory_equal(&map, &before, sizeof map);
	assert_true(same_conf(conf, same));
	conf_free(conf);
	conf_free(same);
}

static void
test_first(void **state)
{
	(void)state;
	EXPECT("a b c", 1, 2, 3);
	assert_string_equal(map.name[4], "");
}

static void
test_kept(void **state)
{
	(void)state;
	EXPECT("a b c", 1, 2, 3);
	EXPECT("c a b", 3, 1, 2);
	EXPECT("b", 2);
	EXPECT("a b c", 1, 2, 3);
}

static void
test_never_reused(void **state)
{
	(void)state;
	EXPECT("a b", 1, 2);
	EXPECT("b c", 2, 3);
	EXPECT("d", 4);
	EXPECT("a d", 1, 4);
}

static void
test_pinned(void **state)
{
	(void)state;
	EXPECT("a b=1 c", 2, 1, 3);
	EXPECT("d e=1022 f", 4, 1022, 5);
	EXPECT("b=1 a=2", 1, 2);
	EXPECT("e", 1022); /* without its pin: as before */
}

static void
test_pinned_conflict(void **state)
{
	(void)state;
	EXPECT("a b", 1, 2);
	expect_refused("c=1", "index 1 belongs to link \"a\", and is never given to another name");
	expect_refused("x b=1", "belongs to link \"a\"");
}

static void
test_full(void **state)
{
	(void)state;
	for (unsigned n = 1; n <= LINKS_MAX; n++)
		snprintf(map.name[n], sizeof map.name[n], "old%u", n);
	expect_refused("a", "each of the 1022 indexes was given to some link already");
	EXPECT("old77 old1022", 77, 1022);
	strcpy(map.name[500], "");
	EXPECT("a", 500);
	expect_refused("a b", "each of the 1022 indexes");
}

/* A narrow mark mask bounds the indexes too. */
static void
test_narrow_mask(void **state)
{
	(void)state;
	struct conf *conf = must_read("mark mask 0x700\nlink a { interface wan1; gateway auto }");
	assert_int_equal(conf_index_max(conf), 3);
	strcpy(map.name[1], "x");
	strcpy(map.name[2], "y");
	strcpy(map.name[3], "z");
	assert_int_equal(conf_assign_indexes(conf, &map, error, sizeof error), -1);
	strcpy(map.name[3], "");
	assert_int_equal(conf_assign_indexes(conf, &map, error, sizeof error), 0);
	assert_int_equal(conf->links[0].index, 3);
	conf_free(conf);

	conf = must_read("mark mask 0x700\nlink a { interface wan1; gateway auto }\nindex a 4");
	assert_int_equal(conf_assign_indexes(conf, &map, error, sizeof error), -1);
	assert_non_null(strstr(error, "index 4 is too large for mark mask 0x700"));
	conf_free(conf);

	strcpy(map.name[3], "z");
	strcpy(map.name[4], "a");
	conf = must_read("mark mask 0x700\nlink a { interface wan1; gateway auto }");
	assert_int_equal(conf_assign_indexes(conf, &map, error, sizeof error), -1);
	assert_non_null(strstr(error, "has index 4, which is too large for mark mask 0x700"));
	conf_free(conf);
}

/* What one process gave, the others read from the lines that it adds. */
static void
test_handover(void **state)
{
	static const char file[] =
	    "link a { interface wan1; gateway auto }\n"
	    "link b { interface wan2; gateway auto; index 77 }\n"
	    "link \"c \\\"quoted\\\" \\\\\" { interface wan3; gateway auto } # ends within a line";
	char *text = NULL;
	size_t size;

	(void)state;
	strcpy(map.name[1], "gone");
	struct conf *parent = must_read(file);
	assert_int_equal(conf_assign_indexes(parent, &map, error, sizeof error), 0);
	FILE *out = open_memstream(&text, &size);
	fputs(file, out);
	conf_print_indexes(parent, out);
	fputs("index nobody 500\nindex a 2\n", out); /* once more is no harm */
	fclose(out);
	struct conf *child = must_read(text);
	assert_true(same_conf(parent, child));
	assert_int_equal(child->links[0].index, 2);
	assert_false(child->links[0].pinned);
	assert_true(child->links[1].pinned);
	assert_string_equal(child->links[2].name, "c \"quoted\" \\");
	assert_int_equal(child->links[2].index, 3);
	conf_free(child);
	conf_free(parent);
	free(text);
}

/* No mark of a link is 0, leaves the mask, touches the probe bit or meets another. */
static void
test_marks(void **state)
{
	static const struct {
		const char *text;
		uint32_t probe, mask, first;
		unsigned most;
	} masks[] = {
	    {"", 0x40000, 0x3ff00, 0x100, 1022},
	    {"mark mask 0x7ff00\n", 0x40000, 0x3ff00, 0x100, 1022},
	    {"mark mask 0x3\n", 0x2, 0x1, 0x1, 1},
	    {"mark mask 0xff\n", 0x80, 0x7f, 0x1, 127},
	    {"mark mask 0xfff00000\n", 0x80000000, 0x7ff00000, 0x100000, 1022},
	    {"mark mask 0xffffffff\n", 0x80000000, 0x7fffffff, 0x1, 1022},
	};
	char text[128];

	(void)state;
	for (size_t i = 0; i < sizeof masks / sizeof *masks; i++) {
		snprintf(text, sizeof text, "%slink a { interface wan1; gateway auto }",
			 masks[i].text);
		struct conf *conf = must_read(text);
		assert_int_equal(conf_probe_mark(conf), masks[i].probe);
		assert_int_equal(conf_link_mark_mask(conf), masks[i].mask);
		assert_int_equal(conf_index_max(conf), masks[i].most);
		uint32_t last = 0;
		for (unsigned n = 1; n <= masks[i].most; n++) {
			uint32_t mark = conf_link_mark(conf, n);
			assert_int_equal(mark, last + masks[i].first);
			assert_int_equal(mark & ~masks[i].mask, 0);
			last = mark;
		}
		conf_free(conf);
	}
}

static void
test_known_marks(void **state)
{
	static const struct {
		unsigned index;
		uint32_t mark;
	} cases[] = {{1, 0x100},    {99, 0x6300},   {154, 0x9a00},
		     {255, 0xff00}, {256, 0x10000}, {1022, 0x3fe00}};
	struct conf *conf = links("a");

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
		assert_int_equal(conf_link_mark(conf, cases[i].index), cases[i].mark);
	conf_free(conf);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test_setup(test_first, clear),
	    cmocka_unit_test_setup(test_kept, clear),
	    cmocka_unit_test_setup(test_never_reused, clear),
	    cmocka_unit_test_setup(test_pinned, clear),
	    cmocka_unit_test_setup(test_pinned_conflict, clear),
	    cmocka_unit_test_setup(test_full, clear),
	    cmocka_unit_test_setup(test_narrow_mask, clear),
	    cmocka_unit_test_setup(test_handover, clear),
	    cmocka_unit_test(test_marks),
	    cmocka_unit_test(test_known_marks),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
