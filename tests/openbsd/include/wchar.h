/* SPDX-License-Identifier: ISC */
#ifndef OPENBSD_WCHAR_H
#define OPENBSD_WCHAR_H

#include <stddef.h>
typedef int wint_t;
typedef struct {
	char __opaque[128];
} mbstate_t;
size_t mbrtowc(wchar_t *, const char *, size_t, mbstate_t *);
int wcwidth(wchar_t);

#endif
