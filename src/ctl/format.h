/* SPDX-License-Identifier: ISC */
/* How uplinkctl writes and reads values. Pure: no I/O. */
#ifndef UPLINK_CTL_FORMAT_H
#define UPLINK_CTL_FORMAT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { FORMAT_LEN = 32 };

/* "90", "90s", "15m", "2h", "1d", "1h30m": seconds in *s. False: not a duration of
 * 1 s to 365 d. */
bool format_parse_duration(const char *text, uint32_t *s);

/* Each writes into buf and returns it; "-" for a negative value (not known). */
const char *format_duration(long long s, char buf[static FORMAT_LEN]); /* 42s 4m12s 3h05m 2d3h */
const char *format_us(long long us, char buf[static FORMAT_LEN]);      /* 0.85 ms, 12.3 ms, 2.1 s */
const char *format_loss(long long ppm, char buf[static FORMAT_LEN]);   /* 0 %, 12.5 % */
const char *format_count(long long n, char buf[static FORMAT_LEN]);    /* 999, 12.3 k, 4.5 M */
/* RFC 3339 in UTC as local time, "2025-05-01 12:00:05"; the text itself when it is
 * something else. */
const char *format_time(const char *rfc3339, char buf[static FORMAT_LEN]);

/* RFC 3339 in UTC as seconds since 1970. False: something else. */
bool format_parse_time(const char *rfc3339, long long *s);

#endif
