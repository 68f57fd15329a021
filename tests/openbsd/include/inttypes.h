/* SPDX-License-Identifier: ISC */
#ifndef OPENBSD_INTTYPES_H
#define OPENBSD_INTTYPES_H

#include <stdint.h>
#define PRId64 "lld"
#define PRIi64 "lld"
#define PRIu64 "llu"
#define PRIx64 "llx"
#define PRIu32 "u"
#define PRIx32 "x"
#define PRId32 "d"
#define PRIu16 "u"
#define PRIu8 "u"
#define SCNu64 "llu"
#define SCNu32 "u"
intmax_t strtoimax(const char *, char **, int);
uintmax_t strtoumax(const char *, char **, int);

#endif
