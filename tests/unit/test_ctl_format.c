/* SPDX-License-Identifier: ISC */
/* How uplinkctl reads and writes values, and that its tables are straight and
 * nothing from outside steers the terminal. */
#include "unit.h"

#include <locale.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "ctl/format.h"
#include "ctl/screen.h"

static void
durations_are_read(void **state)
{
	static const struct {
		const char *text;
		uint32_t s; /* 0: refused */
	} cases[] = {{"90", 90},
		     {"90s", 90},
		     {"15m", 900},
		     {"2h", 7200},
		     {"1d", 86400},
		     {"1h30m", 5400},
		     {"1d2h3m4s", 93784},
		     {"007", 7},
		     {"365d", 31536000},
		     {"365d1s", 0},
		     {"366d", 0},
		     {"0", 0},
		     {"0s", 0},
		     {"", 0},
		     {"h", 0},
		     {"-5", 0},
		     {"+5", 0},
		     {" 5", 0},
		     {"5 ", 0},
		     {"5x", 0},
		     {"1h30", 0},
		     {"1.5h", 0},
		     {"2H", 0},
		     {"0x10", 0},
		     {"99999999999999999999999", 0},
		     {"18446744073709551617s", 0}};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		uint32_t s = 0;
		bool ok = format_parse_duration(cases[i].text, &s);

		if (ok != (cases[i].s != 0) || (ok && s != cases[i].s))
			fail_msg("\"%s\": %d, %u", cases[i].text, ok, s);
	}
}

typedef const char *format(long long v, char buf[static FORMAT_LEN]);

static const struct {
	format *write;
	long long v;
	const char *text;
} values[] = {
    {format_duration, -1, "-"},
    {format_duration, 0, "0s"},
    {format_duration, 59, "59s"},
    {format_duration, 60, "1m00s"},
    {format_duration, 252, "4m12s"},
    {format_duration, 3599, "59m59s"},
    {format_duration, 3600, "1h00m"},
    {format_duration, 86399, "23h59m"},
    {format_duration, 183600, "2d3h"},
    {format_us, -1, "-"},
    {format_us, 0, "0.00 ms"},
    {format_us, 850, "0.85 ms"},
    {format_us, 9994, "9.99 ms"},
    {format_us, 9999, "10.0 ms"},
    {format_us, 12345, "12.3 ms"},
    {format_us, 99999, "100 ms"},
    {format_us, 612000, "612 ms"},
    {format_us, 999999, "1.00 s"},
    {format_us, 2100000, "2.10 s"},
    {format_loss, -1, "-"},
    {format_loss, 0, "0 %"},
    {format_loss, 1, "<0.1 %"},
    {format_loss, 15625, "1.6 %"},
    {format_loss, 500000, "50.0 %"},
    {format_loss, 999999, ">99.9 %"}, /* one answer is not none */
    {format_loss, 1000000, "100 %"},
    {format_count, -1, "-"},
    {format_count, 0, "0"},
    {format_count, 999, "999"},
    {format_count, 1000, "1.00 k"},
    {format_count, 999499, "999 k"},
    {format_count, 999500, "1.00 M"},
    {format_count, 9876543, "9.88 M"},
    {format_count, 9223372036854775807LL, "9.22 E"},
};

static void
values_are_written(void **state)
{
	char buf[FORMAT_LEN];

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(values); i++)
		assert_string_equal(values[i].write(values[i].v, buf), values[i].text);
}

static void
times_are_local(void **state)
{
	char buf[FORMAT_LEN];

	(void)state;
	setenv("TZ", "UTC-2", 1);
	tzset();
	assert_string_equal(format_time("2025-12-31T23:30:00.250Z", buf), "2026-01-01 01:30:00");
	assert_string_equal(format_time("yesterday", buf), "yesterday");
	assert_string_equal(format_time("2025-12-31T23:30:00+01:00", buf),
			    "2025-12-31T23:30:00+01:00");
	assert_int_equal(strlen(format_time("2025-12-31 and a text that does not end", buf)),
			 FORMAT_LEN - 1);
}

static void
expect_clean(const char *text, const char *clean, size_t width)
{
	char *got = screen_clean(text);

	assert_string_equal(got, clean);
	assert_int_equal(screen_width(got), width);
	free(got);
}

static void
nothing_steers_the_terminal(void **state)
{
	(void)state;
	expect_clean("fibre", "fibre", 5);
	expect_clean("", "", 0);
	expect_clean("\033[31mred\007\r\n\t\x7f", "?[31mred?????", 13);
	expect_clean("a\xc2\x9b"
		     "31mb",
		     "a?31mb", 6); /* CSI of C1 */
	expect_clean("a\xe2\x80\xae"
		     "b\xe2\x80\x8b\xe2\x81\xa6",
		     "a?b??", 5); /* right-to-left override, zero width, isolate */
	expect_clean("caf\xc3\xa9 \xe8\xa1\x9b\xe6\x98\x9f", "caf\xc3\xa9 \xe8\xa1\x9b\xe6\x98\x9f",
		     9);
	expect_clean("e\xcc\x81", "e\xcc\x81", 1); /* combining */
	expect_clean("\xff\xc3(\xe8\xa1", "?\?(?", 4);
}

static void
a_plain_locale_gets_marks(void **state)
{
	(void)state;
	setlocale(LC_CTYPE, "C");
	expect_clean("caf\xc3\xa9 \xe8\xa1\x9b\033", "caf? ??", 7);
	setlocale(LC_CTYPE, "C.UTF-8");
}

static void
expect_table(struct table *t, bool colours, const char *text)
{
	char *got = NULL;
	size_t len;
	FILE *out = open_memstream(&got, &len);

	table_print(t, out, colours);
	fclose(out);
	assert_string_equal(got, text);
	free(got);
	table_free(t);
}

static void
columns_stand_straight(void **state)
{
	static const char *const heads[] = {"LINK", ">RTT", "WHY", NULL};
	struct table *t = table_new(heads);

	(void)state;
	table_cell(t, PLAIN, "\xe8\xa1\x9b\xe6\x98\x9f");
	table_cell(t, PLAIN, "9.00 ms");
	table_cell(t, PLAIN, "");
	table_cell(t, PLAIN, "a-link-with-quite-a-long-name");
	table_cell(t, PLAIN, "-");
	table_cell(t, PLAIN, "no\ncarrier");
	expect_table(t, false,
		     "LINK                               RTT  WHY\n"
		     "\xe8\xa1\x9b\xe6\x98\x9f                           9.00 ms\n"
		     "a-link-with-quite-a-long-name        -  no?carrier\n");
}

static void
colour_does_not_move_columns(void **state)
{
	static const char *const heads[] = {"A", "B", NULL};
	struct table *t = table_new(heads);

	(void)state;
	table_cell(t, RED, "down");
	table_cell(t, PLAIN, "x");
	expect_table(t, true,
		     "\033[1mA\033[0m     \033[1mB\033[0m\n"
		     "\033[1;31mdown\033[0m  x\n");
}

static struct table *
a_long_reason(size_t columns)
{
	static const char *const heads[] = {"LINK", "WHY", NULL};
	struct table *t = table_new(heads);

	table_cell(t, PLAIN, "fibre");
	table_cell(t, RED, "too few targets answer");
	table_cell(t, PLAIN, "lte");
	table_cell(t, PLAIN, "averyverylongword is cut");
	table_wrap(t, columns);
	return t;
}

static void
the_last_column_goes_on_below_itself(void **state)
{
	static const char whole[] = "LINK   WHY\n"
				    "fibre  too few targets answer\n"
				    "lte    averyverylongword is cut\n";

	(void)state;
	expect_table(a_long_reason(23), false,
		     "LINK   WHY\n"
		     "fibre  too few targets\n"
		     "       answer\n"
		     "lte    averyverylongwor\n"
		     "       d is cut\n");
	expect_table(a_long_reason(22), true,
		     "\033[1mLINK\033[0m   \033[1mWHY\033[0m\n"
		     "fibre  \033[1;31mtoo few targets\033[0m\n"
		     "       \033[1;31manswer\033[0m\n"
		     "lte    averyverylongwo\n"
		     "       rd is cut\n");
	expect_table(a_long_reason(0), false, whole);
	expect_table(a_long_reason(31), false, whole);
	expect_table(a_long_reason(10), false, whole); /* too narrow for it */
}

static struct table *
wide(size_t columns, size_t wrap)
{
	static const char *const heads[] = {"LINK", ">RTT", ">P95", "ORIGIN", "NOTE", NULL};
	static const char *const spare[] = {"P95", "ORIGIN", "NOTE", NULL};
	static const char *const cells[] = {"fibre", "9.00 ms", "10.1 ms", "learned",
					    "all is as it is"};
	struct table *t = table_new(heads);

	for (size_t i = 0; i < ARRAY_LEN(cells); i++)
		table_cell(t, PLAIN, cells[i]);
	table_wrap(t, wrap);
	table_fit(t, columns, spare);
	return t;
}

static void
a_narrow_terminal_gets_fewer_columns_and_is_told_which(void **state)
{
	static const char whole[] = "LINK       RTT      P95  ORIGIN   NOTE\n"
				    "fibre  9.00 ms  10.1 ms  learned  all is as it is\n";

	(void)state;
	expect_table(wide(0, 0), false, whole);
	expect_table(wide(49, 0), false, whole);
	expect_table(wide(48, 0), false,
		     "LINK       RTT  ORIGIN   NOTE\n"
		     "fibre  9.00 ms  learned  all is as it is\n"
		     "not here for want of room: P95\n");
	/* the last one is never left out, whatever is asked, and may go on below itself */
	expect_table(wide(10, 28), false,
		     "LINK       RTT  NOTE\n"
		     "fibre  9.00 ms  all is as it\n"
		     "                is\n"
		     "not here for want of room: P95, ORIGIN\n");
	expect_table(wide(46, 46), false,
		     "LINK       RTT      P95  ORIGIN   NOTE\n"
		     "fibre  9.00 ms  10.1 ms  learned  all is as it\n"
		     "                                  is\n");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(durations_are_read),
	    cmocka_unit_test(values_are_written),
	    cmocka_unit_test(times_are_local),
	    cmocka_unit_test(nothing_steers_the_terminal),
	    cmocka_unit_test(a_plain_locale_gets_marks),
	    cmocka_unit_test(columns_stand_straight),
	    cmocka_unit_test(colour_does_not_move_columns),
	    cmocka_unit_test(the_last_column_goes_on_below_itself),
	    cmocka_unit_test(a_narrow_terminal_gets_fewer_columns_and_is_told_which),
	};

	setlocale(LC_CTYPE, "C.UTF-8");
	return cmocka_run_group_tests(tests, NULL, NULL);
}
