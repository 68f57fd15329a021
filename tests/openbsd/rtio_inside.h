/* SPDX-License-Identifier: ISC */
/* A fake kernel within the test: what the code under test asks through rtio.h, it answers. */
#ifndef UPLINK_TEST_RTIO_INSIDE_H
#define UPLINK_TEST_RTIO_INSIDE_H

#include "openbsd/fake_kernel.h"

extern struct fake inside_kernel;

void inside_init(void); /* an empty one */

#endif
