/* SPDX-License-Identifier: ISC */
/* The linker puts these in the place of the library's own (--wrap). */
#include "scarce.h"
#include "unit.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

enum { REQUESTS_MAX = 20000 };

void *__real_malloc(size_t size);
void *__real_calloc(size_t n, size_t size);
void *__real_realloc(void *p, size_t size);
void *__real_reallocarray(void *p, size_t n, size_t size);
int __real_vasprintf(char **text, const char *fmt, va_list ap);
void *__wrap_malloc(size_t size);
void *__wrap_calloc(size_t n, size_t size);
void *__wrap_realloc(void *p, size_t size);
void *__wrap_reallocarray(void *p, size_t n, size_t size);
char *__wrap_strdup(const char *text);
int __wrap_vasprintf(char **text, const char *fmt, va_list ap);
int __wrap_asprintf(char **text, const char *fmt, ...);

static long left = -1; /* requests that are granted; -1: all */
static bool ever, refused;

static bool
granted(void)
{
	if (left < 0)
		return true;
	if (left-- > 0)
		return true;
	if (ever)
		left = 0;
	refused = true;
	errno = ENOMEM;
	return false;
}

void
scarce_after(long n, bool for_good)
{
	left = n;
	ever = for_good;
	refused = false;
}

bool
scarce_no_more(void)
{
	left = -1;
	return refused;
}

void
scarce_everywhere(bool (*run)(void *arg), void *arg)
{
	for (int for_good = 0; for_good < 2; for_good++) {
		long n = 0;
		bool ran_out, done;

		do {
			assert_in_range(n, 0, REQUESTS_MAX);
			scarce_after(n++, for_good);
			done = run(arg);
			ran_out = scarce_no_more();
			assert_true(done || ran_out);
		} while (ran_out);
		assert_true(n > 1); /* the requests were counted at all */
	}
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

void *
__wrap_reallocarray(void *p, size_t n, size_t size)
{
	return granted() ? __real_reallocarray(p, n, size) : NULL;
}

char *
__wrap_strdup(const char *text)
{
	size_t size = strlen(text) + 1;
	char *copy = granted() ? __real_malloc(size) : NULL;

	return copy != NULL ? memcpy(copy, text, size) : NULL;
}

int
__wrap_vasprintf(char **text, const char *fmt, va_list ap)
{
	return granted() ? __real_vasprintf(text, fmt, ap) : -1;
}

int
__wrap_asprintf(char **text, const char *fmt, ...)
{
	va_list ap;
	int n;

	va_start(ap, fmt);
	n = __wrap_vasprintf(text, fmt, ap);
	va_end(ap);
	return n;
}
