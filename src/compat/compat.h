/* SPDX-License-Identifier: ISC */
/* Functions that are at home in the BSDs, where the C library lacks them. At the end of config.h.
 */
#ifndef UPLINK_COMPAT_H
#define UPLINK_COMPAT_H

#include <stddef.h>

#ifndef HAVE_STRLCPY
size_t strlcpy(char *to, const char *from, size_t size);
#endif
#ifndef HAVE_REALLOCARRAY
void *reallocarray(void *array, size_t count, size_t size);
#endif
#ifndef HAVE_GETPROGNAME
const char *getprogname(void);
#endif

#endif
