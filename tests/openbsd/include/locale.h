/* SPDX-License-Identifier: ISC */
#ifndef OPENBSD_LOCALE_H
#define OPENBSD_LOCALE_H

#define LC_ALL 0
#define LC_CTYPE 2
char *setlocale(int, const char *);

#endif
