/* SPDX-License-Identifier: ISC */
/* What every unit test includes first. */
#ifndef UPLINK_TEST_UNIT_H
#define UPLINK_TEST_UNIT_H

#include "config.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#define ARRAY_LEN(a) (sizeof(a) / sizeof((a)[0]))

#endif
