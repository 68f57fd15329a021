/* SPDX-License-Identifier: ISC */
/* The index map comes back as it was stored; a file that is not one is refused
 * whole, with a reason. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "parent/indexes.h"

static struct conf_index_map map;
static char error[256];

static void
test_round_trip(void **state)
{
	static struct conf_index_map in;
	size_t len;
	char *text;

	(void)state;
	strcpy(in.name[1], "fibre");
	strcpy(in.name[99], "lte \"x\" \\ \xc3\xa9");
	memset(in.name[LINKS_MAX], 'n', NAME_LEN);
	text = indexes_text(&in, &len);
	assert_non_null(text);
	assert_int_equal(indexes_parse(text, len, &map, error, sizeof(error)), 0);
	assert_memory_equal(&in, &map, sizeof(map));
	free(text);
}

static void
test_empty_map(void **state)
{
	static const struct conf_index_map none;
	size_t len;
	char *text = indexes_text(&none, &len);

	(void)state;
	assert_int_equal(indexes_parse(text, len, &map, error, sizeof(error)), 0);
	assert_memory_equal(&none, &map, sizeof(map));
	free(text);
}

static void
test_refused(void **state)
{
#define ONE(entry) "{\"version\":1,\"links\":[" entry "]}"
	static const char *const texts[] = {
	    "",
	    "{",
	    "[]",
	    "null",
	    "{\"links\":[]}",
	    "{\"version\":1}",
	    "{\"version\":2,\"links\":[]}", /* of a newer program */
	    "{\"version\":\"1\",\"links\":[]}",
	    "{\"version\":1,\"links\":{}}",
	    "{\"version\":1,\"links\":[]} x",
	    "{\"version\":1,\"version\":1,\"links\":[]}",
	    ONE("1"),
	    ONE("{\"index\":1}"),
	    ONE("{\"name\":\"a\"}"),
	    ONE("{\"index\":0,\"name\":\"a\"}"),
	    ONE("{\"index\":-1,\"name\":\"a\"}"),
	    ONE("{\"index\":1023,\"name\":\"a\"}"),
	    ONE("{\"index\":18446744073709551617,\"name\":\"a\"}"),
	    ONE("{\"index\":1.5,\"name\":\"a\"}"),
	    ONE("{\"index\":\"1\",\"name\":\"a\"}"),
	    ONE("{\"index\":1,\"name\":\"\"}"),
	    ONE("{\"index\":1,\"name\":7}"),
	    ONE("{\"index\":1,\"name\":\"a\\u0000b\"}"),
	    ONE("{\"index\":1,\"name\":\"a\\u001bb\"}"),
	    ONE("{\"index\":1,\"name\":\"012345678901234567890123456789012\"}"),
	    ONE("{\"index\":1,\"name\":\"a\"},{\"index\":1,\"name\":\"b\"}"),
	    ONE("{\"index\":1,\"name\":\"a\"},{\"index\":2,\"name\":\"a\"}"),
	};
	static const struct conf_index_map none;

	(void)state;
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		error[0] = '\0';
		if (indexes_parse(texts[i], strlen(texts[i]), &map, error, sizeof(error)) == 0)
			fail_msg("taken: %s", texts[i]);
		if (error[0] == '\0')
			fail_msg("no reason for: %s", texts[i]);
		assert_memory_equal(&none, &map, sizeof(map));
	}
}

static void
test_file(void **state)
{
	char path[] = "/tmp/test_indexes.XXXXXX";
	int fd = mkstemp(path);
	static const char text[] = ONE("{\"index\":7,\"name\":\"dsl\"}");

	(void)state;
	assert_true(fd >= 0);
	assert_int_equal(write(fd, text, strlen(text)), strlen(text));
	assert_int_equal(indexes_load(path, &map, error, sizeof(error)), 0);
	assert_string_equal(map.name[7], "dsl");
	assert_int_equal(ftruncate(fd, 3), 0);
	assert_int_equal(indexes_load(path, &map, error, sizeof(error)), -1);
	close(fd);
	unlink(path);
	assert_int_equal(indexes_load(path, &map, error, sizeof(error)), 1);
	assert_int_equal(indexes_load("/dev/zero", &map, error, sizeof(error)), -1);
}

static void
set_row(struct board *b, unsigned slot, unsigned index, const char *name)
{
	b->links[slot].index = (uint16_t)index;
	snprintf(b->links[slot].name, sizeof(b->links[slot].name), "%s", name);
}

static void
test_names_of_the_board(void **state)
{
	struct board *b = calloc(1, sizeof(*b));

	(void)state;
	assert_non_null(b);
	set_row(b, 1, 1, "fibre");
	set_row(b, 2, 2, "gone");
	b->links[2].removed = 1;
	set_row(b, 3, 4, "elsewhere"); /* a row in another's place */
	set_row(b, 5, 5, "fibre");     /* a name that has another index */
	set_row(b, 6, 6, "bad\nname");
	memset(b->links[7].name, 'x', sizeof(b->links[7].name)); /* without an end */
	b->links[7].index = 7;
	set_row(b, 9, 9, "behind"); /* nobody has written so far: not even looked at */
	b->global.link_slots = 9;
	indexes_from_board(b, &map);
	assert_string_equal(map.name[1], "fibre");
	assert_string_equal(map.name[2], "gone");
	for (unsigned i = 3; i <= LINKS_MAX; i++)
		assert_string_equal(map.name[i], "");
	b->global.link_slots = UINT32_MAX; /* whatever it says, there are no more */
	indexes_from_board(b, &map);
	assert_string_equal(map.name[9], "behind");
	free(b);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_round_trip),
	    cmocka_unit_test(test_empty_map),
	    cmocka_unit_test(test_refused),
	    cmocka_unit_test(test_file),
	    cmocka_unit_test(test_names_of_the_board),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
