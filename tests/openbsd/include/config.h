/* SPDX-License-Identifier: ISC */
#ifndef OPENBSD_CONFIG_H
#define OPENBSD_CONFIG_H

#define PACKAGE_VERSION "0"
#define HAVE_STRLCPY 1
#define HAVE_REALLOCARRAY 1
#define HAVE_GETPROGNAME 1
#include "compat/compat.h"

#endif
