/* SPDX-License-Identifier: ISC */
/* Minutes put together to stretches, as bars of characters and as a picture: none
 * is counted twice, the worst is kept, and what is not known is not drawn. */
#include "unit.h"

#include <locale.h>
#include <stdio.h>
#include <stdlib.h>

#include "common/names.h"
#include "ctl/minutes.h"
#include "ctl/picture.h"
#include "ctl/spark.h"

/* 2025-05-01T10:03:20Z; minute 0 is the first. */
enum { BEGAN_S = 1746093800 };

static json_t *
history(long long minutes)
{
	return json_pack("{s:s,s:s,s:I,s:I,s:s,s:[]}", "link", "a", "site", "<&>", "first",
			 (json_int_t)1000, "end", (json_int_t)(1000 + minutes), "began",
			 "2025-05-01T10:03:20.000Z", "minutes");
}

static void
add(json_t *h, long long minute, const char *health, long long answered, long long lost,
    long long rtt_us)
{
	json_t *m = json_pack("{s:I,s:s,s:I,s:I}", "minute", (json_int_t)(1000 + minute), "health",
			      health, "answered", (json_int_t)answered, "lost", (json_int_t)lost);

	if (answered > 0) {
		json_object_set_new(m, "rtt_min_us", json_integer(rtt_us - 10));
		json_object_set_new(m, "rtt_avg_us", json_integer(rtt_us));
		json_object_set_new(m, "rtt_max_us", json_integer(rtt_us + 10));
	}
	json_array_append_new(json_object_get(h, "minutes"), m);
}

static struct stretches *
read_all(json_t *h, size_t max)
{
	struct stretches *s = minutes_read(h, max);

	assert_non_null(s);
	json_decref(h);
	return s;
}

static void
each_minute_by_itself(void **state)
{
	json_t *h = history(3);
	struct stretches *s;

	(void)state;
	add(h, 0, "up", 10, 0, 1000);
	add(h, 2, "down", 0, 5, 0);
	add(h, 3, "down", 0, 5, 0);  /* not asked for */
	add(h, -1, "down", 0, 5, 0); /* neither */
	s = read_all(h, 3);
	assert_int_equal(s->step, 1);
	assert_int_equal(s->n, 3);
	assert_int_equal(s->row[0].start_s, BEGAN_S);
	assert_int_equal(s->row[2].start_s, BEGAN_S + 120);
	assert_int_equal(s->end_s, BEGAN_S + 180);
	assert_int_equal(s->row[0].health, HEALTH_UP);
	assert_int_equal(s->row[0].loss_ppm, 0);
	assert_int_equal(s->row[0].rtt_avg_us, 1000);
	assert_int_equal(s->row[1].recorded, 0);
	assert_int_equal(s->row[1].health, 0);
	assert_int_equal(s->row[1].loss_ppm, -1);
	assert_int_equal(s->row[1].rtt_avg_us, -1);
	assert_int_equal(s->row[2].loss_ppm, 1000000);
	assert_int_equal(s->row[2].rtt_max_us, -1);
	assert_int_equal(s->all.lost, 5);
	assert_int_equal(s->all.answered, 10);
	free(s);
}

static void
stretches_keep_the_worst_and_weigh_the_average(void **state)
{
	json_t *h = history(6);
	struct stretches *s;

	(void)state;
	add(h, 0, "up", 1, 0, 1000);        /* 10:03 */
	add(h, 2, "degraded", 30, 0, 2000); /* 10:05 */
	add(h, 3, "down", 0, 10, 0);
	add(h, 4, "up", 10, 0, 6000);
	s = read_all(h, 3); /* 5 minutes a stretch, from round times on */
	assert_int_equal(s->step, 5);
	assert_int_equal(s->n, 2);
	assert_int_equal(s->row[1].start_s, BEGAN_S + 120);
	assert_int_equal(s->row[0].recorded, 1);
	assert_int_equal(s->row[1].recorded, 3);
	assert_int_equal(s->row[1].health, HEALTH_DOWN);
	assert_int_equal(s->row[1].rtt_min_us, 1990);
	assert_int_equal(s->row[1].rtt_avg_us, 3000);
	assert_int_equal(s->row[1].rtt_max_us, 6010);
	assert_int_equal(s->row[1].loss_ppm, 200000);
	free(s);
}

static void
no_length_has_too_many(void **state)
{
	static const size_t limits[] = {1, 2, 20, 60, PICTURE_STRETCHES, BOARD_MINUTES};

	(void)state;
	for (size_t k = 0; k < ARRAY_LEN(limits); k++)
		for (long long minutes = 0; minutes <= BOARD_MINUTES; minutes++) {
			struct stretches *s = read_all(history(minutes), limits[k]);

			assert_true(s->n <= limits[k] || s->step == 1440);
			assert_true((long long)s->n * s->step >= minutes);
			free(s);
		}
}

static void
rubbish_makes_no_stretches(void **state)
{
	static const char *const cases[] = {
	    "{}", "{\"first\":5,\"end\":4,\"began\":\"2025-05-01T10:03:20Z\"}",
	    ("{\"first\":0,\"end\":9223372036854775807,\"began\":\"2025-05-01T10:03:20Z\","
	     "\"minutes\":[{\"minute\":9223372036854775807,\"answered\":-1},1,null,{}]}"),
	    "{\"first\":0,\"end\":9,\"began\":\"soon\"}"};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct stretches *s = read_all(json_loads(cases[i], 0, NULL), 60);

		assert_true(s->n <= 60);
		assert_int_equal(s->all.recorded, 0);
		free(s);
	}
}

static void
bars_of_characters(void **state)
{
	static const long long values[] = {0, 1, 50, 100, 200, -1};
	char text[8 * SPARK_CELL + 1];

	(void)state;
	assert_string_equal(spark_line(values, 6, 100, true, true, text), "▁▁▄▇▇ ");
	assert_string_equal(spark_line(values, 6, 100, false, true, text), " ▁▄▇▇ ");
	assert_string_equal(spark_line(values, 6, 100, true, false, text), "__.## ");
	assert_string_equal(spark_bar(100, 100, 4, true, text), "████");
	assert_string_equal(spark_bar(1, 1000, 4, true, text), "▏");
	assert_string_equal(spark_bar(0, 1000, 4, true, text), "");
	assert_string_equal(spark_bar(-1, 1000, 4, true, text), "");
	assert_string_equal(spark_bar(62, 100, 4, false, text), "##");
	assert_string_equal(spark_bar(5, 0, 4, false, text), "#");
}

static void
a_picture_has_what_is_known(void **state)
{
	json_t *h = history(4);
	struct stretches *s;
	char *text;
	size_t len;
	FILE *out;

	(void)state;
	add(h, 0, "up", 10, 0, 1000);
	add(h, 1, "down", 0, 10, 0);
	add(h, 3, "degraded", 9, 1, 1000);
	s = read_all(h, PICTURE_STRETCHES);
	out = open_memstream(&text, &len);
	picture_history(out, s, "<a> & \033b", "below");
	fclose(out);
	assert_non_null(strstr(text, "<title>&lt;a&gt; &amp; ?b</title>"));
	assert_non_null(strstr(text, "</svg>\n"));
	/* two bands of RTT, a gap, bars of loss in two minutes */
	for (int i = 0; i < 2; i++) {
		char *band = strstr(text, "class=\"band\" d=");

		assert_non_null(band);
		band[0] = ' ';
	}
	assert_null(strstr(text, "class=\"band\" d="));
	assert_non_null(strstr(text, "fill=\"url(#none)\""));
	assert_null(strstr(text, "nan"));
	free(text);
	free(s);
}

/* A morning with all that can happen: load that comes and goes, a fall, a bad spell, and ten
 * minutes in which the daemon did not run. */
static json_t *
a_morning(void)
{
	enum { MINUTES = 240 };
	json_t *h = history(MINUTES), *m;
	size_t k;

	for (long long i = 0; i < MINUTES; i++) {
		long long wave = i % 48 < 24 ? i % 24 : 24 - i % 24;

		if (i >= 150 && i < 160)
			continue;
		if (i >= 60 && i < 68)
			add(h, i, "down", 0, 120, 0);
		else if (i >= 100 && i < 130)
			add(h, i, "degraded", 108 - i % 7, 12 + i % 7, 24000 + 400 * wave);
		else
			add(h, i, "up", 120, i % 30 == 7, 9800 + 150 * wave + i * i % 17 * 20);
	}
	json_array_foreach(json_object_get(h, "minutes"), k, m)
	{
		json_int_t rtt_us = json_integer_value(json_object_get(m, "rtt_avg_us"));

		if (rtt_us == 0)
			continue;
		json_object_set_new(m, "rtt_min_us", json_integer(rtt_us * 9 / 10));
		json_object_set_new(m, "rtt_max_us", json_integer(rtt_us * 13 / 10));
	}
	return h;
}

/* The picture that the manual page speaks of is what is drawn today. */
static void
the_picture_in_the_documents(void **state)
{
	struct stretches *s = read_all(a_morning(), PICTURE_STRETCHES);
	size_t len, size = 0;
	char below[128], *drawn, *kept = calloc(1, 1 << 20);
	FILE *out = open_memstream(&drawn, &len), *in = fopen(SOURCE "/doc/history.svg", "r");

	(void)state;
	assert_non_null(in);
	assert_non_null(kept);
	snprintf(below, sizeof(below),
		 "2025-05-01 10:03 to 14:03 UTC: %lld of %lld probes lost, RTT %.1f ms to %.1f ms",
		 s->all.lost, s->all.lost + s->all.answered, (double)s->all.rtt_min_us / 1e3,
		 (double)s->all.rtt_max_us / 1e3);
	picture_history(out, s, "dsl (line 4711) at lyon-3", below);
	fclose(out);
	size = fread(kept, 1, (1 << 20) - 1, in);
	fclose(in);
	if (size != len || memcmp(kept, drawn, len) != 0) {
		out = fopen("history.svg", "w");
		fputs(drawn, out);
		fclose(out);
		fail_msg("doc/history.svg is another picture: what is drawn is in history.svg");
	}
	free(kept);
	free(drawn);
	free(s);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(each_minute_by_itself),
	    cmocka_unit_test(stretches_keep_the_worst_and_weigh_the_average),
	    cmocka_unit_test(no_length_has_too_many),
	    cmocka_unit_test(rubbish_makes_no_stretches),
	    cmocka_unit_test(the_picture_in_the_documents),
	    cmocka_unit_test(bars_of_characters),
	    cmocka_unit_test(a_picture_has_what_is_known),
	};

	setlocale(LC_CTYPE, "C.UTF-8");
	setenv("TZ", "UTC", 1);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
