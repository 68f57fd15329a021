/* SPDX-License-Identifier: ISC */
/* A link's history as one SVG file that needs nothing else: for a ticket or a mail.
 * Writes to out and does no other I/O; times are local. */
#ifndef UPLINK_CTL_PICTURE_H
#define UPLINK_CTL_PICTURE_H

#include <stdio.h>

#include "ctl/minutes.h"

/* Stretches that can still be told apart in it. */
enum { PICTURE_STRETCHES = 400 };

void picture_history(FILE *out, const struct stretches *s, const char *title, const char *below);

#endif
