/* SPDX-License-Identifier: ISC */
/* The manual page says what the code does: every word of the language, every
 * default and range; and all its examples are taken, as is the example file. */
#include <inttypes.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "read_conf.h"
#include "conf/draft.h"

#define PAGE SOURCE "/doc/uplinkd.conf.5"
#define EXAMPLE SOURCE "/contrib/uplinkd.conf.example"

/* The word stands in this line (up to its end), by itself. */
static bool
line_has(const char *line, size_t len, const char *word)
{
	size_t n = strlen(word);

	for (const char *p = line; p + n <= line + len; p++)
		if ((p == line || p[-1] == ' ') && memcmp(p, word, n) == 0 &&
		    (p + n == line + len || p[n] == ' '))
			return true;
	return false;
}

/* A line that shows the word as a part of the language, not as English. */
static bool
page_shows(const char *page, const char *word)
{
	for (const char *line = page; *line != '\0';) {
		size_t len = strcspn(line, "\n");
		if (line[0] == '.' &&
		    (line_has(line, len, "Ic") || line_has(line, len, "Cm") ||
		     line_has(line, len, ".Ic") || line_has(line, len, ".Cm")) &&
		    line_has(line, len, word))
			return true;
		line += len + (line[len] == '\n');
	}
	return false;
}

static void
test_words(void **state)
{
	char *page = must_load(PAGE);
	unsigned n = 0;

	(void)state;
	for (const struct keyword *k = conf_keywords; k->word != NULL; k++, n++)
		if (!page_shows(page, k->word))
			fail_msg("uplinkd.conf(5) lacks the word %s", k->word);
	assert_in_range(n, 40, 200);
	free(page);
}

static void
write_value(const struct setting_range *range, uint64_t value, char buf[static TIME_LEN])
{
	draft_value_text(range->kind, value, buf);
}

/* The item of a setting, up to the next one. */
static char *
item(const char *page, const char *name)
{
	char head[64];

	/* within a link, for what the file has too: the last one that gives a range */
	snprintf(head, sizeof head, ".It Ic %s Ar ", name);
	for (const char *p = page; (p = strstr(p, head)) != NULL; p++) {
		const char *end = strstr(p + 1, ".It ");
		size_t len = end != NULL ? (size_t)(end - p) : strlen(p);
		char *text = strndup(p, len);
		assert_non_null(text);
		if (strstr(text, "ange: ") != NULL)
			return text;
		free(text);
	}
	fail_msg("uplinkd.conf(5) has no range for %s", name);
	return NULL;
}

static void
test_ranges(void **state)
{
	char *page = must_load(PAGE);

	(void)state;
	for (unsigned i = 0; i < SET_NUMBER_END; i++) {
		const struct setting_range *range = &setting_ranges[i];
		char least[TIME_LEN], most[TIME_LEN], standard[TIME_LEN], text[160];
		char *found = item(page, range->name);

		write_value(range, range->min, least);
		write_value(range, range->max, most);
		write_value(range, range->standard, standard);
		if (i == SET_INDEX || i == SET_PORT || i == SET_MSS || i == SET_DRAIN_DEADLINE ||
		    i == SET_STANDBY || i == SET_BUDGET || range->kind == KIND_SHARE ||
		    i == SET_LIMIT_RTT || i == SET_LIMIT_JITTER) /* their default is no number */
			snprintf(text, sizeof text, "\nRange: %s to %s.\n", least, most);
		else
			snprintf(text, sizeof text, "\nDefault: %s, range: %s to %s.\n", standard,
				 least, most);
		if (strstr(found, text) == NULL)
			fail_msg("uplinkd.conf(5) should say of %s:%s", range->name, text);
		free(found);
	}
	free(page);
}

/* The examples of the page, each on its own. */
static void
test_page_examples(void **state)
{
	static const char open[] = ".Bd -literal -offset indent\n";
	char *page = must_load(PAGE);
	unsigned n = 0;

	(void)state;
	for (char *p = page; (p = strstr(p, open)) != NULL; n++) {
		p += strlen(open);
		char *end = strstr(p, ".Ed");
		assert_non_null(end);
		*end = '\0';
		conf_free(must_read(p));
		p = end + 1;
	}
	assert_in_range(n, 3, 20);
	free(page);
}

/* The example file is as good as it gets: not even a warning. */
static void
test_example(void **state)
{
	struct reading r;
	char *text = must_load(EXAMPLE);

	(void)state;
	read_conf(&r, text);
	show_said(&r);
	assert_non_null(r.conf);
	assert_int_equal(r.nsaid, 0);
	assert_int_equal(r.conf->nlinks, 3);
	forget_conf(&r);
	free(text);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_words),
	    cmocka_unit_test(test_ranges),
	    cmocka_unit_test(test_page_examples),
	    cmocka_unit_test(test_example),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
