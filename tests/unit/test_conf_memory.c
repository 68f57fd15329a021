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
#include "scarce.h"

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

static bool
parse(void *arg)
{
	unsigned told = 0;
	struct conf *conf = conf_parse(text, sizeof text - 1, "test.conf", count, &told);

	(void)arg;
	assert_true((conf == NULL) == (told > 0));
	if (conf == NULL)
		return false;
	conf_free(conf);
	return true;
}

static void
test_memory(void **state)
{
	(void)state;
	scarce_everywhere(parse, NULL);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(test_memory)};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
