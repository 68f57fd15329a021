/* SPDX-License-Identifier: ISC */
/* Every mistake in the file is said; the text that the children get
 * reads as the same configuration, with the indexes that the parent gave. */
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "parent/configfile.h"

static char path[64];
static unsigned said;

static void
say(bool error, const char *line)
{
	(void)error;
	(void)line;
	said++;
}

static int
make_file(const char *text, size_t times)
{
	int fd;

	strcpy(path, "/tmp/test_configfile.XXXXXX");
	fd = mkstemp(path);
	assert_true(fd >= 0);
	for (size_t i = 0; i < times; i++)
		assert_int_equal(write(fd, text, strlen(text)), strlen(text));
	close(fd);
	said = 0;
	return 0;
}

static void
test_every_mistake_is_said(void **state)
{
	struct configfile file;
	char expected[128];

	(void)state;
	make_file("nonsense 1\n", 200);
	assert_int_equal(configfile_read(path, &file, say), -1);
	assert_in_range(file.mistakes, 2, 200);
	assert_int_equal(said, file.mistakes);
	snprintf(expected, sizeof(expected), "%s:1: ", path);
	assert_int_equal(strncmp(file.first, expected, strlen(expected)), 0);
	configfile_free(&file);
	unlink(path);
}

static void
test_not_a_file(void **state)
{
	static const char *const paths[] = {"/nonexistent/uplinkd.conf", "/tmp", "/dev/zero"};
	struct configfile file;

	(void)state;
	for (size_t i = 0; i < sizeof(paths) / sizeof(paths[0]); i++) {
		said = 0;
		assert_int_equal(configfile_read(paths[i], &file, say), -1);
		assert_int_equal(said, 1);
		assert_int_equal(file.mistakes, 1);
		configfile_free(&file);
	}
}

static void
test_named_pipe_does_not_hold_it(void **state)
{
	struct configfile file;

	(void)state;
	make_file("", 1);
	unlink(path);
	assert_int_equal(mkfifo(path, 0600), 0);
	assert_int_equal(configfile_read(path, &file, say), -1);
	assert_non_null(strstr(file.first, "not a regular file"));
	configfile_free(&file);
	unlink(path);
}

static void
test_too_large(void **state)
{
	struct configfile file;

	(void)state;
	make_file("# 4567890123456789012345678901\n", (1 << 15) + 4096);
	assert_int_equal(configfile_read(path, &file, say), -1);
	assert_non_null(strstr(file.first, "larger"));
	configfile_free(&file);
	unlink(path);
}

static void
fail_on_complaint(void *arg, bool error, const char *name, int line, const char *message)
{
	(void)arg;
	if (error)
		fail_msg("%s:%d: %s", name, line, message);
}

static void
test_children_read_the_same(void **state)
{
	static const char text[] = "link \"a\" { interface wan1; gateway 192.0.2.1 }\n"
				   "link \"b\" { interface wan2; gateway 198.51.100.1 }\n"
				   "# the last line has no end";
	static struct conf_index_map map;
	struct configfile file;
	struct conf *child;
	char error[256], whole[4096];
	ssize_t n;
	int fd;

	(void)state;
	make_file(text, 1);
	assert_int_equal(configfile_read(path, &file, say), 0);
	strcpy(map.name[1], "gone");
	strcpy(map.name[7], "a");
	assert_int_equal(conf_assign_indexes(file.conf, &map, error, sizeof(error)), 0);
	fd = configfile_pinned(file.text, file.len, file.conf);
	assert_true(fd >= 0);
	n = pread(fd, whole, sizeof(whole), 0);
	assert_true(n > (ssize_t)file.len);
	assert_memory_equal(whole, text, strlen(text));
	child = conf_parse(whole, (size_t)n, "child", fail_on_complaint, NULL);
	assert_non_null(child);
	assert_int_equal(conf_link_by_name(child, "a")->index, 7);
	assert_int_equal(conf_link_by_name(child, "b")->index, 2);
	/* no child can change what the others read */
	assert_int_equal(pwrite(fd, "x", 1, 0), -1);
	conf_free(child);
	close(fd);
	configfile_free(&file);
	unlink(path);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_every_mistake_is_said),       cmocka_unit_test(test_not_a_file),
	    cmocka_unit_test(test_named_pipe_does_not_hold_it), cmocka_unit_test(test_too_large),
	    cmocka_unit_test(test_children_read_the_same),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
