/* SPDX-License-Identifier: ISC */
/* Whenever memory runs out while a configuration is read, it is told, nothing
 * leaks (the sanitizers see it) and the process goes on. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "conf/conf.h"

/* The linker puts these in the place of the library's own (--wrap). */
void *__real_malloc(size_t size);
void *__real_calloc(size_t n, size_t size);
void *__real_realloc(void *p, size_t size);
void *__wrap_malloc(size_t size);
void *__wrap_calloc(size_t n, size_t size);
void *__wrap_realloc(void *p, size_t size);

static long left = -1; /* requests that are granted; -1: all */

static bool
granted(void)
{
	return left < 0 || left-- > 0;
}

void *
__wrap_malloc(size_t size)
{
	return granted() ? __real_malloc(size) : NULL;
}

void *
__wrap_calloc(size_t n, size_t size)
{
	return granted() ? __real_calloc(n, size) : NULL;
}

void *
__wrap_realloc(void *p, size_t size)
{
	return granted() ? __real_realloc(p, size) : NULL;
}

static void
count(void *arg, bool error, const char *file, int line, const char *message)
{
	unsigned *told = arg;

	(void)file;
	(void)line;
	if (error && strstr(message, "not enough memory") != NULL)
		(*told)++;
}

static const char text[] =
    "site x\n"
    "link a { interface w1; gateway auto; target 203.0.113.1; target 203.0.113.2; target gateway "
    "}\n"
    "link b { interface w2; gateway auto; target 203.0.113.1 { interval 2s } }\n"
    "link c { interface w3; gateway auto }\nlink d { interface w4; gateway auto }\n"
    "link e { interface w5; gateway auto; target 203.0.113.1; target 203.0.113.2; target "
    "203.0.113.3\n"
    "target 203.0.113.4; target 203.0.113.5; target 203.0.113.6 }\n"
    "index a 1; index b 2; index c 3; index d 4; index e 5\n";

static void
test_memory(void **state)
{
	struct conf *conf = NULL;
	long n;

	(void)state;
	for (n = 0; conf == NULL; n++) {
		unsigned told = 0;

		left = n;
		conf = conf_parse(text, sizeof text - 1, "test.conf", count, &told);
		left = -1;
		assert_true((conf == NULL) == (told > 0));
		assert_in_range(n, 0, 1000);
	}
	assert_in_range(n, 10, 1000); /* the requests were counted at all */
	conf_free(conf);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(test_memory)};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
