/* SPDX-License-Identifier: ISC */
/* Runs pfctl(8): no shell, no file name, no descriptor but its three, and killed when it takes too
 * long. */
#ifndef UPLINK_OPENBSD_PFCTL_H
#define UPLINK_OPENBSD_PFCTL_H

#include <stddef.h>

#include "system/openbsd/pf.h"

/* Replaces the rules of a part as a whole. 0, or -1 with the reason in error. */
int pfctl_load(enum pf_part part, const char *text, size_t len, char *error, size_t error_size);

/* What it shows of a part: what is "rules" or "labels". The text, to be freed; NULL with the reason
 * in error. */
char *pfctl_show(enum pf_part part, const char *what, size_t *len, char *error, size_t error_size);

/* Removes all rules and tables of a part. 0, or -1 with the reason in error. */
int pfctl_flush(enum pf_part part, char *error, size_t error_size);

/* All interfaces that it knows, those that it skips marked so. */
char *pfctl_show_interfaces(size_t *len, char *error, size_t error_size);

/* The rules of pf.conf(5) themselves. */
char *pfctl_show_main(size_t *len, char *error, size_t error_size);

#endif
