/* SPDX-License-Identifier: ISC */
#ifndef OPENBSD_LIMITS_H
#define OPENBSD_LIMITS_H

#define CHAR_BIT 8
#define INT_MAX 0x7fffffff
#define INT_MIN (-INT_MAX - 1)
#define UINT_MAX 0xffffffffU
#define LONG_MAX 0x7fffffffffffffffL
#define ULONG_MAX 0xffffffffffffffffUL
#define LLONG_MAX 0x7fffffffffffffffLL
#define ULLONG_MAX 0xffffffffffffffffULL
#define UCHAR_MAX 0xff
#define USHRT_MAX 0xffff
#define PATH_MAX 1024
#define PIPE_BUF 512
#define IOV_MAX 1024

#endif
